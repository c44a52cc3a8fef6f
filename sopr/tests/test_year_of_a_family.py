"""A curator's year with one family in the browser: crisis, basic level, removal, aftercare, the end.

On the way an agency declines its task, the family is away for a month, the curator is on leave and a colleague stands
in, the programme is amended by the council. The papers of the year are printed and read. The clock is the server's;
today is the day after the last step.
"""

import datetime
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from cases.models import Case
from cases.words import Domain
from sopr.calendar import add_months, add_working_days
from sopr.tests.browser import SCREENSHOTS, visitor  # noqa: F401 — a fixture
from sopr.tests.casework import add_papers, make_council, make_family
from sopr.tests.steps import add_goal, all_for, meet, on, sign, text_of

pytestmark = pytest.mark.browser
BEGAN = add_months(timezone.localdate().replace(day=1), -13)


def day(month, number=5):
    """The first working day from the given one of the given month of the year; month 0 is its first."""
    return add_working_days(add_months(BEGAN, month) + datetime.timedelta(days=number - 2), 1)


def the_case():
    return Case.objects.get()


def paper(person, name, link, within="body") -> str:
    """The text of a printed paper; kept beside the pictures when somebody asked for them."""
    pdf = person.take_pdf(link, within)
    if SCREENSHOTS:
        Path(SCREENSHOTS, f"{name}.pdf").write_bytes(pdf)
    return text_of(pdf)


def to_case(curator, tab=""):
    curator.open(f"/cases/{the_case().pk}/{tab and f'?tab={tab}'}")


def act(person, title):
    """One of the acts of the case's page; those that are not daily stand under «Ещё»."""
    to_case(person)
    if not person.page.get_by_role("link", name=re.compile(rf"^\s*{title}")).count():
        person.open_more()
    person.follow(title)


# --- spring: from the assessment to the contract -----------------------------------------------------------------


def the_case_is_opened_and_assessed(curator, w):
    curator.open(f"/families/{w.family.pk}/")
    curator.follow("Открыть случай")
    curator.press("Открыть случай")
    curator.is_told("Случай открыт.")
    curator.follow("Составить акт")
    curator.fill(
        {
            "Кто обследовал": "Куратова О. Н., участковый Петров П. П.",
            "Жильё": "Две комнаты, печное отопление.",
            "Условия детей": "Своя кровать, стола для учёбы нет.",
            "Вывод": "Семье нужна помощь в обучении ребёнка и в доходах.",
        }
    )
    curator.press("Сохранить")
    curator.is_told("Акт обследования записан.")
    assess(curator, education="3", income="2", level="Кризисный")


def assess(curator, education, income, level):
    act(curator, "Провести диагностику")
    for domain in Domain:
        curator.choose("0", domain.label.capitalize())
    curator.choose(education, "Обучение и развитие детей")
    curator.choose(income, "Доход и занятость")
    curator.choose(level)
    curator.press("Записать диагностику")
    curator.is_told("Диагностика записана.")


def the_programme_goes_to_the_council(curator, w):
    to_case(curator)
    curator.follow("Составить ИПСС")
    curator.fill({"Действует по": add_months(day(0), 12), "Обязательства семьи": "Приводить сына в школу каждый день."})
    curator.press("Создать и перейти к целям")
    due_on = day(2)
    add_goal(curator, "Доход мал", "Найти работу", "социальная", "Подбор работы для матери", w.clinic.name, due_on)
    add_goal(curator, "Пропуски", "Вернуть в школу", "педагогическая", "Занятия с завучем", w.school.name, due_on)
    propose(curator, "Мать воспитывает сына одна, ребёнок не посещает школу.")


def propose(curator, summary):
    to_case(curator)
    curator.follow("Вынести на совет")
    curator.fill({"Коротко о семье": summary})
    curator.press("Вынести на совет")
    curator.is_told("Вопрос отправлен секретарю совета.")


def the_council_recognises_the_family(secretary, w):
    meet(secretary, day(0, 15))
    all_for(secretary)
    assert "кризисный уровень" in sign(secretary)
    case = the_case()
    assert (case.stage, case.level, case.accepted_on) == ("active", "crisis", day(0, 15))


def the_contract_is_signed(curator, w):
    act(curator, "Записать договор")
    curator.fill({"Дата": day(0, 17), "Действует до": add_months(day(0, 17), 12), "Кто подписал": "Ковалёва"})
    curator.press("Записать договор")
    curator.is_told("Договор записан.")
    contract = paper(curator, "contract", "Печать")
    assert "Ковалёва Анна Игоревна" in contract
    to_case(curator, "programme")
    programme = paper(curator, "programme-1", "Печать")
    for words in ("Подбор работы для матери", "Занятия с завучем", "Приводить сына в школу", "кризисн"):
        assert words in programme, words
    assert "ПРОЕКТ" not in programme


