"""The path of a case by verbs: from a signal to the end of aftercare (domain.md §2)."""

import datetime

import pytest
from django.utils import timezone

from cases.models import Case, Closure, Contract, LevelPeriod, ProgrammeRevision, Review
from cases.words import Level, Stage
from councils.models import AgendaItem
from councils.words import Question
from sopr.errors import Refused
from sopr.tests.casework import (
    activate,
    add_pack,
    decide,
    make_council,
    make_family,
    make_referral,
    open_case,
    start_meeting,
)


def test_a_case_needs_application_and_consents(world):
    family = make_family(world)
    with pytest.raises(Refused, match="нет письменного заявления.*нет согласия"):
        Case.open_for(family, by=world.curator, curator=world.curator)


def test_a_referral_becomes_a_case(world):
    referral = make_referral(world)
    referral.assign(by=world.head, curator=world.curator)
    assert referral.due_on > timezone.localdate()
    referral.record_visit(by=world.curator, visited_on=timezone.localdate(), result="Подтвердилось")
    case = open_case(world, referral=referral)
    referral.refresh_from_db()
    assert (referral.state, case.stage) == ("accepted", Stage.ASSESSMENT)


def test_the_council_sees_only_a_whole_pack(world):
    case = open_case(world)
    with pytest.raises(Refused, match="нет акта обследования.*не проведена диагностика.*проект ИПСС"):
        case.put_to_council(by=world.curator)
    add_pack(world, case)
    case.put_to_council(by=world.curator)
    assert case.stage == Stage.COUNCIL


def test_only_a_decision_makes_the_case_active(world):
    case = activate(world)
    assert case.stage == Stage.ACTIVE
    assert case.accepted_on == timezone.localdate()
    assert case.level == Level.CRISIS
    period = case.level_periods.get()
    assert period.decision and "решение от" in period.basis
    assert ProgrammeRevision.objects.get(programme__case=case).state == "approved"


def test_without_quorum_there_is_no_decision(world):
    case = open_case(world)
    add_pack(world, case)
    council = make_council(world)
    item = AgendaItem.propose(case, by=world.curator, council=council, question=Question.RECOGNISE, level=Level.BASIC)
    start_meeting(world, council, item, absent=3)
    with pytest.raises(Refused, match="Нет кворума: присутствуют 2 из 5, нужно не меньше 3"):
        decide(world, item)
    case.refresh_from_db()
    assert case.stage == Stage.COUNCIL


def test_from_active_through_level_change_to_the_end_of_aftercare(world, time_machine):
    time_machine.move_to(datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC))
    case = activate(world)
    mother = case.family.memberships.get(relation="mother").person
    Contract.sign(case, by=world.curator, signed_on=timezone.localdate(), until=datetime.date(2026, 9, 1), party=mother)

    time_machine.move_to(datetime.datetime(2026, 4, 6, 9, tzinfo=datetime.UTC))
    Review.record(
        case,
        by=world.curator,
        done_on=timezone.localdate(),
        progress="Ходит в школу",
        changes="Лучше",
        conclusion="change_level",
        proposed_level=Level.BASIC,
    )
    council = case.agenda_items.get().council
    item = AgendaItem.propose(case, by=world.curator, council=council, question=Question.LEVEL, level=Level.BASIC)
    start_meeting(world, council, item)
    decide(world, item)
    case.refresh_from_db()
    assert [p.level for p in LevelPeriod.objects.filter(case=case)] == [Level.CRISIS, Level.BASIC]
    assert case.level == Level.BASIC

    time_machine.move_to(datetime.datetime(2026, 6, 1, 9, tzinfo=datetime.UTC))
    Closure.prepare(case, by=world.curator, outcome="overcame", reason="goals_reached", conclusion="Цели достигнуты")
    item = AgendaItem.propose(case, by=world.curator, council=council, question=Question.REMOVE)
    meeting = start_meeting(world, council, item)
    decide(world, item)
    meeting.sign_minutes(by=world.secretary)
    case.refresh_from_db()
    assert (case.stage, case.closed_on, case.outcome) == (Stage.AFTERCARE, datetime.date(2026, 6, 1), "overcame")
    with pytest.raises(Refused, match="все запланированные проверки"):
        case.finish_aftercare(by=world.curator)
    time_machine.move_to(datetime.datetime(2026, 9, 2, 9, tzinfo=datetime.UTC))
    for check in case.aftercare_checks.all():
        check.record(by=world.curator, done_on=timezone.localdate(), outcome="stable", result="Всё хорошо")
    case.finish_aftercare(by=world.curator)
    assert case.stage == Stage.CLOSED
