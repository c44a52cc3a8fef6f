"""Papers of the end: the conclusion on removal, the family's own refusal, the plan of aftercare."""

from django.utils import timezone

from cases import progress
from cases.documents.people import (
    adult_of,
    children_of,
    curator_row,
    executor_of,
    family_signer_of,
    head_of,
    members_of,
    signers_of,
)
from cases.documents.review import change_context
from cases.words import HelpKind
from families.documents import organisation_context
from sopr import profile
from sopr.documents.names import Name
from sopr.documents.registry import Document, register


def closure_context(closure) -> dict:
    """Closure → context of documents/closure.html; an undecided conclusion says whose decision is asked for."""
    case = closure.case
    made = progress.activities_of(case, closure.prepared_on)
    return {
        "organisation": organisation_context(case.organisation),
        "status": "",
        "prepared_on": closure.prepared_on,
        "case_number": case.number,
        "family_gen": case.family.surname_in("gen"),
        "council_gen": profile.current().council_title.said_genitive,
        "facts": [
            ("Категория семьи", case.get_primary_category_display()),
            ("Форма сопровождения", f"{case.get_form_display()}"),
            ("На сопровождении с", f"{case.accepted_on:%d.%m.%Y}" if case.accepted_on else ""),
            ("Уровни", _levels(case)),
            ("Куратор", case.curator.full_name if case.curator else ""),
        ],
        "members": members_of(case, case.members.values_list("person", flat=True)),
        "total": closure.activities_total,
        "done": closure.activities_done,
        "kinds": _by_kind(case),
        "not_done": [
            {"title": row.title, "reason": row.get_not_done_reason_display() or "причина не указана"}
            for row in made.not_done
        ],
        "outcome": closure.get_outcome_display(),
        "reason": closure.get_reason_display(),
        "conclusion": closure.conclusion,
        "recommendations": closure.recommendations,
        "aftercare_months": profile.current().deadlines.aftercare_months if closure.aftercare else 0,
        "removed_on": case.closed_on,
        "signers": signers_of(case),
        "family_signer": family_signer_of(adult_of(case)),
    } | change_context(case, closure.prepared_on)


def _levels(case) -> str:
    periods = case.level_periods.order_by("since", "pk")
    return ", ".join(f"{period.get_level_display()} с {period.since:%d.%m.%Y}" for period in periods)


def _by_kind(case) -> list[dict]:
    """Activities done of all, by kind of help."""
    rows = list(case.activities.counted())
    counted = []
    for code, title in HelpKind.choices:
        own = [row for row in rows if row.kind == code]
        if own:
            done = sum(row.state == row.State.DONE for row in own)
            counted.append({"title": title.capitalize(), "total": len(own), "done": done})
    return counted


def refusal_context(case) -> dict:
    """Case → context of documents/family_refusal.html: the statement the family signs by hand."""
    members = members_of(case)
    adult = adult_of(case)
    contract = case.contracts.first()
    return {
        "organisation": organisation_context(case.organisation),
        "status": "",
        "head": head_of(case.organisation),
        "applicant": Name(adult.person) if adult else None,
        "relation": adult.get_relation_display() if adult else "",
        "address": "" if case.family.address_hidden else case.family.address,
        "phone": adult.person.phone if adult else "",
        "children_gen": [Name(child).full_gen for child in children_of(members)],
        "contract": contract,
        "case_number": case.number,
        "curator": curator_row(case),
    }


def aftercare_context(case) -> dict:
    """Case in aftercare (or after it) → context of documents/aftercare.html."""
    closure = getattr(case, "closure", None)
    return {
        "organisation": organisation_context(case.organisation),
        "status": "",
        "case_number": case.number,
        "family_gen": case.family.surname_in("gen"),
        "removed_on": case.closed_on,
        "outcome": case.get_outcome_display(),
        "recommendations": closure.recommendations if closure else "",
        "checks": list(case.aftercare_checks.all()),
        "finished": case.stage == "closed",
        "curator": executor_of(case),
        "signers": signers_of(case),
        "family_signer": family_signer_of(adult_of(case)),
        "printed_on": timezone.localdate(),
    }


CLOSURE = register(
    Document(
        code="closure",
        title="Заключение о снятии с сопровождения",
        template="documents/closure.html",
        context=closure_context,
        long=True,
        file_name=lambda closure: f"zaklyuchenie-o-snyatii-{closure.pk}",
    )
)
FAMILY_REFUSAL = register(
    Document(
        code="family_refusal",
        title="Заявление об отказе от сопровождения",
        template="documents/family_refusal.html",
        context=refusal_context,
        file_name=lambda case: f"zayavlenie-ob-otkaze-{case.pk}",
    )
)
AFTERCARE = register(
    Document(
        code="aftercare",
        title="План постсопровождения",
        template="documents/aftercare.html",
        context=aftercare_context,
        file_name=lambda case: f"plan-postsoprovozhdeniya-{case.pk}",
    )
)
