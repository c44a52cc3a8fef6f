"""Письма приглашённым: neutral text, a link and the calendar file; each member is told once of each change."""

import logging

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone

from councils import ics
from councils.models import CouncilMembership, Invitation, Meeting

logger = logging.getLogger(__name__)


def mail_works() -> bool:
    """Whether this installation has a mail server; without one the page gives the calendar file to send by hand."""
    return bool(settings.EMAIL_HOST)


def waiting() -> list[int]:
    """Ids of meetings to come whose invited may not know all: for the sweep that makes up for lost messages."""
    coming = Meeting.objects.filter(held_on__gte=timezone.localdate(), state__in=("planned", "cancelled"))
    coming = coming.filter(form=Meeting.Form.IN_PERSON)
    return list(coming.order_by("held_on", "pk").values_list("pk", flat=True))


def deliver(meeting_id: int) -> int:
    """Send to each member what he does not know yet; returns how many letters went. Safe to repeat at any time."""
    meeting = Meeting.objects.select_related("council").filter(pk=meeting_id).first()
    if meeting is None or not mail_works() or meeting.held_on < timezone.localdate():
        return 0
    if meeting.is_absentee or meeting.state not in (Meeting.State.PLANNED, Meeting.State.CANCELLED):
        return 0
    invited = {member.pk for member in meeting.council.members_on(meeting.held_on) if ics.address_of(member)}
    known = set(meeting.invitations.exclude(sent_method="").values_list("membership", flat=True))
    members = CouncilMembership.objects.filter(pk__in=invited | known).select_related("user").order_by("pk")
    return sum(_tell(meeting_id, member, member.pk in invited) for member in members)


def _tell(meeting_id, member, invited) -> bool:
    """One letter, one transaction: the meeting is locked, so that what is sent is what is noted as sent."""
    with transaction.atomic():
        meeting = Meeting.objects.select_for_update().get(pk=meeting_id)
        invitation = Invitation.objects.get_or_create(meeting=meeting, membership=member)[0]
        method = invitation.letter_due(meeting, invited)
        if not method or not ics.address_of(member):
            return False
        try:
            compose(meeting, member, method, changed=bool(invitation.sent_method)).send()
        except OSError:  # smtplib's errors are OSError: the next sweep tries again
            logger.warning("A letter about meeting %s was not sent.", meeting_id)
            return False
        invitation.note_sent(method, meeting.sequence)
    return True


def compose(meeting, member, method, *, changed=False) -> EmailMultiAlternatives:
    """The letter; no name of a family, no question of the agenda."""
    what = "отменено" if method == ics.CANCEL else "перенесено" if changed else "назначено"
    if method == ics.CANCEL and meeting.state != Meeting.State.CANCELLED:
        what = "состоится без Вас: Вы больше не в составе совета"
    subject = f"Заседание {meeting.held_on:%d.%m.%Y} {what.split(':')[0]}"
    text = f"Здравствуйте!\n\nЗаседание {what}.\n{ics.describe(meeting)}\n"
    if method == ics.REQUEST:
        text += "\nОтветьте на своей странице, будете ли Вы.\n"
    letter = EmailMultiAlternatives(subject, text, settings.DEFAULT_FROM_EMAIL, [ics.address_of(member)])
    calendar = ics.invitation(meeting, member, method=method)
    letter.attach_alternative(calendar.decode(), f"text/calendar; method={method}")
    letter.attach(ics.file_name(meeting), calendar, "text/calendar")
    return letter
