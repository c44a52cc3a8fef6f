"""Invitations: the calendar file read by a library that did not write it, letters, answers, the expected quorum."""

import datetime

import pytest
import vobject
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from councils import ics, letters, tasks
from councils.models import Invitation, Meeting
from sopr import profile
from sopr.errors import Refused
from sopr.tests.casework import make_council

DAY = datetime.timedelta(days=1)


@pytest.fixture
def called(world, settings, time_machine):
    """A meeting in ten days; the member and the secretary have addresses, the installation has a mail server."""
    time_machine.move_to(datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC), tick=False)
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "mail.test", "sopr@region.test"
    settings.SOPR_PUBLIC_URL = "https://sopr.region.test"
    for user, address in ((world.member, "member@agency.test"), (world.secretary, "secretary@region.test")):
        user.email = address
        user.save()
    world.council = make_council(world, place="Администрация, малый зал")
    world.day = datetime.date(2026, 3, 12)
    world.meeting = Meeting.plan(world.council, by=world.secretary, held_on=world.day)
    world.seat = world.meeting.seat_of(world.member)
    return world


def read(content):
    """The calendar and its only event, as vobject understands them."""
    book = vobject.readOne(content.decode() if isinstance(content, bytes) else content)
    assert len(book.vevent_list) == 1
    return book, book.vevent


def test_an_independent_library_reads_the_invitation(called):
    book, event = read(ics.invitation(called.meeting, called.seat))
    zone = profile.current().time_zone
    assert (book.method.value, book.version.value) == ("REQUEST", "2.0")
    assert book.vtimezone.tzid.value == zone == event.dtstart.params["X-VOBJ-ORIGINAL-TZID"][0]
    assert event.dtstart.value.replace(tzinfo=None) == datetime.datetime(2026, 3, 12, 10, 0)
    assert event.dtstart.value.astimezone(datetime.UTC) == called.meeting.begins
    assert event.dtend.value - event.dtstart.value == datetime.timedelta(hours=2)
    assert (event.sequence.value, event.status.value) == ("0", "CONFIRMED")
    assert event.summary.value == f"Заседание: {called.council.name}"
    assert event.location.value == "Администрация, малый зал"
    assert event.organizer.value == "mailto:sopr@region.test"
    assert [one.value for one in event.attendee_list] == ["mailto:member@agency.test"]
    assert event.attendee.params["CN"] == ["Членова Ольга"]


def test_update_and_cancel_follow_the_same_event(called):
    w = called
    uid = read(ics.invitation(w.meeting))[1].uid.value
    w.meeting.move(by=w.secretary, held_on=w.day + DAY, starts_at=datetime.time(15), place="Большой зал")
    book, event = read(ics.invitation(w.meeting))
    assert (book.method.value, event.uid.value, event.sequence.value) == ("REQUEST", uid, "1")
    assert event.dtstart.value.replace(tzinfo=None) == datetime.datetime(2026, 3, 13, 15)
    w.meeting.cancel(by=w.secretary, reason="Карантин")
    book, event = read(ics.invitation(w.meeting, w.seat))
    assert (book.method.value, event.uid.value, event.sequence.value) == ("CANCEL", uid, "2")
    assert event.status.value == "CANCELLED" and event.attendee.value == "mailto:member@agency.test"


@pytest.mark.parametrize("region", ["irkutsk", "primorye", "model"])
def test_the_time_zone_is_the_regions(called, settings, region):
    settings.SOPR_REGION = region
    book, event = read(ics.invitation(called.meeting))
    assert book.vtimezone.tzid.value == event.dtstart.params["X-VOBJ-ORIGINAL-TZID"][0] == ics.zone_name()
    assert event.dtstart.value.hour == 10


def test_long_lines_are_folded_as_the_standard_asks(called):
    called.council.name = "Координационный совет по социальному сопровождению семей с детьми, " * 4
    content = ics.invitation(called.meeting)
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert read(content)[1].summary.value.count("Координационный") == 4


def test_each_member_gets_one_letter_for_each_change(called):
    w = called
    assert letters.deliver(w.meeting.pk) == 2
    assert letters.deliver(w.meeting.pk) == 0, "nothing new: nobody is written to again"
    assert sorted(letter.to[0] for letter in mail.outbox) == ["member@agency.test", "secretary@region.test"]
    w.meeting.move(by=w.secretary, held_on=w.day, starts_at=datetime.time(11))
    assert letters.deliver(w.meeting.pk) == 2 and "перенесено" in mail.outbox[-1].subject
    w.meeting.cancel(by=w.secretary, reason="Карантин")
    tasks.sweep_meetings()  # makes up for a message that was lost
    assert len(mail.outbox) == 6 and "отменено" in mail.outbox[-1].subject
    methods = [read(letter.attachments[0].content)[0].method.value for letter in mail.outbox]
    assert methods == ["REQUEST"] * 4 + ["CANCEL"] * 2
    kinds = {letter.alternatives[0].mimetype for letter in mail.outbox}
    assert kinds == {"text/calendar; method=REQUEST", "text/calendar; method=CANCEL"}


def test_the_letter_is_neutral_and_leads_to_the_page(called):
    w = called
    invited = letters.compose(w.meeting, w.seat, ics.REQUEST)
    assert f"https://sopr.region.test{reverse('councils:pack-detail', args=[w.meeting.pk])}" in invited.body
    w.meeting.cancel(by=w.secretary, reason="Семья Ковалёвых уехала")
    letter = letters.compose(w.meeting, w.seat, ics.CANCEL)
    text = letter.message().as_string() + letter.body + ics.invitation(w.meeting, w.seat).decode()
    assert "Ковалёв" not in text, "the reason is free text and stays on the page"
    assert f"https://sopr.region.test{reverse('councils:calendar')}" in letter.body


