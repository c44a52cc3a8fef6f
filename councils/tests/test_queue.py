"""The queue and the agenda: put off, ordered, merged; what the system asks by itself; what the curator sees of it."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Closure
from councils import system_questions
from councils.models import AgendaItem, Assignment, Meeting
from councils.tasks import sweep_questions
from sopr.errors import Refused
from sopr.tests.casework import (
    activate,
    add_pack,
    decide,
    hold_council,
    make_council,
    make_family,
    open_case,
    start_meeting,
)

DAY = datetime.timedelta(days=1)
State = AgendaItem.State


def url(page, row):
    return reverse(f"councils:{page}", args=[row.pk])


@pytest.fixture
def council(world):
    return make_council(world)


def put(w, council, surname="Ковалёвы"):
    case = open_case(w, family=make_family(w, surname=surname))
    add_pack(w, case)
    return AgendaItem.propose(case, by=w.curator, council=council, question="recognise", level="basic")


def ask_other(w, case, council, summary="Просим заслушать."):
    return AgendaItem.propose(case, by=w.curator, council=council, question="other", summary=summary)


@pytest.fixture
def planned(world, council):
    return Meeting.plan(council, by=world.secretary, held_on=timezone.localdate())


def order(meeting):
    return list(meeting.agenda_items.order_by("position").values_list("case__family__surname", "position"))


# --- put off until a day --------------------------------------------------------------------------------------------


def test_put_off_until_a_day_with_a_reason_the_curator_reads(client, world, council, planned):
    w = world
    item = put(w, council)
    until = timezone.localdate() + 10 * DAY
    client.force_login(w.secretary)
    data = {"until": until.isoformat(), "reason": "Ждём справку школы"}
    assert client.post(url("item-put-off", item), data | {"reason": ""}).status_code == 422
    assert client.post(url("item-put-off", item), data | {"until": "2020-01-01"}).status_code == 422
    assert client.post(url("item-put-off", item), data).status_code == 302
    assert f"отложен до {until:%d.%m.%Y}" in client.get(reverse("councils:item-queue")).content.decode()
    assert not list(client.get(url("agenda-edit", planned)).context["queue"])
    client.force_login(w.curator)
    html = client.get(item.case.get_absolute_url() + "?tab=council").content.decode()
    html += client.get(item.case.get_absolute_url()).content.decode()
    assert "Ждём справку школы" in html
    item.refresh_from_db()
    item.schedule(planned, by=w.secretary)
    assert (item.not_before, item.put_off_because) == (None, "")


def test_the_queue_is_filtered_and_begins_with_what_waits_longest(client, world, council, time_machine):
    w = world
    time_machine.move_to(datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC))
    old = put(w, council, "Старовы")
    time_machine.move_to(datetime.datetime(2026, 4, 20, 9, tzinfo=datetime.UTC))
    new = put(w, council, "Новиковы")
    new.put_off(by=w.secretary, until=timezone.localdate() + DAY, reason="Ждём акт")
    client.force_login(w.secretary)

    def shown(**query):
        page = client.get(reverse("councils:item-queue"), query)
        return [row.object.pk for row in page.context["table"].rows]

    assert shown() == [old.pk, new.pk]
    assert shown(waiting="ready") == [old.pk]
    assert shown(waiting="put_off") == [new.pk]
    assert shown(waiting="long") == [old.pk]
    assert shown(by="system") == []
    assert shown(question="recognise", organisation=w.centre.pk) == [old.pk, new.pk]
    assert shown(question="remove") == []


# --- the order of the agenda ------------------------------------------------------------------------------------------


def test_questions_are_taken_together_and_ordered_without_javascript(client, world, council, planned):
    w = world
    items = [put(w, council, name) for name in ("Авдеевы", "Белкины", "Волковы")]
    client.force_login(w.secretary)
    edit = url("agenda-edit", planned)
    assert client.post(edit, {}).status_code == 422
    assert client.post(edit, {"items": [item.pk for item in items]}).status_code == 302
    assert order(planned) == [("Авдеевы", 1), ("Белкины", 2), ("Волковы", 3)]
    assert client.post(url("item-move", items[2]), {"way": "up"}).status_code == 302
    client.post(url("item-move", items[2]), {"way": "up"})
    client.post(url("item-move", items[2]), {"way": "up"})  # at the top nothing moves
    assert order(planned) == [("Волковы", 1), ("Авдеевы", 2), ("Белкины", 3)]
    client.post(url("item-move", items[0]), {"way": "down"})
    assert order(planned) == [("Волковы", 1), ("Белкины", 2), ("Авдеевы", 3)]


def test_a_move_with_javascript_answers_with_the_agenda_alone(client, world, council, planned):
    w = world
    first, second = put(w, council, "Авдеевы"), put(w, council, "Белкины")
    for item in (first, second):
        item.schedule(planned, by=w.secretary)
    client.force_login(w.secretary)
    html = client.post(url("item-move", second), {"way": "up"}, headers={"HX-Request": "true"}).content.decode()
    assert html.index("Белкиных") < html.index("Авдеевых")
    assert "<html" not in html


def test_the_order_stands_once_the_meeting_has_begun(client, world, council):
    w = world
    item = put(w, council)
    meeting = start_meeting(w, council, item)
    with pytest.raises(Refused, match="пока заседание не открыто"):
        item.move(by=w.secretary, way="up")
    client.force_login(w.secretary)
    assert client.get(url("agenda-edit", meeting)).status_code == 409


def test_another_councils_secretary_orders_nothing(client, world, council, planned):
    item = put(world, council)
    item.schedule(planned, by=world.secretary)
    client.force_login(world.other_secretary)
    for page, row in [("agenda-edit", planned), ("item-move", item), ("item-put-off", item), ("item-merge", item)]:
        assert client.post(url(page, row), {"way": "up"}).status_code == 404


def test_the_agenda_of_many_questions_asks_no_more_queries(
    client, world, council, planned, django_assert_max_num_queries
):
    for number in range(6):
        put(world, council, f"Семья{number}").schedule(planned, by=world.secretary)
    client.force_login(world.secretary)
    with django_assert_max_num_queries(30):
        client.get(url("agenda-edit", planned))


# --- merging ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def term(world, time_machine):
    """A case near its level's term, with the question of the system in the queue and one of the curator beside it."""
    w = world
    time_machine.move_to(datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC))
    w.case = activate(w)
    w.case.refresh_from_db()
    w.council = w.case.agenda_items.get().council
    time_machine.move_to(datetime.datetime.combine(w.case.level_term_on - 20 * DAY, datetime.time(9), datetime.UTC))
    from councils.tasks import sweep_levels

    sweep_levels()
    w.asked = w.case.agenda_items.about_term().get()
    w.own = ask_other(w, w.case, w.council)
    return w


