"""What the family's case gets from minutes: the extract at signing, its scan, the notice of refusal with its term."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from councils.models import AgendaItem, Assignment, Extract, RefusalNotice, Scan
from sopr.calendar import add_working_days
from sopr.errors import Refused
from sopr.obligations.models import Obligation
from sopr.tests.casework import add_pack, decide, make_council, make_family, open_case, start_meeting

PDF = b"%PDF-1.4 signed %%EOF"
CANARY = "Попугаевы"


def url(page, row):
    return reverse(f"councils:{page}", args=[row.pk])


@pytest.fixture
def running(world):
    w = world
    w.council = make_council(w)
    w.items = []
    for surname in ("Ершовы", CANARY, "Савиных"):
        case = open_case(w, family=make_family(w, surname=surname))
        add_pack(w, case)
        item = AgendaItem.propose(case, by=w.curator, council=w.council, question="recognise", level="basic")
        w.items.append(item)
    w.meeting = start_meeting(w, w.council, *w.items)
    for item, verdict in zip(w.items, ("granted", "granted", "refused"), strict=True):
        item.refresh_from_db()
        text = "Канареечное поручение" if item == w.items[1] else "Помочь"
        Assignment.give(item, by=w.secretary, text=text, executor=w.clinic, due_on=timezone.localdate())
        decide(w, item, verdict)
    return w


def test_an_extract_lies_in_each_case_and_holds_no_other_family(client, running):
    w = running
    client.force_login(w.curator)
    assert "Выписка из протокола" not in client.get(w.items[0].case.get_absolute_url()).content.decode()
    w.meeting.sign_minutes(by=w.secretary)
    assert Extract.objects.count() == 3
    for item in w.items:
        words = str(item.extract.content) if hasattr(item, "extract") else str(Extract.objects.get(item=item).content)
        others = {"Ершовых", "Попугаевых", "Савиных"} - {
            {"Ершовы": "Ершовых", CANARY: "Попугаевых", "Савиных": "Савиных"}[item.case.family.surname]
        }
        assert not [name for name in others if name in words]
        assert ("Канареечное поручение" in words) == (item == w.items[1])
    page = client.get(w.items[0].case.get_absolute_url()).content.decode()
    assert url("extract-print", w.items[0]) in page and url("extract-print", w.items[1]) not in page


def test_the_scan_of_an_extract_is_told_by_its_content(client, running):
    w = running
    w.meeting.sign_minutes(by=w.secretary)
    client.force_login(w.curator)
    wrong = client.post(url("extract-scan", w.items[0]), {"file": SimpleUploadedFile("a.pdf", b"<html>")})
    assert wrong.status_code == 422 and "Такой файл приложить нельзя" in wrong.content.decode()
    right = client.post(url("extract-scan", w.items[0]), {"file": SimpleUploadedFile("a.exe", PDF)})
    assert right.status_code == 302
    scan = Scan.objects.get()
    assert client.get(url("scan-file", scan)).status_code == 200
    client.force_login(w.other_curator)
    assert client.get(url("scan-file", scan)).status_code == 404
    client.force_login(w.member)
    assert client.get(url("scan-file", scan)).status_code == 404


def test_a_refusal_owes_the_applicant_a_notice_in_three_working_days(client, running):
    w, today = running, timezone.localdate()
    refused = w.items[2]
    notice = RefusalNotice.objects.get()
    assert (notice.item, notice.number, notice.due_on) == (refused, 1, add_working_days(today, 3))
    duty = Obligation.objects.open().about(notice).get()
    assert (duty.assignee, duty.due_on, duty.case_id) == (w.curator, notice.due_on, refused.case_id)
    client.force_login(w.curator)
    assert client.get(url("notice-hand", refused)).status_code == 409  # nothing to hand over before the signature
    w.meeting.sign_minutes(by=w.secretary)
    page = client.get(refused.case.get_absolute_url()).content.decode()
    assert url("notice-hand", refused) in page and url("refusal-print", refused) in page
    tomorrow = {"handed_on": (today + datetime.timedelta(days=1)).isoformat(), "way": "in_person"}
    assert client.post(url("notice-hand", refused), tomorrow).status_code == 422
    form = {"handed_on": today.isoformat(), "way": "in_person", "receipt": SimpleUploadedFile("r.pdf", PDF)}
    assert client.post(url("notice-hand", refused), form).status_code == 302
    notice.refresh_from_db()
    assert (notice.handed_on, notice.way) == (today, "in_person")
    assert not Obligation.objects.open().about(notice).exists()
    assert client.get(url("notice-receipt", notice)).status_code == 200
    page = client.get(refused.case.get_absolute_url()).content.decode()
    assert "вручено" in page and url("notice-hand", refused) not in page
    with pytest.raises(Refused, match="уже записано"):
        RefusalNotice.objects.get().hand(by=w.curator, handed_on=today, way="post")


def test_an_accepted_family_owes_no_notice(client, running):
    w = running
    w.meeting.sign_minutes(by=w.secretary)
    client.force_login(w.curator)
    assert client.get(url("notice-hand", w.items[0])).status_code == 409
    assert not hasattr(w.items[0], "notice")
