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

NO_TEXT = "Протокол перенесён из прежней системы без текста: печатайте его из бумажного дела."


def minutes_context(meeting) -> dict:
    """The frozen content of signed minutes with what followed it; before signing the meeting as it stands, a draft."""
    signed = getattr(meeting, "minutes", None)
    if signed is None:
        return revive(describe_meeting(meeting)) | {"status": DRAFT}
    if not signed.content:
        raise Refused(NO_TEXT)
    return revive(signed.content) | {
        "marks": signature_marks(signed, signed.chair_signature),
        "corrections": [correction_context(act) for act in signed.corrections.select_related("signature")],
        "status": "",
    }


def minutes_name(meeting) -> str:
    signed = getattr(meeting, "minutes", None)
    return f"protokol-{signed.number}-{signed.year}" if signed else f"protokol-proekt-{meeting.pk}"


def signature_marks(paper, chair) -> list[str]:
    """Who signed in the system and when; a signature on paper is seen on the paper."""
    marks = [f"Секретарь: {paper.signed_by.short_name}, {_moment(paper.signed_at)}"] if paper.signed_by else []
    if chair and not chair.on_paper:
        marks.append(f"Председательствующий: {chair.by.short_name}, {_moment(chair.at)}")
    return marks


def correction_context(act) -> dict:
    """One act of correction, as it is printed with the minutes and with the extract on its question."""
    return {
        "number": act.number,
        "on": timezone.localdate(act.signed_at),
        "position": act.position,
        "stood": act.stood,
        "should": act.should,
        "reason": act.reason,
        "marks": signature_marks(act, getattr(act, "signature", None)),
    }


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
    """One question out of the frozen minutes: what lies in the family's case and nothing of other families."""
    minutes = _signed(item)
    acts = minutes.corrections.filter(position=item.heard_as.position).select_related("signature")
    return revive(item.extract.content) | {
        "case_number": item.case.number,
        "certified": {"by": item.extract.content["secretary"], "post": "Секретарь совета", "on": timezone.localdate()},
        "corrections": [correction_context(act) for act in acts],
        "status": "",
    }


def refusal_context(item) -> dict:
    """Notice of refusal to the applicant, with the ways of appeal of the region's profile (domain.md §2)."""
    minutes, case = _signed(item), item.case
    application = case.family.applications.filter(organisation=case.organisation_id).select_related("applicant").first()
    if application is None:
        raise Refused("В карточке семьи нет заявления: уведомление адресуют заявителю.")
    curator, notice = case.curator, getattr(item, "notice", None)
    return {
        "organisation": organisation_context(case.organisation),
        "number": notice.number if notice else "",
        "date": timezone.localdate(minutes.signed_at),
        "addressee": Name(application.applicant),
        "address": "" if case.family.address_hidden else case.family.address,
        "council": describe_council(item.council),
        "minutes": {"number": minutes.number, "on": item.decision.decided_on, "point": f"{item.heard_as.position}.1"},
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
        raise Refused(NO_TEXT)
    return minutes


def _sign(organisation) -> str:
    """«П.А. Мартынов» from the director's name as it is kept: «Мартынов Павел Андреевич»."""
    last, first, patronymic = [*organisation.director_name.split(), "", "", ""][:3]
    return names.sign(SimpleNamespace(last_name=last, first_name=first, patronymic=patronymic))


def _moment(at) -> str:
    return f"{timezone.localtime(at):%d.%m.%Y %H:%M}"


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
