"""Printed papers of services: the monthly attendance sheet of a group, the route sheet of a minor."""

from django.db.models import Q
from django.utils import timezone

from cases.attendance import read_month, with_attendance
from cases.documents.people import curator_row, head_of, signers_of
from families.documents import organisation_context
from sopr.documents.names import Name
from sopr.documents.registry import Document, register
from sopr.web.words import ru_month

DENSE_FROM = 19  # dates of a month from which the columns shrink


def sheet_context(group, *, month) -> dict:
    """ServiceGroup and a month → context of documents/attendance_sheet.html."""
    grid = read_month(group, month)
    organisation = group.service.organisation
    return {
        "organisation": organisation_context(organisation),
        "status": "",
        "group": group,
        "service": group.service,
        "month": ru_month(grid.month).lower(),
        "grid": grid,
        "dates": [session.held_on for session in grid.sessions],
        "trips": [session for session in grid.sessions if session.place or session.crew]
        if group.service.is_trip
        else [],
        "cancelled": list(group.sessions.of_month(month).filter(cancelled=True)),
        "dense": len(grid.sessions) >= DENSE_FROM,
        "leader": Name(group.leader).sign if group.leader else group.led_by,
        "leader_post": (group.leader.post if group.leader else "") or "Ведущий группы",
        "head": {"post": organisation.director_post or "Руководитель", "sign": _director_sign(organisation)},
        "printed_on": timezone.localdate(),
    }


def route_context(route) -> dict:
    """IndividualRoute → context of documents/route.html."""
    case, person = route.case, route.person
    steps = list(route.steps.all())
    enrolments = person.enrolments.filter(group__service__organisation=case.organisation_id)
    enrolments = enrolments.filter(since__isnull=False).filter(Q(until=None) | Q(until__gte=route.since))
    return {
        "organisation": organisation_context(case.organisation),
        "status": "",
        "route": route,
        "person": Name(person),
        "born_on": person.birth_on,
        "case_number": case.number,
        "family_gen": case.family.surname_in("gen"),
        "services": list(route.services.all()),
        "own_steps": [step for step in steps if not step.for_parents],
        "parents_steps": [step for step in steps if step.for_parents],
        "enrolments": with_attendance(enrolments.select_related("group__service").order_by("since", "pk")),
        "curator": curator_row(case),
        "signers": signers_of(case),
        "printed_on": timezone.localdate(),
    }


def _director_sign(organisation) -> str:
    return head_of(organisation)["person"].sign if organisation.director_name else ""


ATTENDANCE_SHEET = register(
    Document(
        code="attendance_sheet",
        title="Табель посещаемости",
        template="documents/attendance_sheet.html",
        context=sheet_context,
        file_name=lambda group: f"tabel-{group.pk}",
    )
)
ROUTE = register(
    Document(
        code="route",
        title="Индивидуальный маршрут несовершеннолетнего",
        template="documents/route.html",
        context=route_context,
        file_name=lambda route: f"marshrut-{route.pk}",
    )
)
