"""A group of the centre that an agency's specialist leads: the agency marks who came, and reads the least of them."""

import datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.attendance import names_for_agency
from cases.models import AttendanceMark, Enrolment, GroupSession, Service, ServiceGroup
from cases.models.session import Cell, mark_attendance
from cases.tests.test_attendance import name
from sopr.errors import Refused
from sopr.tests.casework import make_family

D = datetime.date
FOUR = datetime.time(16)


@pytest.fixture(autouse=True)
def _end_of_november():
    with time_machine.travel(datetime.datetime(2026, 11, 27, 9, tzinfo=timezone.get_default_timezone()), tick=True):
        yield


@pytest.fixture
def group(world):
    """Tuesdays of November, led by the clinic's executor; two children whose names differ in the patronymic only."""
    service = Service.add(by=world.curator, title="Лечебная физкультура", kind="club", for_whom="minors")
    group = ServiceGroup.start(service, by=world.curator, title="Младшая", leader=world.executor, since=D(2026, 11, 1))
    group.set_schedule(by=world.curator, since=group.since, slots=[{"weekday": 1, "starts_at": FOUR, "minutes": 60}])
    GroupSession.generate(group, group.since, by=world.curator)
    for patronymic in ("Петрович", "Олегович"):
        family = make_family(world)
        child = family.memberships.get(relation="child").person
        child.patronymic = patronymic
        child.save()
        Enrolment.enrol(group, family, by=world.curator, person=child, since=group.since)
    return group


def test_the_agency_finds_its_group_and_marks_the_oldest_unmarked_date(world, group, enter):
    executor = enter(world.executor)
    page = executor.get("cases:led-list").content.decode()
    first = group.sessions.order_by("held_on").first()
    assert "Младшая" in page and "Лечебная физкультура" in page and str(world.centre) in page
    assert reverse("cases:attendance-day", args=[first.pk]) in page
    rows = list(group.enrolments.order_by("pk"))
    answer = executor.post("cases:attendance-day", first.pk, seen="", **{name(first, rows[0]): "present"})
    assert answer.status_code == 302 and answer["Location"] == reverse("cases:led-list")
    mark = AttendanceMark.objects.get()
    assert (mark.session, mark.enrolment, mark.marked_by) == (first, rows[0], world.executor)
    second = group.sessions.order_by("held_on")[1]
    assert reverse("cases:attendance-day", args=[second.pk]) in executor.get("cases:led-list").content.decode()


def test_the_agency_reads_no_surname_no_family_and_takes_no_file(world, group, enter):
    executor = enter(world.executor)
    session = group.sessions.order_by("held_on").first()
    pages = [
        executor.get("cases:led-list"),
        executor.get("cases:attendance-month", group.pk, month="2026-11"),
        executor.get("cases:attendance-day", session.pk),
        executor.get("cases:attendance-month", group.pk, month="2026-11", **{"as": "xlsx"}),
    ]
    for page in pages:
        assert page["Content-Type"].startswith("text/html")
        text = page.content.decode()
        assert "Ковалёв" not in text
        assert f"/cases/groups/{group.pk}/sheet/" not in text
        assert all(row.family.number not in text for row in group.enrolments.select_related("family"))
    assert "Илья Петрович К." in pages[1].content.decode() and "Илья Олегович К." in pages[2].content.decode()
    assert executor.get("cases:group-detail", group.pk).status_code == 403
    assert executor.get("cases:attendance-print", group.pk).status_code == 403


def test_a_clash_and_a_refusal_name_nobody_to_the_agency(world, group, enter):
    first = group.sessions.order_by("held_on").first()
    row = group.enrolments.order_by("pk").first()
    mark_attendance(group, [Cell(first.pk, row.pk, "absent", "")], by=world.curator)
    executor = enter(world.executor)
    told = executor.client.post(
        f"/cases/groups/{group.pk}/attendance/?month=2026-11",
        {"seen": "", name(first, row): "present"},
        follow=True,
    ).content.decode()
    assert "Илья Петрович К., 03.11.2026: пока Вы отмечали" in told and "Ковалёв" not in told
    row.leave(by=world.curator, day=D(2026, 11, 9), reason="moved")
    last = group.sessions.order_by("held_on").last()
    told = executor.post("cases:attendance-month", group.pk, seen="", **{name(last, row): "present"})
    assert told.status_code == 422 and "не числится" in told.content.decode()
    assert "Ковалёв" not in told.content.decode()


def test_another_agency_another_centre_and_a_former_leader_find_nothing(world, group, enter):
    session = group.sessions.first()
    for user in (world.other_executor, world.other_curator):
        stranger = enter(user)
        assert stranger.get("cases:attendance-month", group.pk).status_code == 404
        assert stranger.post("cases:attendance-day", session.pk, seen="").status_code == 404
    assert "Младшая" not in enter(world.other_executor).get("cases:led-list").content.decode()
    executor = enter(world.executor)
    group.close(by=world.curator, day=D(2026, 11, 26))
    assert executor.get("cases:attendance-month", group.pk).status_code == 200
    with time_machine.travel(datetime.datetime(2026, 12, 28, 9, tzinfo=timezone.get_default_timezone()), tick=True):
        assert enter(world.executor).get("cases:attendance-month", group.pk).status_code == 404
    group.change(by=world.curator, leader=world.curator)
    assert executor.get("cases:attendance-month", group.pk).status_code == 404


def test_the_centre_appoints_its_own_people_and_specialists_of_agencies_near_it(world, group, enter):
    curator = enter(world.curator)
    page = curator.get("cases:group-edit", group.pk).content.decode()
    assert "Исполнителева Ольга Николаевна, Детская поликлиника № 1" in page and "Коллегина" in page
    assert "Членова" not in page and "Чужакова" not in page
    assert "Детская поликлиника № 1" in curator.get("cases:group-detail", group.pk).content.decode()
    for user in (world.member, world.other_curator):
        with pytest.raises(Refused, match="Вести группу может"):
            group.change(by=world.curator, leader=user)


def test_a_family_is_told_from_another_by_its_letter_then_by_its_number(world, group):
    trip = Service.add(by=world.curator, title="Мобильная бригада", kind="trip", for_whom="families")
    brigade = ServiceGroup.start(trip, by=world.curator, title="Бригада № 1", leader=world.executor)
    families = [make_family(world), make_family(world), make_family(world, surname="Ершовы")]
    rows = [Enrolment.enrol(brigade, family, by=world.curator) for family in families]
    names = names_for_agency(rows)
    assert [names[row.pk] for row in rows] == [
        f"семья К., № {families[0].number}",
        f"семья К., № {families[1].number}",
        "семья Е.",
    ]


def test_the_list_takes_the_same_queries_for_many_groups(world, group, enter):
    executor = enter(world.executor)
    executor.get("cases:led-list")
    with CaptureQueriesContext(connection) as few:
        executor.get("cases:led-list")
    for number in range(5):
        other = ServiceGroup.start(group.service, by=world.curator, title=f"№ {number}", leader=world.executor)
        GroupSession.add(other, by=world.curator, held_on=other.since, starts_at=FOUR)
    with CaptureQueriesContext(connection) as many:
        page = executor.get("cases:led-list").content.decode()
    assert "№ 4" in page and len(many) == len(few)
