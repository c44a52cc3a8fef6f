"""An obligation is opened once, kept up to date, and closed as done or as no longer needed."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from sopr.obligations.engine import cancel_obligations, close_obligations, escalate, reassign
from sopr.obligations.models import Obligation
from sopr.obligations.tests.conftest import REVIEW, VISIT

DUE = date(2026, 11, 25)


def test_opening_says_what_is_due_and_where(opened, organisation, curator):
    made = opened(organisation, assignee=curator, case_id=5, family_id=7)
    made.refresh_from_db()
    assert (made.kind_title, made.act, made.title) == ("Визит по сигналу", "Записать визит", "Визит по сигналу № 12")
    assert (made.subject_type, made.subject_id) == ("accounts.organisation", organisation.pk)
    assert (made.due_on, made.remind_on, made.assignee, made.case_id, made.family_id) == (
        DUE,
        date(2026, 11, 24),
        curator,
        5,
        7,
    )
    assert made.is_open


def test_opening_again_brings_the_same_one_up_to_date(opened, organisation, curator):
    first = opened(organisation)
    again = opened(organisation, kind="test-visit", due_on=date(2026, 12, 1), assignee=curator, title="Визит № 13")
    assert again.pk == first.pk
    again.refresh_from_db()
    assert (again.due_on, again.remind_on, again.assignee, again.title) == (
        date(2026, 12, 1),
        date(2026, 11, 30),
        curator,
        "Визит № 13",
    )
    assert opened(organisation, kind=REVIEW).pk != first.pk


def test_a_done_one_makes_room_for_the_next(opened, organisation):
    first = opened(organisation)
    close_obligations(organisation)
    assert opened(organisation).pk != first.pk
    assert Obligation.objects.open().count() == 1


def test_the_database_knows_there_is_one_open_of_a_kind(opened, organisation):
    first = opened(organisation)
    first.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        first.save(force_insert=True)


def test_an_undeclared_kind_is_not_opened(opened, organisation):
    with pytest.raises(LookupError):
        opened(organisation, kind="nothing-such")
    assert not Obligation.objects.exists()


def test_closing_takes_one_kind_or_all_of_one_subject_only(opened, organisation, neighbour):
    visit, review, other = opened(organisation), opened(organisation, kind=REVIEW), opened(neighbour)
    assert close_obligations(organisation, VISIT, on=date(2026, 11, 20)) == 1
    visit.refresh_from_db()
    assert (visit.done_on, visit.is_open) == (date(2026, 11, 20), False)
    assert close_obligations(organisation) == 1
    assert close_obligations(organisation) == 0
    review.refresh_from_db()
    assert review.done_on == timezone.localdate()
    assert list(Obligation.objects.open()) == [other]


def test_a_cancelled_one_is_closed_and_not_done(opened, organisation):
    made = opened(organisation)
    assert cancel_obligations(organisation, "test-visit") == 1
    made.refresh_from_db()
    assert (made.done_on, made.is_open) == (None, False)


def test_a_new_curator_takes_over_what_is_open(opened, organisation, neighbour, curator, head):
    done, still_open = opened(organisation, assignee=curator, case_id=5), opened(neighbour, assignee=curator, case_id=5)
    close_obligations(organisation)
    assert reassign(Obligation.objects.filter(case_id=5), head) == 1
    done.refresh_from_db()
    still_open.refresh_from_db()
    assert (done.assignee, still_open.assignee) == (curator, head)


def test_a_new_date_is_escalated_anew(opened, organisation):
    opened(organisation)
    assert escalate(date(2026, 11, 26)) == 1
    assert opened(organisation).escalated_at is not None
    assert opened(organisation, due_on=date(2026, 12, 1)).escalated_at is None
    assert escalate(date(2026, 12, 2)) == 1
