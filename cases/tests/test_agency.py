"""The register of agencies: load and share done in time, for a head of his cases, for the ministry of the region."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases import agencies
from cases.models import Activity
from conftest import make_organisation
from sopr.tests.casework import activate, add_pack, make_family, open_case

DAY = datetime.timedelta(days=1)
TODAY = timezone.localdate


def add(template, **fields):
    """One more activity like `template`."""
    values = {"title": "Ещё", "case": template.case, "goal": template.goal, "kind": "social", "agency": template.agency}
    return Activity.objects.create(**values | {"due_on": TODAY()} | fields)


@pytest.fixture
def clinic(world, active):
    """The clinic's year: two in time, one late, one failed, one the family refused, one overdue, one declined."""
    one = Activity.objects.get(agency=world.clinic)
    Activity.objects.filter(pk=one.pk).update(due_on=TODAY(), state="accepted")
    add(one, state="done", done_on=TODAY())
    add(one, state="done", done_on=TODAY() - DAY)
    add(one, state="done", done_on=TODAY(), due_on=TODAY() - DAY)
    add(one, state="not_done", not_done_reason="agency_failed")
    add(one, state="not_done", not_done_reason="family_refused")
    add(one, state="planned", due_on=TODAY() - DAY)
    add(one, state="handed_on", decline_reason="term", declined_on=TODAY())
    add(one, state="replaced")
    return one


def row_of(agency, organisation=None):
    since, until = TODAY() - 30 * DAY, TODAY() + 30 * DAY
    return agencies.with_load(since, until, organisation and organisation.pk).get(pk=agency.pk)


def test_what_is_counted(world, clinic):
    row = row_of(world.clinic, world.centre)
    assert (row.load, row.unanswered, row.overdue) == (2, 1, 1)
    assert (row.planned, row.in_time, row.late, row.failed, row.family, row.declined) == (7, 2, 1, 1, 1, 1)
    assert (row.base, row.share) == (5, 40.0)


def test_drafts_and_own_work_are_left_out(world, clinic):
    Activity.objects.filter(agency=world.school).update(agency=world.centre)
    listed = agencies.with_load(TODAY() - DAY, TODAY() + DAY)
    assert set(listed) == {world.clinic}
    before = row_of(world.clinic).load
    add_pack(world, open_case(world, family=make_family(world, surname="Ждущие")))
    assert Activity.objects.filter(agency=world.clinic, goal__revision__state="draft").exists()
    assert row_of(world.clinic).load == before


def test_a_head_counts_his_cases_the_ministry_all(world, clinic, enter):
    other = activate(world, open_case(world, by=world.other_curator))
    assert other.organisation == world.other_centre
    head = enter(world.head).get("cases:agency-list").content.decode()
    assert "Детская поликлиника № 1" in head and "По случаям Вашей организации" in head
    assert row_of(world.clinic, world.centre).load == 2
    assert row_of(world.clinic).load == 3
    ministry = enter(world.minister).get("cases:agency-list").content.decode()
    assert "По всем случаям региона" in ministry
    assert "Ковал" not in ministry and "Помощь:" not in ministry, "aggregates only"
    assert enter(world.curator).get("cases:agency-list").status_code == 403


def test_sort_period_and_excel(world, clinic, enter):
    browser = enter(world.head)
    for sort in ("share", "-share", "-load", "overdue", "name"):
        assert browser.get("cases:agency-list", sort=sort).status_code == 200
    assert "40\u202f% (2 из 5)" in browser.get("cases:agency-list", period="year").content.decode().replace(
        "&nbsp;", " "
    )
    assert browser.get("cases:agency-list", period="last_year").status_code == 200
    answer = browser.get("cases:agency-list", **{"as": "xlsx"})
    assert answer.status_code == 200 and "agencies" in answer["Content-Disposition"]


def test_queries_do_not_grow_with_agencies(world, clinic, enter, django_assert_num_queries):
    browser = enter(world.head)
    browser.get("cases:agency-list")
    with CaptureQueriesContext(connection) as few:
        browser.get("cases:agency-list")
    for number in range(30):
        add(clinic, agency=make_organisation(f"X{number}", f"Организация {number}", municipality=world.north))
    with django_assert_num_queries(len(few)):
        browser.get("cases:agency-list")


def test_a_list_stands_behind_each_number(world, clinic, enter):
    since, until = TODAY() - 30 * DAY, TODAY() + 30 * DAY
    for organisation in (None, world.centre):
        row = row_of(world.clinic, organisation)
        for figure in agencies.FIGURES:
            rows = agencies.behind(figure, world.clinic, since, until, organisation and organisation.pk)
            assert rows.count() == getattr(row, figure), figure
    head = enter(world.head)
    register = head.get("cases:agency-list", period="year").content.decode()
    where = reverse("cases:agency-activities", args=[world.clinic.pk, "failed"])
    assert f"{where}?period=year" in register
    page = head.get("cases:agency-activities", world.clinic.pk, "failed").content.decode()
    failed = Activity.objects.get(not_done_reason="agency_failed")
    assert failed.get_absolute_url() in page and "ведомство не смогло" in page and "Ковалёвы" in page
    assert head.get("cases:agency-activities", world.clinic.pk, "nothing").status_code == 404
    assert head.get("cases:agency-activities", 987654321, "load").status_code == 404


def test_the_ministry_reads_no_family_and_a_head_no_case_of_another(world, clinic, enter):
    other = activate(world, open_case(world, by=world.other_curator))
    foreign = Activity.objects.get(case=other, agency=world.clinic)
    ministry = enter(world.minister).get("cases:agency-activities", world.clinic.pk, "load").content.decode()
    assert str(world.centre) in ministry and str(world.other_centre) in ministry
    assert "Ковал" not in ministry and clinic.title not in ministry and clinic.get_absolute_url() not in ministry
    assert clinic.case.number not in ministry
    head = enter(world.head).get("cases:agency-activities", world.clinic.pk, "load").content.decode()
    assert clinic.get_absolute_url() in head and foreign.get_absolute_url() not in head
    assert enter(world.curator).get("cases:agency-activities", world.clinic.pk, "load").status_code == 403
    Activity.objects.filter(case=other).update(agency=world.school)
    stranger = enter(world.other_head)
    assert stranger.get("cases:agency-activities", world.clinic.pk, "load").status_code == 404
    assert stranger.post("cases:agency-activities", world.clinic.pk, "load").status_code == 404
