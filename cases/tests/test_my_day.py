"""«Мой день» and «Служба»: what is due, in groups, each with its act; a constant number of queries."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from cases import reading
from sopr.obligations.models import Obligation
from sopr.tests.casework import activate, make_family, make_referral, open_case

DAY = datetime.timedelta(days=1)


def move(kind, days):
    due = timezone.localdate() + days * DAY
    Obligation.objects.filter(kind=kind).update(due_on=due, remind_on=due)


def test_three_groups_with_the_act_in_one_click(world, active, enter):
    move("case.contact", -4)
    move("case.contract", 0)
    move("case.review", 3)
    text = enter(world.curator).get("cases:my-day").content.decode()
    overdue, today, week = text.index("Просрочено <"), text.index("Сегодня <"), text.index("Ближайшая неделя <")
    contact, contract, review = (
        text.index(f'href="{reverse(f"cases:{name}-new", args=[active.pk])}"')
        for name in ("contact", "contract", "review")
    )
    assert overdue < contact < today < contract < week < review
    assert "на\u00a04\u00a0дня" in text
    assert "Семья Ковалёвых, № 0001" in text


def test_end_of_the_level_leads_to_the_council(world, active, enter):
    Obligation.objects.filter(kind="case.level_term").update(remind_on=timezone.localdate())
    text = enter(world.curator).get("cases:my-day").content.decode()
    assert "Пора готовить" in text
    assert reverse("councils:item-propose", args=[active.pk]) in text


def test_others_work_is_not_mine(world, enter):
    open_case(world, by=world.colleague, family=make_family(world, surname="Чужие"))
    text = enter(world.curator).get("cases:my-day").content.decode()
    assert "Чужие" not in text and "Чужих" not in text
    assert "На эту неделю всё сделано" in text


def test_queries_of_my_day_are_constant(world, active, enter, django_assert_num_queries, django_assert_max_num_queries):
    browser = enter(world.curator)
    browser.get("cases:my-day")
    with django_assert_max_num_queries(25) as few:
        browser.get("cases:my-day")
    for index in range(4):
        activate(world, case=open_case(world, family=make_family(world, surname=f"Семёновы-{index}")))
    with django_assert_num_queries(len(few)):
        browser.get("cases:my-day")


def test_head_sees_signals_load_and_what_is_late(world, active, enter):
    referral = make_referral(world)
    move("case.contact", -2)
    text = enter(world.head).get("cases:service").content.decode()
    assert reverse("families:referral-assign", args=[referral.pk]) in text
    assert "Коллегина" in text and "Связаться с семьёй" in text
    assert "Просрочено 1" in text


def test_load_is_weighted_by_level(world, active):
    open_case(world, family=make_family(world, surname="Вторые"))
    load = reading.load_of_curators(world.centre.pk)[0]
    assert (load.curator, load.cases, load.weight) == (world.curator, 2, 3 + 1)


@pytest.mark.parametrize(
    ("page", "allowed"), [("my-day", {"curator", "head"}), ("service", {"head"}), ("activity-list", {"executor"})]
)
def test_homes_by_role(world, enter, page, allowed):
    for role, user in world.users.items():
        assert enter(user).get(f"cases:{page}").status_code == (200 if role in allowed else 403), role


def test_home_of_an_empty_database_says_what_to_do_next(world, enter):
    text = enter(world.curator).get("cases:my-day").content.decode()
    assert "Семей на сопровождении у Вас пока нет" in text
    assert "Все сигналы распределены" in enter(world.head).get("cases:service").content.decode()
