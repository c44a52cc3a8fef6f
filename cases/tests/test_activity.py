"""The executor sees the least, reports; the curator accepts or returns."""

import datetime
import itertools

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases import terms
from cases.models import Activity
from sopr.obligations.models import Obligation
from sopr.tests.casework import activate, add_pack

TODAY = timezone.localdate


@pytest.fixture
def active(world):
    """A case accepted by the council, whose plan says what an executor must not read: an approved one never changes."""
    return activate(world, problem="КАНАРЕЙКА-ТРУДНОСТЬ", text="КАНАРЕЙКА-ЦЕЛЬ")


@pytest.fixture
def activity(world, active):
    """The clinic's activity for the child, in a family full of things the clinic must not read."""
    family = active.family
    family.circumstances = "КАНАРЕЙКА-РИСКИ"
    family.address = "КАНАРЕЙКА-АДРЕС"
    family.surname = "КАНАРЕЙКА-ФАМИЛИЯ"
    family.phone = "8 900 КАНАРЕЙКА"
    family.save()
    child = family.memberships.get(relation="child").person
    child.health = "КАНАРЕЙКА-ЗДОРОВЬЕ"
    child.occupation = "КАНАРЕЙКА-ШКОЛА"
    child.save()
    Activity.objects.filter(agency=world.school).update(title="КАНАРЕЙКА-ЧУЖОЕ")
    activity = Activity.objects.get(agency=world.clinic)
    active.assessments.update(reasons="КАНАРЕЙКА-ПРИЧИНЫ")
    activity.person = child
    activity.save()
    return activity


REPORT = {"done": "yes", "done_on": timezone.localdate().isoformat(), "result": "Проведено 11 занятий"}


def test_executor_sees_the_least_data(world, active, activity, enter):
    browser = enter(world.executor)
    world.curator.phone = "8 800 555"
    world.curator.save()
    for answer in (browser.get("cases:activity-list"), browser.get("cases:activity-report", activity.pk)):
        text = answer.content.decode()
        assert answer.status_code == 200
        assert "КАНАРЕЙКА" not in text
        assert activity.person.last_name not in text
        assert active.number not in text
        assert active.get_primary_category_display() not in text
        assert activity.title in text
        assert "Илья\u00a0К." in text
        assert "Куратова" in text and "8 800 555" in text


def test_only_own_agencys_activities(world, activity, enter):
    other = Activity.objects.get(agency=world.school)
    assert enter(world.executor).get("cases:activity-report", other.pk).status_code == 404
    assert enter(world.other_executor).get("cases:activity-report", activity.pk).status_code == 404
    assert enter(world.curator).get("cases:activity-report", activity.pk).status_code == 403
    assert enter(world.curator).get("cases:activity-list").status_code == 403


def test_drafts_are_not_shown_to_the_executor(world, case, enter):
    add_pack(world, case)
    draft = Activity.objects.get(agency=world.clinic)
    browser = enter(world.executor)
    assert draft.title not in browser.get("cases:activity-list").content.decode()
    assert browser.get("cases:activity-report", draft.pk).status_code == 404


def test_report_accept(world, activity, enter):
    assert enter(world.executor).post("cases:activity-report", activity.pk, **REPORT).status_code == 302
    assert enter(world.executor).get("cases:activity-report", activity.pk).status_code == 409
    browser = enter(world.curator)
    assert "Проведено 11 занятий" in browser.get("cases:activity-accept", activity.pk).content.decode()
    assert browser.post("cases:activity-accept", activity.pk).status_code == 302
    activity.refresh_from_db()
    assert (activity.state, activity.done_on) == ("done", TODAY())
    assert browser.get("cases:activity-accept", activity.pk).status_code == 409


def test_report_returned_with_a_remark_the_executor_reads(world, activity, enter):
    enter(world.executor).post("cases:activity-report", activity.pk, **REPORT)
    browser = enter(world.curator)
    assert browser.post("cases:activity-return", activity.pk, remark="").status_code == 422
    assert browser.post("cases:activity-return", activity.pk, remark="Сколько занятий?").status_code == 302
    assert "Сколько занятий?" in enter(world.executor).get("cases:activity-list").content.decode()
    assert "Сколько занятий?" in enter(world.executor).get("cases:activity-report", activity.pk).content.decode()


@pytest.mark.parametrize(
    "fields",
    [
        REPORT | {"done_on": ""},
        REPORT | {"done_on": (timezone.localdate() + datetime.timedelta(days=1)).isoformat()},
        REPORT | {"result": ""},
        {"done": "no", "result": "Не пришли", "not_done_reason": ""},
    ],
)
def test_incomplete_reports_are_refused(world, activity, enter, fields):
    assert enter(world.executor).post("cases:activity-report", activity.pk, **fields).status_code == 422
    activity.refresh_from_db()
    assert activity.state == "planned"


