"""The term of a level puts a question into the council's queue by itself, once, and prolongs nothing (domain.md §2)."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, Closure, Review
from councils import level_terms
from councils.models import AgendaItem, Meeting
from councils.tasks import sweep_levels
from sopr.errors import Refused
from sopr.tests.casework import activate, decide, make_council, start_meeting

DAY = datetime.timedelta(days=1)
State = AgendaItem.State


def at_term(time_machine, case, days):
    """Move to so many days before (or, below zero, after) the end of the level's longest term."""
    case.refresh_from_db()
    time_machine.move_to(datetime.datetime.combine(case.level_term_on - days * DAY, datetime.time(9), datetime.UTC))


def put(case):
    return AgendaItem.objects.filter(case=case, by_system=True)


@pytest.fixture
def active(world, time_machine):
    time_machine.move_to(datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC))
    return activate(world)


def test_the_system_asks_thirty_days_before_the_term_and_only_once(active, time_machine):
    at_term(time_machine, active, 31)
    assert sweep_levels() == 0
    at_term(time_machine, active, 30)
    assert (sweep_levels(), sweep_levels()) == (1, 0)
    item = put(active).get()
    assert (item.question, item.state, item.proposed_by, item.level) == ("prolong", State.QUEUED, None, "")
    assert "Наибольший срок уровня «кризисный» истекает 02.09.2026" in item.summary
    assert active.events.filter(kind="term_proposed", by=None).count() == 1


def test_reaching_the_term_prolongs_nothing(active, time_machine):
    at_term(time_machine, active, -1)
    assert sweep_levels() == 1
    active.refresh_from_db()
    period = active.level_periods.get()
    assert (active.level, active.level_term_on, period.until) == ("crisis", datetime.date(2026, 9, 2), None)
    assert "истёк 02.09.2026" in put(active).get().summary


def test_a_verb_near_the_term_asks_as_well(world, active, time_machine):
    at_term(time_machine, active, 10)
    Review.record(
        active,
        by=world.curator,
        done_on=timezone.localdate(),
        progress="Ходит в школу",
        changes="Лучше",
        conclusion="change_level",
        proposed_level="basic",
    )
    item = put(active).get()
    assert (item.question, item.level) == ("level", "basic")


def test_a_prepared_removal_is_what_is_asked(world, active, time_machine):
    at_term(time_machine, active, 40)
    Review.record(
        active, by=world.curator, done_on=timezone.localdate(), progress="Сделано", changes="Лучше", conclusion="remove"
    )
    Closure.prepare(active, by=world.curator, outcome="overcame", reason="goals_reached", conclusion="Цели достигнуты")
    at_term(time_machine, active, 20)
    sweep_levels()
    assert put(active).get().question == "remove"


def test_what_the_curator_has_put_is_not_doubled(world, active, time_machine):
    at_term(time_machine, active, 35)
    AgendaItem.propose(active, by=world.curator, council=active.agenda_items.get().council, question="prolong")
    at_term(time_machine, active, 15)
    assert sweep_levels() == 0
    assert not put(active).exists()


def test_the_curators_question_takes_the_place_of_the_systems(world, active, time_machine):
    at_term(time_machine, active, 20)
    sweep_levels()
    council = active.agenda_items.first().council
    AgendaItem.propose(active, by=world.curator, council=council, question="level", level="basic")
    assert put(active).get().state == State.WITHDRAWN
    assert AgendaItem.objects.filter(case=active).waiting().get().question == "level"
    assert sweep_levels() == 0


def test_another_question_stands_beside_the_systems(world, active, time_machine):
    at_term(time_machine, active, 20)
    sweep_levels()
    AgendaItem.propose(active, by=world.curator, council=active.agenda_items.first().council, question="other")
    assert put(active).get().state == State.QUEUED


