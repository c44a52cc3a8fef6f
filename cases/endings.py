"""Papers of a case that run out: contract, programme, consents, and the copy owed to guardianship (domain.md §4)."""

import datetime

from django.db.models import Max, Q

from cases import duties
from sopr import profile


def due(case) -> dict:
    """{duty: last day of the paper} for a case on support."""
    found = due_while_suspended(case)
    ends = {
        duties.CONTRACT_TERM: case.contracts.filter(terminated_on=None).order_by("until").first(),
        duties.PROGRAMME_TERM: _programme(case),
    }
    found |= {duty: paper.until for duty, paper in ends.items() if paper is not None}
    consents = _consents(case)
    return found | ({duties.CONSENT_TERM: consents} if consents else {})


def due_while_suspended(case) -> dict:
    """The copy is owed to guardianship though support stands still: the law's three days go on."""
    contract = uncopied(case)
    return {duties.GUARDIANSHIP_COPY: contract.copy_due_on} if contract else {}


def uncopied(case):
    """The contract in force whose copy guardianship should have first, or None."""
    waiting = case.contracts.filter(terminated_on=None, copy=None).exclude(copy_due_on=None)
    return waiting.order_by("copy_due_on", "pk").first()


def _programme(case):
    """The approved revision that ends well before the level: with the level it is one question to the council."""
    from cases.models.programme import ProgrammeRevision  # models stand above: their verbs call this module

    approved = ProgrammeRevision.objects.filter(programme__case=case, state=ProgrammeRevision.State.APPROVED)
    if case.level_term_on:
        told = datetime.timedelta(days=max(profile.current().deadlines.level_remind_days))
        approved = approved.filter(until__lt=case.level_term_on - told)
    return approved.order_by("until", "pk").first()


def _consents(case):
    """The first day on which somebody the case covers is left without a consent; None when nobody will be."""
    consents = case.family.consents.filter(
        operator=case.organisation_id,
        withdrawn_on=None,
        subject__in=case.members.now().values("person"),
    )
    last = consents.order_by().values("subject").annotate(last=Max("until"), endless=Max("pk", filter=Q(until=None)))
    ends = [row["last"] for row in last if row["endless"] is None and row["last"]]
    return min(ends, default=None)