# --- summer: an agency declines, a colleague stands in -----------------------------------------------------------


def the_clinic_declines(executor, w):
    executor.follow("Подбор работы для матери")
    executor.follow("Отклонить")
    executor.choose("нет специалиста или мест")
    executor.fill({"Пояснение": "Работу подбирает школа-центр занятости."})
    executor.press("Отклонить", "main")
    executor.is_told("Отказ с причиной отправлен куратору.")


def the_curator_hands_it_on(curator, w):
    curator.sees("Подбор работы для матери")
    to_case(curator, "programme")
    curator.sees("исполнитель отклонил")
    curator.follow("Решить")
    curator.sees("Работу подбирает школа-центр занятости.")
    curator.follow("Передать другому исполнителю")
    curator.fill({"Кому передать": w.school.name})
    curator.press("Передать", "main")
    curator.is_told("Мероприятие передано.")


def the_school_does_both(executor, w):
    for title in ("Подбор работы для матери", "Занятия с завучем"):
        executor.open("/cases/activities/")
        executor.follow(title)
        executor.follow("Принять в работу")
        executor.press("Принять", "main")
        executor.is_told("Мероприятие принято в работу.")
        executor.follow("Отчитаться")
        executor.fill({"Дата исполнения": day(1, 20), "Результат": f"{title}: сделано."})
        executor.press("Отправить куратору")
        executor.is_told("Отчёт отправлен куратору.")


def the_curator_accepts(curator, w):
    for _report in range(2):
        to_case(curator, "programme")
        curator.follow("Принять отчёт")
        curator.press("Принять отчёт")
        curator.is_told("Отчёт принят, мероприятие исполнено.")


def the_head_names_a_stand_in(head, w):
    head.follow("Назначить замещение", f"tr:has-text('{w.curator.last_name}')")
    head.choose(w.colleague.last_name)
    head.fill({"По какой день": day(2, 26), "Причина": "отпуск"})
    head.press("Назначить")
    head.is_told("Замещение назначено.")


def the_colleague_visits_the_family(colleague, w):
    act(colleague, "Записать контакт")
    colleague.choose("Визит")
    colleague.fill({"Что увидели": "Сын ходит в школу, мать вышла на новую работу."})
    colleague.press("Записать контакт")
    colleague.is_told("Контакт записан.")


def the_stand_in_is_over(colleague, w):
    assert colleague.context.request.get(f"/cases/{the_case().pk}/").status == 404


# --- autumn: the programme and the level change, the family is away for a month -------------------------------------


def the_family_is_away(head, w):
    act(head, "Приостановить")
    head.fill({"Причина": "Мать на стационарном лечении, сын у бабушки."})
    head.press("Приостановить", "main")
    head.is_told("Сопровождение приостановлено.")


def nothing_is_due_meanwhile(curator, w):
    to_case(curator)
    curator.sees("приостановлено с")
    assert not curator.page.locator("main").get_by_text("Связаться с семьёй").count()


def the_family_is_back(head, w):
    act(head, "Возобновить")
    head.press("Возобновить", "main")
    head.is_told("Сопровождение возобновлено.")


def the_programme_is_amended(curator, w):
    assess(curator, education="1", income="2", level="Базовый")
    curator.sees("легче на 2")
    to_case(curator, "programme")
    curator.follow("Предложить изменение")
    curator.press("Создать новую редакцию")
    for goal, title in enumerate(("Курсы бухгалтеров", "Кружок по выбору сына")):
        curator.page.get_by_role("link", name="Добавить мероприятие").nth(goal).click()
        curator.fill({"Мероприятие": title, "Вид помощи": "социальная", "Исполнитель": w.clinic.name, "Срок": day(6)})
        curator.press("Добавить мероприятие")
        curator.sees(title)
    curator.follow("Что изменилось")
    curator.sees("Курсы бухгалтеров")


def the_review_asks_for_the_basic_level(curator, w):
    act(curator, "Провести мониторинг")
    curator.fill({"Что изменилось": "Мать работает, школа посещается."})
    curator.choose("изменить уровень")
    curator.fill({"Новый уровень": "базовый"})
    curator.press("Записать мониторинг")
    curator.is_told("Мониторинг записан.")
    curator.fill({"Коротко о семье": "Положение лучше: школа посещается, мать работает."})
    curator.press("Вынести на совет")
    curator.is_told("Вопрос отправлен секретарю совета.")
    to_case(curator, "reviews")
    assert "Мать работает, школа посещается." in paper(curator, "review", "Печать", "main table")


def the_council_changes_level_and_programme(secretary, w):
    meet(secretary, day(5, 12))
    all_for(secretary)
    assert "с кризисного уровня на базовый" in sign(secretary)
    case = the_case()
    revision = case.programmes.get().approved
    assert (case.level, revision.level, revision.number) == ("basic", "basic", 2)


