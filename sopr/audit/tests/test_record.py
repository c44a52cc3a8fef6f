"""Writing to the log: what a row holds, and what it refuses to hold."""

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from sopr.audit.chain import GENESIS, problems
from sopr.audit.log import record
from sopr.audit.models import Action, AuditHead, AuditRecord


def test_a_row_says_who_did_what_to_which_object_as_it_was_then(curator, organisation):
    row = record(curator, "change", organisation, detail={"act": "rename", "on": date(2026, 11, 22), "ids": {3, 1}})
    curator.role, curator.organisation = "head", None
    curator.save()
    row = AuditRecord.objects.get(seq=row.seq)
    assert (row.seq, row.prev_hash) == (1, GENESIS)
    assert (row.actor, row.actor_login, row.role, row.organisation) == (curator, "curator", "curator", organisation)
    assert (row.action, row.subject_type, row.subject_id) == (Action.CHANGE, "accounts.organisation", organisation.pk)
    assert row.detail == {"act": "rename", "on": "2026-11-22", "ids": [1, 3]}
    assert list(problems()) == []


def test_each_row_continues_the_one_before(curator):
    first, second = record(curator, Action.SEARCH), record(None, Action.EXPORT)
    assert second.prev_hash == first.hash != second.hash
    head = AuditHead.objects.get()
    assert (head.count, head.last_hash) == (2, second.hash)
    assert (second.actor_login, second.role, second.organisation) == ("", "", None)


def test_an_anonymous_visitor_is_nobody(db):
    assert record(AnonymousUser(), Action.REFUSE).actor is None


def test_a_row_costs_three_statements(curator, django_assert_num_queries):
    record(curator, Action.READ, curator)
    with django_assert_num_queries(3):
        record(curator, Action.READ, curator)


@pytest.mark.parametrize("value", [1.5, object(), {"when": 2.0}, [b"x"]])
def test_a_detail_is_plain_data(curator, value):
    with pytest.raises(TypeError, match="codes, ids, counts and dates"):
        record(curator, Action.READ, detail={"value": value})
    assert not AuditRecord.objects.exists()


def test_an_unknown_action_is_refused(curator):
    with pytest.raises(ValueError, match="peek"):
        record(curator, "peek")


@pytest.mark.parametrize("detail", [{"а": 'ё \u2028 "\\ №'}, {"n": 2**60, "none": None, "yes": True, "list": [[], {}]}])
def test_what_the_database_gives_back_is_what_was_sealed(curator, detail):
    record(curator, Action.READ, detail=detail)
    assert AuditRecord.objects.get().detail == detail
    assert list(problems()) == []


def test_an_act_that_did_not_happen_leaves_no_row(curator):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(curator, Action.CHANGE)
        raise ZeroDivisionError
    assert not AuditRecord.objects.exists()
    assert record(curator, Action.CHANGE).seq == 1
    assert list(problems()) == []


def test_the_time_of_a_row_is_kept_to_the_microsecond(curator):
    row = record(curator, Action.READ)
    assert AuditRecord.objects.get(seq=row.seq).at == row.at
