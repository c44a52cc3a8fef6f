"""What pages and papers read about attendance: the grid of a month, shares, loads of groups and services.

Attendance share = marks «был» ÷ all marks (был, не был, уважительная причина), percent, half up [choice]: a session
that nobody has marked counts neither way, so n stands beside.
"""

import datetime
from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from cases import acts
from cases.activity_words import name_for_agency
from cases.models import AttendanceMark, Case, Enrolment, GroupSession, IndividualRoute, ServiceGroup
from cases.models.session import month_of
from sopr.calendar import add_months

State = AttendanceMark.State
SIGNS = {State.PRESENT: "+", State.ABSENT: "–", State.EXCUSED: "у"}


@dataclass
class Line:
    """One row of the grid: the mark of each session («», «+», «–», «у», None where he was not in the group)."""

    enrolment: Enrolment
    states: list[str | None]

    @property
    def signs(self):
        return [None if state is None else SIGNS.get(state, "") for state in self.states]

    @property
    def present(self) -> int:
        return sum(state == State.PRESENT for state in self.states)

    @property
    def marked(self) -> int:
        return sum(bool(state) for state in self.states)

    @property
    def excused(self) -> int:
        return sum(state == State.EXCUSED for state in self.states)

    @property
    def absent(self) -> int:
        return sum(state == State.ABSENT for state in self.states)

    @property
    def share(self) -> int | None:
        return share_of(self.present, self.marked)


@dataclass
class MonthGrid:
    """People × dates of one group in one month."""

    group: ServiceGroup
    month: datetime.date
    sessions: list[GroupSession]
    lines: list[Line] = field(default_factory=list)

    @property
    def present(self) -> list[int]:
        """How many were there, date by date."""
        return [sum(line.states[index] == State.PRESENT for line in self.lines) for index in range(len(self.sessions))]

    @property
    def visits(self) -> int:
        return sum(line.present for line in self.lines)

    @property
    def marked(self) -> int:
        return sum(line.marked for line in self.lines)

    @property
    def share(self) -> int | None:
        return share_of(self.visits, self.marked)


def share_of(present: int, marked: int) -> int | None:
    """Percent, half up; None where nothing is marked."""
    return (200 * present + marked) // (2 * marked) if marked else None


def read_month(group, month) -> MonthGrid:
    """The grid of `group` for the month of the day `month`, in three statements: sessions, people, marks."""
    first, last = month_of(month)
    sessions = list(group.sessions.of_month(month).held())
    grid = MonthGrid(group, first, sessions)
    marks = {
        (mark.enrolment_id, mark.session_id): mark.state
        for mark in AttendanceMark.objects.filter(session__in=[session.pk for session in sessions])
    }
    for enrolment in group.enrolments.during(first, last).named():
        states = [
            marks.get((enrolment.pk, session.pk), "") if enrolment.covers(session.held_on) else None
            for session in sessions
        ]
        grid.lines.append(Line(enrolment, states))
    return grid


def names_for_agency(enrolments) -> dict[int, str]:
    """{enrolment id: the least by which an agency tells people of its group apart}.

    «Илья К.» as everywhere for an agency (domain.md §5); with the patronymic, or the number of the family, where two of
    the group read alike.
    """
    brief = {row.pk: _brief(row) for row in enrolments}
    alike = {name for name, times in Counter(brief.values()).items() if times > 1}
    return {row.pk: _longer(row) if brief[row.pk] in alike else brief[row.pk] for row in enrolments}


def _brief(enrolment) -> str:
    return name_for_agency(enrolment.person) if enrolment.person else f"семья {enrolment.family.surname[:1]}."


def _longer(enrolment) -> str:
    person = enrolment.person
    if person is None:
        return f"{_brief(enrolment)}, № {enrolment.family.number}"
    return " ".join(filter(None, [person.first_name, person.patronymic, f"{person.last_name[:1]}."]))


def with_dates(groups, today):
    """Annotate `next_on` (nearest date ahead, today among them), `unmarked` (how many past dates nobody has marked)
    and `first_unmarked` (the oldest of them), for the list of a leader."""
    held = GroupSession.objects.filter(group=OuterRef("pk")).held()
    ahead = held.filter(held_on__gte=today).order_by("held_on", "starts_at")
    unmarked = held.filter(held_on__lte=today, marks__isnull=True).order_by("held_on", "starts_at")
    number = unmarked.order_by().values("group").annotate(n=Count("pk")).values("n")
    return groups.annotate(
        next_on=Subquery(ahead.values("held_on")[:1]),
        unmarked=Coalesce(Subquery(number), 0),
        first_unmarked=Subquery(unmarked.values("pk")[:1]),
    )


