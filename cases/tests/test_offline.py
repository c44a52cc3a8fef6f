"""A curator without a connection: texts written offline, doubled, interrupted; nothing lost, nothing doubled."""

import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from cases.models import Contact, Review
from sopr.tests.browser import PHONE, visitor  # noqa: F401 — a fixture
from sopr.tests.casework import activate

pytestmark = pytest.mark.browser
SEEN = "Печь исправна, дети в школе."


@pytest.fixture
def case(world):
    return activate(world)


@pytest.fixture
def curator(world, case, visitor):  # noqa: F811
    """At the phone, without a service worker: it would stand between the test and the network it cuts."""
    return visitor(PHONE, service_workers="block").sign_in(world.curator)


def contact_form(person, case):
    person.open(f"/cases/{case.pk}/contacts/new/")
    person.choose("Визит")
    person.fill({"Что увидели": SEEN})


def waits(person, number, page=None):
    words = (page or person.page).locator("[data-waiting-words]")
    expect(words).to_have_text(f"ждёт отправки ({number})" if number else "", use_inner_text=False)


def sent(page):
    """Wait until no text is kept in the browser: the empty mark alone may be that of a page that has not looked yet."""
    page.wait_for_function("() => !Object.keys(localStorage).some((key) => key.startsWith('sopr.later.'))")


def recorded(person, number, model=Contact):
    """Wait until nothing waits in the browser, then count."""
    sent(person.page)
    assert model.objects.count() == number


def test_contact_and_review_are_written_without_a_connection_and_sent_once(curator, case):
    contact_form(curator, case)
    second = curator.context.new_page()
    second.goto(f"/cases/{case.pk}/reviews/new/")
    second.get_by_label("Что сделано по программе").fill("Половина")
    second.get_by_label("Что изменилось в семье").fill("Мать работает")
    second.get_by_text("продолжить сопровождение").click()
    with curator.expecting_trouble():
        curator.context.set_offline(True)
        curator.press("Записать контакт", within="#form")
        curator.sees("Нет связи с сервером", "Запись сохранена в этом браузере")
        waits(curator, 1)
        second.get_by_role("button", name="Записать мониторинг").click()
        expect(second.get_by_text("Запись сохранена в этом браузере")).to_be_visible()
        waits(curator, 2, second)
        assert not Contact.objects.exists() and not Review.objects.exists()
        second.close()
        curator.context.set_offline(False)  # the event «online» sends both
        expect(curator.page).to_have_url(f"{curator.page.url.split('/cases')[0]}/cases/{case.pk}/?tab=contacts")
    curator.is_told("Контакт записан.")
    curator.sees(SEEN)
    recorded(curator, 1)
    assert (Contact.objects.get().summary, Review.objects.get().progress) == (SEEN, "Половина")


def test_double_click_and_several_attempts_write_one_contact(curator, case):
    contact_form(curator, case)
    curator.page.locator("#form .btn-primary").dblclick()
    curator.is_told("Контакт записан.")
    recorded(curator, 1)
    contact_form(curator, case)
    curator.fill({"Что увидели": "Второй раз"})
    with curator.expecting_trouble():
        curator.context.set_offline(True)
        curator.page.locator("#form .btn-primary").dblclick()
        curator.sees("Запись сохранена в этом браузере")
        for _time in range(3):
            curator.press("Отправить сейчас")
        other = curator.context.new_page()
        curator.context.set_offline(False)
        other.goto("/cases/day/")  # two tabs send at once
        sent(other)
    assert list(Contact.objects.order_by("pk").values_list("summary", flat=True)) == [SEEN, "Второй раз"]


def test_answer_lost_on_the_way_is_no_second_contact(curator, case):
    contact_form(curator, case)
    lost = []

    def act_and_lose(route):
        if route.request.method != "POST" or "x-kept-for" not in route.request.headers:
            route.continue_()
            return
        lost.append(route.fetch().status)  # the server has acted
        route.abort("connectionreset")

    with curator.expecting_trouble():
        curator.page.route("**/contacts/new/", act_and_lose)
        curator.press("Записать контакт", within="#form")
        curator.sees("Запись сохранена в этом браузере")
        assert lost == [200] and Contact.objects.count() == 1
        curator.page.unroute("**/contacts/new/")
        curator.press("Отправить сейчас")
        curator.is_told("Контакт записан.")
    recorded(curator, 1)


@pytest.mark.parametrize("acted", [True, False], ids=["server-acted", "server-never-asked"])
def test_tab_closed_while_sending_loses_nothing_and_doubles_nothing(curator, case, acted):
    contact_form(curator, case)
    seen = []

    def hold(route):
        if route.request.method == "POST" and "x-kept-for" in route.request.headers:
            seen.append(route.fetch().status if acted else None)  # and never answered: the tab goes first
        else:
            route.continue_()

    curator.page.route("**/contacts/new/", hold)
    curator.press("Записать контакт", within="#form")
    with curator.expecting_trouble():
        while not seen:
            curator.page.wait_for_function("true")
        curator.page.close()
        curator.page = curator.context.new_page()
        curator.open("/cases/day/")
        waits(curator, 0)
    recorded(curator, 1)
    assert Contact.objects.get().summary == SEEN


