"""What the browser kept is sent later: answers it can read, the author only, once; the page without a connection."""

import re
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Contact, Review
from sopr.web.drafts import STASH
from sopr.web.models import Draft

NOW = timezone.localtime


def contact(**fields):
    values = {"kind": "phone", "at": f"{NOW():%Y-%m-%dT%H:%M}", "summary": "Дети здоровы"}
    return values | {"submit_token": str(uuid.uuid4())} | fields


def review(**fields):
    values = {"done_on": NOW().date().isoformat(), "progress": "Много", "changes": "Лучше", "conclusion": "continue"}
    return values | {"submit_token": str(uuid.uuid4())} | fields


@pytest.fixture
def send(world, active):
    """`send(page, fields, user=…, author=…)`: as static/js/offline.js sends a kept text."""

    def send(page, fields, user=world.curator, author=world.curator):
        client = Client()
        if user is not None:
            client.force_login(user)
        answer = client.post(reverse(f"cases:{page}", args=[active.pk]), fields, headers={"X-Kept-For": str(author.pk)})
        answer.session_was = dict(client.session)
        return answer

    return send


@pytest.mark.parametrize(
    ("page", "fields", "model"), [("contact-new", contact, Contact), ("review-new", review, Review)]
)
def test_kept_text_acts_once_however_often_it_is_sent(send, page, fields, model):
    typed = fields()
    answers = [send(page, typed) for _time in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({answer.json()["done"] for answer in answers}) == 1
    assert model.objects.count() == 1


def test_another_text_under_the_same_token_is_asked_about(send):
    typed = contact()
    send("contact-new", typed)
    answer = send("contact-new", typed | {"summary": "Другое"})
    assert answer.status_code == 422
    assert "уже отправлена" in answer.json()["reasons"][0]
    assert answer.json()["token"] != typed["submit_token"]
    again = typed | {"summary": "Другое", "submit_token": answer.json()["token"]}
    assert send("contact-new", again).json()["done"]
    assert Contact.objects.count() == 2


def test_lapsed_sign_in_keeps_nothing_of_the_text_here(send):
    answer = send("contact-new", contact(), user=None)
    assert (answer.status_code, answer.json()) == (401, {"state": "signed_out"})
    assert STASH not in answer.session_was
    assert not Contact.objects.exists()


def test_only_the_author_sends_his_text(send, world):
    answer = send("contact-new", contact(), user=world.head)
    assert (answer.status_code, answer.json()) == (403, {"state": "other"})
    assert not Contact.objects.exists() and not Draft.objects.exists()


def test_refusals_come_with_their_reasons(send, active, world):
    assert "хотя бы одной строкой" in send("contact-new", contact(summary="")).json()["reasons"][0]
    active.close_at_familys_wish(by=world.curator, day=NOW().date(), outcome="unchanged")
    for page, fields in (("contact-new", contact()), ("review-new", review())):
        answer = send(page, fields)
        assert answer.status_code == 409 and answer.json()["reasons"][0].endswith(".")
    assert not Contact.objects.exists() and not Review.objects.exists()


def test_a_case_given_to_a_colleague_is_no_longer_found(send, active, world):
    active.assign_curator(world.colleague, by=world.head)
    assert send("contact-new", contact()).status_code == 404


def test_without_the_header_the_form_answers_as_all_forms_do(world, active, enter):
    answer = enter(world.curator).post("cases:contact-new", active.pk, **contact(summary=""))
    assert answer["Content-Type"].startswith("text/html") and answer.status_code == 422


# --- the page without a connection ------------------------------------------------------------------------------------


def test_page_without_a_connection_is_the_same_for_everybody(client, world, active):
    stranger = client.get("/offline/").content
    client.force_login(world.curator)
    client.get("/")
    assert client.get("/offline/").content == stranger
    text = stranger.decode()
    assert "csrf" not in text and active.number not in text and "Куратова" not in text
    assert not client.get("/offline/").cookies


def test_worker_keeps_that_page_and_files_of_the_interface(client, db):
    answer = client.get("/sw.js")
    script = answer.content.decode()
    assert answer["Content-Type"] == "text/javascript" and answer["Cache-Control"] == "no-cache"
    assert "worker-src 'self'" in answer["Content-Security-Policy"]
    assets = re.search(r"ASSETS = \[(.*?)\]", script)[1]
    assert "js/offline.js" in assets and "css/frame.css" in assets
    assert all(asset.startswith('"/static/') for asset in assets.rstrip(",").split(","))


def test_only_who_writes_contacts_is_offered_the_waiting_list(world, enter):
    assert "data-waiting" in enter(world.curator).get("cases:my-day").content.decode()
    assert "data-waiting" not in enter(world.executor).get("cases:activity-list").content.decode()


def test_my_day_hands_the_browser_numbers_and_no_names(world, active, enter):
    text = enter(world.curator).get("cases:my-day").content.decode()
    block = re.search(r'<script id="own-cases"[^>]*>(.*?)</script>', text)[1]
    assert block == f'[[{active.pk}, "{active.number}"]]'