@dataclass
class Load:
    """How full a group (or all groups of a service) is, and how it was attended in the months asked for."""

    groups: int = 0
    places: int | None = 0  # None as soon as one group has no limit
    enrolled: int = 0
    waiting: int = 0
    present: int = 0
    marked: int = 0

    @property
    def taken(self) -> str:
        """«12 из 15», «12» without a limit, nothing where there is no group."""
        if not self.groups:
            return ""
        return f"{self.enrolled} из {self.places}" if self.places is not None else str(self.enrolled)

    @property
    def left(self) -> int | None:
        return None if self.places is None else max(self.places - self.enrolled, 0)

    @property
    def share(self) -> int | None:
        return share_of(self.present, self.marked)

    def add(self, other):
        self.groups += other.groups
        self.places = None if self.places is None or other.places is None else self.places + other.places
        for name in ("enrolled", "waiting", "present", "marked"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def loads_of(groups, since, until) -> dict[int, Load]:
    """{group id: its load today and attendance from `since` to `until`} in two statements for all of them."""
    loads = {group.pk: Load(groups=1, places=group.places) for group in groups}
    counted = Enrolment.objects.filter(group__in=loads, until=None).order_by().values_list("group", "state")
    for group, state, number in counted.annotate(n=Count("pk")):
        setattr(loads[group], "enrolled" if state == Enrolment.State.ENROLLED else "waiting", number)
    marks = AttendanceMark.objects.filter(session__group__in=loads, session__held_on__range=(since, until))
    marks = marks.order_by().values_list("session__group")
    for group, present, marked in marks.annotate(
        present=Count("pk", filter=Q(state=State.PRESENT)), marked=Count("pk")
    ):
        loads[group].present, loads[group].marked = present, marked
    return loads


def loads_of_services(services, since, until) -> dict[int, Load]:
    """{service id: the sum of its groups that go on on `until`, attendance of all its groups}."""
    groups = list(ServiceGroup.objects.filter(service__in=[service.pk for service in services]))
    loads = {service.pk: Load() for service in services}
    for pk, load in loads_of(groups, since, until).items():
        group = next(group for group in groups if group.pk == pk)
        if group.until is not None and group.until < until:  # closed: only its attendance counts
            load = Load(places=0, present=load.present, marked=load.marked)
        loads[group.service_id].add(load)
    return loads


@dataclass(frozen=True)
class ServiceMonth:
    """Attendance of one service in one month: sessions held, visits, distinct people, share."""

    month: datetime.date
    sessions: int
    visits: int
    people: int
    marked: int
    outsiders: int

    @property
    def share(self) -> int | None:
        return share_of(self.visits, self.marked)


def months_of_service(service, today, count=12) -> list[ServiceMonth]:
    """The last `count` months of a service, oldest first, in two statements (1.1.3, section 7: monthly monitoring)."""
    first = add_months(today.replace(day=1), 1 - count)
    sessions = GroupSession.objects.filter(group__service=service, held_on__gte=first, held_on__lte=today).held()
    marks = AttendanceMark.objects.filter(session__in=sessions.order_by())
    seen = {}
    for held_on, outsiders in sessions.values_list("held_on", "outsiders"):
        month = seen.setdefault(held_on.replace(day=1), {"sessions": 0, "outsiders": 0})
        month["sessions"] += 1
        month["outsiders"] += outsiders or 0
    for held_on, state, person, family in marks.values_list(
        "session__held_on", "state", "enrolment__person", "enrolment__family"
    ):
        month = seen[held_on.replace(day=1)]
        month["marked"] = month.get("marked", 0) + 1
        if state == State.PRESENT:
            month["visits"] = month.get("visits", 0) + 1
            month.setdefault("people", set()).add(("person", person) if person else ("family", family))
    months = []
    for number in range(count):
        month = add_months(first, number)
        found = seen.get(month, {})
        months.append(
            ServiceMonth(
                month,
                found.get("sessions", 0),
                found.get("visits", 0),
                len(found.get("people", ())),
                found.get("marked", 0),
                found.get("outsiders", 0),
            )
        )
    return months


def attendance_of(enrolments) -> dict[int, tuple[int, int]]:
    """{enrolment id: (present, marked)} over all time, in one statement."""
    marks = AttendanceMark.objects.filter(enrolment__in=[row.pk for row in enrolments]).order_by()
    counted = marks.values_list("enrolment").annotate(
        present=Count("pk", filter=Q(state=State.PRESENT)), marked=Count("pk")
    )
    return {enrolment: (present, marked) for enrolment, present, marked in counted}


def percent(value) -> str:
    """«86 %», or nothing where no session is marked."""
    return "" if value is None else f"{value}\u202f%"


def with_attendance(enrolments) -> list[Enrolment]:
    """The same rows, each with `present`, `marked` and `share` («86 %») of all its sessions."""
    rows = list(enrolments)
    seen = attendance_of(rows)
    for row in rows:
        row.present, row.marked = seen.get(row.pk, (0, 0))
        row.share = percent(share_of(row.present, row.marked))
    return rows


def places_before(case) -> list[Enrolment]:
    """Where people of the case went in the organisation that handed it over, while no group here has them."""
    if case.transferred_from_id is None:
        return []
    here = Enrolment.objects.filter(family=case.family_id, group__service__organisation=case.organisation_id)
    left = Enrolment.objects.filter(case=case.transferred_from_id, left_reason=Enrolment.LeftReason.TRANSFERRED)
    left = left.select_related("person", "family", "group__service").order_by("-asked_on", "-pk")
    enrolled_here = set(here.values_list("person", flat=True))
    return [row for row in left if row.person_id not in enrolled_here]


def services_of_case(case: Case) -> dict:
    """Context of the tab «Занятия» of a case: enrolments, consultations, routes of its minors."""
    enrolments = Enrolment.objects.filter(family=case.family_id, group__service__organisation=case.organisation_id)
    enrolments = enrolments.select_related("person", "family", "group__service").order_by("-asked_on", "-pk")
    return {
        "routes_before": list(IndividualRoute.objects.left_by_transfer(case).select_related("person")),
        "places_before": places_before(case),
        "enrolments": with_attendance(enrolments),
        "consultations": list(case.consultations.select_related("service", "by")),
        "routes": list(case.routes.select_related("person").prefetch_related("services")),
        "why_not_consult": acts.why_not_consult(case),
        "why_not_route": acts.why_not_route(case),
    }
