"""Convening by people at browsers: the secretary, a member and an agency, one after another."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from councils.models import AgendaItem, Meeting, Opinion
from sopr.tests.browser import PHONE, visitor  # noqa: F401 — a fixture
from sopr.tests.casework import add_pack, make_council, open_case

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_the_calendar_to_an_opinion(visitor, world):  # noqa: F811
    w = world
    today = timezone.localdate()
    council = make_council(w)
    case = open_case(w)
    add_pack(w, case)
    AgendaItem.propose(case, by=w.curator, council=council, question="recognise", level="basic", summary="Помощь.")
    secretary = visitor().sign_in(w.secretary)
    secretary.follow("Календарь", within=".sidenav")
    secretary.follow("Повторяющиеся заседания")
    secretary.choose("через равное число недель")
    secretary.fill({"С какого дня": today, "По какой день": today + datetime.timedelta(days=40)})
    secretary.press("Показать дни")
    secretary.sees("Дни заседаний")
    secretary.press("Назначить отмеченные")
    secretary.is_told("Заседания назначены")
    meeting = Meeting.objects.order_by("held_on").first()
    item = AgendaItem.objects.get()
    item.schedule(meeting, by=w.secretary)

    secretary.open(f"{meeting.get_absolute_url()}?item={item.pk}")
    secretary.follow("Запросить отзыв")
    secretary.fill(
        {"Ведомство": "Детская поликлиника", "О чём спрашиваем": "Был ли осмотр?", "Ответить до": meeting.held_on}
    )
    secretary.press("Запросить")
    secretary.sees("ждём ответа")

    executor = visitor().sign_in(w.executor)
    executor.follow("Отзывы", within=".sidenav")
    executor.page.locator("main a", has_text=f"{meeting.held_on:%d.%m.%Y}").first.click()
    executor.sees("Илья", "Был ли осмотр?")
    executor.fill({"Отзыв": "Осмотр пройден."})
    executor.press("Дать отзыв")
    executor.is_told("Отзыв записан")
    assert Opinion.objects.for_reading().get().latest.text == "Осмотр пройден."

    member = visitor(PHONE).sign_in(w.member)
    member.open(reverse("councils:pack-detail", args=[meeting.pk]))
    member.sees("Осмотр пройден.")
    assert not member.scrolls_sideways()
    member.follow("Ответить, буду ли я")
    member.choose("не буду")
    member.press("Ответить")
    member.sees("Напишите, почему не сможете быть")
    member.fill({"Причина": "Отпуск"})
    member.press("Ответить")
    member.is_told("Ответ записан")
    member.open(reverse("councils:calendar") + f"?month={meeting.held_on:%Y-%m}")
    member.sees(council.name)
    assert not member.scrolls_sideways()

    secretary.open(meeting.get_absolute_url())
    secretary.follow("Кто придёт")
    secretary.sees("Отпуск", "кворума пока нет", "читал(а)")
