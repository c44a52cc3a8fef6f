"""The quarterly word of an agency to the curator: asked for, said, returned, accepted, dropped."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import Activity, QuarterlyWord
from cases.models.word import quarter_of
from cases.tasks import sweep_quarterly_words
from sopr.accounts.models import User
from sopr.errors import Refused
from sopr.obligations.models import Obligation

TODAY = timezone.localdate


@pytest.fixture
def word(world, active):
    QuarterlyWord.open_due(TODAY())
    return QuarterlyWord.objects.get(agency=world.clinic)


def test_each_agency_that_works_in_a_case_is_asked_once_a_quarter(world, active):
    own = Activity.objects.get(agency=world.school)
    own.agency = world.centre
    own.save()
    assert sweep_quarterly_words() == 1, "the clinic; the service does not write to itself"
    assert sweep_quarterly_words() == 0
    word = QuarterlyWord.objects.get()
    since, until = quarter_of(TODAY())
    assert (word.agency, word.case, word.since, word.until) == (world.clinic, active, since, until)
    due = Obligation.objects.open().about(word).get()
    assert (due.organisation, due.due_on, due.remind_on) == (world.clinic, until, until - datetime.timedelta(days=10))
    assert due.case_id is None
    next_quarter = until + datetime.timedelta(days=1)
    assert QuarterlyWord.open_due(next_quarter) == 1


def test_an_agency_nobody_of_which_signs_in_is_not_asked(world, active):
    User.objects.filter(role="executor").update(is_active=False)
    assert sweep_quarterly_words() == 0


def test_say_and_accept(world, active, word, enter):
    executor, curator = enter(world.executor), enter(world.curator)
    page = executor.get("cases:word-list").content.decode()
    assert word.quarter in page and "семья" in page and "Ковал" not in page and active.number not in page
    assert executor.post("cases:word-say", word.pk, done="").status_code == 422
    data = {"done": "Три приёма", "seen": "Стали приходить вовремя", "advice": "Продолжить"}
    assert executor.post("cases:word-say", word.pk, **data).status_code == 302
    assert executor.get("cases:word-say", word.pk).status_code == 409
    due = Obligation.objects.open().about(word).get()
    assert (due.kind, due.assignee) == ("word.accept", world.curator)
    assert "Прочитать слово исполнителя" in curator.get("cases:my-day").content.decode()
    assert "Стали приходить вовремя" in curator.get("cases:word-detail", word.pk).content.decode()
    assert curator.post("cases:word-return", word.pk, remark="Сколько приёмов пропустили?").status_code == 302
    assert "Сколько приёмов" in executor.get("cases:word-say", word.pk).content.decode()
    assert executor.post("cases:word-say", word.pk, **data | {"done": "Три приёма, один пропущен"}).status_code == 302
    assert curator.post("cases:word-accept", word.pk).status_code == 302
    word.refresh_from_db()
    assert (word.state, word.accepted_by, word.accepted_on) == ("accepted", world.curator, TODAY())
    assert not Obligation.objects.open().about(word).exists()


def test_words_of_an_ended_case_are_dropped(world, active, word, enter):
    active.close_at_familys_wish(by=world.curator, day=TODAY(), outcome="unchanged")
    word.refresh_from_db()
    assert word.state == "dropped"
    assert not Obligation.objects.open().about(word).exists()
    assert word.get_absolute_url() not in enter(world.executor).get("cases:word-list").content.decode()
    with pytest.raises(Refused):
        word.say(by=world.executor, done="Поздно")


def test_strangers_read_no_word(world, word, enter):
    for user in (world.other_executor, world.other_curator, world.colleague, world.other_head):
        assert enter(user).get("cases:word-detail", word.pk).status_code == 404
    assert enter(world.head).get("cases:word-detail", word.pk).status_code == 200


def test_list_queries_are_constant(world, active, word, enter, django_assert_num_queries):
    browser = enter(world.executor)
    browser.get("cases:word-list")
    with CaptureQueriesContext(connection) as few:
        browser.get("cases:word-list")
    for back in range(1, 30):
        since, until = quarter_of(word.since - datetime.timedelta(days=92 * back))
        QuarterlyWord.objects.get_or_create(agency=word.agency, case=active, since=since, defaults={"until": until})
    with django_assert_num_queries(len(few)):
        browser.get("cases:word-list")
