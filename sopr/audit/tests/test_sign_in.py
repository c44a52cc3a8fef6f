"""Entering, leaving and failing to enter are in the log."""

from django.contrib.auth import authenticate
from django.test import Client

from sopr.audit.models import Action, AuditRecord


def rows():
    return list(AuditRecord.objects.order_by("seq").values_list("action", "actor_login", "subject_id"))


def test_sign_in_and_out(client, curator):
    client.force_login(curator)
    client.logout()
    assert rows() == [(Action.SIGN_IN, "curator", curator.pk), (Action.SIGN_OUT, "curator", curator.pk)]


def test_leaving_without_having_entered_is_not_an_act(db):
    Client().logout()
    assert rows() == []


def test_a_wrong_password_is_written_without_what_was_typed(curator, organisation, rf):
    request = rf.post("/login/")
    assert authenticate(request, username="curator", password="Мой-пароль-7") is None
    assert authenticate(request, username="Мой-пароль-7", password="curator") is None
    known, unknown = AuditRecord.objects.order_by("seq")
    assert (known.action, known.actor, known.subject_id) == (Action.SIGN_IN_FAILED, None, curator.pk)
    assert known.organisation == organisation
    assert (unknown.action, unknown.actor_login, unknown.subject_id) == (Action.SIGN_IN_FAILED, "", None)
    assert "пароль" not in str(AuditRecord.objects.values())
