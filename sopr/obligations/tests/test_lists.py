"""What is overdue, near, and whose it is; the nightly sweep."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from sopr.calendar import is_overdue
from sopr.obligations.engine import close_obligations
from sopr.obligations.models import Obligation
from sopr.obligations.tasks import sweep
from sopr.obligations.tests.conftest import QUIET, REVIEW, VISIT

DUE = date(2026, 11, 25)


@pytest.mark.parametrize(("days", "overdue"), [(-1, False), (0, False), (1, True)])
def test_the_list_the_row_and_the_rule_agree_on_what_is_overdue(opened, organisation, days, overdue):
    made, today = opened(organisation), DUE + timedelta(days=days)
    assert is_overdue(DUE, today) is overdue
    assert made.is_overdue(today) is overdue
    assert Obligation.objects.overdue(today).exists() is overdue
    assert Obligation.objects.due_by(today).exists() is (days >= 0)
    assert Obligation.objects.near(today).exists()
    assert not Obligation.objects.near(DUE - timedelta(days=2)).exists()


def test_what_is_done_is_never_overdue(opened, organisation):
    made = opened(organisation)
    close_obligations(organisation)
    made.refresh_from_db()
    assert not made.is_overdue(DUE + timedelta(days=9))
    assert not Obligation.objects.overdue(DUE + timedelta(days=9)).exists()
    assert not Obligation.objects.near(DUE).exists()


def test_a_person_sees_their_own_and_a_head_the_whole_organisation(
    opened, organisation, neighbour, curator, head, make_user
):
    mine, nobodys = opened(curator, assignee=curator), opened(organisation)
    opened(head, assignee=make_user("secretary", "secretary", organisation))  # a council's, whose pages are not his
    theirs = opened(neighbour, organisation=neighbour)
    lent = opened(head, organisation=neighbour, assignee=head)
    stranger = make_user("stranger", "head", neighbour)
    officer = make_user("officer", "administrator", organisation)
    assert set(Obligation.objects.for_user(curator)) == {mine}
    assert set(Obligation.objects.for_user(head)) == {mine, nobodys, lent}
    assert set(Obligation.objects.for_user(stranger)) == {theirs, lent}
    assert not Obligation.objects.for_user(officer).exists()


def test_lists_go_by_date_in_one_statement(opened, organisation, curator, head, django_assert_num_queries):
    late = opened(organisation, due_on=date(2026, 12, 1), assignee=curator)
    soon = opened(curator, due_on=date(2026, 11, 30), assignee=head)
    with django_assert_num_queries(1):
        rows = list(Obligation.objects.for_user(head).open().with_people())
        assert [(row, row.organisation.name, row.assignee.username) for row in rows] == [
            (soon, "Центр «Забота»", "head"),
            (late, "Центр «Забота»", "curator"),
        ]


def test_the_sweep_tells_heads_what_is_overdue_once(opened, organisation, curator, head):
    overdue = opened(organisation, VISIT)
    in_time = opened(organisation, REVIEW, due_on=date(2026, 11, 26))
    opened(organisation, QUIET)
    done = opened(curator, VISIT)
    close_obligations(curator)
    # Moscow's 26 November has begun, London's has not: the region's date decides.
    with time_machine.travel("2026-11-25T22:00:00+00:00", tick=False), timezone.override("Europe/Moscow"):
        assert sweep() == 1
        assert list(Obligation.objects.escalated()) == [overdue]
        overdue.refresh_from_db()
        first = overdue.escalated_at
    with time_machine.travel("2026-11-26T09:00:00+00:00", tick=False), timezone.override("Europe/Moscow"):
        assert sweep() == 0
    overdue.refresh_from_db()
    assert overdue.escalated_at == first
    for row in (in_time, done):
        row.refresh_from_db()
        assert row.escalated_at is None
