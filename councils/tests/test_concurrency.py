"""Real threads on real transactions: numbers without gap or double, one decision of one question, one verb on one case.

On PostgreSQL the rows' locks put the acts in order; SQLite has one writer at a time and gives the same answers.
"""

import datetime
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from cases.models import LevelPeriod
from councils.models import AgendaItem, Council, Decision, Meeting, Minutes
from councils.words import Question
from sopr.errors import Refused
from sopr.tests.casework import activate, add_pack, decide, make_council, open_case, start_meeting

pytestmark = pytest.mark.django_db(transaction=True)
MEETINGS, AT_ONCE = 50, 16  # as many signatures; as many connections as a shared server can spare


def together(*acts):
    """Each act in a thread and a connection of its own, begun at one moment; returns what each returned or refused."""
    barrier = threading.Barrier(min(len(acts), AT_ONCE))

    def run(act):
        try:
            if len(acts) <= AT_ONCE:
                barrier.wait()
            return act()
        except Refused as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, acts))


def test_fifty_minutes_signed_at_once_have_consecutive_numbers(world):
    w = world
    council = make_council(w)
    case = activate(w)
    item = AgendaItem.objects.create(council=council, case=case, question=Question.OTHER, proposed_by=w.curator)
    meetings = []
    for number in range(MEETINGS):
        meeting = Meeting.plan(
            council,
            by=w.secretary,
            held_on=timezone.localdate(),
            starts_at=datetime.time(8 + number // 60, number % 60),
        )
        item.schedule(meeting, by=w.secretary)
        meeting.start(by=w.secretary)
        item.postpone(by=w.secretary)
        meetings.append(meeting.pk)

    results = together(*(lambda pk=pk: Meeting.objects.get(pk=pk).sign_minutes(by=w.secretary) for pk in meetings))

    assert not [result for result in results if isinstance(result, Refused)]
    numbers = sorted(int(number) for number in Minutes.objects.values_list("number", flat=True))
    assert numbers == list(range(1, MEETINGS + 1))


def test_minutes_signed_twice_at_once_are_signed_once(world):
    w = world
    case = activate(w)
    meeting = case.agenda_items.get().meeting
    results = together(*[lambda: Meeting.objects.get(pk=meeting.pk).sign_minutes(by=w.secretary)] * 4)
    assert sorted(str(result) for result in results if isinstance(result, Refused)) == ["Протокол уже подписан."] * 3
    assert Minutes.objects.count() == 1


def test_two_secretaries_decide_one_question_and_one_is_told(world):
    w = world
    case = open_case(w)
    add_pack(w, case)
    item = AgendaItem.propose(case, by=w.curator, council=make_council(w), question="recognise", level="basic")
    start_meeting(w, item.council, item)

    def vote(verdict):
        def act():
            row = AgendaItem.objects.get(pk=item.pk)
            return row.decide(by=w.secretary, verdict=verdict, text=f"Решили: {verdict}.", votes_for=5)

        return act

    results = together(vote("granted"), vote("returned"))
    told = [str(result) for result in results if isinstance(result, Refused)]
    assert told == ["Вопрос уже решён: по нему больше ничего не записывается."]
    decision = Decision.objects.get()
    case.refresh_from_db()
    assert case.stage == {"granted": "active", "returned": "assessment"}[decision.verdict]


def test_one_case_before_two_councils_at_once_is_moved_once(world):
    """The second council is told: its decision is not kept without the verb, nor the verb done twice."""
    w = world
    case = activate(w)
    LevelPeriod.objects.filter(case=case).update(since=timezone.localdate() - datetime.timedelta(days=60))
    one = AgendaItem.propose(case, by=w.curator, council=make_council(w), question="level", level="basic")
    # put by another council's secretary of an earlier system: the queue itself lets no second question in
    two = AgendaItem.objects.create(council=make_council(w), case=case, question=Question.PROLONG)
    for item in (one, two):
        start_meeting(w, item.council, item)

    results = together(*(lambda pk=item.pk: decide(w, AgendaItem.objects.get(pk=pk)) for item in (one, two)))

    (told,) = [str(result) for result in results if isinstance(result, Refused)]
    assert "Действующий уровень установлен" in told
    made = Decision.objects.get(item__in=(one, two))
    assert LevelPeriod.objects.filter(case=case).count() == 2
    assert LevelPeriod.objects.get(case=case, until=None).decision == made.pk
    assert AgendaItem.objects.filter(pk__in=(one.pk, two.pk), state="scheduled").count() == 1


def test_two_secretaries_write_at_once_and_no_word_is_overwritten(world):
    w = world
    case = activate(w)
    item = AgendaItem.propose(case, by=w.curator, council=make_council(w), question="other")
    start_meeting(w, item.council, item)
    version = AgendaItem.objects.get(pk=item.pk).version

    def write(words):
        def act():
            row = AgendaItem.objects.get(pk=item.pk)
            return row.note_down(by=w.secretary, heard=words, spoke="", draft="", version=version)

        return act

    results = together(write("одно"), write("другое"))
    (told,) = [str(result) for result in results if isinstance(result, Refused)]
    assert "записан в другом окне" in told


def test_one_urgent_question_is_added_once(world):
    w = world
    case = activate(w)
    council = make_council(w)
    first = AgendaItem.propose(case, by=w.curator, council=council, question="other")
    meeting = start_meeting(w, council, first)
    from_queue = open_case(w)
    add_pack(w, from_queue)
    urgent = AgendaItem.propose(from_queue, by=w.curator, council=council, question="recognise", level="basic")

    def add():
        row = AgendaItem.objects.get(pk=urgent.pk)
        return Meeting.objects.get(pk=meeting.pk).add_urgent(row, by=w.secretary, reason="Выписка", votes_for=5)

    results = together(add, add)
    (told,) = [str(result) for result in results if isinstance(result, Refused)]
    assert told == "Вопрос уже в повестке."
    assert sorted(meeting.agenda_items.values_list("position", flat=True)) == [1, 2]
    assert Council.objects.get(pk=council.pk).agenda_items.filter(state="scheduled").count() == 2
