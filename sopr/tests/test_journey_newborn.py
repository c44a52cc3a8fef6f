"""«Под крылом аиста» in the browser under the profile of Bashkortostan, and its absence under another."""

import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from cases.models import RentalItem, RentalLoan
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


def test_another_region_has_none_of_it(world, visitor, settings):  # noqa: F811
    settings.SOPR_REGION = "primorye"
    family = make_family(world)
    curator = visitor().sign_in(world.curator)
    for path in ["/families/", f"/families/{family.pk}/", "/families/referrals/", "/cases/"]:
        curator.open(path)
        for words in ("рокат", "аист"):
            expect(curator.page.locator("body")).not_to_contain_text(words)
    assert curator.context.request.get("/cases/rental/").status == 404
