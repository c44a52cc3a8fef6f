"""The contract on support for both sides to sign, the letter with its copy to guardianship, the notice of its end."""

from cases import deciders
from cases.documents.people import children_of, curator_row, executor_of, head_of, identity_of, members_of, signer_of
from families.documents import organisation_context
from sopr import profile
from sopr.documents.names import Name
from sopr.documents.registry import Document, register

# «не реже одного раза в две недели», «раз в месяц»: the intervals that profiles use, in words.
EVERY_GEN = {
    profile.Interval(weeks=1): "одного раза в неделю",
    profile.Interval(weeks=2): "одного раза в две недели",
    profile.Interval(weeks=4): "одного раза в четыре недели",
    profile.Interval(months=1): "одного раза в месяц",
}
EVERY = {
    profile.Interval(weeks=1): "раз в неделю",
    profile.Interval(weeks=2): "раз в две недели",
    profile.Interval(months=1): "раз в месяц",
    profile.Interval(months=3): "раз в три месяца",
}


def contract_context(contract) -> dict:
    """Contract → context of documents/contract.html."""
    case, revision = contract.case, contract.revision
    region = profile.current()
    level = region.levels.get(case.level or revision.level)
    members = members_of(case)
    own = case.family.memberships.filter(person=contract.party_id).last()
    family = case.family
    return {
        "organisation": organisation_context(case.organisation),
        "status": "",
        "title": contract.title,
        "about": _about(contract.title),
        "wording": f"documents/_contract_{contract.kind}.html",
        "number": contract.number,
        "signed_on": contract.signed_on,
        "place": case.organisation.municipality.name if case.organisation.municipality else "",
        "since": contract.signed_on,
        "until": contract.until,
        "head": head_of(case.organisation),
        "party": {
            "person": Name(contract.party),
            "relation": own.get_relation_display() if own else "",
            "born_on": contract.party.birth_on,
            "address": "" if family.address_hidden else family.address,
            "document": identity_of(case, contract.party_id),
        },
        "children_gen": [Name(child).full_gen for child in children_of(members)],
        "programme": {"number": revision.programme.number, "revision": revision.number},
        "minutes": {"council_gen": deciders.council_gen(revision.decision), "text": revision.basis},
        "level": revision.get_level_display(),
        "curator": curator_row(case),
        "visit_every": EVERY_GEN.get(level.contact, "") if level else "",
        "review_every": EVERY.get(level.review, "") if level else "",
        "ministry": region.ministry.title,
        "region_gen": region.title_genitive,
        "case_number": case.number,
    }


def copy_context(contract, *, agency) -> dict:
    """Contract → context of documents/contract_copy.html; `agency` is the guardianship office, or None."""
    case, copy = contract.case, getattr(contract, "copy", None)
    members = members_of(case)
    return {
        "organisation": organisation_context(case.organisation),
        "status": "",
        "date": copy.sent_on if copy else None,
        "number": copy.number if copy else "",
        "to": [agency.name, agency.address] if agency and agency.address else [agency.name] if agency else [],
        "contract": contract,
        "family_gen": case.family.surname_in("gen"),
        "party": Name(contract.party),
        "children_gen": [Name(child).full_gen for child in children_of(members)],
        "level": contract.revision.get_level_display(),
        "curator": curator_row(case),
        "copy_due_on": contract.copy_due_on,
        "received_by": copy.received_by if copy else "",
        "signer": signer_of(case),
        "executor": executor_of(case),
        "case_number": case.number,
    }


def notice_context(contract) -> dict:
    """Terminated Contract → context of documents/contract_notice.html."""
    case, family = contract.case, contract.case.family
    party = Name(contract.party)
    replaced = contract.termination_reason == contract.Termination.REPLACED
    return {
        "organisation": organisation_context(case.organisation),
        "status": "",
        "date": None,
        "to": [party.full_dat, *([] if family.address_hidden or not family.address else [family.address])],
        "addressee": party,
        "contract": contract,
        "terminated_on": contract.terminated_on,
        "reason": contract.get_termination_reason_display() or "сопровождение завершено",
        "note": contract.termination_note,
        "by_family": contract.termination_reason == contract.Termination.FAMILY,
        "replaced_by": case.contracts.filter(kind=contract.kind, pk__gt=contract.pk).order_by("pk").first()
        if replaced
        else None,
        "ministry": profile.current().ministry.title,
        "signer": signer_of(case),
        "executor": executor_of(case),
        "case_number": case.number,
    }


def _about(title) -> str:
    """«Договор о социальном сопровождении» → what stands under the word ДОГОВОР."""
    return title.removeprefix("Договор ")


CONTRACT = register(
    Document(
        code="contract",
        title="Договор о социальном сопровождении",
        template="documents/contract.html",
        context=contract_context,
        file_name=lambda contract: f"dogovor-{contract.pk}",
    )
)
CONTRACT_COPY = register(
    Document(
        code="contract_copy",
        title="Письмо в опеку к копии договора",
        template="documents/contract_copy.html",
        context=copy_context,
        file_name=lambda contract: f"pismo-v-opeku-{contract.pk}",
    )
)
CONTRACT_NOTICE = register(
    Document(
        code="contract_notice",
        title="Уведомление о прекращении договора",
        template="documents/contract_notice.html",
        context=notice_context,
        file_name=lambda contract: f"uvedomlenie-o-prekrashchenii-{contract.pk}",
    )
)