def test_the_systems_question_goes_into_a_persons_and_both_are_decided(client, term):
    w = term
    client.force_login(w.secretary)
    assert "Объединить" in client.get(reverse("councils:item-queue")).content.decode()
    assert client.get(url("item-merge", w.own)).status_code == 409  # not the other way round
    with pytest.raises(Refused, match="Вопрос человека главный"):
        w.own.merge_into(w.asked, by=w.secretary)
    assert client.post(url("item-merge", w.asked), {"other": w.own.pk}).status_code == 302
    w.asked.refresh_from_db()
    w.own.refresh_from_db()
    assert (w.asked.state, w.asked.heard_as, w.own.also) == (
        State.MERGED, w.own, "о продлении сопровождения семьи Ковалёвых",
    )  # fmt: skip
    meeting = start_meeting(w, w.council, w.own)
    client.force_login(w.secretary)
    board = client.get(meeting.get_absolute_url()).context["board"]
    assert len(board.items) == 1
    assert "Продлить сопровождение семьи Ковалёвых" in board.draft
    decide(w, w.own)
    w.asked.refresh_from_db()
    before = w.case.level_term_on
    w.case.refresh_from_db()
    assert w.case.level_term_on > before  # prolonged by the decision on both
    minutes = meeting.sign_minutes(by=w.secretary)
    w.asked, w.own = AgendaItem.objects.get(pk=w.asked.pk), AgendaItem.objects.get(pk=w.own.pk)
    assert len(minutes.content["items"]) == 1
    assert (
        w.asked.decision.basis
        == w.own.decision.basis
        == f"протокол № {minutes.number} от {meeting.held_on:%d.%m.%Y}, вопрос 1"
    )
    period = w.case.level_periods.get(until=None)
    assert period.basis == w.asked.decision.basis
    client.force_login(w.curator)
    assert client.get(url("extract-print", w.asked)).status_code == 200


