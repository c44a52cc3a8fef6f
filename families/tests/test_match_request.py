"""A question between two organisations about one family: nothing of the card is shown, both sides are on record."""

import re

import pytest
from django.urls import reverse

from families.forms.match import match_token
from families.models import MatchRequest
from sopr.audit.models import AuditRecord
from sopr.errors import Refused
from sopr.obligations.models import Obligation
from sopr.tests.casework import make_family

TYPED = {
    "surname": "Ковалёвы",
    "people-TOTAL_FORMS": "1",
    "people-INITIAL_FORMS": "0",
    "people-0-last_name": "Ковалёва",
    "people-0-first_name": "Анна",
    "people-0-patronymic": "Игоревна",
    "people-0-birth_on": "1991-04-12",
}
QUESTION = {"about": "Ковалёва Анна, 12.04.1991", "reason": "Семья переехала к нам"}
NEW = "families:match-new"


@pytest.fixture
def theirs(world):
    return make_family(world, by=world.other_curator, phone="+7 912 345-67-89")


@pytest.fixture
def asked(world, theirs):
    return MatchRequest.ask(theirs, by=world.curator, organisation=world.other_centre, **QUESTION)


def test_the_panel_offers_the_question_and_brings_along_what_was_typed(client, world, theirs):
    client.force_login(world.curator)
    panel = client.post(reverse("families:family-duplicates"), TYPED).content.decode()
    token = re.search(r'name="token" value="([^"]+)"', panel).group(1)
    page = client.post(reverse(NEW), TYPED | {"token": token}).content.decode()
    assert "Ковалёва Анна Игоревна, 12.04.1991" in page
    assert world.other_centre.name.replace("«", "").split()[0] in page
    answer = client.post(reverse(NEW), QUESTION | {"token": token})
    asked = MatchRequest.objects.get()
    assert answer.url == asked.get_absolute_url()
    assert (asked.family, asked.organisation, asked.asked_by) == (theirs, world.other_centre, world.curator)


def test_a_question_without_a_reason_keeps_what_was_typed(client, world, theirs):
    client.force_login(world.curator)
    token = match_token(theirs, world.other_centre, world.curator)
    page = client.post(reverse(NEW), {"token": token, "about": QUESTION["about"], "reason": ""})
    assert page.status_code == 422
    assert QUESTION["about"] in page.content.decode()
    assert not MatchRequest.objects.exists()


@pytest.mark.parametrize("forged", ["", "x", "theirs"])
def test_nobody_asks_about_a_card_that_the_search_did_not_name(client, world, theirs, forged):
    token = match_token(theirs, world.other_centre, world.colleague) if forged == "theirs" else forged
    client.force_login(world.curator)
    assert client.post(reverse(NEW), QUESTION | {"token": token}).status_code == 404


def test_the_head_answers_and_the_asker_reads(client, world, theirs, asked):
    due = Obligation.objects.open().get(subject_type="families.matchrequest")
    assert (due.organisation, due.assignee) == (world.other_centre, None)
    client.force_login(world.other_head)
    assert f"/families/{theirs.pk}/" in client.get(asked.get_absolute_url()).content.decode()
    answer_page = reverse("families:match-answer", args=[asked.pk])
    assert client.post(answer_page, {"answer": "same", "remark": "Позвоните Чужаковой"}).status_code == 302
    assert client.post(answer_page, {"answer": "different"}).status_code == 409
    due = Obligation.objects.open().get(subject_type="families.matchrequest")
    assert (due.organisation, due.assignee) == (world.centre, world.curator)
    client.force_login(world.curator)
    page = client.get(asked.get_absolute_url()).content.decode()
    assert "та же семья" in page
    assert "Позвоните Чужаковой" in page
    assert not Obligation.objects.open().filter(subject_type="families.matchrequest").exists()


def test_nothing_of_the_card_is_shown_to_the_asker(client, world, theirs, asked):
    asked.reply(by=world.other_head, answer="same")
    client.force_login(world.curator)
    pages = client.get(asked.get_absolute_url()).content + client.get(reverse("families:match-list")).content
    for secret in (theirs.number, theirs.phone, theirs.address, "Илья", f"/families/{theirs.pk}/"):
        assert secret not in pages.decode()


def test_both_sides_are_on_record(client, world, theirs, asked):
    asked.reply(by=world.other_head, answer="different")
    assert list(theirs.events.order_by("pk").values_list("kind", flat=True))[-2:] == ["match_asked", "match_answered"]
    for user in (world.curator, world.other_head):
        client.force_login(user)
        client.get(asked.get_absolute_url())
        assert AuditRecord.objects.filter(actor=user, subject_type="families.matchrequest").exists()


def test_who_sees_a_question(world, asked):
    seeing = [u for u in (world.curator, world.head, world.other_head) if asked in MatchRequest.objects.visible_to(u)]
    assert seeing == [world.curator, world.head, world.other_head]
    for user in (world.colleague, world.other_curator, world.secretary, world.minister, world.administrator):
        assert asked not in MatchRequest.objects.visible_to(user)


def test_when_a_question_makes_no_sense(world, theirs, asked):
    own = make_family(world)
    with pytest.raises(Refused, match="Ваша организация"):
        MatchRequest.ask(own, by=world.curator, organisation=world.centre, **QUESTION)
    with pytest.raises(Refused, match="больше не ведёт"):
        MatchRequest.ask(theirs, by=world.curator, organisation=world.clinic, **QUESTION)
    with pytest.raises(Refused, match="уже спросили"):
        MatchRequest.ask(theirs, by=world.curator, organisation=world.other_centre, **QUESTION)
    with pytest.raises(Refused, match="организация, которая ведёт"):
        asked.reply(by=world.head, answer="same")


def test_the_list_asks_the_same_number_of_queries(client, world, theirs, asked, django_assert_max_num_queries):
    client.force_login(world.other_head)
    for curator in (world.colleague, world.head):
        MatchRequest.ask(theirs, by=curator, organisation=world.other_centre, **QUESTION)
    with django_assert_max_num_queries(14):
        assert client.get(reverse("families:match-list")).status_code == 200
