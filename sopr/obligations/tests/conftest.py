from datetime import date

import pytest

from sopr.accounts.models import Organisation, User
from sopr.obligations import kinds
from sopr.obligations.engine import open_obligation
from sopr.obligations.kinds import Kind

VISIT = Kind("test-visit", "Визит по сигналу", "Записать визит", remind_days=(1,))
REVIEW = Kind("test-review", "Промежуточный мониторинг", "Провести мониторинг", remind_working_days=(3,))
QUIET = Kind("test-quiet", "Слово исполнителя", "Написать куратору", escalates=False)


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    """Three kinds of our own, forgotten after the test."""
    monkeypatch.setattr(kinds, "_KINDS", {})
    for kind in (VISIT, REVIEW, QUIET):
        kinds.declare(kind)


@pytest.fixture
def organisation(db):
    return Organisation.objects.create(code="center", name="Центр «Забота»", kind="social")


@pytest.fixture
def neighbour(db):
    return Organisation.objects.create(code="other", name="Центр «Очаг»", kind="social")


@pytest.fixture
def make_user():
    def make(login, role, organisation):
        return User.objects.create_user(
            login, last_name="Лебедева", first_name="Ольга", role=role, organisation=organisation
        )

    return make


@pytest.fixture
def curator(make_user, organisation):
    return make_user("curator", "curator", organisation)


@pytest.fixture
def head(make_user, organisation):
    return make_user("head", "head", organisation)


@pytest.fixture
def opened(organisation):
    """Open an obligation about ``subject`` with everything else filled in."""

    def make(subject, kind=VISIT, due_on=date(2026, 11, 25), **values):
        values = {"organisation": organisation, "title": "Визит по сигналу № 12", "path": "/families/1/"} | values
        return open_obligation(kind, subject, due_on=due_on, **values)

    return make