def test_two_answers_to_one_term_are_one(term):
    w = term
    w.case.refresh_from_db()
    w.own.return_with_remark(by=w.secretary, remark="Лишнее")
    w.asked.withdraw()
    change = AgendaItem.propose(w.case, by=w.curator, council=w.council, question="level", level="basic")
    AgendaItem.objects.filter(pk=w.asked.pk).update(state=State.QUEUED)
    w.asked.refresh_from_db()
    w.asked.merge_into(change, by=w.secretary)
    start_meeting(w, w.council, change)
    decide(w, change)
    w.case.refresh_from_db()
    assert w.case.level == "basic"
    assert not hasattr(AgendaItem.objects.get(pk=w.asked.pk), "decision")


def test_merged_questions_are_taken_apart_again(client, term):
    w = term
    w.asked.merge_into(w.own, by=w.secretary)
    client.force_login(w.secretary)
    assert client.post(url("item-split", w.asked), {}).status_code == 302
    w.asked.refresh_from_db()
    w.own.refresh_from_db()
    assert (w.asked.state, w.asked.merged_into, w.own.also) == (State.QUEUED, None, "")


def test_what_was_merged_comes_back_when_the_question_is_returned(term):
    w = term
    w.asked.merge_into(w.own, by=w.secretary)
    w.own.return_with_remark(by=w.secretary, remark="Уточните")
    w.asked.refresh_from_db()
    assert (w.own.state, w.asked.state) == (State.RETURNED, State.QUEUED)


def test_questions_of_two_families_are_never_merged(world, council):
    first, second = put(world, council, "Авдеевы"), put(world, council, "Белкины")
    with pytest.raises(Refused, match="об одной семье"):
        first.merge_into(second, by=world.secretary)
    assert not first.may_merge_into().exists()


# --- what the system asks by itself ---------------------------------------------------------------------------------


@pytest.fixture
def overdue(world, time_machine):
    w = world
    time_machine.move_to(datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC))
    w.case = activate(w)
    w.item = w.case.agenda_items.get()
    w.task = Assignment.give(
        w.item, by=w.secretary, text="Устроить в кружок", executor=w.clinic, due_on=datetime.date(2026, 3, 10)
    )
    time_machine.move_to(datetime.datetime(2026, 3, 11, 9, tzinfo=datetime.UTC))
    return w


def test_an_overdue_assignment_is_put_into_the_queue_once(overdue):
    w = overdue
    assert (sweep_questions(), sweep_questions()) == (1, 0)
    asked = w.case.agenda_items.get(cause="assignment")
    assert (asked.council, asked.question, asked.by_system) == (w.item.council, "other", True)
    assert f"Не исполнено поручение № {w.task.pk}" in asked.summary
    meeting = start_meeting(w, w.item.council)
    asked.refresh_from_db()
    assert (asked.state, asked.meeting) == (State.SCHEDULED, meeting)  # the next agenda has it by itself
    assert meeting.agenda_items.count() == 1


def test_a_report_takes_the_question_back(overdue):
    w = overdue
    sweep_questions()
    w.task.report(by=w.executor, done_on=timezone.localdate(), result="Ходит")
    assert w.case.agenda_items.get(cause="assignment").state == State.WITHDRAWN
    assert sweep_questions() == 0


@pytest.fixture
def relapse(world, time_machine):
    w = world
    time_machine.move_to(datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC))
    w.case = activate(w)
    Closure.prepare(w.case, by=w.curator, outcome="overcame", reason="goals_reached", conclusion="Всё хорошо")
    hold_council(w, w.case, "remove")
    time_machine.move_to(datetime.datetime(2026, 4, 6, 9, tzinfo=datetime.UTC))
    w.check = w.case.aftercare_checks.order_by("due_on").first()
    w.check.record(by=w.curator, done_on=timezone.localdate(), outcome="relapse", result="Снова пьёт")
    return w


def test_a_relapse_asks_the_council_at_once_and_tells_nothing_of_the_check(relapse):
    w = relapse
    asked = w.case.agenda_items.get(cause="relapse")
    assert (asked.state, asked.question) == (State.QUEUED, "other")
    assert "06.04.2026: рецидив" in asked.summary
    assert "пьёт" not in asked.summary
    assert sweep_questions() == 0
    start_meeting(w, asked.council, asked)
    decide(w, asked)
    assert sweep_questions() == 0  # answered


def test_a_family_back_on_support_needs_no_answer(relapse):
    w = relapse
    open_case(w, family=w.case.family)
    w.case.refresh_from_db()
    system_questions.follow_relapse(w.case)
    assert w.case.agenda_items.get(cause="relapse").state == State.WITHDRAWN
