"""Акт передачи детской вещи: printed when it is lent; the same sheet takes the signatures of the return."""

from cases.models.rental import RentalLoan
from families.documents import organisation_context
from sopr.documents.names import Name
from sopr.documents.registry import Document, register


def rental_act_context(loan: RentalLoan) -> dict:
    """RentalLoan → context of documents/rental_act.html."""
    item, family, giver = loan.item, loan.family, Name(loan.by)
    return {
        "organisation": organisation_context(item.organisation),
        "status": "",
        "number": f"{loan.number}/{loan.year}",
        "since": loan.since,
        "due_on": loan.due_on,
        "place": item.organisation.municipality.name if item.organisation.municipality else "",
        "item": {
            "kind": item.get_kind_display(),
            "title": item.title,
            "number": item.inventory_number,
            "condition": loan.get_condition_out_display(),
            "note": loan.note or item.note,
        },
        "giver": {"post": loan.by.post or "Специалист", "full_gen": giver.full_gen, "sign": giver.sign},
        "taker": Name(loan.person),
        "family": {"number": family.number, "phone": loan.person.phone or family.phone},
        "returned": (
            {"on": loan.returned_on, "condition": loan.get_condition_back_display(), "note": loan.note_back}
            if loan.returned_on
            else None
        ),
    }


RENTAL_ACT = register(
    Document(
        code="rental_act",
        title="Акт передачи детской вещи",
        template="documents/rental_act.html",
        context=rental_act_context,
        file_name=lambda loan: f"akt-prokata-{loan.pk}",
    )
)
