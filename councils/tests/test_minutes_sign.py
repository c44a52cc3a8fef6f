"""Minutes: signed when nothing is open, numbered without gaps, immutable from then on."""

import datetime
import threading

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from councils.models import AgendaItem, Assignment, Meeting, Minutes
from councils.models.minutes import checksum
from sopr.audit.append_only import AppendOnlyError
from sopr.errors import Refused
from sopr.tests.casework import add_pack, decide, make_council, make_family, open_case, start_meeting


def propose(w, surname="Ивановы"):
    case = open_case(w, family=make_family(w, surname=surname))
    add_pack(w, case)
    return AgendaItem.propose(case, by=w.curator, council=w.council, question="recognise", level="basic")


@pytest.fixture
def running(world):
    world.council = make_council(world)
    world.items = [propose(world, name) for name in ("Ивановы", "Петровы", "Сидоровы")]
    world.meeting = start_meeting(world, world.council, *world.items)
    for item in world.items:
        item.refresh_from_db()
    return world


def test_refused_with_the_list_of_what_is_open(running):
    decide(running, running.items[1])
    with pytest.raises(Refused, match="не решены вопросы 1, 3"):
        running.meeting.sign_minutes(by=running.secretary)
    assert not Minutes.objects.exists()


def test_the_button_is_disabled_with_the_reasons(client, running):
    client.force_login(running.secretary)
    html = client.get(running.meeting.get_absolute_url()).content.decode()
    assert "не решены вопросы 1, 2, 3" in html
    assert reverse("councils:minutes-sign", args=[running.meeting.pk]) not in html


def test_an_empty_meeting_is_not_signed(world):
    meeting = start_meeting(world, make_council(world))
    with pytest.raises(Refused, match="в повестке нет вопросов"):
        meeting.sign_minutes(by=world.secretary)


def test_without_quorum_everything_is_put_off_and_the_minutes_say_so(running):
    w = running
    for row in w.meeting.attendances.all():
        row.mark(by=w.secretary, state="absent")
    for item in w.items:
        item.postpone(by=w.secretary)
    minutes = w.meeting.sign_minutes(by=w.secretary)
    w.meeting.refresh_from_db()
    assert w.meeting.had_quorum is False
    assert [(point["n"], point["quorum"]) for point in minutes.content["items"]] == [(1, False), (2, False), (3, False)]
    assert set(AgendaItem.objects.values_list("state", flat=True)) == {"queued"}


def test_a_postponed_question_keeps_its_number_at_this_meeting(running):
    w = running
    w.items[0].postpone(by=w.secretary, reason="Нужна справка")
    later = propose(w, "Кузнецовы")
    w.meeting.add_urgent(later, by=w.secretary, reason="Ребёнка выписывают завтра", votes_for=5)
    assert later.position == 4
    for item in AgendaItem.objects.filter(state="scheduled"):
        decide(w, item)
    content = w.meeting.sign_minutes(by=w.secretary).content
    assert [point["n"] for point in content["items"]] == [1, 2, 3, 4]
    assert content["items"][0]["postponed"] == "Вопрос отложен: нужна справка"


def test_a_planned_agenda_closes_its_gaps(world):
    world.council = make_council(world)
    items = [propose(world, name) for name in ("Ивановы", "Петровы", "Сидоровы")]
    meeting = Meeting.plan(world.council, by=world.secretary, held_on=timezone.localdate())
    for item in items:
        item.schedule(meeting, by=world.secretary)
    items[0].postpone(by=world.secretary)
    assert [item.position for item in meeting.agenda_items.all()] == [1, 2]


@pytest.fixture
def signed(running):
    w = running
    for item in w.items:
        decide(w, item)
    w.recused_row = w.meeting.attendances.first()
    w.minutes = w.meeting.sign_minutes(by=w.secretary)
    w.meeting.refresh_from_db()
    return w


