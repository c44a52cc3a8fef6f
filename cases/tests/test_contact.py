"""Contacts: three fields, an attempt, a threat, what was planned; from the case and from «Мой день»."""

import datetime
import uuid

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cases import reading
from cases.models import Contact, Visit
from sopr.errors import Refused
from sopr.obligations.models import Obligation
from sopr.tests.casework import make_family, open_case

TODAY = timezone.localdate


def now():
    return timezone.localtime().strftime("%Y-%m-%dT%H:%M")


def later(days=1):
    return timezone.localtime() + datetime.timedelta(days=days)


def attempt(case, w, hours_ago=0, **fields):
    at = timezone.now() - datetime.timedelta(hours=hours_ago)
    values = {"at": at, "kind": "attempt", "tried": "phone", "summary": "Не ответили"} | fields
    return Contact.record(case, by=w.curator, **values)


def test_three_fields_record_a_contact_and_move_the_term(world, active, enter):
    before = Obligation.objects.open().get(kind="case.contact").due_on
    Obligation.objects.filter(kind="case.contact").update(due_on=TODAY(), remind_on=TODAY())
    answer = enter(world.curator).post(
        "cases:contact-new", active.pk, kind="visit", at=now(), summary="Дома тепло, дети в школе"
    )
    assert answer.status_code == 302
    contact = Contact.objects.get()
    assert (contact.by, contact.kind) == (world.curator, "visit")
    assert Obligation.objects.open().get(kind="case.contact").due_on == before


def test_the_page_says_what_the_contact_fulfils_and_when_the_next_is_due(world, active, enter):
    text = enter(world.curator).get("cases:contact-new", active.pk).content.decode()
    assert "Исполнит «Связаться с семьёй»" in text
    assert f"{TODAY() + datetime.timedelta(weeks=2):%d.%m.%Y}" in text  # crisis: every two weeks
    assert 'max="' in text and "Ещё подробности" in text


def test_attempt_does_not_count_as_a_contact(world, active):
    due = Obligation.objects.open().get(kind="case.contact").due_on
    attempt(active, world, tried="visit", summary="Никто не открыл")
    assert Obligation.objects.open().get(kind="case.contact").due_on == due


def test_attempt_says_what_was_tried_and_offers_the_next(world, active, enter):
    browser = enter(world.curator)
    fields = {"kind": "attempt", "at": now(), "summary": "Телефон выключен"}
    answer = browser.post("cases:contact-new", active.pk, **fields)
    assert answer.status_code == 422
    assert "Отметьте, что пробовали" in answer.content.decode()
    answer = browser.post("cases:contact-new", active.pk, **fields, tried="phone")
    page = browser.client.get(answer.url).content.decode()
    assert f"/cases/{active.pk}/visits/plan/?again=1" in page and "звонили, не ответили" in page
    assert Contact.objects.get().tried == "phone"
    with pytest.raises(Refused, match="что пробовали"):
        attempt(active, world, tried="")


def test_what_was_tried_belongs_to_attempts_only(world, active):
    contact = Contact.record(
        active, by=world.curator, at=timezone.now(), kind="phone", tried="visit", summary="Дозвонились"
    )
    assert contact.tried == ""
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.filter(pk=contact.pk).update(tried="visit")


def test_several_attempts_in_a_row_are_told_to_the_curator_and_the_head(world, active, enter):
    pages = [(world.curator, "cases:my-day", ()), (world.head, "cases:service", ())]
    pages += [(world.curator, "cases:case-detail", (active.pk,)), (world.curator, "cases:contact-new", (active.pk,))]
    for hours in (30, 20):
        attempt(active, world, hours)
    assert all("Не удаётся связаться" not in enter(who).get(page, *args).content.decode() for who, page, args in pages)
    attempt(active, world, 10)
    for who, page, args in pages:
        text = enter(who).get(page, *args).content.decode()
        assert "Не удаётся связаться" in text and "3\u00a0попытки" in text, page
    assert "Не удаётся связаться" not in enter(world.other_head).get("cases:service").content.decode()
    Contact.record(active, by=world.curator, at=timezone.now(), kind="phone", summary="Дозвонились")
    assert all("Не удаётся связаться" not in enter(who).get(page, *args).content.decode() for who, page, args in pages)


