"""Control of assignments: a report is accepted or returned; only the council prolongs; the register counts shares."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from councils.duties import ASSIGNMENT, ASSIGNMENT_ACCEPT
from councils.models import AgendaItem, Assignment, Meeting
from councils.views.assignments import shares
from sopr.errors import Refused
from sopr.obligations.models import Obligation
from sopr.tests.casework import add_pack, decide, make_council, open_case, start_meeting

NOW = datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC)
DUE = datetime.date(2026, 3, 20)
PDF = b"%PDF-1.4 report %%EOF"


def url(page, row):
    return reverse(f"councils:{page}", args=[row.pk])


def duties_of(task):
    return list(Obligation.objects.open().about(task).values_list("kind", flat=True))


@pytest.fixture
def given(world, time_machine):
    w = world
    time_machine.move_to(NOW)
    w.council = make_council(w)
    w.case = open_case(w)
    add_pack(w, w.case)
    w.item = AgendaItem.propose(w.case, by=w.curator, council=w.council, question="recognise", level="basic")
    w.meeting = start_meeting(w, w.council, w.item)
    w.item.refresh_from_db()
    w.task = Assignment.give(w.item, by=w.secretary, text="Записать к врачу", executor=w.clinic, due_on=DUE)
    decide(w, w.item)
    w.meeting.sign_minutes(by=w.secretary)
    w.task = Assignment.objects.get()
    return w


def test_reported_returned_reported_again_accepted(client, given):
    w, today = given, timezone.localdate().isoformat()
    client.force_login(w.executor)
    form = {"done_on": today, "result": "Записан", "file": SimpleUploadedFile("Илья Ковалёв.pdf", PDF)}
    assert client.post(url("assignment-report", w.task), form).status_code == 302
    assert duties_of(w.task) == [ASSIGNMENT_ACCEPT.code]
    assert client.get(url("assignment-accept", w.task)).status_code == 403
    client.force_login(w.secretary)
    assert "Посмотреть отчёт" in client.get(reverse("councils:meeting-list")).content.decode()
    assert client.post(url("assignment-return", w.task), {"remark": ""}).status_code == 422
    assert client.post(url("assignment-return", w.task), {"remark": "К какому врачу?"}).status_code == 302
    assert duties_of(w.task) == [ASSIGNMENT.code]
    client.force_login(w.executor)
    page = client.get(url("assignment-report", w.task)).content.decode()
    assert "К какому врачу?" in page
    file = w.task.events.get(attachment__isnull=False)
    assert client.get(url("assignment-file", file)).status_code == 200
    assert client.post(url("assignment-report", w.task), {"done_on": today, "result": "К неврологу"}).status_code == 302
    client.force_login(w.secretary)
    assert client.post(url("assignment-accept", w.task)).status_code == 302
    w.task.refresh_from_db()
    assert w.task.accepted_on and w.task.state == ("исполнено", "good") and not duties_of(w.task)
    kinds = list(w.task.events.values_list("kind", flat=True))
    assert kinds == ["given", "reported", "returned", "reported", "accepted"]
    assert client.get(url("assignment-accept", w.task)).status_code == 409
    assert "К какому врачу?" in client.get(url("assignment-detail", w.task)).content.decode()


def test_what_the_secretary_writes_down_is_accepted_with_that(given):
    w = given
    w.task.report(by=w.secretary, done_on=timezone.localdate(), result="Сообщили по телефону")
    assert w.task.accepted_on and not duties_of(w.task)


def test_two_clicks_accept_once(given):
    w = given
    w.task.report(by=w.executor, done_on=timezone.localdate(), result="Записан")
    Assignment.objects.get().accept(by=w.secretary)
    with pytest.raises(Refused, match="уже принят"):
        w.task.accept(by=w.secretary)
    with pytest.raises(Refused, match="уже принят"):
        w.task.send_back(by=w.secretary, remark="Поздно")


def test_only_a_decision_of_the_council_prolongs(client, given, time_machine):
    w, later = given, datetime.date(2026, 5, 4)
    with pytest.raises(Refused, match="Протокол подписан: изменить его нельзя"):
        w.task.prolong(by=w.secretary, item=w.item, due_on=later)
    time_machine.move_to(NOW + datetime.timedelta(days=30))
    meeting = start_meeting(w, w.council)  # the overdue assignment has come back by itself
    back = meeting.agenda_items.get()
    client.force_login(w.secretary)
    assert client.get(url("assignment-prolong", back)).status_code == 409
    decide(w, back)
    back.refresh_from_db()
    assert (
        url("assignment-prolong", back) in client.get(f"{meeting.get_absolute_url()}?item={back.pk}").content.decode()
    )
    form = {"assignment": w.task.pk, "due_on": "2026-03-25"}
    assert client.post(url("assignment-prolong", back), form).status_code == 422
    assert client.post(url("assignment-prolong", back), form | {"due_on": later.isoformat()}).status_code == 302
    assert Obligation.objects.open().about(w.task).get().due_on == later
    content = meeting.sign_minutes(by=w.secretary).content
    assert f"срок поручения № {w.task.pk} продлён" in content["assignments"][0]["text"]
    assert content["assignments"][0]["due_on"] == "2026-05-04"
    assert not Assignment.objects.overdue(timezone.localdate()).exists()


def test_the_register_filters_and_counts_shares(client, given, time_machine):
    w = given
    late = Assignment.objects.create(item=w.item, text="Позже срока", executor=w.school, due_on=DUE)
    late.report(by=w.secretary, done_on=timezone.localdate(), result="Сделали")
    Assignment.objects.filter(pk=late.pk).update(due_on=datetime.date(2026, 3, 1))
    waiting = Assignment.objects.create(item=w.item, text="Ждёт секретаря", executor=w.school, due_on=DUE)
    waiting.report(by=w.executor, done_on=timezone.localdate(), result="Сделали")
    time_machine.move_to(NOW + datetime.timedelta(days=30))
    rows = {row["title"]: row for row in shares(Assignment.objects.all(), timezone.localdate())}
    school, clinic = rows["Школа № 7"], rows["Детская поликлиника № 1"]
    assert (school["given"], school["judged"], school["late"], school["share"]) == (2, 1, 1, 0)
    assert (clinic["given"], clinic["judged"], clinic["overdue"], clinic["share"]) == (1, 1, 1, 0)
    client.force_login(w.secretary)
    found = lambda query: client.get(reverse("councils:assignment-list") + query).content.decode()  # noqa: E731
    assert "Записать к врачу" in found("?state=overdue") and "Ждёт секретаря" not in found("?state=overdue")
    assert "Ждёт секретаря" in found("?state=reported") and "Позже срока" in found("?state=late")
    assert "Записать к врачу" not in found(f"?executor={w.school.pk}")
    assert client.get(reverse("councils:assignment-list") + "?as=xlsx").status_code == 200
    client.force_login(w.executor)
    assert "Позже срока" not in found("") and "Записать к врачу" in found("")
    client.force_login(w.minister)
    page = found("")
    assert "Школа № 7" in page and "Позже срока" not in page  # what is assigned may name a child


def test_a_planned_meeting_gives_nothing_to_prolong(client, given):
    w = given
    meeting = Meeting.plan(w.council, by=w.secretary, held_on=timezone.localdate(), starts_at=datetime.time(16))
    client.force_login(w.secretary)
    assert client.get(url("assignment-prolong", w.item)).status_code == 409
    assert meeting.is_open
