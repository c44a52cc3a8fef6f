"""What members read, the panels on other pages, and the list of meetings of other roles."""

import datetime
import subprocess

import pytest
from django.template import Context, Template
from django.urls import reverse
from django.utils import timezone

from cases.models import Assessment
from councils import ics, letters
from councils.documents import PACK
from councils.models import AgendaItem, Meeting
from sopr.audit.models import AuditRecord
from sopr.documents.pdf import render_html
from sopr.navigation import HOME
from sopr.tests.casework import activate, add_pack, decide, make_council, make_family, open_case, start_meeting


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


@pytest.mark.parametrize("who", ["head", "curator", "executor", "minister"])
def test_whoever_sits_reads_and_answers_there_and_nowhere_else(client, planned, who):
    w = planned
    user = getattr(w, who)
    client.force_login(user)
    home = reverse(HOME[user.role])
    assert pack(w.meeting) not in client.get(home).content.decode()
    assert client.get(pack(w.meeting)).status_code == 404
    seat = w.council.memberships.create(
        user=user, last_name=user.last_name, organisation=user.organisation, role="deputy", since=w.meeting.held_on
    )
    assert pack(w.meeting) in client.get(home).content.decode()
    assert "О признании семьи Ковалёвых нуждающейся" in client.get(pack(w.meeting)).content.decode()
    assert client.post(reverse("councils:invitation-reply", args=[w.meeting.pk]), {"answer": "yes"}).status_code == 302
    assert w.meeting.invitations.get(membership=seat).answer == "yes"


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
    assert client.get(pack(w.meeting)).status_code == 404
    client.force_login(w.administrator)
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


CANARY = "Канареечкина"


def test_who_is_not_called_reads_the_question_without_the_family(client, planned):
    w = planned
    client.force_login(w.secretary)
    url = reverse("councils:item-call", args=[w.item.pk])
    assert client.post(url, {"agencies": [w.clinic.pk]}).status_code == 422, "the clinic does not sit in the council"
    assert client.post(url, {"agencies": [w.school.pk]}).status_code == 302
    assert "Ковалёв" in client.get(pack(w.meeting)).content.decode(), "the secretary is called to all"
    client.force_login(w.member)
    html = client.get(pack(w.meeting)).content.decode()
    assert "О признании семьи нуждающейся" in html and "только вызванные" in html
    for secret in ("Ковалёв", "Нужна помощь.", w.case.number, w.curator.last_name):
        assert secret not in html, secret
    w.item.call([w.guardianship, w.school], by=w.secretary)
    assert "О признании семьи Ковалёвых" in client.get(pack(w.meeting)).content.decode()


def test_the_circle_is_closed_once_the_meeting_opens(client, planned):
    w = planned
    w.meeting.start(by=w.secretary)
    client.force_login(w.secretary)
    assert client.post(reverse("councils:item-call", args=[w.item.pk]), {"agencies": []}).status_code == 409


def test_the_printed_copy_bears_its_reader_on_every_sheet(client, planned, tmp_path):
    w = planned
    AgendaItem.objects.filter(pk=w.item.pk).update(summary="Нужна помощь, и вот почему. " * 200)
    client.force_login(w.member)
    answer = client.get(reverse("councils:pack-print", args=[w.meeting.pk]))
    assert answer["Content-Type"] == "application/pdf" and "materialy-" in answer["Content-Disposition"]
    pages = pages_of(answer.content, tmp_path)
    stamp = f"Экземпляр: {w.member.short_name}, {timezone.localtime():%d.%m.%Y}".replace("\u00a0", " ")
    assert len(pages) > 1 and all(stamp in page for page in pages)
    across = render_html(PACK, w.meeting, reader=w.member)
    assert f'<div class="watermark">{w.member.short_name}' in across
    assert "Ковалёвых" in " ".join(pages) and "Лесная" not in " ".join(pages)
    assert AuditRecord.objects.filter(action="print", subject_type="councils.meeting", subject_id=w.meeting.pk).exists()


def pages_of(pdf, folder) -> list[str]:
    file = folder / "pack.pdf"
    file.write_bytes(pdf)
    text = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True, text=True).stdout
    return [" ".join(page.replace("\u00a0", " ").split()) for page in text.split("\f") if page.strip()]


