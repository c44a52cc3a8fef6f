"""Working days and month arithmetic, against the vectors of the specification."""

from datetime import date

import pytest

from sopr import calendar


def day(text):
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2025-10-30", "2025-11-05"),
        ("2026-05-06", "2026-05-12"),
        ("2026-12-30", "2027-01-13"),
        ("2027-02-18", "2027-02-24"),
    ],
)
def test_three_working_days_follow_the_production_calendar(start, due):
    assert calendar.add_working_days(day(start), 3) == day(due)
    assert calendar.working_days_between(day(start), day(due)) == 3


@pytest.mark.parametrize("saturday", ["2025-11-01", "2027-02-20"])
def test_a_weekend_worked_for_a_transferred_day_is_a_working_day(saturday):
    assert day(saturday).weekday() == 5
    assert calendar.is_working_day(day(saturday))


@pytest.mark.parametrize(
    "off",
    ["2026-01-01", "2026-01-09", "2026-03-09", "2026-05-11", "2026-12-31", "2026-11-22", "2027-02-22", "2025-11-03"],
)
def test_holidays_transferred_days_and_weekends_are_not_working_days(off):
    assert not calendar.is_working_day(day(off))


@pytest.mark.parametrize("year", [2021, 2024, 2025, 2026, 2027])
def test_a_published_year_has_the_working_days_of_its_production_calendar(year):
    # Norms of the published production calendars, five-day week.
    norm = {2021: 247, 2024: 248, 2025: 247, 2026: 247, 2027: 247}
    assert calendar.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == norm[year]


def test_reminders_count_working_days_back():
    assert calendar.add_working_days(day("2026-05-12"), -3) == day("2026-05-06")
    assert calendar.working_days_between(day("2026-05-12"), day("2026-05-06")) == -3
    assert calendar.add_working_days(day("2026-05-10"), 0) == day("2026-05-10")


def test_a_term_can_start_on_a_day_off():
    assert calendar.add_working_days(day("2026-01-01"), 1) == day("2026-01-12")


def test_a_year_without_published_transfers_is_provisional_and_still_moves_weekend_holidays():
    year = calendar.LAST_PUBLISHED_YEAR + 1
    assert calendar.is_provisional(year)
    assert not calendar.is_provisional(calendar.LAST_PUBLISHED_YEAR)
    assert not calendar.is_provisional(2016)
    # 4 November 2034 is a Saturday of a year that no decree has touched yet.
    assert calendar.is_provisional(2034)
    assert not calendar.is_working_day(date(2034, 11, 6))
    assert calendar.is_working_day(date(2034, 11, 7))


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-15", 3, "2026-04-15"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2027-11-30", 3, "2028-02-29"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2026-11-22", 12, "2027-11-22"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-12-31", 0, "2026-12-31"),
    ],
)
def test_months_keep_the_day_or_take_the_last_of_the_month(start, months, end):
    assert calendar.add_months(day(start), months) == day(end)


def test_the_due_date_itself_is_in_time_and_the_next_day_is_overdue():
    assert not calendar.is_overdue(day("2026-11-22"), day("2026-11-22"))
    assert calendar.is_overdue(day("2026-11-22"), day("2026-11-23"))
    assert not calendar.is_overdue(None, day("2026-11-23"))
