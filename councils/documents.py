"""Printed documents of councils."""

from councils.minutes import describe_meeting, revive
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
