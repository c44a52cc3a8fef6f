"""Working days and terms: every due date of the product is computed here.

Working days follow the Russian production calendar, transferred days and working weekends included, as kept by the
``holidays`` library. A year whose transfers the Government has not published yet is computed by article 112 of the
Labour Code (a holiday that falls on a weekend moves to the next working day) and is provisional: ``is_provisional``
lets a page say so. Upgrading ``holidays`` makes the year final.

Source of the rules: Civil Code, articles 191 and 192: counting starts the day after; a term in months ends on the same
day of the month, or on the month's last day where there is no such day.
"""

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

import holidays
from holidays.countries.russia import RussiaStaticHolidays

LAST_PUBLISHED_YEAR = max(RussiaStaticHolidays.special_public_holidays)
DAY = timedelta(days=1)
SATURDAY = 5
JANUARY = 1


def is_provisional(year):
    """Say whether the transfers of days off for ``year`` are not published yet, so its days may still change."""
    return year > LAST_PUBLISHED_YEAR


def is_working_day(day):
    """Say whether ``day`` is a working day of a five-day week by the production calendar."""
    days_off, working_weekends = _year(day.year)
    if day in working_weekends:
        return True
    return day.weekday() < SATURDAY and day not in days_off


def add_working_days(day, count):
    """Return the date ``count`` working days after ``day``; counting starts the day after.

    ``day`` itself may be a day off. A negative ``count`` goes back (for reminders); zero gives ``day`` unchanged.
    """
    step = DAY if count > 0 else -DAY
    left = abs(count)
    while left:
        day += step
        if is_working_day(day):
            left -= 1
    return day


def working_days_between(start, end):
    """Count the working days after ``start`` up to and including ``end``; negative when ``end`` is before ``start``.

    The inverse of ``add_working_days``: ``working_days_between(day, add_working_days(day, n)) == n``.
    """
    if end < start:
        return -working_days_between(end, start)
    return sum(is_working_day(start + DAY * n) for n in range(1, (end - start).days + 1))


def add_months(day, count):
    """Return the same day of the month ``count`` months later (or earlier), else the month's last day."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + count, 12)
    month = month0 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def is_overdue(due_on, today):
    """Say whether what was due on ``due_on`` is overdue ``today``: the due date itself is still in time.

    The one decision for the whole product; ``Obligation.objects.overdue`` is the same rule in SQL.
    """
    return due_on is not None and today > due_on


@lru_cache(maxsize=64)
def _year(year):
    """Days off and working weekends of one year, as two frozen sets of dates."""
    table = holidays.country_holidays("RU", years=year)
    days_off = {day for day in table if day.year == year}
    if is_provisional(year):
        days_off |= _moved_by_law(days_off)
    return frozenset(days_off), frozenset(table.weekend_workdays)


def _moved_by_law(days_off):
    """Days that holidays on a weekend move to when no decree says otherwise (Labour Code, article 112, part 2).

    January's holidays are left out: by the same article only a decree moves them.
    """
    moved = set()
    for holiday in sorted(days_off):
        if holiday.weekday() < SATURDAY or holiday.month == JANUARY:
            continue
        day = holiday
        while day.weekday() >= SATURDAY or day in days_off or day in moved:
            day += DAY
        moved.add(day)
    return moved
