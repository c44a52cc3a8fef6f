"""A council's assignment: given at the meeting, due from its agency, overdue onto the next agenda."""

import datetime

import pytest
from django.template import Context, Template
from django.urls import reverse
from django.utils import timezone

from councils.models import AgendaItem, Assignment, Meeting
from sopr.obligations.models import Obligation
from sopr.tests.casework import add_pack, decide, make_council, open_case, start_meeting

NOW = datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC)


@pytest.fixture
def running(world, time_machine):
    time_machine.move_to(NOW)
    world.council = make_council(world)
    world.case = open_case(world)
    add_pack(world, world.case)
    world.item = AgendaItem.propose(
        world.case, by=world.curator, council=world.council, question="recognise", level="basic"
    )
    world.meeting = start_meeting(world, world.council, world.item)
    world.item.refresh_from_db()
    return world


def give(client, w, **fields):
    client.force_login(w.secretary)
    values = {"text": "Записать ребёнка к неврологу", "executor": w.clinic.pk, "due_on": "2026-03-20"} | fields
    return client.post(reverse("councils:assignment-new", args=[w.item.pk]), values)


def report_url(task):
    return reverse("councils:assignment-report", args=[task.pk])


def test_given_reported_and_closed(client, running):
    w = running
    assert give(client, w, due_on="2026-03-01").status_code == 422
    assert give(client, w).status_code == 302
    task = Assignment.objects.get()
    assert Obligation.objects.open().about(task).get().due_on == datetime.date(2026, 3, 20)
    client.force_login(w.executor)
    panel = Template("{% load councils_panels %}{% executor_assignments user %}").render(Context({"user": w.executor}))
    assert "Записать ребёнка к неврологу" in panel
    assert "Ковалёв" not in panel + client.get(report_url(task)).content.decode()  # least identification
    future = client.post(report_url(task), {"done_on": "2026-03-05", "result": "Записан"})
    assert "ещё не наступила" in future.content.decode()
    assert client.post(report_url(task), {"done_on": "2026-03-02", "result": "Записан"}).status_code == 302
    assert Obligation.objects.open().about(task).get().assignee == w.secretary  # now the secretary looks at it
    assert client.post(report_url(task), {"done_on": "2026-03-02", "result": "Ещё"}).status_code == 409


def test_another_agency_does_not_find_it(client, running):
    give(client, running)
    client.force_login(running.other_executor)
    assert client.get(report_url(Assignment.objects.get())).status_code == 404
    client.force_login(running.member)
    assert client.get(report_url(Assignment.objects.get())).status_code == 403


def test_an_overdue_one_returns_to_the_next_agenda_until_it_is_done(client, running, time_machine):
    w = running
    give(client, w)
    decide(w, w.item)
    w.meeting.sign_minutes(by=w.secretary)
    time_machine.move_to(NOW + datetime.timedelta(days=30))
    client.force_login(w.secretary)
    assert "Просроченные поручения" in client.get(reverse("councils:meeting-list")).content.decode()
    following = start_meeting(w, w.council)
    back = following.agenda_items.get()
    assert (back.question, back.state) == ("other", "scheduled")
    assert "Не исполнено поручение" in back.summary
    decide(w, back)
    following.sign_minutes(by=w.secretary)
    assert following.minutes.content["previous_tasks"] == {
        "number": "1", "held_on": "2026-03-02", "given": 1, "done": 0, "overdue": 1
    }  # fmt: skip
    Assignment.objects.get().report(by=w.executor, done_on=timezone.localdate(), result="Записан")
    third = Meeting.plan(w.council, by=w.secretary, held_on=timezone.localdate(), starts_at=datetime.time(16))
    third.start(by=w.secretary)
    assert not third.agenda_items.exists()
