"""The editor of a ministry's form in a browser: rows by mouse and keyboard, the preview beside; and without scripts."""

import pytest
from playwright.sync_api import expect

from reports.models import OwnForm
from sopr.tests.browser import visitor  # noqa: F401 — a fixture

pytestmark = pytest.mark.browser


def begin(person, name):
    person.open("/reports/own/new/")
    person.fill({"Название": name})
    person.press("Перейти к строкам")
    return person.page


def order(page):
    return page.locator(".own-row__def")


def test_rows_are_put_together_without_reloading_and_the_figures_follow(world, visitor):  # noqa: F811
    person = visitor().sign_in(world.minister)
    page = begin(person, "Ранняя помощь")
    expect(page.locator("#own-preview")).to_contain_text("Строк пока нет")
    page.get_by_label("Найти показатель").fill("принято семей")
    expect(page.locator("[data-own-choice]:visible")).to_have_count(2)
    page.locator("button[value='add:measure:accepted']").click()
    expect(order(page)).to_have_count(1)
    page.get_by_label("Найти показатель").fill("такого нет")
    expect(page.get_by_text("Такого показателя нет")).to_be_visible()
    page.get_by_label("Найти показатель").fill("")
    page.locator("button[value='add:measure:removed']").click()
    expect(order(page)).to_have_count(2)
    page.get_by_label("Свой заголовок строки").nth(1).fill("Сняты с учёта")
    page.locator("#up-2").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".own-row").first).to_have_id("row-2")
    expect(page.locator("#up-2")).to_be_focused()
    expect(page.locator("#own-preview tbody tr").first).to_contain_text("Сняты с учёта")
    page.reload()
    expect(page.locator(".own-row").first).to_have_id("row-2")
    person.press("Сохранить черновик формы")
    expect(page.locator(".own__list")).to_contain_text("Сняты с учёта")
    assert [row["what"] for row in OwnForm.objects.get().draft.rows] == ["removed", "accepted"]


def test_it_works_without_scripts(world, visitor):  # noqa: F811
    person = visitor(javascript=False).sign_in(world.minister)
    page = begin(person, "Без сценариев")
    page.locator("button[value='add:measure:on_support']").click()
    page.locator("button[value='add:percent:']").click()
    page.locator("#up-2").click()
    expect(order(page).first).to_contain_text("Доля")
    page.get_by_role("button", name="Посчитать").click()
    expect(page.locator("#own-preview tbody tr")).to_have_count(1)
    expect(page.locator("#own-preview")).to_contain_text("Не показаны строки, где не всё выбрано: 1.")
