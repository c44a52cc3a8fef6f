"""Attendance: the month's grid, one date, two people at once, the sheet."""

import datetime
import io
import subprocess

import openpyxl
import pytest
import time_machine
from django.utils import timezone

from cases.attendance import months_of_service, read_month, share_of
from cases.models import AttendanceMark, Enrolment, GroupSession, Service, ServiceGroup
from cases.models.session import Cell, mark_attendance
from sopr.errors import Refused
from sopr.tests.casework import make_family

D = datetime.date
FOUR = datetime.time(16)
TODAY = D(2026, 11, 27)


@pytest.fixture(autouse=True)
def _end_of_november():
    with time_machine.travel(datetime.datetime(2026, 11, 27, 9, tzinfo=timezone.get_default_timezone()), tick=True):
        yield


@pytest.fixture
def group(world):
    """Two children since 1 November, one of them until the 17th; Tuesdays of November and one in December."""
    service = Service.add(by=world.curator, title="Туристический клуб", kind="club", for_whom="minors")
    group = ServiceGroup.start(service, by=world.curator, title="Старшая", leader=world.curator, since=D(2026, 11, 1))
    group.set_schedule(by=world.curator, since=group.since, slots=[{"weekday": 1, "starts_at": FOUR, "minutes": 60}])
    GroupSession.generate(group, D(2026, 11, 1), by=world.curator)
    GroupSession.generate(group, D(2026, 12, 1), by=world.curator)
    for _number in range(2):
        family = make_family(world)
        child = family.memberships.get(relation="child").person
        Enrolment.enrol(group, family, by=world.curator, person=child, since=group.since)
    return group


@pytest.fixture
def rows(group):
    return list(group.enrolments.order_by("pk"))


@pytest.fixture
def dates(group):
    return list(group.sessions.order_by("held_on"))


def cell(session, enrolment, state, seen=""):
    return Cell(session.pk, enrolment.pk, state, seen)


def post_grid(browser, group, seen="", month="2026-11", **marks):
    return browser.client.post(
        f"/cases/groups/{group.pk}/attendance/?month={month}", {"seen": seen} | marks, follow=True
    )


def name(session, enrolment):
    return f"mark-{session.pk}-{enrolment.pk}"


def test_a_month_is_marked_in_one_form(world, group, rows, dates, enter):
    curator = enter(world.curator)
    page = curator.get("cases:attendance-month", group.pk, month="2026-11").content.decode()
    assert name(dates[0], rows[0]) in page and "ноябрь 2026" in page
    answer = post_grid(
        curator, group,
        **{name(dates[0], rows[0]): "present", name(dates[0], rows[1]): "absent", name(dates[1], rows[0]): "excused",
           name(dates[1], rows[1]): ""},
    )  # fmt: skip
    assert "Сохранено: 3" in answer.content.decode()
    assert AttendanceMark.objects.count() == 3
    grid = read_month(group, D(2026, 11, 15))
    assert [line.states for line in grid.lines] == [["present", "excused", "", ""], ["absent", "", "", ""]]
    assert (grid.visits, grid.marked, grid.share, grid.present) == (1, 3, 33, [1, 0, 0, 0])


def test_two_people_mark_at_once_and_nothing_is_lost(world, group, rows, dates):
    seen_by_both = [cell(dates[0], rows[0], ""), cell(dates[0], rows[1], "")]
    assert mark_attendance(group, [cell(dates[0], rows[0], "present"), seen_by_both[1]], by=world.curator) == (1, [])
    written, clashes = mark_attendance(group, [seen_by_both[0], cell(dates[0], rows[1], "absent")], by=world.colleague)
    assert (written, clashes) == (1, [])
    marks = dict(AttendanceMark.objects.values_list("enrolment", "state"))
    assert marks == {rows[0].pk: "present", rows[1].pk: "absent"}


def test_the_same_cell_marked_otherwise_stays_as_the_first_said_and_the_second_is_told(
    world, group, rows, dates, enter
):
    mark_attendance(group, [cell(dates[0], rows[0], "absent")], by=world.colleague)
    curator = enter(world.curator)
    told = post_grid(
        curator, group, seen="", **{name(dates[0], rows[0]): "present", name(dates[1], rows[0]): "present"}
    ).content.decode()
    assert "коллега поставил «не был»" in told and "Сохранено: 1" in told
    assert AttendanceMark.objects.get(session=dates[0]).state == "absent"
    assert AttendanceMark.objects.get(session=dates[1]).state == "present"
    seen = f"{dates[0].pk}-{rows[0].pk}-a"
    post_grid(curator, group, seen=seen, **{name(dates[0], rows[0]): "present"})
    mark = AttendanceMark.objects.get(session=dates[0])
    assert (mark.state, mark.marked_by) == ("present", world.curator)
    post_grid(curator, group, seen=seen.replace("-a", "-p"), **{name(dates[0], rows[0]): ""})
    assert not AttendanceMark.objects.filter(session=dates[0]).exists()


def test_the_same_form_sent_twice_marks_once(world, group, rows, dates, enter):
    curator = enter(world.curator)
    for _time in range(2):
        post_grid(curator, group, **{name(dates[0], rows[0]): "present"})
    assert AttendanceMark.objects.count() == 1


