"""In the browser: no text is lost and no row doubled, whatever happens while a form is being filled in."""

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from conftest import PASSWORD
from families.models import Family, HomeSurvey
from sopr.tests.browser import PHONE, visitor  # noqa: F401 — a fixture
from sopr.tests.casework import make_family
from sopr.web.models import Draft

pytestmark = pytest.mark.browser
TEXT = "Две комнаты, печное отопление. У детей есть стол и место для сна."
SURVEY = {
    "Кто обследовал": "Куратова О. Н.",
    "Жильё": TEXT,
    "Условия детей": "Стол есть.",
    "Вывод": "Помощь нужна.",
}


@pytest.fixture
def family(world):
    return make_family(world)


def survey(family):
    return reverse("families:home-survey-new", args=[family.pk])


def card(family):
    return reverse("families:family-edit", args=[family.pk])


def status(person):
    return person.page.locator("[data-draft-status]")


def types(person, family, words=TEXT):
    """Types into the survey and waits until the page says that the text is kept."""
    person.open(survey(family))
    person.fill({"Жильё": words})
    expect(status(person)).to_contain_text("Черновик сохранён в")


def sign_in_here(person, user):
    """On the page of the sign-in that the browser was sent to."""
    person.page.get_by_label("Учётная запись").fill(user.username)
    person.page.get_by_label("Пароль", exact=True).fill(PASSWORD)
    person.press("Войти")


def field(person, label):
    return person.page.locator("main").get_by_label(label).first


def test_two_people_edit_one_family_at_once(world, visitor, family):  # noqa: F811
    curator, head = visitor().sign_in(world.curator), visitor(PHONE)
    head.open("/")
    sign_in_here(head, world.head)
    head.sees_title("Служба")
    curator.open(card(family))
    head.open(card(family))
    head.fill({"Адрес": "ул. Новая, 5", "Адрес скрыт": True, "Ресурсы": "Бабушка живёт рядом."})
    head.press("Сохранить", "main")
    head.is_told("Карточка сохранена.")
    curator.fill({"Адрес": "ул. Моя, 7", "Ресурсы": "Помочь семье некому."})
    curator.press("Сохранить", "main")
    curator.sees("Пока Вы писали, запись изменилась", "ул. Новая, 5", "Бабушка живёт рядом.", "Помочь семье некому.")
    curator.shot("stale")
    expect(field(curator, "Ресурсы")).to_have_value("Помочь семье некому.")
    expect(curator.page.locator(".stale tr", has_text="Адрес скрыт")).to_contain_text("нет")
    for label in ("ул. Моя, 7", "Адрес скрыт"):
        curator.page.locator(".stale tr", has_text=label).first.get_by_role("checkbox").check()
    curator.fill({"Ресурсы": "Помогает бабушка, больше некому."})
    curator.press("Сохранить", "main")
    curator.is_told("Карточка сохранена.")
    saved = Family.objects.get(pk=family.pk)
    assert (saved.address, saved.address_hidden) == ("ул. Новая, 5", True)
    assert saved.circumstances == "Помогает бабушка, больше некому."


def test_the_session_is_over_in_the_middle_of_a_long_form(world, visitor, family):  # noqa: F811
    curator = visitor().sign_in(world.curator)
    types(curator, family, "Начало")
    Session.objects.all().delete()
    curator.fill(SURVEY)
    curator.press("Сохранить", "main")
    lapsed = curator.page.locator(".lapsed")
    expect(lapsed).to_contain_text("Вход устарел. Войдите в новой вкладке")
    curator.shot("lapsed")
    assert not HomeSurvey.objects.exists()
    with curator.context.expect_page() as opened:
        curator.page.get_by_role("link", name="Войти в новой вкладке").click()
    tab = opened.value
    tab.get_by_label("Учётная запись").fill(world.curator.username)
    tab.get_by_label("Пароль", exact=True).fill(PASSWORD)
    tab.get_by_role("button", name="Войти").click()
    expect(tab.get_by_role("heading", level=1)).to_contain_text("Мои черновики")
    tab.close()
    curator.press("Сохранить", "main")
    curator.is_told("Акт обследования записан.")
    assert HomeSurvey.objects.get().housing == TEXT
    assert not Draft.objects.exists()


