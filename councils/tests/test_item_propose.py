"""A curator puts a question to the council; the secretary takes it up, returns it or puts it off."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Closure
from cases.words import Stage
from councils.models import AgendaItem, Meeting
from sopr.errors import Refused
from sopr.tests.casework import activate, add_pack, decide, make_council, open_case, start_meeting


def url(page, row):
    return reverse(f"councils:{page}", args=[row.pk])


@pytest.fixture
def ready(world):
    world.case = open_case(world)
    add_pack(world, world.case)
    world.council = make_council(world)
    return world


def proposal(w, **fields):
    return {"council": w.council.pk, "question": "recognise", "level": "basic", "summary": "Коротко."} | fields


def test_what_is_missing_is_listed_with_links(client, world):
    make_council(world)
    case = open_case(world)
    client.force_login(world.curator)
    html = client.get(url("item-propose", case)).content.decode()
    for phrase in ("нет акта обследования", "не проведена диагностика", "не составлен проект ИПСС"):
        assert phrase in html
    assert reverse("families:home-survey-new", args=[case.family_id]) in html


def test_an_unready_pack_comes_back_as_an_error_of_the_form(client, world):
    world.council = make_council(world)
    case = open_case(world)
    client.force_login(world.curator)
    answer = client.post(url("item-propose", case), proposal(world))
    assert answer.status_code == 422
    assert "На совет вынести нельзя" in answer.content.decode()
    assert "Коротко." in answer.content.decode()


def test_the_level_is_asked_where_it_matters(client, ready):
    client.force_login(ready.curator)
    answer = client.post(url("item-propose", ready.case), proposal(ready, level=""))
    assert "Выберите уровень" in answer.content.decode()


def test_a_second_question_waits_for_the_first(client, ready):
    client.force_login(ready.curator)
    assert client.post(url("item-propose", ready.case), proposal(ready)).status_code == 302
    assert client.post(url("item-propose", ready.case), proposal(ready)).status_code == 409


def test_a_stranger_and_an_executor_cannot(client, ready):
    client.force_login(ready.other_curator)
    assert client.get(url("item-propose", ready.case)).status_code == 404
    client.force_login(ready.executor)
    assert client.get(url("item-propose", ready.case)).status_code == 403


def test_a_municipality_without_a_council_says_so(client, world):
    case = open_case(world)
    client.force_login(world.curator)
    answer = client.get(url("item-propose", case))
    assert (answer.status_code, "нет совета" in answer.content.decode()) == (409, True)


def test_returned_with_a_remark_and_proposed_again(client, ready):
    w = ready
    client.force_login(w.curator)
    client.post(url("item-propose", w.case), proposal(w, summary="Первый рассказ"))
    item = w.case.agenda_items.get()
    client.force_login(w.secretary)
    assert client.post(url("item-return", item), {"remark": ""}).status_code == 422
    assert client.post(url("item-return", item), {"remark": "Приложите акт"}).status_code == 302
    w.case.refresh_from_db()
    assert w.case.stage == Stage.ASSESSMENT
    client.force_login(w.curator)
    html = client.get(url("item-propose", w.case)).content.decode()
    assert "Приложите акт" in html
    assert "Первый рассказ" in html
    assert client.post(url("item-propose", w.case), proposal(w)).status_code == 302


def test_the_queue_schedules_onto_a_meeting(client, ready):
    w = ready
    item = AgendaItem.propose(w.case, by=w.curator, council=w.council, question="recognise", level="basic")
    client.force_login(w.secretary)
    assert "Ковалёвы" in client.get(reverse("councils:item-queue")).content.decode()
    answer = client.get(url("item-schedule", item))
    assert (answer.status_code, "назначьте заседание" in answer.content.decode()) == (409, True)
    Meeting.plan(w.council, by=w.secretary, held_on=timezone.localdate())
    meeting = Meeting.objects.get()
    assert client.post(url("item-schedule", item), {"meeting": meeting.pk}).status_code == 302
    item.refresh_from_db()
    assert (item.state, item.position) == ("scheduled", 1)
    assert client.post(url("item-postpone", item), {"reason": ""}).status_code == 302
    item.refresh_from_db()
    assert (item.state, item.meeting) == ("queued", None)


def test_a_running_meeting_returns_questions_only_by_decision(ready):
    w = ready
    item = AgendaItem.propose(w.case, by=w.curator, council=w.council, question="recognise", level="basic")
    start_meeting(w, w.council, item)
    with pytest.raises(Refused, match="решением совета"):
        item.return_with_remark(by=w.secretary, remark="Поздно")


def test_removal_shows_its_conclusion_and_is_decided(client, world):
    case = activate(world)
    Closure.prepare(
        case, by=world.curator, outcome="overcame", reason="goals_reached", conclusion="Доход выше минимума"
    )
    council = case.agenda_items.get().council
    client.force_login(world.curator)
    html = client.get(url("item-propose", case) + "?question=remove").content.decode()
    assert "Доход выше минимума" in html
    item = AgendaItem.propose(case, by=world.curator, council=council, question="remove")
    meeting = Meeting.plan(council, by=world.secretary, held_on=timezone.localdate(), starts_at=datetime.time(15))
    item.schedule(meeting, by=world.secretary)
    meeting.start(by=world.secretary)
    meeting.mark_all_present(by=world.secretary)
    client.force_login(world.secretary)
    draft = client.get(meeting.get_absolute_url()).context["board"].draft
    today = timezone.localdate()
    assert f"Снять семью Ковалёвых с социального сопровождения с {today:%d.%m.%Y}. Исход: преодолела ТЖС" in draft
    assert "постсопровождение на 3" in draft
    decide(world, item)
    case.refresh_from_db()
    assert case.stage == Stage.AFTERCARE


def test_a_level_change_approves_the_new_revision_with_it(world, time_machine):
    time_machine.move_to(datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC))
    case = activate(world)
    council = case.agenda_items.get().council
    time_machine.move_to(datetime.datetime(2026, 4, 6, 9, tzinfo=datetime.UTC))
    revision = case.programmes.get().amend(by=world.curator)
    item = AgendaItem.propose(case, by=world.curator, council=council, question="level", level="basic")
    start_meeting(world, council, item)
    decide(world, item)
    revision.refresh_from_db()
    case.refresh_from_db()
    assert (case.level, revision.state) == ("basic", "approved")


def test_the_entry_level_is_not_for_later(world):
    case = activate(world)
    council = case.agenda_items.get().council
    with pytest.raises(Refused, match="только при принятии"):
        AgendaItem.propose(case, by=world.curator, council=council, question="level", level="adaptation")


def test_the_queue_names_the_council_only_where_there_are_several(client, ready):
    w = ready
    AgendaItem.propose(w.case, by=w.curator, council=w.council, question="recognise", level="basic")
    client.force_login(w.secretary)
    page = client.get(reverse("councils:item-queue"))
    assert [head.key for head in page.context["table"].columns].count("council") == 0


def test_head_and_ministry_find_the_meetings_in_their_menu(client, world):
    for user in (world.head, world.minister):
        client.force_login(user)
        page = client.get("/", follow=True).content.decode()
        assert f'href="{reverse("councils:meeting-list")}"' in page
        assert client.get(reverse("councils:meeting-list")).status_code == 200


def test_a_question_about_a_family_that_refused_meanwhile_can_be_returned(client, ready):
    client.force_login(ready.curator)
    client.post(url("item-propose", ready.case), proposal(ready))
    ready.case.refresh_from_db()
    ready.case.close_at_familys_wish(by=ready.curator, day=timezone.localdate(), outcome="unchanged")
    item = AgendaItem.objects.get()
    client.force_login(ready.secretary)
    assert client.post(url("item-return", item), {"remark": "Семья отказалась"}).status_code == 302
    item.refresh_from_db()
    ready.case.refresh_from_db()
    assert (item.state, ready.case.stage) == (AgendaItem.State.RETURNED, Stage.CLOSED)


def test_strange_numbers_in_an_address_break_nothing(client, ready):
    meeting = Meeting.plan(ready.council, by=ready.secretary, held_on=timezone.localdate())
    client.force_login(ready.secretary)
    assert client.get(f"{meeting.get_absolute_url()}?item=²").status_code == 200


def test_what_waits_for_the_council_is_not_changed_behind_its_back(client, world):
    case = activate(world)
    revision = case.programmes.get().amend(by=world.curator)
    item = AgendaItem.propose(case, by=world.curator, council=make_council(world), question="programme")
    client.force_login(world.curator)
    edit = reverse("cases:programme-edit", args=[revision.pk])
    answer = client.get(edit)
    assert answer.status_code == 409 and "уже вынесен на совет" in answer.content.decode()
    with pytest.raises(Refused, match="уже вынесен на совет"):
        revision.goals.first().change(by=world.curator, text="Другое")
    item.return_with_remark(by=world.secretary, remark="Уточните цель")
    assert client.get(edit).status_code == 200
