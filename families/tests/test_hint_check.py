"""Hints to review a card: each kind, checked by somebody, back only for a new fact, never a change by itself."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from families import hints
from families.models import HealthStatus
from families.models.family import new_person
from sopr.calendar import add_months
from sopr.errors import Refused
from sopr.tests.casework import make_family, open_case

DAY = datetime.timedelta(days=1)
TODAY = timezone.localdate


@pytest.fixture
def family(world, client):
    client.force_login(world.curator)
    return make_family(world)


def facts(family, world, **kwargs):
    """First words of the family's open hints."""
    found = hints.hints_of([family.pk], world.centre.pk, TODAY(), **kwargs)
    return [hint.fact.split(":")[0] for hint in found]


def add_child(family, by, born):
    child = new_person(by=by, last_name="Ковалёв", first_name=f"Дитя{born:%j}", birth_on=born)
    family.add_member(child, by=by, relation="child", since=born)
    return child


def born(years, days=0):
    """A birth date of one who turns so many years in so many days from today."""
    return add_months(TODAY() + days * DAY, -12 * years)


@pytest.mark.parametrize(("days", "seen"), [(29, True), (31, False), (-5, True), (-400, False)])
def test_a_child_turns_eighteen(world, family, days, seen):
    add_child(family, world.curator, born(18, days))
    assert (facts(family, world) == ["age18"]) is seen


@pytest.mark.parametrize(("category", "seen"), [("child_under_3_with_ovz", True), ("single_parent", False)])
def test_a_child_turns_three_where_the_category_says_so(world, category, seen):
    family = make_family(world, category=category)
    for days in (-5, 10):
        add_child(family, world.curator, born(3, days))
    assert facts(family, world).count("age3") == (2 if seen else 0)


def test_a_grown_child_of_a_category_that_leans_on_no_child_is_no_hint(world):
    family = make_family(world, category="low_income")
    add_child(family, world.curator, born(18, -5))
    assert facts(family, world) == []
    add_child(family, world.curator, born(18, 5))
    assert facts(family, world) == ["age18"]


def test_a_family_becomes_large_and_ceases_to_be(world, family):
    assert facts(family, world) == []
    for years in (5, 7):
        add_child(family, world.curator, born(years, 60))
    assert facts(family, world) == ["large"]
    family.add_category("large", by=world.curator)
    assert facts(family, world) == []
    family.end_membership(family.memberships.filter(relation="child").last(), by=world.curator, until=TODAY() - DAY)
    assert facts(family, world) == ["large"]
    assert family.category_periods.filter(category="large", until=None).exists()  # nothing changes by itself


def test_a_consent_is_about_to_end_and_then_renewed(world, family):
    mother = family.memberships.get(relation="mother").person
    given = {"subject": mother, "given_by": mother, "by": world.curator, "given_on": TODAY() - 300 * DAY}
    family.consents.create(operator=world.centre, until=TODAY() + 20 * DAY, **given)
    family.consents.create(operator=world.other_centre, until=TODAY() + 2 * DAY, **given)  # another one's affair
    assert facts(family, world) == ["consent"]
    family.consents.create(operator=world.centre, until=None, **given)
    assert facts(family, world) == []


def test_a_representation_runs_out(world, family):
    mother = family.memberships.get(relation="mother")
    since = TODAY() - 100 * DAY
    mother.represent(
        by=world.curator, ground="guardianship", document_name="Акт", since=since, until=TODAY() + 10 * DAY
    )
    assert facts(family, world) == ["representation"]


def test_a_status_of_health_runs_out_and_only_those_who_may_know_of_it(world, family, client):
    child = family.memberships.get(relation="child").person
    HealthStatus.establish(
        child,
        family,
        by=world.curator,
        kind="disability",
        detail="child",
        since=TODAY() - 300 * DAY,
        until=TODAY() + 7 * DAY,
    )
    assert facts(family, world) == [] and facts(family, world, with_health=True) == ["status"]
    open_case(world, family=family)
    for user, seen in ((world.curator, True), (world.head, True), (world.colleague, False)):
        client.force_login(user)
        page = client.get(reverse("families:family-detail", args=[family.pk])).content.decode()
        assert ("ребёнок-инвалид" in page) is seen, user


def test_checked_once_and_back_for_a_new_fact(world, family, client):
    for years in (5, 7):
        add_child(family, world.curator, born(years, 60))
    fact = hints.hints_of([family.pk], world.centre.pk, TODAY())[0].fact
    url = reverse("families:hint-check", args=[family.pk])
    card = reverse("families:family-detail", args=[family.pk])
    assert "Пора проверить" in client.get(card).content.decode()
    assert fact in client.get(f"{url}?fact={fact}").content.decode()
    assert client.post(url, {"fact": fact}).status_code == 302
    event = family.events.get(kind="hint_checked")
    assert (event.by, event.refs) == (world.curator, {"hint": fact})
    page = client.get(card).content.decode()
    assert "Пора проверить" not in page and "Подсказка проверена: многодетность" in page
    again = client.post(url, {"fact": fact})
    assert again.status_code == 422 and "уже нет" in again.content.decode()
    add_child(family, world.curator, born(2, 60))
    assert facts(family, world) == ["large"]


def test_only_those_who_work_with_the_family_check(world, family, client):
    open_case(world, family=family)
    client.force_login(world.colleague)
    assert client.get(reverse("families:hint-check", args=[family.pk])).status_code == 409
    with pytest.raises(Refused, match="уже нет"):
        hints.check(family, "large:gained:9:2026-01-01", by=world.curator, today=TODAY())


def test_the_desk_costs_the_same_for_one_family_and_for_ten(world, family):
    def cost(families):
        with CaptureQueriesContext(connection) as queries:
            found = hints.hints_of(families, world.centre.pk, TODAY(), with_health=True)
            hints.families_named(found)
        return len(queries), len(found)

    def another():
        family = make_family(world)
        child = family.memberships.get(relation="child").person
        mother = family.memberships.get(relation="mother")
        soon = TODAY() + 5 * DAY
        dates = {"since": TODAY() - 50 * DAY, "until": soon}
        HealthStatus.establish(child, family, by=world.curator, kind="ovz", detail="speech", **dates)
        mother.represent(by=world.curator, ground="guardianship", document_name="Акт", **dates)
        given = {"subject": child, "given_by": mother.person, "by": world.curator}
        family.consents.create(operator=world.centre, until=soon, given_on=TODAY() - DAY, **given)
        for years in (5, 18):
            add_child(family, world.curator, born(years, 5))
        add_child(family, world.curator, born(7, 60))
        return family.pk

    one = [another()]
    few = cost(one)
    many = cost(one + [another() for _turn in range(9)])
    assert few[1] == 5 and many == (few[0], 50)


def test_hints_stand_on_my_day_and_on_the_heads_page(world, family, client):
    open_case(world, family=family)
    add_child(family, world.curator, born(18, 3))
    for user, name in ((world.curator, "cases:my-day"), (world.head, "cases:service")):
        client.force_login(user)
        page = client.get(reverse(name)).content.decode()
        assert "Пора проверить" in page and "18 лет" in page, name
    client.force_login(world.colleague)
    assert "Пора проверить" not in client.get(reverse("cases:my-day")).content.decode()
