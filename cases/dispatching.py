"""What is read of the single window: who works with a family, who has appealed and waits, the figures of a period."""

import datetime
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils import timezone

from cases.models import Case, DispatchRequest, DispatchService, Survey
from cases.words import Outcome
from families.models import Application, FamilyMembership, Referral

# How families come to the window themselves; a signal about them is checked first.
OWN_APPEALS = (Referral.Channel.VISIT, Referral.Channel.PHONE, Referral.Channel.LETTER)
WAITING_SHOWN = 10
GROWN_UP = 18  # years


def keepers(family_id: int, organisation_id: int):
    """Ids of the dispatchers of the family's open request: a road of families.keepers."""
    requests = DispatchRequest.objects.open().filter(family=family_id, organisation=organisation_id)
    return requests.exclude(dispatcher=None).values_list("dispatcher", flat=True)


def kept(organisation_id: int, user_id: int | None):
    """Open requests that the dispatcher handles (anybody for None): the same road the other way round."""
    requests = DispatchRequest.objects.open().filter(organisation=organisation_id).exclude(dispatcher=None)
    return requests if user_id is None else requests.filter(dispatcher=user_id)


@dataclass(frozen=True)
class Waiting:
    """An appeal that is not on the board yet."""

    family: object
    on: datetime.date
    paper: str  # «сигнал № 3/2026», «заявление»
    query: str  # what the form of a new request is opened with


def waiting(user) -> list[Waiting]:
    """Signals and applications of families without an open request here, the oldest first; two statements."""
    busy = DispatchRequest.objects.open().filter(organisation=user.organisation_id).values("family")
    referrals = (
        Referral.objects.visible_to(user)
        .filter(channel__in=OWN_APPEALS, state=Referral.State.SCREENING, dispatch_request=None)
        .exclude(family=None)
        .exclude(family__in=busy)
        .select_related("family")
        .order_by("received_at")[:WAITING_SHOWN]
    )
    applications = (
        Application.objects.filter(organisation=user.organisation_id, dispatch_request=None)
        .exclude(family__in=busy)
        .exclude(family__in=Case.objects.filter(organisation=user.organisation_id).values("family"))
        .select_related("family")
        .order_by("received_on", "pk")[:WAITING_SHOWN]
    )
    found = [
        Waiting(row.family, timezone.localdate(row.received_at), str(row).lower(), f"referral={row.pk}")
        for row in referrals
    ]
    found += [Waiting(row.family, row.received_on, "заявление", f"application={row.pk}") for row in applications]
    return sorted(found, key=lambda row: (row.on, row.family.pk))[:WAITING_SHOWN]


def groups_on_board(organisation_id: int) -> list[dict]:
    """Open requests by problem group, the largest first; one statement."""
    counted = DispatchRequest.objects.open().filter(organisation=organisation_id).order_by()
    rows = counted.values("group", "group__title").annotate(n=Count("pk"))
    return sorted(rows, key=lambda row: (row["group"] is None, -row["n"], row["group__title"] or ""))


@dataclass(frozen=True)
class Figures:
    """The facts of a period, in the order of the form `omsk-dispatch`; families and children are distinct."""

    families: int
    children: int
    supported: int
    overcame: int
    answered: int
    improved: int
    groups: list
    first_services: int
    days_sum: int

    @property
    def improved_share(self) -> int | None:
        """Percent of the families asked that noted an improvement, half up; None when nobody answered."""
        return (self.improved * 200 + self.answered) // (2 * self.answered) if self.answered else None

    @property
    def average_days(self) -> float | None:
        """Calendar days from the appeal to the first service, on average; None without a first service."""
        return round(self.days_sum / self.first_services, 1) if self.first_services else None


def figures(organisation, since: datetime.date, until: datetime.date) -> Figures:
    """Count the facts of `organisation` from `since` to `until`, both days included (indicators.md)."""
    given = DispatchService.objects.filter(
        request__organisation=organisation, state=DispatchService.State.GIVEN, given_on__range=(since, until)
    )
    helped = given.values("request__family")
    born_after = until.replace(year=until.year - GROWN_UP, day=min(until.day, 28))
    children = FamilyMembership.objects.valid_on(until).filter(
        family__in=helped, relation=FamilyMembership.Relation.CHILD, person__birth_on__gt=born_after
    )
    cases = Case.objects.filter(organisation=organisation)
    asked = Survey.objects.filter(organisation=organisation, answered_on__range=(since, until))
    asked = asked.aggregate(
        answered=Count("pk", filter=Q(improvement_noted__isnull=False)),
        improved=Count("pk", filter=Q(improvement_noted=True)),
    )
    first = DispatchRequest.objects.filter(organisation=organisation).first_helped_in(since, until)
    days = [(helped_on - asked_on).days for asked_on, helped_on in first.values_list("appealed_on", "first_service_on")]
    groups = given.order_by().values("request__group__title").annotate(n=Count("request__family", distinct=True))
    overcame = cases.filter(closed_on__range=(since, until), outcome=Outcome.OVERCAME)
    return Figures(
        families=helped.distinct().count(),
        children=children.values("person").distinct().count(),
        supported=cases.on_support_at(until).values("family").distinct().count(),
        overcame=overcame.values("family").distinct().count(),
        answered=asked["answered"],
        improved=asked["improved"],
        groups=[(row["request__group__title"], row["n"]) for row in groups.order_by("-n", "request__group__title")],
        first_services=len(days),
        days_sum=sum(days),
    )
