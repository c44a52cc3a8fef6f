"""The `world`: two organisations, every role, one of each thing."""

import datetime
from functools import cache
from types import SimpleNamespace

import pytest
from django.contrib.auth.hashers import make_password

from sopr.accounts.models import Municipality, Organisation, OrganisationKind, StaffRecord, Unit, User
from sopr.accounts.policy import Role

PASSWORD = "Проверка-2026"


@cache
def password_hash():
    return make_password(PASSWORD)


def make_user(role, organisation, login=None, **fields):
    """A user of `role` who may sign in; login and surname follow the role unless given."""
    values = {"last_name": "Лебедева", "first_name": "Ольга", "patronymic": "Николаевна"} | fields
    user = User.objects.create(
        username=login or f"{role}-{organisation.code}",
        role=role,
        organisation=organisation,
        password=password_hash(),
        **values,
    )
    StaffRecord.objects.create(user=user, organisation=organisation, role=role, since=datetime.date(2024, 1, 9))
    return user


def make_organisation(code, name, kind=OrganisationKind.SOCIAL, municipality=None, **fields):
    return Organisation.objects.create(code=code, name=name, kind=kind, municipality=municipality, **fields)


@pytest.fixture
def world(db):
    """Two support organisations in two municipalities, agencies, ministry, every role; no family yet."""
    w = SimpleNamespace()
    w.north = Municipality.objects.create(code="01", name="Северный район")
    w.south = Municipality.objects.create(code="02", name="Южный район")
    w.centre = make_organisation("C1", "Центр помощи семье «Северный»", municipality=w.north, phone="8 (800) 100-00-01")
    w.other_centre = make_organisation(
        "C2", "Центр помощи семье «Южный»", municipality=w.south, phone="8 (800) 100-00-02"
    )
    w.clinic = make_organisation("A1", "Детская поликлиника № 1", OrganisationKind.HEALTH, w.north)
    w.school = make_organisation("A2", "Школа № 7", OrganisationKind.EDUCATION, w.north)
    w.guardianship = make_organisation("A3", "Отдел опеки Северного района", OrganisationKind.GUARDIANSHIP, w.north)
    w.ministry = make_organisation("M", "Министерство социальной защиты", OrganisationKind.MINISTRY)
    for centre in (w.centre, w.other_centre):
        Unit.objects.create(
            organisation=centre, name="Служба сопровождения", supports_families=True, since=datetime.date(2020, 1, 1)
        )
    w.curator = make_user(Role.CURATOR, w.centre, last_name="Куратова")
    w.colleague = make_user(Role.CURATOR, w.centre, "curator-2", last_name="Коллегина")
    w.head = make_user(Role.HEAD, w.centre, last_name="Главина")
    w.secretary = make_user(Role.SECRETARY, w.centre, last_name="Секретарёва")
    w.member = make_user(Role.MEMBER, w.guardianship, last_name="Членова")
    w.executor = make_user(Role.EXECUTOR, w.clinic, last_name="Исполнителева")
    w.minister = make_user(Role.MINISTRY, w.ministry, last_name="Министрова")
    w.officer = make_user(Role.DATA_OFFICER, w.ministry, last_name="Защитина")
    w.administrator = make_user(Role.ADMINISTRATOR, w.ministry, last_name="Админова")
    w.other_curator = make_user(Role.CURATOR, w.other_centre, last_name="Чужакова")
    w.other_head = make_user(Role.HEAD, w.other_centre, last_name="Чужова")
    w.other_executor = make_user(Role.EXECUTOR, w.school, last_name="Школьникова")
    w.other_secretary = make_user(Role.SECRETARY, w.other_centre, last_name="Протоколова")
    w.users = dict(
        zip(
            Role.values,
            [w.curator, w.head, w.secretary, w.member, w.executor, w.minister, w.officer, w.administrator],
            strict=True,
        )
    )
    return w
