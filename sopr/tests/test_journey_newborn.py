"""«Под крылом аиста» in the browser under the profile of Bashkortostan, and its absence under another."""

import datetime
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from cases.models import NewbornRisk, RentalItem, RentalLoan
from sopr.tests.browser import PHONE, visitor  # noqa: F401 — a fixture
from sopr.tests.casework import make_family

pytestmark = pytest.mark.browser


def test_a_pram_is_lent_and_comes_back(world, visitor, settings):  # noqa: F811
    settings.SOPR_REGION = "bashkortostan"
    family, today = make_family(world), timezone.localdate()
    curator = visitor().sign_in(world.curator)
    curator.open("/families/")
    curator.open_more()
    curator.follow("Пункт проката")
    curator.sees("Вещей пока нет")
    curator.follow("Внести вещь")
    curator.fill({"Инвентарный номер": "К-17", "Вид": "коляска", "Название": "Коляска «Аист»"})
    curator.press("Внести")
    curator.is_told("Вещь внесена.")
    curator.follow("Выдать")
    curator.fill({"Номер карточки": family.number})
    curator.press("Дальше")
    curator.fill({"Кому выдаётся": "Ковалёва Анна", "Вернуть до": today + datetime.timedelta(days=60)})
    curator.shot("rental-lend")
    curator.press("Выдать")
    curator.is_told("Вещь выдана.")
    curator.sees("Сейчас у семьи", "Ковалёва Анна Игоревна")
    assert b"%PDF" in curator.take_pdf("Акт для подписи")
    curator.shot("rental-detail")
    curator.open(f"/families/{family.pk}/")
    curator.sees("Семье выдана вещь из пункта проката")
    curator.open("/cases/rental/")
    curator.shot("rental-list")
    curator.follow("К-17", "main")
    curator.follow("Принять обратно")
    curator.fill({"Исправность при возврате": "исправна"})
    curator.press("Принять")
    curator.is_told("Возврат записан.")
    assert RentalItem.objects.get().state == "available"
    phone = visitor(PHONE).sign_in(world.curator)
    for path in ["/cases/rental/", f"/cases/rental/{RentalItem.objects.get().pk}/", "/cases/rental/loans/"]:
        phone.open(path)
        assert not phone.scrolls_sideways(), path
        phone.shot(f"phone-{path.strip('/').replace('/', '-')}")
    assert RentalLoan.objects.get().returned_on == today


def test_from_the_maternity_hospital_to_a_refusal_prevented(world, visitor, settings):  # noqa: F811
    settings.SOPR_REGION = "bashkortostan"
    family, today = make_family(world), timezone.localdate()
    head, curator = visitor().sign_in(world.head), visitor().sign_in(world.curator)
    head.open("/families/referrals/new/")
    head.fill(
        {
            "Как поступил": "роддом, женская консультация",
            "Кто сообщил (ведомство)": "Детская поликлиника № 1",
            "О ком сигнал": "Ковалёва Анна Игоревна",
            "Суть сигнала": "Женщина говорит, что не готова забрать ребёнка.",
        }
    )
    head.press("Записать сигнал", "main")
    head.sees("Назначить куратора")
    head.open("/families/referrals/")
    head.sees("срочно")
    head.follow("Ковалёва Анна", "main")
    head.follow("Назначить куратора")
    head.choose(world.curator.last_name)
    head.press("Назначить")
    curator.open("/")
    curator.sees("сегодня", "Посетить семью по сигналу")
    curator.open("/families/referrals/")
    curator.follow("Ковалёва Анна", "main")
    curator.follow("Записать посещение")
    curator.fill({"Что установлено": "Беседа в роддоме.", "Или номер карточки": family.number})
    curator.press("Записать посещение")
    curator.follow("Начать работу с женщиной")
    curator.fill(
        {"Кто обратился": "женщина с новорождённым", "Дата рождения ребёнка": today, "Что известно": "Нет жилья."}
    )
    curator.shot("newborn-start")
    curator.press("Начать")
    curator.is_told("Встретьтесь с женщиной сегодня")
    curator.follow("Заполнить анкету")
    curator.choose("отказаться от ребёнка")
    for title, score in [("Насколько", "4"), ("Чувствует", "0"), ("Умеет", "1"), ("Есть ли", "1")]:
        choose_score(curator, title, score)
    curator.fill({"не хватает денег": True, "негде жить": True})
    curator.shot("newborn-ask")
    curator.press("Сохранить анкету")
    curator.follow("Добавить")
    curator.fill({"Фамилия": "Ковалёва Мария Петровна", "Кем приходится": "мать", "Как относится": "поддерживает"})
    curator.fill({"Согласился помогать": True, "Чем поможет": "примет жить"})
    curator.press("Сохранить")
    curator.follow("Записать помощь")
    curator.fill({"Вид помощи": "обучение уходу"})
    curator.press("Записать")
    curator.follow("Анкета «после помощи»")
    curator.choose("растить ребёнка")
    for title, score in [("Насколько", "0"), ("Чувствует", "4"), ("Умеет", "3"), ("Есть ли", "2")]:
        choose_score(curator, title, score)
    curator.press("Сохранить анкету")
    curator.follow("Записать исход")
    curator.choose("отказ предотвращён")
    curator.press("Записать исход")
    curator.is_told("Исход записан.")
    curator.sees("Отказ предотвращён", "растить ребёнка", "лучше", "примет жить")
    curator.shot("newborn-detail")
    phone = visitor(PHONE).sign_in(world.curator)
    risk = NewbornRisk.objects.get()
    for path in ["/cases/newborn/", risk.get_absolute_url(), f"{risk.get_absolute_url()}before/"]:
        phone.open(path)
        phone.shot(f"phone-{path.strip('/').replace('/', '-')}")
        assert not phone.scrolls_sideways(), path
    head.open("/cases/newborn/")
    head.sees("Ковалёва Анна Игоревна", "отказ предотвращён")
    head.shot("newborn-list")
    head.follow("Итоги за период")
    head.sees("Предотвращено отказов", "обученные уходу")
    head.shot("newborn-figures")


def choose_score(person, title, score):
    """A button of the row whose question begins so."""
    person.page.get_by_role("radiogroup", name=re.compile(f"^{title}")).get_by_text(score, exact=True).click()


def test_another_region_has_none_of_it(world, visitor, settings):  # noqa: F811
    settings.SOPR_REGION = "primorye"
    family = make_family(world)
    curator = visitor().sign_in(world.curator)
    for path in ["/families/", f"/families/{family.pk}/", "/families/referrals/", "/cases/"]:
        curator.open(path)
        for words in ("рокат", "аист"):
            expect(curator.page.locator("body")).not_to_contain_text(words)
    for path in ("/cases/rental/", "/cases/newborn/"):
        assert curator.context.request.get(path).status == 404
