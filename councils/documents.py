"""Printed documents of councils."""

import datetime
from types import SimpleNamespace

from django.utils import timezone

from councils import pack
from councils.minutes import describe_council, describe_meeting, revive
from families.documents import organisation_context
from sopr import profile
from sopr.documents import names
from sopr.documents.names import Name
from sopr.documents.pdf import DRAFT
from sopr.documents.registry import Document, register
from sopr.errors import Refused


def minutes_context(meeting) -> dict:
    """The frozen content of signed minutes; before signing the meeting as it stands, marked as a draft."""
    signed = getattr(meeting, "minutes", None)
    if signed is None:
        return revive(describe_meeting(meeting)) | {"status": DRAFT}
    if not signed.content:
        raise Refused("Протокол перенесён из прежней системы без текста: печатайте его из бумажного дела.")
    return revive(signed.content) | {"status": ""}


def minutes_name(meeting) -> str:
    signed = getattr(meeting, "minutes", None)
    return f"protokol-{signed.number}-{signed.year}" if signed else f"protokol-proekt-{meeting.pk}"


MINUTES = register(
    Document(
        code="minutes",
        title="Протокол заседания",
        template="documents/minutes.html",
        context=minutes_context,
        long=True,
        file_name=minutes_name,
    )
)


def extract_context(item) -> dict:
    """One question out of the frozen minutes: what goes into the family's case and nothing of other families."""
    minutes = _signed(item)
    content = revive(minutes.content)
    point = next(point for point in content["items"] if point["n"] == item.position)
    shared = ("council", "organisation", "number", "held_on", "place", "chair", "secretary")
    return {key: content[key] for key in shared} | {
        "item": point,
        "case_number": item.case.number,
        "certified": {"by": content["secretary"], "post": "Секретарь совета", "on": timezone.localdate()},
        "status": "",
    }


def refusal_context(item) -> dict:
    """Notice of refusal to the applicant, with the ways of appeal of the region's profile (domain.md §2)."""
    minutes, case = _signed(item), item.case
    application = case.family.applications.filter(organisation=case.organisation_id).select_related("applicant").first()
    if application is None:
        raise Refused("В карточке семьи нет заявления: уведомление адресуют заявителю.")
    curator = case.curator
    return {
        "organisation": organisation_context(case.organisation),
        "number": "",
        "date": timezone.localdate(),
        "addressee": Name(application.applicant),
        "address": "" if case.family.address_hidden else case.family.address,
        "council": describe_council(item.council),
        "minutes": {"number": minutes.number, "on": item.decision.decided_on, "point": f"{item.position}.1"},
        "reasons": item.decision.text,
        "appeal": [
            {"where": route.where, "how": route.how, "term": route.term} for route in profile.current().appeal.routes
        ],
        "annexes": [f"Выписка из протокола от {item.decision.decided_on:%d.%m.%Y} № {minutes.number}"],
        "signer": {"post": case.organisation.director_post or "Руководитель", "sign": _sign(case.organisation)},
        "executor": {"full": curator.full_name, "phone": curator.phone} if curator else None,
        "status": "",
    }


def _signed(item):
    """The minutes the item stands in; raises Refused while they are not signed, or when they came without a text."""
    minutes = item.decision.minutes if hasattr(item, "decision") else None
    if minutes is None:
        raise Refused("Протокол этого заседания ещё не подписан. Печатайте после подписания.")
    if not minutes.content:
        raise Refused("Протокол перенесён из прежней системы без текста: печатайте его из бумажного дела.")
    return minutes


def _sign(organisation) -> str:
    """«П.А. Мартынов» from the director's name as it is kept: «Мартынов Павел Андреевич»."""
    last, first, patronymic = [*organisation.director_name.split(), "", "", ""][:3]
    return names.sign(SimpleNamespace(last_name=last, first_name=first, patronymic=patronymic))


EXTRACT = register(
    Document(
        code="minutes_extract",
        title="Выписка из протокола",
        template="documents/minutes_extract.html",
        context=extract_context,
        long=True,
        file_name=lambda item: f"vypiska-{item.pk}",
    )
)
REFUSAL = register(
    Document(
        code="refusal_notice",
        title="Уведомление об отказе",
        template="documents/refusal_notice.html",
        context=refusal_context,
        file_name=lambda item: f"uvedomlenie-ob-otkaze-{item.pk}",
    )
)


def pack_context(meeting, *, reader) -> dict:
    """The pack as this reader may see it, marked with his name and the time on every sheet."""
    return {
        "meeting": meeting,
        "cards": pack.cards_for(meeting, reader),
        "council": describe_council(meeting.council),
        "reader": reader,
        "agency": reader.organisation,
        "printed_at": timezone.localtime(),
        "closes_on": meeting.held_on + datetime.timedelta(days=profile.current().council.pack_open_days),
        "status": "",
    }


PACK = register(
    Document(
        code="pack",
        title="Материалы заседания",
        template="documents/pack.html",
        context=pack_context,
        file_name=lambda meeting: f"materialy-{meeting.pk}",
    )
)