def test_a_question_already_on_an_agenda_is_waited_for(world, active, time_machine):
    at_term(time_machine, active, 20)
    sweep_levels()
    item = put(active).get()
    meeting = Meeting.plan(item.council, by=world.secretary, held_on=timezone.localdate() + 3 * DAY)
    item.schedule(meeting, by=world.secretary)
    with pytest.raises(Refused, match="уже вынесен на совет"):
        AgendaItem.propose(active, by=world.curator, council=item.council, question="level", level="basic")


def test_it_is_withdrawn_when_the_level_changes_meanwhile(world, active, time_machine):
    at_term(time_machine, active, 20)
    sweep_levels()
    item, council = put(active).get(), make_council(world)
    meeting = Meeting.plan(item.council, by=world.secretary, held_on=timezone.localdate() + 9 * DAY)
    item.schedule(meeting, by=world.secretary)
    asked = AgendaItem.objects.create(
        case=active, council=council, question="level", level="basic", proposed_by=world.curator
    )
    start_meeting(world, council, asked)
    decide(world, asked)
    item.refresh_from_db()
    assert (item.state, item.meeting, item.position) == (State.WITHDRAWN, None, 0)
    assert active.events.filter(kind="term_withdrawn").count() == 1
    assert sweep_levels() == 0


def test_it_is_withdrawn_when_the_family_leaves(world, active, time_machine):
    at_term(time_machine, active, 20)
    sweep_levels()
    active.refresh_from_db()
    active.close_at_familys_wish(by=world.curator, day=timezone.localdate(), outcome="improved")
    assert put(active).get().state == State.WITHDRAWN


def test_the_sweep_withdraws_what_no_verb_has(active, time_machine):
    at_term(time_machine, active, 20)
    sweep_levels()
    Case.objects.filter(pk=active.pk).update(level_term_on=timezone.localdate() + 200 * DAY)
    assert sweep_levels() == 0
    assert put(active).get().state == State.WITHDRAWN


def test_returned_once_it_comes_back_only_when_the_term_is_reached(world, active, time_machine):
    at_term(time_machine, active, 25)
    sweep_levels()
    put(active).get().return_with_remark(by=world.secretary, remark="Нужен мониторинг")
    at_term(time_machine, active, 5)
    assert sweep_levels() == 0
    at_term(time_machine, active, 0)
    assert sweep_levels() == 1
    assert sorted(put(active).values_list("state", flat=True)) == [State.QUEUED, State.RETURNED]


def test_the_term_runs_while_support_is_suspended(world, active, time_machine):
    at_term(time_machine, active, 40)
    active.suspend(by=world.head, reason="Мать в больнице")
    at_term(time_machine, active, 20)
    assert sweep_levels() == 1


def test_the_council_prolongs_what_the_system_asked(world, active, time_machine):
    at_term(time_machine, active, 14)
    sweep_levels()
    item = put(active).get()
    start_meeting(world, item.council, item)
    decide(world, item)
    active.refresh_from_db()
    assert (active.level, active.level_term_on) == ("crisis", datetime.date(2027, 2, 19))
    assert list(active.level_periods.values_list("level", flat=True)) == ["crisis", "crisis"]


def test_pages_say_who_put_the_question(client, world, active, time_machine):
    at_term(time_machine, active, 20)
    sweep_levels()
    client.force_login(world.secretary)
    queue = client.get(reverse("councils:item-queue")).content.decode()
    assert "система: подходит срок уровня" in queue
    client.force_login(world.curator)
    card = client.get(active.get_absolute_url()).content.decode()
    assert "вынесла система" in card and "Вынести на совет" in card
    day = client.get(reverse("cases:my-day")).content.decode()
    assert "Вынесла система: подходит срок уровня." in day
    form = client.get(reverse("councils:item-propose", args=[active.pk])).content.decode()
    assert "Система уже вынесла вопрос: продлить" in form


def test_queries_of_the_sweep_do_not_grow_with_cases_far_from_their_term(active, django_assert_num_queries):
    with django_assert_num_queries(2):
        level_terms.sweep(timezone.localdate())