def test_nothing_changes_after_the_signature(signed):
    w, item, row = signed, signed.items[0], signed.meeting.attendances.first()
    item.refresh_from_db()
    acts = [
        lambda: row.mark(by=w.secretary, state="absent"),
        lambda: row.arrive(by=w.secretary, at=1),
        lambda: item.recuse(row.membership, by=w.secretary),
        lambda: item.cancel_recusal(row.membership, by=w.secretary),
        lambda: item.note_down(by=w.secretary, heard="иначе", spoke="", draft=""),
        lambda: item.decide(by=w.secretary, verdict="granted", text="Ещё раз.", votes_for=5),
        lambda: item.postpone(by=w.secretary),
        lambda: item.return_with_remark(by=w.secretary, remark="Поздно"),
        lambda: propose(w, "Поздние").schedule(w.meeting, by=w.secretary),
        lambda: Assignment.give(item, by=w.secretary, text="Ещё", executor=w.school, due_on=timezone.localdate()),
        lambda: w.meeting.cancel(by=w.secretary, reason="карантин"),
        lambda: w.meeting.start(by=w.secretary),
        lambda: w.meeting.sign_minutes(by=w.secretary),
    ]
    for number, act in enumerate(acts):
        with pytest.raises(Refused):
            act()
            pytest.fail(f"act {number} was not refused")
    assert w.minutes.checksum == checksum(Minutes.objects.get().content)


def test_the_row_of_the_minutes_never_changes(signed):
    with pytest.raises(AppendOnlyError):
        signed.minutes.save()
    with pytest.raises(AppendOnlyError):
        Minutes.objects.update(number="7")
    with pytest.raises(Exception, match="only appended"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE councils_minutes SET number = '7'")


def test_numbers_run_within_council_and_year(world, time_machine):
    world.council = make_council(world)
    other = make_council(world, code="other")

    def sign(council, surname):
        item = propose_to(world, council, surname)
        meeting = start_meeting(world, council, item)
        decide(world, item)
        return meeting.sign_minutes(by=world.secretary).number

    time_machine.move_to(datetime.datetime(2026, 12, 29, 9, tzinfo=datetime.UTC))
    assert [sign(world.council, "Один"), sign(other, "Два")] == ["1", "1"]
    time_machine.move_to(datetime.datetime(2026, 12, 30, 9, tzinfo=datetime.UTC))
    assert sign(world.council, "Три") == "2"
    time_machine.move_to(datetime.datetime(2027, 1, 12, 9, tzinfo=datetime.UTC))
    assert sign(world.council, "Четыре") == "1"


def propose_to(w, council, surname):
    w.council = council
    return propose(w, surname)


def test_imported_numbers_are_passed_over(signed):
    w, today = signed, timezone.localdate()
    old = Meeting.objects.create(
        council=w.council, held_on=today, starts_at="08:00", state="signed", had_quorum=True, imported=True
    )
    Minutes.objects.create(meeting=old, number="2", year=today.year)
    item = propose(w, "Новые")
    meeting = Meeting.plan(w.council, by=w.secretary, held_on=today, starts_at="16:00")
    item.schedule(meeting, by=w.secretary)
    meeting.start(by=w.secretary)
    meeting.mark_all_present(by=w.secretary)
    decide(w, item)
    assert meeting.sign_minutes(by=w.secretary).number == "3"


@pytest.mark.django_db(transaction=True)
def test_many_signatures_at_one_moment_leave_no_gap(world):
    """Signed by ten threads at once, one of the meetings twice: consecutive numbers, each once, one refusal."""
    many = 50 if connection.vendor == "postgresql" else 4
    world.council = make_council(world)
    meetings = []
    for number in range(many):
        item = propose(world, f"Семья{number}")
        starts_at = datetime.time(8 + number // 6, number % 6 * 10)
        meeting = Meeting.plan(world.council, by=world.secretary, held_on=timezone.localdate(), starts_at=starts_at)
        item.schedule(meeting, by=world.secretary)
        meeting.start(by=world.secretary)
        meeting.mark_all_present(by=world.secretary)
        decide(world, item)
        meetings.append(meeting)
    threads_count = min(10, many)
    together, refusals = threading.Barrier(threads_count + 1), []

    def sign(*own):
        try:
            together.wait(timeout=60)
            for meeting in own:
                Meeting.objects.get(pk=meeting.pk).sign_minutes(by=world.secretary)
        except Refused as refused:
            refusals.append(str(refused))
        finally:
            connection.close()

    shares = [meetings[start::threads_count] for start in range(threads_count)]
    shares[0].reverse()  # the meeting signed twice last: who is refused goes no further
    threads = [threading.Thread(target=sign, args=own) for own in [*shares, [meetings[0]]]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    numbers = sorted(map(int, Minutes.objects.values_list("number", flat=True)))
    assert numbers == list(range(1, many + 1))
    assert refusals == ["Протокол уже подписан."]
