"""Statistics of councils over a period: a constant number of aggregated statements, whatever the number of councils.

What a region reports is counted here as there (reports/indicators): a meeting is held when its minutes are signed and
there was a quorum; questions and families are those decided at such meetings. A continuation on another day of a
meeting that had its quorum is the same meeting, and a vote by correspondence is none: they add questions only.
"""

import datetime
from dataclasses import dataclass, field

from django.db.models import Avg, Count, F, Q
from django.db.models.functions import TruncDate, TruncMonth
from django.utils import timezone

from councils.models import AgendaItem, Assignment, Attendance, Meeting
from councils.models.assignment import IN_TIME, judged
from councils.words import Question, Verdict
from sopr import profile
from sopr.calendar import add_months

DAY = datetime.timedelta(days=1)
MONTHS = [
    *("январь", "февраль", "март", "апрель", "май", "июнь"),
    *("июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"),
]
QUARTERS = ("I", "II", "III", "IV")
SIGNED = Q(state=Meeting.State.SIGNED)
COUNTED = Q(form=Meeting.Form.IN_PERSON) & (
    Q(continues=None) | Q(continues__state=Meeting.State.SIGNED, continues__had_quorum=False)
)
LENGTHS = {"month": 1, "quarter": 3, "year": 12}
OFFERED = {"month": 12, "quarter": 8, "year": 3}


@dataclass(frozen=True)
class Period:
    """A calendar month, quarter or year. `code` is what an address carries."""

    kind: str
    since: datetime.date

    @property
    def until(self) -> datetime.date:
        return add_months(self.since, LENGTHS[self.kind]) - DAY

    @property
    def code(self) -> str:
        return f"{self.kind}-{self.since:%Y-%m}"

    @property
    def title(self) -> str:
        if self.kind == "month":
            return f"{MONTHS[self.since.month - 1]} {self.since.year} года"
        if self.kind == "quarter":
            return f"{QUARTERS[self.since.month // 3]} квартал {self.since.year} года"
        return f"{self.since.year} год"

    def months(self) -> list[datetime.date]:
        """First days of its months."""
        return [add_months(self.since, number) for number in range(LENGTHS[self.kind])]