def test_not_done_with_a_reason(world, activity, enter):
    enter(world.executor).post(
        "cases:activity-report", activity.pk, done="no", not_done_reason="family_refused", result="Отказались"
    )
    activity.refresh_from_db()
    assert (activity.state, activity.not_done_reason, activity.done_on) == ("not_done", "family_refused", None)


def test_curator_records_what_an_agency_told_him(world, activity, enter):
    browser = enter(world.curator)
    assert browser.post("cases:activity-record", activity.pk, **REPORT).status_code == 422
    told = {"told_by": "Медсестра Ильина", "told_on": TODAY().isoformat(), "told_paper": "исх. № 14 от 03.02.2026"}
    assert browser.post("cases:activity-record", activity.pk, **REPORT, **told).status_code == 302
    activity.refresh_from_db()
    assert (activity.state, activity.reported_by) == ("done", world.curator)
    assert (activity.told_by, activity.told_on) == ("Медсестра Ильина", TODAY())
    assert browser.get("cases:activity-record", activity.pk).status_code == 409
    assert enter(world.colleague).get("cases:activity-accept", activity.pk).status_code == 404
    assert enter(world.executor).get("cases:activity-accept", activity.pk).status_code == 403


def test_nothing_is_reported_after_the_case_is_closed(world, active, activity, enter):
    active.close_at_familys_wish(by=world.curator, day=TODAY(), outcome="unchanged")
    answer = enter(world.executor).post("cases:activity-report", activity.pk, **REPORT)
    assert answer.status_code in (409, 422)
    activity.refresh_from_db()
    assert activity.state == "planned"


def test_executors_queries_are_constant(
    world, active, activity, enter, django_assert_num_queries, django_assert_max_num_queries
):
    from cases.tests.test_case_detail import grow

    browser = enter(world.executor)
    grow(world, active, 4)
    browser.get("cases:activity-list")
    with django_assert_max_num_queries(25) as few:
        browser.get("cases:activity-list")
    Activity.objects.bulk_create(
        Activity(
            case=active, goal=active.activities.first().goal, person=active.members.first().person, kind="social",
            title=f"Занятия {index}", agency=world.clinic, due_on=TODAY(), repeats="weekly", times=4,
        )
        for index in range(495)
    )  # fmt: skip
    with django_assert_num_queries(len(few)):
        browser.get("cases:activity-list")


def test_own_organisations_activity_is_due_from_the_curator(world, active, enter):
    own = Activity.objects.get(agency=world.clinic)
    own.agency = world.centre
    own.save()
    terms.follow_activity(own)
    yesterday = TODAY() - datetime.timedelta(days=1)
    Obligation.objects.about(own).open().update(due_on=yesterday, remind_on=yesterday)
    record = reverse("cases:activity-record", args=[own.pk])
    for page, user in (("cases:my-day", world.curator), ("cases:service", world.head)):
        text = enter(user).get(page).content.decode()
        assert record in text and own.title in text
    assert enter(world.head).get("cases:activity-record", own.pk).status_code == 200
    assert enter(world.curator).post("cases:activity-record", own.pk, **REPORT).status_code == 302
    assert not Obligation.objects.about(own).open().exists()


def test_list_leads_to_the_report_by_a_button(world, activity, enter):
    browser = enter(world.executor)
    assert "Ответить</a>" in browser.get("cases:activity-list").content.decode()
    browser.post("cases:activity-take", activity.pk)
    assert "Отчитаться</a>" in browser.get("cases:activity-list").content.decode()
    browser.post("cases:activity-report", activity.pk, **REPORT)
    assert "Отчитаться</a>" not in browser.get("cases:activity-list").content.decode()


@pytest.mark.parametrize("page", ["programme", ""])
def test_case_card_queries_are_constant_with_500_activities(world, active, enter, django_assert_num_queries, page):
    browser = enter(world.curator)
    first = active.activities.first()

    def add(number):
        states = itertools.cycle(["planned", "accepted", "reported"])
        Activity.objects.bulk_create(
            Activity(
                case=active, goal=first.goal, person=active.members.first().person, kind="social", title=f"Дело {n}",
                agency=world.clinic, due_on=TODAY(), state=next(states), repeats="weekly", times=4,
            )
            for n in range(number)
        )  # fmt: skip

    add(5)
    browser.get("cases:case-detail", active.pk, tab=page)
    with CaptureQueriesContext(connection) as few:
        browser.get("cases:case-detail", active.pk, tab=page)
    add(495)
    with django_assert_num_queries(len(few)):
        text = browser.get("cases:case-detail", active.pk, tab=page).content.decode()
    if page:
        assert text.count("Дело ") == 500
