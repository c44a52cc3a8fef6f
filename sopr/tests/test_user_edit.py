"""The administrator lets people in: passwords shown once, and the days from which a person works."""

import datetime
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from conftest import PASSWORD
from sopr.accounts.models import User
from sopr.audit.models import AuditRecord

TODAY = timezone.localdate
SINCE = datetime.date(2024, 1, 9)  # the staff records of `world`


def fields_of(user, **changes):
    """What the form of `user` sends when nothing but `changes` is touched."""
    return {
        "last_name": user.last_name,
        "first_name": user.first_name,
        "patronymic": user.patronymic,
        "username": user.username,
        "role": user.role,
        "organisation": user.organisation_id,
        "is_active": "on",
        "since": TODAY().isoformat(),
    } | changes


def periods(user):
    records = user.staff_records.order_by("since", "pk")
    return [(record.role, record.organisation.code, record.since, record.until) for record in records]


@pytest.fixture
def edit(client, world):
    client.force_login(world.administrator)

    def send(user, **changes):
        data = {k: v for k, v in fields_of(user, **changes).items() if v is not None}
        return client.post(reverse("accounts:user-edit", args=[user.pk]), data)

    return send


def give_password(client, user):
    page = client.post(reverse("accounts:user-password", args=[user.pk]), follow=True)
    return re.search(r"Новый пароль для \S+: ([a-z0-9]{12}) ", page.content.decode())[1]


def sign_in(client, user, password):
    return client.post(reverse("login"), {"username": user.username, "password": password})


def test_the_given_password_lets_in_and_ends_other_sessions(client, world):
    theirs = client.__class__()
    theirs.force_login(world.curator)
    client.force_login(world.administrator)
    password = give_password(client, world.curator)
    assert password not in client.get(reverse("accounts:user-list")).content.decode()
    assert theirs.get(reverse("password_change")).status_code == 302
    fresh = client.__class__()
    assert sign_in(fresh, world.curator, PASSWORD).status_code == 200
    assert sign_in(fresh, world.curator, password).status_code == 302
    assert fresh.get(reverse("password_change")).status_code == 200
    written = AuditRecord.objects.get(action="change", actor=world.administrator)
    assert (written.subject_id, written.detail) == (world.curator.pk, {"page": "accounts:user-password"})


def test_the_given_password_opens_a_locked_entrance_and_one_who_had_none(client, world):
    world.curator.set_unusable_password()
    world.curator.save()
    theirs = client.__class__()
    for _attempt in range(6):
        locked = sign_in(theirs, world.curator, "не тот")
    assert locked.status_code == 429
    client.force_login(world.administrator)
    assert sign_in(theirs, world.curator, give_password(client, world.curator)).status_code == 302


def test_no_password_is_given_to_oneself_or_to_one_whose_access_is_closed(client, world):
    world.curator.is_active = False
    world.curator.save()
    client.force_login(world.administrator)
    for user in (world.administrator, world.curator):
        assert client.post(reverse("accounts:user-password", args=[user.pk])).status_code == 409
    assert User.objects.get(pk=world.administrator.pk).check_password(PASSWORD)


def test_a_new_user_is_a_specialist_from_the_day_named(client, world):
    client.force_login(world.administrator)
    monday = TODAY() - datetime.timedelta(days=3)
    data = {
        "last_name": "Новикова", "first_name": "Инна", "username": "novikova", "role": "curator",
        "organisation": world.centre.pk, "is_active": "on", "since": monday.isoformat(),
    }  # fmt: skip
    page = client.post(reverse("accounts:user-new"), data, follow=True)
    user = User.objects.get(username="novikova")
    assert periods(user) == [("curator", "C1", monday, None)]
    password = re.search(r"Первый пароль: ([a-z0-9]{12}) ", page.content.decode())[1]
    assert sign_in(client.__class__(), user, password).status_code == 302
    assert AuditRecord.objects.get(action="change").subject_id == user.pk


def test_another_role_ends_the_record_and_opens_one(edit, world):
    day = datetime.date(2025, 3, 1)
    assert edit(world.curator, role="head", since=day.isoformat()).status_code == 302
    assert periods(world.curator) == [
        ("curator", "C1", SINCE, datetime.date(2025, 2, 28)),
        ("head", "C1", day, None),
    ]


def test_a_mistake_put_right_the_same_day_leaves_no_record_of_it(edit, world):
    edit(world.curator, organisation=world.other_centre.pk)
    edit(world.curator, organisation=world.centre.pk)
    yesterday = TODAY() - datetime.timedelta(days=1)
    assert periods(world.curator) == [("curator", "C1", SINCE, yesterday), ("curator", "C1", TODAY(), None)]


def test_closing_access_ends_the_record_and_opening_starts_another(edit, client, world):
    left = datetime.date(2025, 3, 1)
    edit(world.curator, is_active=None, since=left.isoformat())
    ended = ("curator", "C1", SINCE, datetime.date(2025, 2, 28))
    assert periods(world.curator) == [ended]
    assert sign_in(client.__class__(), world.curator, PASSWORD).status_code == 200
    edit(world.curator)
    assert periods(world.curator) == [ended, ("curator", "C1", TODAY(), None)]


def test_other_changes_leave_the_records_alone(edit, world):
    edit(world.curator, phone="8 800 100-00-09")
    assert periods(world.curator) == [("curator", "C1", SINCE, None)]


def test_a_day_before_the_present_record_or_after_today_is_refused(edit, world):
    early = edit(world.curator, role="head", since="2023-12-31")
    assert "Укажите день не раньше" in early.content.decode()
    late = edit(world.curator, role="head", since=(TODAY() + datetime.timedelta(days=1)).isoformat())
    assert "укажите сегодняшний день" in late.content.decode()
    assert (early.status_code, late.status_code) == (422, 422)
    assert periods(world.curator) == [("curator", "C1", SINCE, None)]
    assert User.objects.get(pk=world.curator.pk).role == "curator"


def test_nobody_takes_the_administrators_rights_from_himself(edit, world):
    edit(world.administrator, role="curator", is_active=None)
    own = User.objects.get(pk=world.administrator.pk)
    assert (own.role, own.is_active) == ("administrator", True)


@pytest.mark.parametrize("role", ["curator", "head", "secretary", "member", "executor", "ministry", "data_officer"])
def test_other_roles_open_none_of_these_pages(client, world, role):
    client.force_login(world.users[role])
    unit = world.centre.units.get()
    pages = [
        reverse("accounts:user-password", args=[world.other_curator.pk]),
        reverse("accounts:organisation-new"),
        reverse("accounts:organisation-edit", args=[world.centre.pk]),
        reverse("accounts:unit-new", args=[world.centre.pk]),
        reverse("accounts:unit-edit", args=[unit.pk]),
    ]
    assert {client.post(page).status_code for page in pages} == {403}
