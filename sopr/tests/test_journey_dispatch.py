"""«Семейная диспетчерская» in the browser under the profile of Omsk, and its absence under another."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from cases.models import DispatchRequest, ProblemGroup
from sopr.tests.browser import PHONE, visitor  # noqa: F401 — a fixture
from sopr.tests.casework import add_papers, make_family

pytestmark = pytest.mark.browser


def test_from_the_appeal_to_closing_with_consent(world, visitor, settings):  # noqa: F811
    settings.SOPR_REGION = "omsk"
    today, family = timezone.localdate(), make_family(world)
    add_papers(family, world.curator)
    administrator = visitor().sign_in(world.administrator)
    administrator.follow("Справочники")
    administrator.follow("Группы проблем")
    administrator.follow("Добавить группу")
    administrator.fill({"Название": "Нет работы", "Обычные услуги": "Консультация профконсультанта"})
    administrator.press("Добавить")
    administrator.is_told("Группа добавлена.")
    dispatcher = visitor().sign_in(world.curator)
    dispatcher.open("/families/referrals/")
    dispatcher.follow("Диспетчерская")
    dispatcher.sees("Обратились, но ещё не на доске", "Ковалёвы")
    dispatcher.follow("На доску")
    dispatcher.press("Поставить на доску")
    dispatcher.is_told("Обращение на доске.")
    dispatcher.follow("Определить группу")
    dispatcher.fill({"Группа проблем": "Нет работы", "Какая проблема выявлена": "Отец потерял работу."})
    dispatcher.press("Сохранить")
    dispatcher.follow("Подобрать услугу")
    expect(dispatcher.page.locator("datalist option")).to_have_attribute("value", "Консультация профконсультанта")
    dispatcher.fill({"Услуга": "Консультация профконсультанта", "Вид помощи": "социальная", "Мобильный выезд": True})
    dispatcher.fill({"Кто выезжает": "профконсультант"})
    dispatcher.shot("dispatch-pick")
    dispatcher.press("Запланировать")
    dispatcher.is_told("Услуга запланирована.")
    dispatcher.open("/cases/dispatch/trips/")
    dispatcher.sees("профконсультант", "ул. Лесная")
    dispatcher.shot("dispatch-trips")
    request = DispatchRequest.objects.get()
    dispatcher.open(request.get_absolute_url())
    dispatcher.follow("Оказана")
    dispatcher.fill({"Результат": "Записан на курсы."})
    dispatcher.press("Записать")
    dispatcher.sees("в тот же день", "Записан на курсы.")
    dispatcher.shot("dispatch-detail")
    dispatcher.follow("Закрыть")
    dispatcher.choose("проблема решена частично")
    dispatcher.press("Закрыть обращение", "main")
    dispatcher.sees("Без согласия клиента обращение не закрывается")
    dispatcher.fill({"Кто согласился": "Ковалёва Анна", "Как получено": "по телефону"})
    dispatcher.shot("dispatch-close")
    dispatcher.press("Закрыть обращение", "main")
    dispatcher.is_told("Обращение закрыто.")
    dispatcher.sees("согласие клиента", "Ковалёва Анна Игоревна", "по телефону")
    dispatcher.open("/cases/dispatch/")
    dispatcher.sees("Нет работы", "закрыто")
    dispatcher.shot("dispatch-list")
    dispatcher.follow("Итоги за период")
    dispatcher.sees("Дней от обращения до первой услуги")
    dispatcher.shot("dispatch-figures")
    dispatcher.open(f"/families/{family.pk}/")
    dispatcher.sees("Семья обратилась в диспетчерскую", "Обращение в диспетчерскую закрыто")
    phone = visitor(PHONE).sign_in(world.curator)
    for path in ["/cases/dispatch/", request.get_absolute_url(), "/cases/dispatch/trips/", "/cases/dispatch/figures/"]:
        phone.open(path)
        phone.shot(f"phone-{path.strip('/').replace('/', '-')}")
        assert not phone.scrolls_sideways(), path
    request.refresh_from_db()
    assert (request.closed_on, request.group) == (today, ProblemGroup.objects.get(title="Нет работы"))


def test_another_region_has_no_dispatcher(world, visitor, settings):  # noqa: F811
    settings.SOPR_REGION = "primorye"
    family = make_family(world)
    curator = visitor().sign_in(world.curator)
    for path in ["/families/referrals/", f"/families/{family.pk}/", "/cases/"]:
        curator.open(path)
        expect(curator.page.locator("body")).not_to_contain_text("испетчерск")
    assert curator.context.request.get("/cases/dispatch/").status == 404