def test_who_left_the_council_is_uninvited(called):
    w = called
    letters.deliver(w.meeting.pk)
    w.seat.until = w.day - DAY
    w.seat.save()
    mail.outbox.clear()
    assert letters.deliver(w.meeting.pk) == 1
    book, event = read(mail.outbox[0].attachments[0].content)
    assert mail.outbox[0].to == ["member@agency.test"]
    assert (book.method.value, event.sequence.value) == ("CANCEL", "1")
    assert letters.deliver(w.meeting.pk) == 0
    w.council.seat(by=w.administrator, user=w.member, organisation=w.guardianship, role="member", since=w.day)
    assert letters.deliver(w.meeting.pk) == 1, "seated anew: his calendar takes the event back"
    book, event = read(mail.outbox[1].attachments[0].content)
    assert (book.method.value, event.sequence.value) == ("REQUEST", "2")


def test_nothing_is_sent_without_a_server_or_about_the_past(called, settings, time_machine):
    settings.EMAIL_HOST = ""
    assert letters.deliver(called.meeting.pk) == 0
    settings.EMAIL_HOST = "mail.test"
    time_machine.move_to(datetime.datetime(2026, 3, 13, 9, tzinfo=datetime.UTC))
    assert letters.deliver(called.meeting.pk) == 0
    assert not mail.outbox


def test_a_change_wakes_the_task_once_it_is_kept(called, monkeypatch, django_capture_on_commit_callbacks):
    woken = []
    monkeypatch.setattr(tasks.deliver_invitations, "delay", lambda *args: woken.append(args))
    with django_capture_on_commit_callbacks(execute=True):
        called.meeting.move(by=called.secretary, held_on=called.day, starts_at=datetime.time(11))
        assert not woken
    assert woken == [(called.meeting.pk,)]


def test_the_file_is_given_to_secretary_and_member(client, called):
    w = called
    client.force_login(w.member)
    answer = client.get(reverse("councils:pack-file", args=[w.meeting.pk]))
    assert answer["Content-Disposition"] == f'attachment; filename="zasedanie-{w.meeting.pk}.ics"'
    assert read(answer.content)[1].attendee.value == "mailto:member@agency.test"
    w.meeting.cancel(by=w.secretary, reason="Карантин")
    assert read(client.get(reverse("councils:pack-file", args=[w.meeting.pk])).content)[0].method.value == "CANCEL"
    client.force_login(w.secretary)
    event = read(client.get(reverse("councils:invitation-file", args=[w.meeting.pk])).content)[1]
    assert not hasattr(event, "attendee"), "to be sent on by hand, to anybody"


def test_a_member_answers_on_his_page(client, called):
    w = called
    client.force_login(w.member)
    url = reverse("councils:invitation-reply", args=[w.meeting.pk])
    assert "не сможете быть" in client.post(url, {"answer": "no"}).content.decode()
    assert "кто будет замещать" in client.post(url, {"answer": "substitute"}).content.decode()
    assert client.post(url, {"answer": "no", "reason": "Отпуск"}).status_code == 302
    assert "Отпуск" in client.get(reverse("councils:pack-detail", args=[w.meeting.pk])).content.decode()
    assert client.post(url, {"answer": "yes", "reason": "Отпуск"}).status_code == 302
    kept = Invitation.objects.get(membership=w.seat)
    assert (kept.answer, kept.reason) == ("yes", "")
    client.force_login(w.executor)
    assert client.post(url, {"answer": "yes"}).status_code == 404


def test_the_secretary_sees_what_is_missing_for_the_quorum(client, called):
    w = called
    w.council.required_agencies.add(w.guardianship)
    client.force_login(w.secretary)
    url = w.meeting.get_invitations_url()
    assert "обещали быть 0 из 5, нужно не меньше 3" in client.get(url).content.decode()
    others = list(w.council.members_on(w.day).exclude(pk=w.seat.pk))
    for member in others[:3]:
        note = reverse("councils:invitation-note", args=[w.meeting.pk, member.pk])
        assert client.post(note, {"answer": "yes"}).status_code == 302
    html = client.get(url).content.decode()
    assert "кворума пока нет" in html and f"Без кого совет неправомочен: {w.guardianship}" in html
    Invitation.reply(w.meeting, w.seat, by=w.member, answer="substitute", substitute="Заменова З.З.")
    html = client.get(url).content.decode()
    assert "кворум будет" in html and "Заменова З.З." in html
    assert client.get(reverse("councils:invitation-note", args=[w.meeting.pk, 987654])).status_code == 404


def test_answers_fill_the_attendance_when_the_meeting_opens(called, time_machine):
    w = called
    chair = w.council.members_on(w.day).get(role="chair")
    Invitation.reply(w.meeting, w.seat, by=w.member, answer="no", reason="Отпуск")
    Invitation.reply(w.meeting, chair, by=w.secretary, answer="substitute", substitute="Заменов З.З.")
    time_machine.move_to(datetime.datetime(2026, 3, 12, 9, tzinfo=datetime.UTC))
    w.meeting.start(by=w.secretary)
    rows = {row.membership_id: row for row in w.meeting.attendances.all()}
    assert rows[w.seat.pk].state == "excused"
    assert (rows[chair.pk].state, rows[chair.pk].substitute) == ("absent", "Заменов З.З.")
    with pytest.raises(Refused, match="уже нельзя"):
        Invitation.reply(w.meeting, w.seat, by=w.member, answer="yes")


def test_only_a_member_of_that_day_answers(called):
    w = called
    w.seat.until = timezone.localdate()
    w.seat.save()
    with pytest.raises(Refused, match="в составе совета нет"):
        Invitation.reply(w.meeting, w.seat, by=w.member, answer="yes")
