"""Расписание заседаний: the days of a repeated meeting, and a month as a page shows it. Nothing is written here."""

import calendar
import datetime
from dataclasses import dataclass, field

from sopr.calendar import DAY, add_months, is_working_day

MOST = 60  # meetings of one series: five a month for a year
LAST = -1
WEEKDAYS = ["понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"]


@dataclass
class SeriesDay:
    """A day of the series as the rule gives it, and the working day proposed in its place when it is a day off."""

    by_rule: datetime.date
    held_on: datetime.date
    taken: bool = False  # the council meets then already
    warnings: list = field(default_factory=list)

    @property
    def is_moved(self) -> bool:
        return self.by_rule != self.held_on


def by_month(since, until, weekday: int, weeks) -> list[datetime.date]:
    """«Каждый второй и четвёртый четверг»: `weeks` are 1 to 4, or LAST; from `since` to `until` inclusive."""
    days, month = set(), since.replace(day=1)
    while month <= until:
        same = [month + DAY * n for n in range(calendar.monthrange(month.year, month.month)[1])]
        same = [day for day in same if day.weekday() == weekday]
        days.update(same[-1] if week == LAST else same[week - 1] for week in weeks)
        month = add_months(month, 1)
    return sorted(day for day in days if since <= day <= until)


def by_weeks(since, until, weekday: int, step: int) -> list[datetime.date]:
    """Every `step` weeks on `weekday`, the first one not before `since`."""
    day = since + DAY * ((weekday - since.weekday()) % 7)
    days = []
    while day <= until:
        days.append(day)
        day += DAY * 7 * step
    return days


def propose(days) -> list[SeriesDay]:
    """Days off are passed over: the next working day is proposed."""
    taken, lines = set(), []
    for day in days[:MOST]:
        held_on = day
        while not is_working_day(held_on):
            held_on += DAY
        if held_on in taken:
            continue
        taken.add(held_on)
        lines.append(SeriesDay(day, held_on))
    return lines


@dataclass
class CalendarDay:
    day: datetime.date
    inside: bool  # of the month shown, not of its neighbours
    is_off: bool
    is_today: bool
    meetings: list = field(default_factory=list)


def month_grid(first, meetings, today) -> list[list[CalendarDay]]:
    """The weeks of the month that begins on `first`, each of seven days, with their meetings in order of time."""
    by_day = {}
    for meeting in meetings:
        by_day.setdefault(meeting.held_on, []).append(meeting)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    return [
        [
            CalendarDay(day, day.month == first.month, not is_working_day(day), day == today, by_day.get(day, []))
            for day in week
        ]
        for week in weeks
    ]


def grid_bounds(first) -> tuple:
    """First and last day that the grid of this month shows."""
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    return weeks[0][0], weeks[-1][-1]
