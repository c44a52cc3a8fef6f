"""Норма заседаний в месяц: watched for each council, the secretary is warned in time (domain.md §4)."""

import datetime
from dataclasses import dataclass

from django.db.models import Count, Q
from django.urls import reverse

from councils import duties
from councils.models import Council
from councils.models.papers import secretary_of
from sopr import profile
from sopr.calendar import add_months
from sopr.obligations.engine import cancel_obligations, close_obligations, open_obligation
from sopr.obligations.models import Obligation


@dataclass(frozen=True)
class Month:
    """Meetings of a council in one month against its norm, as of `today`."""

    council: Council
    norm: int
    held: int
    planned: int
    today: datetime.date

    @property
    def is_met(self) -> bool:
        return self.held >= self.norm

    @property
    def enough(self) -> bool:
        """Whether it will be met when what is planned is held."""
        return self.held + self.planned >= self.norm

    @property
    def is_late(self) -> bool:
        """None held by the reminder's day, or fewer than the norm by the warning's (profile, `council`)."""
        rules = profile.current().council
        if self.is_met:
            return False
        none_held = self.held == 0 and self.today.day >= rules.meetings_reminder_day
        return none_held or self.today.day >= rules.meetings_warning_day


def months(councils, today) -> list[Month]:
    """The month of `today` for each of `councils` whose kind has a norm.

    A meeting counts when held with a quorum (domain.md §6.8); one that runs, or waits for its minutes, counts too.
    """
    region = profile.current()
    unwatched = [kind.code for kind in region.council_kinds if not region.meetings_norm(kind.code)]
    month = Q(meetings__held_on__gte=today.replace(day=1), meetings__held_on__lt=_next_month(today))
    # the continuation of a meeting that had its quorum is the same meeting; a vote by correspondence is none
    month &= Q(meetings__form="in_person") & (
        Q(meetings__continues=None) | Q(meetings__continues__state="signed", meetings__continues__had_quorum=False)
    )
    held = Q(meetings__state="running") | Q(meetings__state="signed", meetings__had_quorum=True)
    counted = councils.exclude(kind__in=unwatched).annotate(
        held=Count("meetings", filter=month & held, distinct=True),
        planned=Count("meetings", filter=month & Q(meetings__state="planned"), distinct=True),
    )
    return [
        Month(row, region.meetings_norm(row.kind), row.held, row.planned, today)
        for row in counted.order_by("name", "pk")
        if region.meetings_norm(row.kind)
    ]


def watch(council, today):
    """Bring the secretary's duty up to date; safe to call at any time and any number of times."""
    found = months(Council.objects.filter(pk=council.pk), today)
    last_day = _next_month(today) - datetime.timedelta(days=1)
    _forget_past(council, today)
    if not found:
        cancel_obligations(council, duties.NORM)
    elif found[0].is_met:
        close_obligations(council, duties.NORM, on=today)
    elif found[0].is_late and (secretary := secretary_of(council)):
        open_obligation(
            duties.NORM,
            council,
            due_on=last_day,
            organisation=secretary.organisation,
            assignee=secretary,
            title=f"{duties.NORM.title}: проведено {found[0].held} из {found[0].norm}",
            path=f"{reverse('councils:meeting-new')}?council={council.pk}",
        )


def sweep(today) -> int:
    """Watch every council; returns how many there are."""
    councils = list(Council.objects.all())
    for council in councils:
        watch(council, today)
    return len(councils)


def _forget_past(council, today):
    """A month that has gone cannot be mended: its duty is cancelled, statistics keep the miss."""
    if Obligation.objects.about(council).open().filter(kind=duties.NORM.code, due_on__lt=today).exists():
        cancel_obligations(council, duties.NORM)


def _next_month(today):
    return add_months(today.replace(day=1), 1)