def test_text_waits_for_its_author_and_nobody_else_sees_or_sends_it(world, curator, case):
    contact_form(curator, case)
    with curator.expecting_trouble():
        curator.context.set_offline(True)
        curator.press("Записать контакт", within="#form")
        waits(curator, 1)
        curator.context.clear_cookies()  # the sign-in ends, the connection returns
        curator.context.set_offline(False)
        curator.open("/login/")
        curator.sign_in(world.colleague)
        waits(curator, 0)
        curator.open("/offline/")
        expect(curator.page.locator("main")).not_to_contain_text(SEEN)
        assert not Contact.objects.exists()
        curator.open("/cases/day/")
        curator.page.locator(".drawer > summary").click()
        curator.press("Выйти", within=".drawer__body")
        curator.sees("Вход в систему")
        curator.sign_in(world.curator)
        sent(curator.page)
    assert (Contact.objects.get().by, Contact.objects.get().summary) == (world.curator, SEEN)


def test_refused_text_is_shown_with_the_reason_and_mended(curator, case):
    contact_form(curator, case)
    tomorrow = timezone.localtime() + datetime.timedelta(days=1)
    curator.fill({"Когда": tomorrow})
    with curator.expecting_trouble():
        curator.context.set_offline(True)
        curator.press("Записать контакт", within="#form")
        waits(curator, 1)
        curator.page.close()
        curator.context.set_offline(False)
        curator.page = curator.context.new_page()
        curator.open("/cases/day/")
        expect(curator.page.locator("[data-waiting-words]")).to_have_text("не принято (1)")
        curator.page.locator("[data-waiting]").click()
        curator.sees(SEEN, "Время контакта ещё не наступило")
        curator.follow("Исправить")
        curator.sees("Это Ваша запись, которую сервер не принял")
        expect(curator.page.get_by_label("Что увидели")).to_have_value(SEEN)
        curator.fill({"Когда": timezone.localtime() - datetime.timedelta(minutes=5)})
        curator.press("Записать контакт", within="#form")
        curator.is_told("Контакт записан.")
    recorded(curator, 1)


def test_case_closed_meanwhile_leaves_the_text_to_be_copied(world, curator, case):
    contact_form(curator, case)
    with curator.expecting_trouble():
        curator.context.set_offline(True)
        curator.press("Записать контакт", within="#form")
        waits(curator, 1)
        case.close_at_familys_wish(by=world.curator, day=timezone.localdate(), outcome="unchanged")
        curator.context.set_offline(False)
        expect(curator.page.locator("[data-waiting-words]")).to_have_text("не принято (1)")
        curator.open("/offline/")
        curator.sees(SEEN, "контакты к нему не записываются")
        curator.page.once("dialog", lambda dialog: dialog.accept())
        curator.press("Удалить")
        expect(curator.page.locator("[data-list]")).to_be_hidden()
    assert not Contact.objects.exists()


def test_signing_out_asks_and_wipes_the_numbers_but_not_the_text(world, curator, case):
    curator.open("/cases/day/")
    assert curator.page.evaluate("Object.keys(localStorage)") == [f"sopr.cases.{world.curator.pk}"]
    contact_form(curator, case)
    with curator.expecting_trouble():
        curator.page.route("**/contacts/new/", lambda route: route.abort())
        curator.press("Записать контакт", within="#form")
        waits(curator, 1)
        curator.page.locator(".drawer > summary").click()
        asked = []
        curator.page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
        curator.press("Выйти", within=".drawer__body")
        assert "ждёт отправки записей: 1" in asked[0]
        waits(curator, 1)
        curator.page.once("dialog", lambda dialog: dialog.accept())
        curator.press("Выйти", within=".drawer__body")
        curator.sees("Вход в систему")
    keys = curator.page.evaluate("Object.keys(localStorage)")
    assert len(keys) == 1 and keys[0].startswith(f"sopr.later.{world.curator.pk}.")
    assert "sopr_here" not in {cookie["name"] for cookie in curator.context.cookies()}


def test_the_page_opens_without_a_connection_and_writes_by_the_number_of_the_case(world, case, visitor):  # noqa: F811
    person = visitor(PHONE).sign_in(world.curator)
    person.open("/cases/day/")
    person.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    person.open("/cases/day/")  # now by way of the worker
    with person.expecting_trouble():
        person.context.set_offline(True)
        person.open(f"/cases/{case.pk}/")
        person.sees_title("Записать контакт без связи")
        assert not person.scrolls_sideways()
        person.shot("offline")
        person.fill({"Случай": f"№\u00a0{case.number}", "Что увидели": SEEN})
        person.choose("Визит")
        person.press("Сохранить до связи")
        person.sees("Сохранено до связи", SEEN)
        person.shot("offline-waiting")
        person.context.set_offline(False)
        expect(person.page.locator("[data-list]")).to_be_hidden()
    assert (Contact.objects.get().case, Contact.objects.get().summary) == (case, SEEN)
    names = person.page.evaluate(
        "caches.keys().then(async (keys) => (await (await caches.open(keys[0])).keys()).map((r) => new URL(r.url).pathname))"
    )
    assert "/offline/" in names and all(name == "/offline/" or name.startswith("/static/") for name in names)
