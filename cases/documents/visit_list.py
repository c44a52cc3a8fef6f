"""The route list of a day: addresses in order, whom to ask for, what to remember, room for notes."""

from django.utils import timezone

from families.documents import organisation_context
from sopr.documents.names import Name, sign
from sopr.documents.registry import Document, register


def visit_list_context(curator, *, day, stops, elsewhere, reader) -> dict:
    """User (the curator) → context of documents/visit_list.html; `stops`, `elsewhere`: cases.day_route."""
    return {
        "organisation": organisation_context(curator.organisation),
        "status": "",
        "day": day,
        "curator": {"full": Name(curator).full, "post": curator.post},
        "stops": stops,
        "elsewhere": elsewhere,
        "printed_by": sign(reader),
        "printed_at": timezone.localtime(),
    }


VISIT_LIST = register(
    Document(
        code="visit_list",
        title="Маршрутный лист",
        template="documents/visit_list.html",
        context=visit_list_context,
        file_name=lambda curator: f"marshrut-{curator.pk}",
    )
)
