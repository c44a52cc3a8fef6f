"""Запрос (направление) об исполнении мероприятия: a letter to an agency without a login, with a form for its answer."""

from cases.documents.people import curator_row, head_of
from families.documents import organisation_context
from sopr.documents.names import Name
from sopr.documents.registry import Document, register


def request_context(request) -> dict:
    """ActivityRequest → context of documents/activity_request.html: the least that the agency needs to do its part."""
    activity, case = request.activity, request.activity.case
    agency, head = activity.agency, head_of(case.organisation)
    return {
        "organisation": organisation_context(case.organisation),
        "status": "",
        "number": request.number,
        "date": request.issued_on,
        "answer_by": request.answer_by,
        "agency": {"full": agency.name, "address": agency.address, "director": agency.director_name,
                   "post": agency.director_post},
        "person": Name(activity.person) if activity.person else None,
        "born_on": activity.person.birth_on if activity.person else None,
        "family_gen": "" if activity.person else case.family.surname_in("gen"),
        "title": activity.title,
        "kind": activity.get_kind_display(),
        "due_on": activity.due_on,
        "repeats": f"{activity.get_repeats_display()}, всего занятий: {activity.times}" if activity.repeats else "",
        "curator": curator_row(case),
        "signer": {"post": head["post"], "sign": head["person"].sign},
    }  # fmt: skip


ACTIVITY_REQUEST = register(
    Document(
        code="activity_request",
        title="Запрос об исполнении мероприятия",
        template="documents/activity_request.html",
        context=request_context,
        file_name=lambda request: f"zapros-{request.pk}-{request.issued_on.year}",
    )
)
