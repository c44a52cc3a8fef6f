"""Cases offered to another organisation: one waits for the demo head, one was taken over, one was declined."""

from cases.models import Case, CaseTransfer
from cases.words import Stage
from sopr.demo import phrases

# what the demo centre does with each: leaves it waiting, takes it over, declines it
ANSWERS = ("", "accept", "decline")


def offer_cases(scene):
    """The last act of the history, when no life goes on with these cases."""
    region, day = scene.region, scene.day
    receiving = region.places[0].centres[0]
    cases = Case.objects.filter(stage=Stage.ACTIVE, opened_on__lt=day, level_periods__since__lt=day)
    cases = cases.exclude(organisation=receiving).exclude(family__cases__organisation=receiving).order_by("pk")
    for case, answer, reason in zip(cases.distinct(), ANSWERS, phrases.TRANSFER_REASONS, strict=False):
        offered = CaseTransfer.offer(
            case, by=region.heads[case.organisation_id], to_organisation=receiving, reason=reason, consented_on=day
        )
        if answer == "accept":
            offered.accept(by=region.heads[receiving.pk], curator=region.curators[receiving.pk][-1])
        elif answer == "decline":
            offered.decline(by=region.heads[receiving.pk], remark=phrases.TRANSFER_REMARK)