def test_what_cannot_be_marked_is_refused(world, group, rows, dates):
    with pytest.raises(Refused, match="ещё не состоялось"):
        mark_attendance(group, [cell(dates[-1], rows[0], "present")], by=world.curator)
    dates[1].cancel(by=world.curator, reason="Карантин")
    with pytest.raises(Refused, match="отменено"):
        mark_attendance(group, [cell(dates[1], rows[0], "present")], by=world.curator)
    rows[0].leave(by=world.curator, day=D(2026, 11, 12), reason="moved")
    with pytest.raises(Refused, match="не числится"):
        mark_attendance(group, [cell(dates[2], rows[0], "present")], by=world.curator)
    with pytest.raises(Refused, match="Обновите страницу"):
        mark_attendance(group, [Cell(987654, rows[0].pk, "present", "")], by=world.curator)


def test_a_mark_holds_its_date_and_its_person(world, group, rows, dates):
    mark_attendance(group, [cell(dates[2], rows[0], "present")], by=world.curator)
    with pytest.raises(Refused, match="перенести занятие нельзя"):
        dates[2].change(by=world.curator, held_on=D(2026, 11, 18))
    with pytest.raises(Refused, match="отменить занятие нельзя"):
        dates[2].cancel(by=world.curator, reason="Болезнь")
    with pytest.raises(Refused, match="17.11.2026"):
        rows[0].leave(by=world.curator, day=D(2026, 11, 12), reason="moved")
    with pytest.raises(Refused, match="17.11.2026 уже отмечено"):
        group.close(by=world.curator, day=D(2026, 11, 12))
    group.set_schedule(by=world.curator, since=D(2026, 11, 1), slots=[])
    assert [session.pk for session in group.sessions.all()] == [dates[2].pk]


def test_one_date_is_marked_on_a_phone(world, group, rows, dates, enter):
    curator = enter(world.curator)
    page = curator.get("cases:attendance-day", dates[0].pk).content.decode()
    assert page.count('type="radio"') == 8
    curator.post("cases:attendance-day", dates[0].pk, seen="", **{name(dates[0], rows[0]): "present"})
    assert AttendanceMark.objects.get().session == dates[0]
    assert curator.get("cases:attendance-day", dates[-1].pk).status_code == 409
    strange = curator.post("cases:attendance-day", dates[0].pk, seen="1 2-3 x-y-z", **{name(dates[0], rows[0]): "was"})
    assert strange.status_code == 422


def test_who_has_left_stands_in_the_month_he_was_there(world, group, rows, dates):
    rows[0].leave(by=world.curator, day=D(2026, 11, 12), reason="moved")
    states = [line.states for line in read_month(group, TODAY).lines if line.enrolment == rows[0]]
    assert states == [["", "", None, None]]
    assert len(read_month(group, D(2026, 12, 1)).lines) == 1


def test_the_sheet_is_printed_and_goes_to_excel(world, group, rows, dates, enter):
    mark_attendance(group, [cell(dates[0], rows[0], "present"), cell(dates[1], rows[0], "absent")], by=world.curator)
    dates[3].cancel(by=world.curator, reason="Карантин")
    curator = enter(world.curator)
    pdf = curator.get("cases:attendance-print", group.pk, month="2026-11")
    assert pdf["Content-Type"] == "application/pdf"
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf.content, capture_output=True, check=True)
    text = " ".join(read.stdout.decode().split())
    assert "ТАБЕЛЬ ПОСЕЩАЕМОСТИ" in text and "ноябрь 2026" in text and "Карантин" in text
    assert "Ковалёв Илья Петрович" in text
    book = curator.get("cases:attendance-month", group.pk, month="2026-11", **{"as": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(book.streaming_content))).active
    head = [value.value for value in sheet[4]]
    assert head == ["Фамилия, имя, отчество", "03.11", "10.11", "17.11", "Был", "Не был", "Уважит.", "Посещение"]
    assert [value.value for value in sheet[5]][1:5] == ["+", "–", None, 1]


def test_months_of_a_service_count_visits_people_and_share(world, group, rows, dates):
    mark_attendance(
        group,
        [cell(dates[0], rows[0], "present"), cell(dates[1], rows[0], "present"), cell(dates[1], rows[1], "absent")],
        by=world.curator,
    )
    month = months_of_service(group.service, TODAY)[-1]
    assert (month.month, month.sessions, month.visits, month.people) == (D(2026, 11, 1), 4, 2, 1)
    assert (month.marked, month.share) == (3, 67)
    assert share_of(0, 0) is None and share_of(1, 2) == 50 and share_of(1, 8) == 13


def test_the_grid_takes_the_same_queries_for_many_people(world, group, enter, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    curator = enter(world.curator)
    curator.get("cases:attendance-month", group.pk)
    with CaptureQueriesContext(connection) as few:
        curator.get("cases:attendance-month", group.pk)
    for _number in range(5):
        family = make_family(world)
        child = family.memberships.get(relation="child").person
        Enrolment.enrol(group, family, by=world.curator, person=child)
    with CaptureQueriesContext(connection) as many:
        curator.get("cases:attendance-month", group.pk)
    assert len(many) == len(few)