def periods(today) -> list[Period]:
    """What may be chosen: quarters first, then years and months, the latest first."""
    offered = []
    for kind in ("quarter", "year", "month"):
        length = LENGTHS[kind]
        first = today.replace(day=1, month=(today.month - 1) // length * length + 1)
        offered += [Period(kind, add_months(first, -length * number)) for number in range(OFFERED[kind])]
    return offered


def find_period(code, today) -> Period:
    """The period of this code; else the quarter that goes on."""
    offered = periods(today)
    return next((period for period in offered if period.code == code), offered[0])


@dataclass
class Statistics:
    period: Period
    meetings: int = 0
    without_quorum: int = 0
    cancelled: int = 0
    norm: int = 0  # for all months of the period that have begun; 0: the region has none
    by_month: list = field(default_factory=list)  # [(month, held)]
    items: int = 0
    families: int = 0
    average_days: float | None = None
    decisions: list = field(default_factory=list)  # [(title, granted, refused, returned, all)]
    attendance: list = field(default_factory=list)  # [{agency, expected, came, excused, share}]
    assignments: list = field(default_factory=list)  # [{title, due, judged, in_time, share}]

    @property
    def per_meeting(self) -> float | None:
        return round(self.items / self.meetings, 1) if self.meetings else None

    @property
    def norm_share(self) -> int | None:
        return round(100 * self.meetings / self.norm) if self.norm else None

    @property
    def assignments_total(self) -> dict:
        total = {key: sum(row[key] for row in self.assignments) for key in ("due", "judged", "in_time")}
        return total | {"share": _share(total["in_time"], total["judged"])}


def count(councils, period, today=None) -> Statistics:
    """The statistics of `councils` (a queryset) over `period`, both days included."""
    today = today or timezone.localdate()
    found = Statistics(period)
    ids = councils.order_by().values("pk")
    _meetings(found, ids, councils, today)
    _items(found, ids)
    _attendance(found, ids)
    _assignments(found, ids, today)
    return found


def norm_of(councils) -> int:
    """Meetings a month that all of `councils` (a queryset or a list) hold by the region's norm."""
    region = profile.current()
    return sum(region.meetings_norm(council.kind) for council in councils)


def _within(name, period):
    return Q(**{f"{name}__range": (period.since, period.until)})


def _meetings(found, ids, councils, today):
    rows = (
        Meeting.objects.filter(COUNTED, _within("held_on", found.period), council__in=ids)
        .order_by()
        .values(month=TruncMonth("held_on"))
        .annotate(
            held=Count("pk", filter=SIGNED & Q(had_quorum=True)),
            without=Count("pk", filter=SIGNED & Q(had_quorum=False)),
            cancelled=Count("pk", filter=Q(state=Meeting.State.CANCELLED)),
        )
    )
    by_month = {row["month"]: row for row in rows}
    found.meetings = sum(row["held"] for row in by_month.values())
    found.without_quorum = sum(row["without"] for row in by_month.values())
    found.cancelled = sum(row["cancelled"] for row in by_month.values())
    begun = [month for month in found.period.months() if month <= today]
    found.by_month = [(month, by_month[month]["held"] if month in by_month else 0) for month in begun]
    found.norm = norm_of(councils) * len(begun)


def _items(found, ids):
    held = AgendaItem.objects.filter(
        _within("meeting__held_on", found.period), state=AgendaItem.State.DECIDED, council__in=ids,
        meeting__state=Meeting.State.SIGNED, meeting__had_quorum=True,
    ).order_by()  # fmt: skip
    total = held.aggregate(
        items=Count("pk"),
        families=Count("case__family", distinct=True),
        waited=Avg(
            F("meeting__held_on") - TruncDate("proposed_at"),
            filter=Q(meeting__imported=False, by_system=False),  # what came from elsewhere was proposed nowhere
        ),
    )
    found.items, found.families = total["items"], total["families"]
    if total["waited"] is not None:
        found.average_days = round(total["waited"] / DAY, 1)
    kinds = held.values("question").annotate(
        all=Count("pk"),
        **{verdict.value: Count("pk", filter=Q(decision__verdict=verdict)) for verdict in Verdict},
    )
    by_kind = {row["question"]: row for row in kinds}
    found.decisions = [
        (question.label, *(by_kind[question][verdict] for verdict in Verdict.values), by_kind[question]["all"])
        for question in Question
        if question in by_kind
    ]


def _attendance(found, ids):
    rows = (
        Attendance.objects.filter(
            _within("meeting__held_on", found.period), meeting__council__in=ids, meeting__state=Meeting.State.SIGNED
        )
        .order_by()
        .values("membership__organisation", name=F("membership__organisation__name"),
                short=F("membership__organisation__short_name"))
        .annotate(
            expected=Count("pk"),
            came=Count("pk", filter=Q(state=Attendance.State.PRESENT)),
            excused=Count("pk", filter=Q(state=Attendance.State.EXCUSED)),
        )
        .order_by("membership__organisation__name", "membership__organisation")
    )  # fmt: skip
    found.attendance = [
        {"title": row["short"] or row["name"], "share": _share(row["came"], row["expected"])} | row for row in rows
    ]


def _assignments(found, ids, today):
    rows = (
        Assignment.objects.filter(_within("due_on", found.period), item__council__in=ids)
        .order_by()
        .values("executor", name=F("executor__name"), short=F("executor__short_name"))
        .annotate(
            due=Count("pk"), judged=Count("pk", filter=judged(today)), in_time=Count("pk", filter=IN_TIME)
        )
        .order_by("executor__name", "executor")
    )  # fmt: skip
    found.assignments = [
        {"title": row["short"] or row["name"], "share": _share(row["in_time"], row["judged"])} | row for row in rows
    ]


def _share(part, whole) -> int | None:
    return round(100 * part / whole) if whole else None