def test_the_session_is_over_and_there_is_no_javascript(world, visitor, family):  # noqa: F811
    curator = visitor(javascript=False)
    curator.open(survey(family))
    sign_in_here(curator, world.curator)
    curator.fill(SURVEY)
    Session.objects.all().delete()
    curator.press("Сохранить", "main")
    curator.sees("Текст сохранён")
    sign_in_here(curator, world.curator)
    curator.sees("Восстановлен черновик от")
    for label, words in SURVEY.items():
        expect(field(curator, label)).to_have_value(words)
    curator.press("Сохранить", "main")
    curator.is_told("Акт обследования записан.")
    assert HomeSurvey.objects.get().housing == TEXT


def test_the_browser_is_closed(world, visitor, family):  # noqa: F811
    curator = visitor().sign_in(world.curator)
    types(curator, family)
    curator.context.close()
    again = visitor(PHONE)
    again.open("/")
    sign_in_here(again, world.curator)
    again.sees_title("Мой день")
    again.open(reverse("accounts:draft-list"))
    again.sees(f"Семья № {family.number}")
    again.shot("draft-list")
    again.follow("Акт обследования", "main")
    again.sees("Восстановлен черновик от")
    expect(field(again, "Жильё")).to_have_value(TEXT)
    again.shot("draft-restored")
    again.follow("Начать заново", "main")
    again.press("Удалить", "main")
    expect(field(again, "Жильё")).to_have_value("")
    assert not Draft.objects.exists()


def test_a_page_left_at_once_keeps_the_text(world, visitor, family):  # noqa: F811
    """Nothing waits for the pause in typing when the page goes away."""
    curator = visitor().sign_in(world.curator)
    curator.open(survey(family))
    curator.fill({"Жильё": TEXT})
    with curator.page.expect_request(lambda request: request.method == "POST"):
        curator.page.locator("main").get_by_label("Жильё").first.blur()
    expect(status(curator)).to_contain_text("Черновик сохранён в")
    curator.open(survey(family))
    expect(field(curator, "Жильё")).to_have_value(TEXT)


def test_a_double_click_is_one_act(world, visitor, family):  # noqa: F811
    curator = visitor().sign_in(world.curator)
    curator.open(survey(family))
    curator.fill(SURVEY)
    curator.page.locator("main").get_by_role("button", name="Сохранить", exact=True).dblclick()
    curator.is_told("Акт обследования записан.")
    assert HomeSurvey.objects.count() == 1


def test_two_tabs_and_going_back_are_one_act(world, visitor, family):  # noqa: F811
    curator = visitor().sign_in(world.curator)
    types(curator, family)
    other = curator.context.new_page()
    other.goto(survey(family))
    expect(other.get_by_label("Жильё")).to_have_value(TEXT)
    curator.fill(SURVEY)
    curator.press("Сохранить", "main")
    curator.is_told("Акт обследования записан.")
    curator.page.go_back()
    curator.page.locator("main").get_by_role("button", name="Сохранить", exact=True).click()
    # From its memory the browser sends the old token; a page loaded anew has another one and is asked about.
    told = curator.page.get_by_text("Точно такая же форма уже отправлена")
    expect(told.or_(curator.page.get_by_role("heading", level=1, name=family.surname)).first).to_be_visible()
    assert HomeSurvey.objects.count() == 1
    for label, words in SURVEY.items():
        other.locator("main").get_by_label(label).first.fill(words)
    other.locator("main").get_by_role("button", name="Сохранить", exact=True).click()
    other.wait_for_url(f"**{reverse('families:family-detail', args=[family.pk])}*")
    assert HomeSurvey.objects.count() == 1
