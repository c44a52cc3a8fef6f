"""The contract on support, for both sides to sign."""

from cases.documents.people import curator_row, head_of, identity_of, members_of
from families.documents import organisation_context
from families.models import FamilyMembership
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
    own = next((member for member in members if member.person_id == contract.party_id), None)
    children = [member.person for member in members if member.relation == FamilyMembership.Relation.CHILD]
    family = case.family
    return {
        "organisation": organisation_context(case.organisation),
        "status": "",
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
        "children_gen": [Name(child).full_gen for child in children if (child.age or 0) < 18],
        "programme": {"number": revision.programme.number, "revision": revision.number},
        "minutes": {"council_gen": region.council_title.short_genitive.lower(), "text": revision.basis},
        "level": revision.get_level_display(),
        "curator": curator_row(case),
        "visit_every": EVERY_GEN.get(level.contact, "") if level else "",
        "review_every": EVERY.get(level.review, "") if level else "",
        "ministry": region.ministry.title,
        "region_gen": region.title_genitive,
        "case_number": case.number,
    }


CONTRACT = register(
    Document(
        code="contract",
        title="Договор о социальном сопровождении",
        template="documents/contract.html",
        context=contract_context,
        file_name=lambda contract: f"dogovor-{contract.pk}",
    )
)