def the_new_programme_is_carried_out(curator, w):
    to_case(curator, "programme")
    programme = paper(curator, "programme-2", "Печать")
    assert "Курсы бухгалтеров" in programme and "базовый" in programme
    for title in ("Курсы бухгалтеров", "Кружок по выбору сына"):
        curator.open(the_case().activities.get(title=title).get_absolute_url())
        curator.follow("Записать результат")
        curator.choose("исполнено")
        curator.fill(
            {"Дата исполнения": day(6), "Результат": f"{title}: сделано.", "Кто ответил": "заведующая Громова Е. В."}
        )
        curator.press("Записать результат")
        curator.is_told("Результат записан.")


# --- winter and spring: removal, aftercare, the end ---------------------------------------------------------------


def the_goals_are_reached(curator, w):
    assess(curator, education="0", income="0", level="Базовый")
    act(curator, "Заключение о снятии")
    curator.fill(
        {
            "Результат": "преодолела ТЖС",
            "Причина снятия": "цели достигнуты",
            "Заключение": "Семья справляется сама.",
            "Рекомендации": "Обращаться к школьному психологу.",
            "Назначить постсопровождение": True,
        }
    )
    curator.press("Сохранить заключение")
    curator.is_told("Заключение сохранено.")
    curator.fill({"Коротко о семье": "Цели программы достигнуты."})
    curator.press("Вынести на совет")
    curator.is_told("Вопрос отправлен секретарю совета.")
    to_case(curator, "reviews")
    conclusion = paper(curator, "closure", "Печать заключения")
    for words in ("Семья справляется сама.", "преодолела ТЖС", "Обращаться к школьному психологу."):
        assert words in conclusion, words


def the_council_removes_the_family(secretary, w):
    meet(secretary, day(8, 12))
    all_for(secretary)
    assert "Снять семью Ковалёвых с социального сопровождения" in sign(secretary)
    case = the_case()
    assert (case.stage, case.outcome, case.closure_reason) == ("aftercare", "overcame", "goals_reached")


def the_family_is_checked(curator, w):
    to_case(curator)
    curator.follow("Записать проверку")
    curator.choose("стабильно")
    curator.fill({"Что установлено": "Сын учится без троек, мать работает."})
    curator.press("Записать проверку")
    curator.is_told("Проверка записана.")


def the_case_is_over(curator, w):
    the_family_is_checked(curator, w)
    assert "Сын учится без троек" in paper(curator, "aftercare", "Печать плана")
    curator.follow("Завершить")
    curator.press("Завершить")
    curator.is_told("Постсопровождение завершено, случай закрыт.")
    to_case(curator, "history")
    curator.sees("кризисный", "базовый", w.colleague.last_name, "Мать на стационарном лечении")
    curator.shot("year-history")
    to_case(curator)
    curator.shot("year-case")
    case = the_case()
    assert case.stage == "closed"
    assert [period.level for period in case.level_periods.order_by("since")] == ["crisis", "basic"]
    assert case.suspensions.get().until == day(4, 9)
    assert case.activities.filter(state="done").count() == 4
    call_command("verify_audit")


# Who, on which day by the server's clock, does what.
YEAR = [
    ("curator", day(0), the_case_is_opened_and_assessed),
    ("curator", day(0, 8), the_programme_goes_to_the_council),
    ("secretary", day(0, 15), the_council_recognises_the_family),
    ("curator", day(0, 17), the_contract_is_signed),
    ("executor", day(0, 20), the_clinic_declines),
    ("curator", day(0, 21), the_curator_hands_it_on),
    ("other_executor", day(1, 20), the_school_does_both),
    ("curator", day(1, 22), the_curator_accepts),
    ("head", day(2, 10), the_head_names_a_stand_in),
    ("colleague", day(2, 15), the_colleague_visits_the_family),
    ("colleague", day(3, 2), the_stand_in_is_over),
    ("head", day(3, 9), the_family_is_away),
    ("curator", day(3, 20), nothing_is_due_meanwhile),
    ("head", day(4, 9), the_family_is_back),
    ("curator", day(5), the_programme_is_amended),
    ("curator", day(5, 8), the_review_asks_for_the_basic_level),
    ("secretary", day(5, 12), the_council_changes_level_and_programme),
    ("curator", day(6), the_new_programme_is_carried_out),
    ("curator", day(8), the_goals_are_reached),
    ("secretary", day(8, 12), the_council_removes_the_family),
    ("curator", day(9, 12), the_family_is_checked),
    ("curator", day(10, 12), the_family_is_checked),
    ("curator", day(11, 12), the_case_is_over),
]


def test_a_year_with_one_family(world, visitor):  # noqa: F811
    make_council(world)
    with on(day(0)):
        world.family = make_family(world)
        add_papers(world.family, world.curator)
    for role, date, step in YEAR:
        with on(date):
            step(visitor().sign_in(getattr(world, role)), world)
