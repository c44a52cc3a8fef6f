"""What is read of the paths of «Под крылом аиста»: who keeps them, what changed, and the figures of a period."""

import datetime
from dataclasses import dataclass

from django.db.models import Count, Q

from cases.models import NearPerson, NewbornHelp, NewbornQuestionnaire, NewbornRisk, RentalLoan
from families.models import ChildEvent

Questionnaire = NewbornQuestionnaire


def keepers(family_id: int, organisation_id: int):
    """Ids of the curators who keep an open path of a woman of the family: a road of families.keepers."""
    paths = NewbornRisk.objects.going_on().filter(family=family_id, organisation=organisation_id)
    return paths.values_list("keeper", flat=True)


def kept(organisation_id: int, user_id: int | None):
    """Open paths that the curator keeps (any curator for None): the same road the other way round."""
    paths = NewbornRisk.objects.going_on().filter(organisation=organisation_id)
    return paths if user_id is None else paths.filter(keeper=user_id)


@dataclass(frozen=True)
class Answer:
    """One question of the questionnaire: what was said before and after, and whether it is better now."""

    title: str
    before: str | None
    after: str | None
    change: str = ""  # «better», «worse», «same»; empty while there is nothing to compare


def compare(before, after) -> list[Answer]:
    """The answers of both questionnaires side by side; either may be None."""
    rank = {"refuse": 0, "doubt": 1, "keep": 2}
    rows = [
        Answer(
            "Намерение",
            before and before.get_intention_display(),
            after and after.get_intention_display(),
            _change(before and rank[before.intention], after and rank[after.intention]),
        )
    ]
    for name in Questionnaire.SCORES:
        first, last = (getattr(row, name) if row else None for row in (before, after))
        title = str(Questionnaire._meta.get_field(name).verbose_name)
        change = _change(first, last)
        if name in Questionnaire.LESS_IS_BETTER:
            change = {"better": "worse", "worse": "better"}.get(change, change)
        rows.append(Answer(title[:1].upper() + title[1:], first, last, change))
    reasons = [", ".join(row.reason_titles) or "не названы" if row else None for row in (before, after)]
    counts = [-len(row.reasons) if row else None for row in (before, after)]
    return [*rows, Answer("Причины сомнений", *reasons, _change(*counts))]


def _change(first, last) -> str:
    if first is None or last is None:
        return ""
    return "same" if first == last else "better" if last > first else "worse"


@dataclass(frozen=True)
class Figures:
    """The facts of a period, in the order of the form `bashkortostan-newborn`; each is a number of distinct people."""

    women: int
    near: int
    prevented: int
    refusals: int
    refusals_before: int  # of the period of equal length before
    rented: int
    asked_after: int
    still_in_doubt: int
    trained: int

    @property
    def refusals_change(self) -> int | None:
        """Percent by which refusals changed, half up; None without refusals before."""
        if not self.refusals_before:
            return None
        return _percent(self.refusals - self.refusals_before, self.refusals_before)

    @property
    def doubt_share(self) -> int | None:
        """Percent of the women asked «after» who are still in doubt, half up; None when nobody was asked."""
        return _percent(self.still_in_doubt, self.asked_after) if self.asked_after else None


def _percent(part: int, whole: int) -> int:
    sign = -1 if part < 0 else 1
    return sign * ((abs(part) * 200 + whole) // (2 * whole))


def figures(organisation, since: datetime.date, until: datetime.date) -> Figures:
    """Count the facts of `organisation` from `since` to `until`, both days included (indicators.md).

    Refusals are child events of its municipality, clients or not; the others are facts of its own paths.
    """
    paths = NewbornRisk.objects.filter(organisation=organisation)
    helped = NewbornHelp.objects.filter(risk__organisation=organisation, held_on__range=(since, until))
    help_counts = helped.aggregate(
        women=Count("risk__woman", distinct=True),
        trained=Count("risk__woman", filter=Q(kind=NewbornHelp.Kind.TRAINING, near=None), distinct=True),
    )
    after = Questionnaire.objects.filter(
        risk__organisation=organisation, moment=Questionnaire.Moment.AFTER, filled_on__range=(since, until)
    ).aggregate(
        asked=Count("risk__woman", distinct=True),
        doubt=Count("risk__woman", filter=Q(intention=Questionnaire.Intention.DOUBT), distinct=True),
    )
    length = until - since + datetime.timedelta(days=1)
    day_before = since - datetime.timedelta(days=1)
    refusals = ChildEvent.objects.filter(kind=ChildEvent.Kind.REFUSAL, municipality=organisation.municipality_id)
    loans = RentalLoan.objects.filter(item__organisation=organisation, person__in=paths.values("woman"))
    return Figures(
        women=help_counts["women"],
        near=NearPerson.objects.filter(help_given__in=helped).distinct().count(),
        prevented=paths.filter(outcome=NewbornRisk.Outcome.PREVENTED, outcome_on__range=(since, until)).count(),
        refusals=refusals.filter(happened_on__range=(since, until)).count(),
        refusals_before=refusals.filter(happened_on__range=(since - length, day_before)).count(),
        rented=loans.begun_in(since, until).values("person").distinct().count(),
        asked_after=after["asked"],
        still_in_doubt=after["doubt"],
        trained=help_counts["trained"],
    )