def test_the_secretary_sees_who_has_read(client, planned):
    w = planned
    client.force_login(w.secretary)
    url = w.meeting.get_invitations_url()
    assert "не открывал(а)" in client.get(url).content.decode()
    client.force_login(w.member)
    client.get(pack(w.meeting))
    client.get(reverse("councils:pack-print", args=[w.meeting.pk]))
    client.force_login(w.secretary)
    html = client.get(url).content.decode()
    assert "читал(а)" in html and "есть печатный экземпляр" in html


def test_nobody_reaches_a_pack_before_he_is_called_or_after_it_closes(client, planned, time_machine):
    """Issue 5, «It must show» 5: each address of a pack, each moment and each person it is not for."""
    w = planned
    held = timezone.now()
    sits = w.council.memberships.get(user=w.member)
    addresses = [
        reverse(f"councils:{name}", args=[w.meeting.pk]) for name in ("pack-detail", "pack-print", "invitation-reply")
    ]

    def statuses(user):
        client.force_login(user)
        return {client.get(address).status_code for address in addresses}

    assert statuses(w.member) == {200}
    sits.since = timezone.localdate() + datetime.timedelta(days=1)
    sits.save()
    assert statuses(w.member) == {404}, "seated tomorrow, not called today"
    sits.since, sits.until = datetime.date(2025, 1, 9), timezone.localdate() - datetime.timedelta(days=1)
    sits.save()
    assert statuses(w.member) == {404}, "left yesterday"
    sits.until = None
    sits.save()
    for user in (w.other_secretary, w.head, w.curator, w.executor, w.minister):
        assert statuses(user) == {404}, user
    for user in (w.officer, w.administrator):
        assert statuses(user) == {403}, user
    time_machine.move_to(held + datetime.timedelta(days=15), tick=False)
    assert statuses(w.member) <= {404} and statuses(w.secretary) <= {404}


def test_a_family_stands_in_no_others_papers(client, planned, settings, tmp_path):
    """A canary in one family; the other one's extract, the narrowed pack, the calendar file and the letter lack it."""
    w = planned
    other = open_case(w, family=make_family(w, surname=CANARY))
    add_pack(w, other)
    settings.DEFAULT_FROM_EMAIL = "sopr@region.test"
    second = AgendaItem.propose(
        other, by=w.curator, council=w.council, question="recognise", level="basic", summary=f"{CANARY} просит."
    )
    second.schedule(w.meeting, by=w.secretary)
    second.call([w.school], by=w.secretary)
    w.member.email = "member@agency.test"
    w.member.save()
    client.force_login(w.member)
    seen = client.get(pack(w.meeting)).content.decode()
    printed = " ".join(pages_of(client.get(reverse("councils:pack-print", args=[w.meeting.pk])).content, tmp_path))
    seat = w.meeting.seat_of(w.member)
    letter = letters.compose(w.meeting, seat, "REQUEST")
    sent = ics.invitation(w.meeting, seat).decode() + letter.subject + letter.body
    assert "Ковалёв" in seen and "Ковалёв" in printed
    assert "Ковалёв" not in sent
    w.meeting.start(by=w.secretary)
    w.meeting.mark_all_present(by=w.secretary)
    for item in (w.item, second):
        decide(w, item)
    w.meeting.sign_minutes(by=w.secretary)
    client.force_login(w.curator)
    extract = client.get(reverse("councils:extract-print", args=[w.item.pk]))
    assert extract.status_code == 200
    extracted = " ".join(pages_of(extract.content, tmp_path))
    assert "Ковалёв" in extracted
    for papers in (seen, printed, sent, extracted):
        assert CANARY not in papers and CANARY[:-1] not in papers


def test_a_pack_of_forty_questions_asks_no_more(client, planned, django_assert_max_num_queries):
    w = planned
    client.force_login(w.member)
    client.get(pack(w.meeting))
    with django_assert_max_num_queries(200) as one:
        client.get(pack(w.meeting))
    for position in range(2, 41):
        copy = AgendaItem.objects.get(pk=w.item.pk)
        copy.pk, copy._state.adding, copy.position = None, True, position
        copy.question, copy.state, copy.case = "other", "withdrawn", w.case
        copy.save()
    with django_assert_max_num_queries(len(one) + 1):
        client.get(pack(w.meeting))
