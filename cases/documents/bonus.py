"""The statement of the bonus programme: what the family's points came from and went to."""

from cases.models import BonusEntry
from families.documents import organisation_context
from sopr.documents.names import Name
from sopr.documents.registry import Document, register

Kind = BonusEntry.Kind


def bonus_context(case) -> dict:
    """Case → context of documents/bonus.html: entries oldest first, with the balance after each."""
    entries = list(case.bonus_entries.select_related("step", "reward", "reverses__step", "reverses__reward"))[::-1]
    taken_back = {entry.reverses_id for entry in entries if entry.reverses_id}
    standing = [entry for entry in entries if entry.pk not in taken_back]
    return {
        "organisation": organisation_context(case.organisation),
        "status": "",
        "case_number": case.number,
        "family_gen": case.family.surname_in("gen"),
        "since": case.accepted_on,
        "entries": entries,
        "awarded": sum(entry.points for entry in standing if entry.kind == Kind.AWARD),
        "spent": -sum(entry.points for entry in standing if entry.kind == Kind.SPENDING),
        "carried": sum(entry.points for entry in standing if entry.kind == Kind.CARRIED),
        "balance": entries[-1].balance if entries else 0,
        "curator": {
            "full": Name(case.curator).full if case.curator else "",
            "sign": Name(case.curator).sign if case.curator else "",
            "phone": case.curator.phone if case.curator else "",
        },
    }


BONUS = register(
    Document(
        code="bonus",
        title="Выписка бонусной программы",
        template="documents/bonus.html",
        context=bonus_context,
        file_name=lambda case: f"bonusy-{case.pk}",
    )
)
