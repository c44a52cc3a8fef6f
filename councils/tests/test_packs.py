"""What members read, the panels on other pages, and the list of meetings of other roles."""

import datetime

import pytest
from django.template import Context, Template
from django.urls import reverse
from django.utils import timezone

from cases.models import Assessment
from councils.models import AgendaItem, Meeting
from sopr.audit.models import AuditRecord
from sopr.tests.casework import activate, add_pack, decide, make_council, open_case, start_meeting


@pytest.fixture
def planned(world):
    world.council = make_council(world)
    world.case = open_case(world)
    add_pack(world, world.case)
    world.item = AgendaItem.propose(
        world.case,
        by=world.curator,
        council=world.council,
        question="recognise",
        level="basic",
        summary="Нужна помощь.",
    )
    world.meeting = Meeting.plan(world.council, by=world.secretary, held_on=timezone.localdate())
    world.item.schedule(world.meeting, by=world.secretary)
    return world


def pack(meeting):
    return reverse("councils:pack-detail", args=[meeting.pk])


def test_a_member_reads_the_pack_and_it_is_logged(client, planned):
    w = planned
    person = w.case.family.memberships.first().person
    person.health = "Диагноз скрыт"
    person.save()
    client.force_login(w.member)
    assert w.council.name in client.get(reverse("councils:pack-list")).content.decode()
    html = client.get(pack(w.meeting)).content.decode()
    assert "О признании семьи Ковалёвых нуждающейся" in html
    assert "Нужна помощь." in html
    assert "Диагноз скрыт" not in html
    assert "Лесная" not in html
    read = AuditRecord.objects.filter(action="read", subject_type="councils.meeting", subject_id=str(w.meeting.pk))
    assert read.count() == 1


def test_the_pack_closes_some_days_after_the_meeting(client, planned, time_machine):
    w = planned
    client.force_login(w.member)
    held = timezone.now()
    time_machine.move_to(held + datetime.timedelta(days=14), tick=False)
    client.force_login(w.member)
    assert client.get(pack(w.meeting)).status_code == 200
    time_machine.move_to(held + datetime.timedelta(days=15), tick=False)
    client.force_login(w.member)
    assert client.get(pack(w.meeting)).status_code == 404


def test_only_those_called_to_the_meeting(client, planned):
    w = planned
    sits = w.council.memberships.get(user=w.member)
    sits.until = timezone.localdate()
    sits.save()
    later = Meeting.plan(w.council, by=w.secretary, held_on=timezone.localdate() + datetime.timedelta(days=7))
    client.force_login(w.member)
    assert client.get(pack(w.meeting)).status_code == 200
    assert client.get(pack(later)).status_code == 404
    client.force_login(w.curator)
    assert client.get(pack(w.meeting)).status_code == 403


def test_the_list_of_other_roles_names_no_family(client, planned):
    for user in (planned.head, planned.minister):
        client.force_login(user)
        html = client.get(reverse("councils:meeting-list")).content.decode()
        assert planned.council.name in html
        assert "Ковалёв" not in html
        assert client.get(planned.meeting.get_absolute_url()).status_code == 403


def test_panels_show_the_decision_with_its_minutes(planned):
    w = planned
    w.meeting.start(by=w.secretary)
    w.meeting.mark_all_present(by=w.secretary)
    decide(w, w.item)
    w.meeting.sign_minutes(by=w.secretary)

    def panel(tag, user):
        context = Context({"case": w.case, "family": w.case.family, "user": user})
        return Template("{% load councils_panels %}" + tag).render(context)

    basis = f"протокол № 1 от {timezone.localdate():%d.%m.%Y}, вопрос 1"
    assert basis in panel("{% family_councils family user %}", w.head)
    html = panel("{% case_council case user %}", w.curator)
    assert basis in html
    assert reverse("councils:item-propose", args=[w.case.pk]) in html
    assert "протокол" not in panel("{% family_councils family user %}", w.other_head)


def test_the_button_of_the_panel_says_why_not(planned):
    context = Context({"case": planned.case, "user": planned.curator})
    html = Template("{% load councils_panels %}{% case_council case user %}").render(context)
    assert "вопрос уже вынесен на совет" in html


def test_the_norm_of_the_month(client, world, time_machine):
    time_machine.move_to(datetime.datetime(2026, 3, 10, 9, tzinfo=datetime.UTC))
    council = make_council(world)
    start_meeting(world, council)
    client.force_login(world.secretary)
    html = client.get(reverse("councils:meeting-list")).content.decode()
    assert "назначьте ещё" in html
    Meeting.plan(council, by=world.secretary, held_on=datetime.date(2026, 3, 24))
    assert "норма будет выполнена" in client.get(reverse("councils:meeting-list")).content.decode()
    data = {"council": council.pk, "held_on": "2026-03-24", "starts_at": "10:00"}
    again = client.post(reverse("councils:meeting-new"), data)
    assert "уже запланировано" in again.content.decode()
    past = client.post(reverse("councils:meeting-new"), data | {"held_on": "2026-03-01"})
    assert "уже прошла" in past.content.decode()


def test_the_pack_says_what_the_proposed_revision_changes(client, world):
    case = activate(world)
    draft = case.programmes.get().amend(by=world.curator)
    draft.goals.get(domain="income").change(by=world.curator, text="Жить без долгов")
    goal = draft.add_goal(
        by=world.curator, domain="law", problem="Нет полиса", text="Получить полис", criterion="Полис"
    )
    goal.add_activity(by=world.curator, kind="legal", title="Помощь юриста", agency=world.clinic, due_on=draft.until)
    council = make_council(world)
    item = AgendaItem.propose(case, by=world.curator, council=council, question="programme")
    meeting = start_meeting(world, council, item)
    client.force_login(world.member)
    text = " ".join(client.get(pack(meeting)).content.decode().split())
    assert "Что меняет редакция 2" in text
    assert "цель изменена</span>: Жить без долгов" in text
    assert "цель добавлена</span>: Получить полис" in text and "мероприятие добавлено</span>: Помощь юриста" in text


def test_the_pack_says_which_rule_proposed_the_level_and_why_the_curator_departs(client, planned):
    w = planned
    client.force_login(w.member)
    text = client.get(pack(w.meeting)).content.decode()
    assert "«кризисный» по правилу: оценка 3 и выше хотя бы в одной сфере (обучение и развитие детей – 3)." in text
    assessment = w.case.assessments.get()
    Assessment.objects.filter(pk=assessment.pk).update(proposed_level="basic", level_reason="Школа рядом")
    text = client.get(pack(w.meeting)).content.decode()
    assert "куратор предлагает «базовый»: Школа рядом" in text