def test_attempts_before_the_last_contact_are_forgotten(world, active, django_assert_num_queries):
    for hours in (50, 40, 30):
        attempt(active, world, hours)
    Contact.record(
        active, by=world.curator, at=timezone.now() - datetime.timedelta(hours=20), kind="visit", summary="Застали"
    )
    attempt(active, world, 5)
    with django_assert_num_queries(1):
        assert reading.attempts_by_case([active.pk])[active.pk].number == 1
    assert reading.unreached_cases(world.curator) == []


def test_threat_needs_the_name_of_who_was_told(world, active, enter):
    fields = {"kind": "visit", "at": now(), "summary": "Ребёнок один дома", "threat": "on"}
    answer = enter(world.curator).post("cases:contact-new", active.pk, **fields)
    assert answer.status_code == 422
    assert "Позвоните в опеку" in answer.content.decode() and "Ребёнок один дома" in answer.content.decode()
    enter(world.curator).post("cases:contact-new", active.pk, **fields | {"notified": "Опека, Членова, 14:10"})
    assert Contact.objects.get().threat


def test_no_threat_is_the_answer_that_stands_marked(world, active, enter):
    fields = {"kind": "visit", "at": now(), "summary": "Всё спокойно", "threat": ""}
    enter(world.curator).post("cases:contact-new", active.pk, **fields)
    assert not Contact.objects.get().threat


def test_future_contact_is_refused(world, active, enter):
    answer = enter(world.curator).post(
        "cases:contact-new", active.pk, kind="visit", at=f"{later():%Y-%m-%dT%H:%M}", summary="Завтра"
    )
    assert answer.status_code == 422
    assert "ещё не наступило" in answer.content.decode()


def test_next_meeting_is_planned_with_the_contact(world, active, enter):
    fields = {"kind": "phone", "at": now(), "summary": "Созвонились", "next_at": f"{later(7):%Y-%m-%dT11:00}"}
    answer = enter(world.curator).post("cases:contact-new", active.pk, **fields, next_purpose="Посмотреть печь")
    assert answer.status_code == 302
    visit = Visit.objects.get()
    assert (visit.kind, visit.purpose, visit.state) == ("phone", "Посмотреть печь", "planned")


def test_next_meeting_in_the_past_undoes_the_contact_too(world, active, enter):
    fields = {"kind": "phone", "at": now(), "summary": "Созвонились", "next_at": f"{later(-1):%Y-%m-%dT11:00}"}
    answer = enter(world.curator).post("cases:contact-new", active.pk, **fields)
    assert answer.status_code == 422
    assert "уже прошло" in answer.content.decode() and "Созвонились" in answer.content.decode()
    assert not Contact.objects.exists()
    fields |= {"next_at": "", "next_purpose": "Посмотреть печь"}
    assert "Укажите день" in enter(world.curator).post("cases:contact-new", active.pk, **fields).content.decode()


def test_contact_from_my_day_chooses_an_own_case(world, active, enter):
    other = open_case(world, by=world.colleague, family=make_family(world, surname="Чужие"))
    browser = enter(world.curator)
    text = browser.get("cases:contact-log").content.decode()
    assert "Чужие" not in text
    fields = {"kind": "phone", "at": now(), "summary": "Созвонились"}
    assert browser.post("cases:contact-log", case=other.pk, **fields).status_code == 422
    assert browser.post("cases:contact-log", case=active.pk, **fields).url == "/"
    assert Contact.objects.get().case == active


def test_double_submit_writes_one_contact(world, active, enter):
    browser = enter(world.curator)
    fields = {"kind": "phone", "at": now(), "summary": "Созвонились", "submit_token": str(uuid.uuid4())}
    assert (
        browser.post("cases:contact-new", active.pk, **fields).url
        == browser.post("cases:contact-new", active.pk, **fields).url
    )
    assert Contact.objects.count() == 1
