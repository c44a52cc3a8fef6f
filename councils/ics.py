"""Приглашение в календарь (.ics, RFC 5545 and 5546): made anew from the meeting each time, nothing of it is stored.

UID never changes, SEQUENCE grows with each change, so that Outlook and Thunderbird find the event and change it.
The text is neutral: council, day, place and a link; no family, no question of the agenda (domain.md §6.10).
"""

import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar, Event, Timezone, vCalAddress, vText

from councils.models import Meeting
from sopr import profile

REQUEST, CANCEL = "REQUEST", "CANCEL"
CANCEL_NOTE = "Причина — в календаре заседаний, после входа в систему."
PRODUCT = "-//SOPR//Councils//RU"


def invitation(meeting, membership=None, *, method="") -> bytes:
    """The calendar of one event: REQUEST for a meeting to come, CANCEL for one that was called off.

    `membership`: the one invited, named as the only ATTENDEE; `method` says CANCEL to who is not invited any more.
    """
    method = method or method_of(meeting)
    book = Calendar()
    book.add("prodid", PRODUCT)
    book.add("version", "2.0")
    book.add("method", method)
    zone = ZoneInfo(zone_name())
    book.add_component(Timezone.from_tzinfo(zone, first_date=_year_of(meeting), last_date=_year_after(meeting)))
    book.add_component(_event(meeting, membership, method, zone))
    return book.to_ical()


def method_of(meeting) -> str:
    return CANCEL if meeting.state == Meeting.State.CANCELLED else REQUEST


def zone_name() -> str:
    """The time zone of the region's profile."""
    return profile.current().time_zone


def uid(meeting) -> str:
    """The same for the whole life of the meeting."""
    return f"meeting-{meeting.pk}@{profile.current().code}.sopr"


def file_name(meeting) -> str:
    return f"zasedanie-{meeting.pk}.ics"


def link_to(path: str) -> str:
    """The address as people outside the page open it; empty when the installation has not said its own."""
    return f"{settings.SOPR_PUBLIC_URL.rstrip('/')}{path}" if settings.SOPR_PUBLIC_URL else ""


def _event(meeting, membership, method, zone):
    event = Event()
    event.add("uid", uid(meeting))
    left = method == CANCEL and meeting.state != Meeting.State.CANCELLED  # this member only: newer than what he has
    event.add("sequence", meeting.sequence + 2 * _times_dismissed(meeting, membership) + (1 if left else 0))
    event.add("dtstamp", timezone.now().astimezone(datetime.UTC))
    event.add("dtstart", meeting.begins.replace(tzinfo=None).replace(tzinfo=zone))
    event.add("dtend", meeting.ends.replace(tzinfo=None).replace(tzinfo=zone))
    title = "Внеочередное заседание" if meeting.extraordinary else "Заседание"
    event.add("summary", f"{title}: {meeting.council}")
    if meeting.place:
        event.add("location", meeting.place)
    event.add("description", describe(meeting))
    link = meeting.video_link or link_to(reverse("councils:pack-detail", args=[meeting.pk]))
    if link and method == REQUEST:
        event.add("url", link)
    event.add("status", "CANCELLED" if method == CANCEL else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if method == CANCEL else "OPAQUE")
    event.add("class", "CONFIDENTIAL")
    event["organizer"] = _organiser(meeting)
    if membership is not None and address_of(membership):
        event.add("attendee", _attendee(membership), encode=0)
    return event


def _times_dismissed(meeting, membership) -> int:
    """How often this person was told that the meeting is held without him, before he was seated anew."""
    if membership is None or membership.user_id is None:
        return 0
    told = meeting.invitations.filter(membership__user=membership.user_id, sent_method=CANCEL)
    return told.exclude(membership=membership).count()


def describe(meeting) -> str:
    """What the letter and the event say; the reason of a cancellation is free text and stays on the page."""
    lines = [f"{meeting.held_on:%d.%m.%Y}, {meeting.starts_at:%H:%M}, {meeting.council}."]
    if meeting.place:
        lines.append(f"Место: {meeting.place}.")
    if meeting.video_link:
        lines.append(f"Видеосвязь: {meeting.video_link}")
    if meeting.state == Meeting.State.CANCELLED:
        lines.append(f"Причина: {link_to(reverse('councils:calendar'))}" if settings.SOPR_PUBLIC_URL else CANCEL_NOTE)
        return "\n".join(lines)
    link = link_to(reverse("councils:pack-detail", args=[meeting.pk]))
    lines.append(f"Повестка и материалы: {link}" if link else "Повестка и материалы — после входа в систему.")
    return "\n".join(lines)


def address_of(membership) -> str:
    """Where the member reads letters; empty for who has no account or no address in it."""
    user = membership.user
    return user.email if user is not None and user.is_active else ""


def _organiser(meeting):
    organiser = vCalAddress(f"mailto:{settings.DEFAULT_FROM_EMAIL}")
    organiser.params["cn"] = vText(str(meeting.council))
    return organiser


def _attendee(membership):
    attendee = vCalAddress(f"mailto:{address_of(membership)}")
    attendee.params["cn"] = vText(membership.full_name)
    attendee.params["role"] = vText("REQ-PARTICIPANT")
    attendee.params["partstat"] = vText("NEEDS-ACTION")
    attendee.params["rsvp"] = vText("FALSE")  # answers are given on the member's page
    return attendee


def _year_of(meeting):
    return datetime.date(meeting.held_on.year, 1, 1)


def _year_after(meeting):
    return datetime.date(meeting.held_on.year + 2, 1, 1)
