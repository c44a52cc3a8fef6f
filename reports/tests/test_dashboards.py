"""Dashboards keep the engine's figures by quarter: right after any change, and no count while nothing changes."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import Case
from families.categories import Category
from reports import dashboards, engine, periods, tasks
from reports.dashboards import MEASURES
from reports.indicators.measures import MEASURES as ALL
from reports.models import QuarterFigures
from reports.tests.generated import a_case, make_families, many_cases, save_cases

QUARTER = periods.parse("2020Q2")


@pytest.fixture
def region(world):
    many_cases(150, [world.centre, world.other_centre])
    return world


def counts(work) -> int:
    """How many statements that count casework `work` runs."""
    with CaptureQueriesContext(connection) as caught:
        work()
    return sum("subjects AS" in query["sql"] for query in caught)


def test_an_unchanged_quarter_costs_no_count_and_a_changed_one_is_right(region):
    def right():
        fresh = engine.count(MEASURES, dashboards.columns_of(QUARTER))
        return dashboards.figures_of(QUARTER)[0].counts == fresh.counts

    assert counts(lambda: dashboards.figures_of(QUARTER)) == len({each.source for each in MEASURES})
    assert counts(lambda: dashboards.figures_of(QUARTER)) == 0
    assert right()
    inside = Case.objects.filter(accepted_on__range=(QUARTER.since, QUARTER.until), closed_on__isnull=False).first()
    changes = [
        {"outcome": "improved" if inside.outcome == "overcame" else "overcame"},
        {"organisation": region.other_centre if inside.organisation == region.centre else region.centre},
        {"primary_category": next(each for each in Category.values if each != inside.primary_category)},
        {"accepted_on": inside.accepted_on - datetime.timedelta(days=200)},
        {"family": make_families(1)[0]},
    ]
    for change in changes:
        Case.objects.filter(pk=inside.pk).update(**change)
        assert counts(lambda: dashboards.figures_of(QUARTER)), change
        assert right()
    Case.objects.filter(pk=inside.pk).delete()
    assert counts(lambda: dashboards.figures_of(QUARTER))
    assert right()


def test_what_happens_in_a_later_quarter_leaves_an_earlier_one_kept(region):
    dashboards.figures_of(QUARTER)
    save_cases([a_case(make_families(1)[0], region.centre, QUARTER.until + datetime.timedelta(days=30))])
    assert counts(lambda: dashboards.figures_of(QUARTER)) == 0
    assert counts(lambda: dashboards.figures_of(QUARTER.following())) > 0


def test_every_source_has_a_stamp(region):
    """Of any measure, present or to come: its statement runs on this database and says the same twice."""
    columns = dashboards.columns_of(QUARTER)
    first = engine.stamp(ALL.values(), columns)
    assert first == engine.stamp(ALL.values(), columns) != engine.stamp(MEASURES, columns)


def test_both_dashboards_show_the_engine_s_figures(region, client):
    running = periods.containing(timezone.localdate(), "quarter")
    save_cases([a_case(family, region.centre, running.since) for family in make_families(7)])
    expected = engine.count(MEASURES, dashboards.columns_of(running))
    client.force_login(region.minister)
    page = client.get(reverse("reports:region"), {"quarter": running.text})
    assert page.context["total"]["accepted"] == expected.count(engine.REGION, f"trend:{running.text}", ALL["accepted"])
    assert [row["accepted"] for row in page.context["course"]][-1] == 7
    assert len(page.context["course"]) == dashboards.QUARTERS
    client.force_login(region.head)
    QuarterFigures.objects.all().delete()
    assert "Показатели квартала считаются" in client.get(reverse("cases:service")).content.decode()
    tasks.refresh_figures()
    own = client.get(reverse("cases:service"))
    text = own.content.decode()
    assert "Служба по кварталам" in text
    assert "Приняты за квартал: <b>7</b>" in text
    Case.objects.filter(organisation=region.centre, accepted_on=running.since).first().delete()
    assert counts(lambda: client.get(reverse("cases:service"))) == 0
    tasks.refresh_figures()
    assert "Приняты за квартал: <b>6</b>" in client.get(reverse("cases:service")).content.decode()
