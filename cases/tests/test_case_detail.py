"""The case's page: what to do now, disabled buttons with reasons, who may look, a constant number of queries."""

import datetime

import pytest
from django.utils import timezone

from cases.models import Activity, Contact
from sopr.tests.casework import add_pack, make_family, open_case

TABS = ["", "programme", "contacts", "reviews", "history"]


def test_assessment_stage_leads_through_the_pack(world, case, enter):
    text = enter(world.curator).get("cases:case-detail", case.pk).content.decode()
    for phrase in ("Обследовать условия жизни", "Провести диагностику", "Составить проект ИПСС"):
        assert phrase in text
    assert "Мониторинг проводится, пока семья на сопровождении." in text  # the button's reason


def test_refusal_and_what_cannot_be_done_stand_under_more(world, case, enter):
    text = enter(world.curator).get("cases:case-detail", case.pk).content.decode()
    header = text.split("page-head__acts")[1].split("<details")[0]
    assert "Провести диагностику" in header
    for title in ("Отказ семьи", "Заключение о снятии", "Записать договор"):
        assert title not in header and title in text


def test_putting_to_the_council_is_one_row_of_the_history(world, active, enter):
    text = enter(world.curator).get("cases:case-detail", active.pk, tab="history").content.decode()
    assert text.count("вынесен на совет") == 1


def test_whole_pack_leads_to_the_council(world, case, enter):
    add_pack(world, case)
    text = enter(world.curator).get("cases:case-detail", case.pk).content.decode()
    assert f"/councils/items/propose/{case.pk}/" in text


def test_active_case_shows_its_terms(world, active, enter):
    text = enter(world.curator).get("cases:case-detail", active.pk).content.decode()
    for phrase in ("Заключить договор", "Связаться с семьёй", "Провести мониторинг", "Срок уровня: вынести на совет"):
        assert phrase in text


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_opens_for_curator_and_head(world, active, enter, tab):
    for user in (world.curator, world.head):
        assert enter(user).get("cases:case-detail", active.pk, tab=tab).status_code == 200


def test_strangers_do_not_learn_of_the_case(world, active, enter):
    for user in (world.colleague, world.other_curator, world.other_head):
        assert enter(user).get("cases:case-detail", active.pk).status_code == 404
    for user in (world.executor, world.secretary, world.minister, world.administrator, world.member):
        assert enter(user).get("cases:case-detail", active.pk).status_code == 403


@pytest.mark.parametrize("tab", TABS)
def test_queries_do_not_depend_on_the_number_of_activities(
    world, active, enter, tab, django_assert_max_num_queries, django_assert_num_queries
):
    browser = enter(world.curator)
    grow(world, active, 5)
    browser.get("cases:case-detail", active.pk, tab=tab)
    with django_assert_max_num_queries(80) as few:
        browser.get("cases:case-detail", active.pk, tab=tab)
    grow(world, active, 45)
    with django_assert_num_queries(len(few)):
        browser.get("cases:case-detail", active.pk, tab=tab)


def grow(world, case, number):
    """More activities in the approved programme, reported ones among them, and as many contacts."""
    goal = case.activities.first().goal
    person = case.members.first().person
    Activity.objects.bulk_create(
        Activity(
            case=case,
            goal=goal,
            person=person,
            kind="social",
            title=f"Мероприятие {index}",
            agency=world.clinic,
            due_on=timezone.localdate() + datetime.timedelta(days=index),
        )
        for index in range(number)
    )
    for index in range(number):
        contact = Contact.objects.create(
            case=case,
            by=world.curator,
            kind="phone",
            summary="Созвонились",
            at=timezone.now() - datetime.timedelta(minutes=index),
        )
        contact.people.add(person)


def test_list_shows_own_cases_nearest_term_first(world, enter):
    own = open_case(world)
    other = open_case(world, by=world.colleague, family=make_family(world, surname="Чужие"))
    text = enter(world.curator).get("cases:case-list").content.decode()
    assert own.number in text
    assert other.number not in text
    text = enter(world.head).get("cases:case-list").content.decode()
    assert own.number in text and other.number in text


@pytest.mark.parametrize("state", ["open", "term", "overdue", "ended"])
def test_list_filters_and_excel(world, active, enter, state):
    browser = enter(world.head)
    text = browser.get("cases:case-list", state=state, curator=world.curator.pk).content.decode()
    assert (active.number in text) is (state == "open")
    answer = browser.get("cases:case-list", **{"state": state, "as": "xlsx"})
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")


def test_list_queries_are_constant(world, enter, django_assert_num_queries, django_assert_max_num_queries):
    browser = enter(world.curator)
    open_case(world)
    with django_assert_max_num_queries(20) as few:
        browser.get("cases:case-list")
    for index in range(6):
        open_case(world, family=make_family(world, surname=f"Семёновы-{index}"))
    with django_assert_num_queries(len(few)):
        browser.get("cases:case-list")
