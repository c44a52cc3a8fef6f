"""A repeated activity: dates, attendance by date, the report that follows from it."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import Activity, ActivityAttendance, ActivitySession
from cases.models.activity_session import dates_of
from sopr.errors import Refused
from sopr.tests.casework import hold_council

DAY = datetime.timedelta(days=1)
TODAY = timezone.localdate


@pytest.fixture
def group(world, active):
    """A weekly activity of the clinic for the child, six times."""
    activity = Activity.objects.get(agency=world.clinic)
    activity.person = active.family.memberships.get(relation="child").person
    activity.repeats, activity.times, activity.due_on = "weekly", 4, TODAY() + 60 * DAY
    activity.save()
    return activity


def past(activity, *days_ago):
    """Sessions planned so many days ago."""
    return [ActivitySession.objects.create(activity=activity, planned_on=TODAY() - ago * DAY) for ago in days_ago]


def d(text):
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("repeats", "first", "expected"),
    [
        ("weekly", "2026-10-05", ["2026-10-05", "2026-10-12", "2026-10-19"]),
        ("twice_weekly", "2026-10-05", ["2026-10-05", "2026-10-08", "2026-10-12"]),
        ("fortnightly", "2026-10-05", ["2026-10-05", "2026-10-19", "2026-11-02"]),
        ("monthly", "2026-08-31", ["2026-08-31", "2026-09-30", "2026-11-02"]),  # 31.10.2026 is a Saturday
        ("weekly", "2026-10-28", ["2026-10-28", "2026-11-05", "2026-11-11"]),  # 4 November is a holiday
        ("weekly", "2026-10-03", ["2026-10-03", "2026-10-10", "2026-10-17"]),  # a Saturday class stays on Saturdays
    ],
)
def test_dates(repeats, first, expected):
    assert dates_of(repeats, 3, d(first)) == [d(day) for day in expected]


def test_accepting_sets_the_dates(world, group, enter):
    browser = enter(world.executor)
    assert browser.post("cases:activity-take", group.pk, first_on="").status_code == 422
    late = TODAY() + 50 * DAY
    answer = browser.post("cases:activity-take", group.pk, first_on=late.isoformat())
    assert answer.status_code == 422 and "Начните раньше" in answer.content.decode()
    group.refresh_from_db()
    assert group.state == "planned"
    first = TODAY() + DAY
    assert browser.post("cases:activity-take", group.pk, first_on=first.isoformat()).status_code == 302
    assert group.sessions.count() == 4
    assert group.sessions.first().planned_on == first
    assert "Занятия и явка" in browser.get("cases:activity-detail", group.pk).content.decode()


def test_attendance_is_marked_and_corrected(world, group, enter):
    group.take_on(by=world.executor)
    (session,) = past(group, 3)
    browser = enter(world.executor)
    field = f"person_{group.person_id}"
    assert "Илья\u00a0К." in browser.get("cases:activity-session-mark", session.pk).content.decode()
    assert browser.post("cases:activity-session-mark", session.pk).status_code == 422
    assert (
        browser.post("cases:activity-session-mark", session.pk, **{field: "came", "minutes": "45"}).status_code == 302
    )
    assert list(ActivityAttendance.objects.values_list("came", "minutes")) == [(True, 45)]
    assert enter(world.curator).post("cases:activity-session-mark", session.pk, **{field: "missed"}).status_code == 302
    assert list(ActivityAttendance.objects.values_list("came", "minutes")) == [(False, None)]
    page = enter(world.curator).get("cases:activity-detail", group.pk).content.decode()
    assert "проведено 1 из 4" in page and "явка 0" in page


def test_a_day_that_has_not_come_is_not_marked(world, group, enter):
    session = ActivitySession.objects.create(activity=group, planned_on=TODAY() + DAY)
    assert enter(world.executor).get("cases:activity-session-mark", session.pk).status_code == 409
    with pytest.raises(Refused, match="ещё не состоялось"):
        session.mark(by=world.executor, came=[group.person], missed=[])


def test_move_and_cancel(world, group, enter):
    one, two = past(group, 3, 10)
    browser = enter(world.executor)
    to = (TODAY() + 2 * DAY).isoformat()
    assert browser.post("cases:activity-session-move", one.pk, to=to).status_code == 302
    assert browser.post("cases:activity-session-move", two.pk, to=to).status_code == 422, "one session a day"
    assert browser.post("cases:activity-session-move", two.pk, to=(group.due_on + DAY).isoformat()).status_code == 422
    assert browser.post("cases:activity-session-cancel", two.pk, reason="").status_code == 422
    assert browser.post("cases:activity-session-cancel", two.pk, reason="Карантин").status_code == 302
    two.refresh_from_db()
    assert two.cancelled == "Карантин"
    with pytest.raises(Refused, match="ещё не отмечен"):
        two.cancel(by=world.executor, reason="Ещё раз")


def test_new_dates_keep_what_was_held(world, group):
    (held,) = past(group, 7)
    held.mark(by=world.executor, came=[group.person], missed=[])
    past(group, 1)
    group.plan_sessions(by=world.executor, first_on=TODAY() + DAY)
    assert group.sessions.count() == 4
    assert group.sessions.filter(held_on__isnull=False).get() == held


def test_the_report_is_built_from_the_attendance(world, group, enter):
    group.take_on(by=world.executor)
    browser = enter(world.executor)
    data = {"done": "yes", "done_on": TODAY().isoformat(), "result": "Всё"}
    none = browser.post("cases:activity-report", group.pk, **data)
    assert none.status_code == 422 and "Ни одно занятие" in none.content.decode()
    rows = past(group, 3, 10, 17)
    rows[0].mark(by=world.executor, came=[group.person], missed=[], minutes=45)
    rows[1].mark(by=world.executor, came=[], missed=[group.person])
    unmarked = browser.post("cases:activity-report", group.pk, **data)
    assert unmarked.status_code == 422 and "Сначала отметьте явку" in unmarked.content.decode()
    rows[2].cancel(by=world.executor, reason="Болезнь педагога")
    page = browser.get("cases:activity-report", group.pk).content.decode()
    assert "Проведено занятий: 2 из 4. Илья К.: присутствовал на 1, пропустил 1. Всего 45 минут. Отменено" in page
    assert browser.post("cases:activity-report", group.pk, **data).status_code == 302
    with pytest.raises(Refused, match="явка больше не записывается"):
        rows[0].mark(by=world.executor, came=[group.person], missed=[])


def test_sessions_and_the_repetition_go_on_in_a_later_revision(world, active, group):
    group.take_on(by=world.executor, first_on=TODAY())
    draft = active.programmes.get().amend(by=world.curator)
    copy = draft.activities().get(continues=group)
    assert (copy.repeats, copy.times, copy.sessions.count()) == ("weekly", 4, 0)
    hold_council(world, active, "programme")
    assert copy.sessions.count() == 4 and group.sessions.count() == 0


def test_for_a_family_everybody_covered_is_marked(world, active, group, enter):
    group.person = None
    group.save()
    (session,) = past(group, 1)
    page = enter(world.executor).get("cases:activity-session-mark", session.pk).content.decode()
    assert "Анна\u00a0К." in page and "Илья\u00a0К." in page and "Ковал" not in page


def test_strangers_mark_nothing(world, group, enter):
    (session,) = past(group, 1)
    for user in (world.other_executor, world.other_curator, world.colleague):
        assert enter(user).post("cases:activity-session-mark", session.pk).status_code == 404


def test_detail_queries_do_not_grow_with_sessions(world, group, enter, django_assert_num_queries):
    browser = enter(world.executor)
    past(group, 1)[0].mark(by=world.executor, came=[group.person], missed=[])
    browser.get("cases:activity-detail", group.pk)
    with CaptureQueriesContext(connection) as few:
        browser.get("cases:activity-detail", group.pk)
    for session in past(group, *range(3, 40)):
        session.mark(by=world.executor, came=[group.person], missed=[])
    with django_assert_num_queries(len(few)):
        browser.get("cases:activity-detail", group.pk)
