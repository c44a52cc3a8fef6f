"""In the browser: a repeated assessment, the plan formed from its difficulties, the council, what an amendment changed."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from cases.dictionaries import load_factors, load_plan_templates
from cases.models import Factor, PlanTemplate
from cases.words import Domain
from sopr.tests.browser import DESKTOP, PHONE, visitor  # noqa: F401 — a fixture
from sopr.tests.casework import add_pack, hold_council, open_case

pytestmark = pytest.mark.browser


@pytest.fixture
def case(world):
    """A case with its pack; the draft has no goals yet. An emptied test database gets its dictionaries back."""
    load_factors(Factor)
    load_plan_templates(PlanTemplate)
    case = open_case(world)
    for goal in add_pack(world, case).goals.all():
        goal.drop(by=world.curator)
    return case


def assess(curator, case):
    curator.open(f"/cases/{case.pk}/")
    curator.open_more()
    curator.follow("Провести диагностику")
    for domain in Domain:
        curator.choose("0", domain.label.capitalize())
    curator.choose("3", "Обучение и развитие детей")
    curator.choose("1", "Доход и занятость")
    curator.page.get_by_label("нет помощи родных, семья одна").check()
    curator.page.get_by_label("родители здоровы").check()
    curator.choose("Базовый")
    curator.press("Записать диагностику")
    curator.sees("Вы предлагаете другой уровень, а по правилу предлагается уровень «кризисный»")
    curator.fill({"Почему уровень не тот": "Ребёнок уже ходит в школу с братом."})
    curator.press("Записать диагностику")
    curator.is_told("Диагностика записана.")
    curator.sees("Было 5 баллов из 40, стало 4", "легче на 1")
    curator.sees("нет помощи родных, семья одна", "Ребёнок уже ходит в школу с братом.")
    expect(curator.page.locator("figure svg title")).to_contain_text("Доход и занятость: было 2, стало 1")
    curator.shot("assessment-compare")
    assert curator.take_pdf("Печать", ".page-head").startswith(b"%PDF")


def form_the_plan(curator, case):
    curator.open(f"/cases/{case.pk}/?tab=programme")
    curator.follow("Изменить проект")
    curator.sees("не охвачено: 2 из 2")
    curator.follow("Сформировать план по трудностям")
    curator.sees("Дополнительные занятия с учителем", "раз в неделю, 8 раз")
    curator.shot("programme-plan")
    curator.page.get_by_role("checkbox", name="Кружок или секция").uncheck()
    agency = curator.page.get_by_label("Исполнитель: Индивидуальный план учёбы")
    agency.select_option(label="Центр помощи семье «Северный»")
    curator.press("Добавить отмеченное в проект")
    curator.is_told("Добавлено мероприятий")
    curator.sees("охвачены все 2", "Пропусков без причины нет")
    draft = case.programmes.get().draft
    titles = set(draft.activities().values_list("title", flat=True))
    assert "Кружок или секция по интересам ребёнка" not in titles
    assert "Дополнительные занятия с учителем" in titles
    curator.follow("Сформировать план по трудностям")
    offered = curator.page.get_by_role("checkbox")
    expect(offered).to_have_count(1)  # what stands there is not offered again
    curator.open(f"/cases/programmes/{draft.pk}/edit/")
    curator.page.locator("tr", has_text="Индивидуальный план учёбы").get_by_role("link", name="Изменить").click()
    curator.fill({"Мероприятие": "Индивидуальный план учёбы Ильи"})
    curator.press("Сохранить")
    curator.sees("Индивидуальный план учёбы Ильи")


def amend_and_compare(curator, case):
    curator.open(f"/cases/{case.pk}/?tab=programme")
    curator.follow("Предложить изменение")
    curator.press("Создать новую редакцию")
    row = curator.page.locator("tr", has_text="Индивидуальный план учёбы Ильи")
    row.get_by_role("link", name="Удалить").click()
    curator.press("Удалить", "main")
    curator.page.locator("dl.goal").first.get_by_role("link", name="Изменить").click()
    curator.fill({"Признак достижения": "Ходит в школу каждый день"})
    curator.press("Сохранить")
    curator.follow("Что изменилось")
    curator.sees("Целей изменено: 1", "Мероприятий исключено: 1", "мероприятие исключено", "Ходит в школу каждый день")
    curator.shot("programme-compare")


def test_a_plan_from_the_assessment_to_the_amendment(world, case, visitor):  # noqa: F811
    curator = visitor(DESKTOP).sign_in(world.curator)
    assess(curator, case)
    form_the_plan(curator, case)
    hold_council(world, case, "recognise", level="crisis")
    amend_and_compare(curator, case)
    phone = visitor(PHONE).sign_in(world.curator)
    last, draft = case.assessments.last(), case.programmes.get().draft
    for path in (
        last.get_absolute_url(),
        f"/cases/{case.pk}/assessments/new/",
        f"/cases/programmes/{draft.pk}/plan/",
        f"/cases/programmes/{draft.pk}/compare/",
    ):
        phone.open(path)
        assert not phone.scrolls_sideways(), path
        phone.shot(f"phone{path.replace('/', '-')}")
    assert last.done_on == timezone.localdate()


def test_the_administrator_keeps_the_dictionary(world, case, visitor):  # noqa: F811
    administrator = visitor(DESKTOP).sign_in(world.administrator)
    administrator.follow("Справочники")
    administrator.follow("Факторы риска и ресурсы", "main")
    administrator.sees("злоупотребление алкоголем")
    administrator.follow("Справочники")
    administrator.follow("Шаблоны плана мероприятий", "main")
    administrator.follow("Добавить шаблон")
    administrator.fill(
        {
            "Сфера": "доход",
            "В чём трудность": "Нет работы",
            "Цель": "Найти работу",
            "Признак достижения": "Договор",
            "Мероприятие": "Клуб ищущих работу",
            "Вид помощи": "социальная",
            "Кто исполняет": "занятость",
            "Срок, рабочих дней": "15",
            "Повторяется": "раз в неделю",
        }
    )
    administrator.press("Добавить", "main")
    administrator.sees("Укажите, сколько раз повторяется")
    administrator.fill({"Сколько раз": "4"})
    administrator.press("Добавить", "main")
    administrator.is_told("Шаблон добавлен")
    administrator.shot("plantemplates")
    assert PlanTemplate.objects.get(title="Клуб ищущих работу").organisation is None
