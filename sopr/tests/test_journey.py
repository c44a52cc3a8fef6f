"""The whole path in the browser: from a family nobody knows to the number in the ministry's Excel file.

Everything happens in the last whole quarter, day by day, by the clock of the server; the report is built today.
"""

import datetime
import re

import openpyxl
import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from cases.models import Case
from cases.words import Domain
from reports import periods
from reports.tests.test_runs import worker
from sopr.audit.models import AuditRecord
from sopr.calendar import add_months, add_working_days
from sopr.tests.browser import visitor  # noqa: F401 — a fixture
from sopr.tests.casework import make_council
from sopr.tests.steps import add_goal, all_for, meet, on, sign, text_of

pytestmark = pytest.mark.browser
BROKER = "redis" if settings.REDIS_URL else "filesystem"


def last_quarter(today):
    """First days of the last whole quarter and of the one after it."""
    this = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    return add_months(this, -3), this


QUARTER_BEGAN, QUARTER_ENDED = last_quarter(timezone.localdate())


def day(number):
    """The first working day that is at least `number` days into the quarter."""
    return add_working_days(QUARTER_BEGAN + datetime.timedelta(days=number - 1), 1)


def a_signal_about_an_unknown_family(curator, w):
    curator.sees_title("Мой день")
    curator.shot("my-day-empty")
    curator.search("Ермакова Анна 12.04.1991")
    curator.sees("никого не найдено")
    curator.shot("search-nobody")
    curator.follow("Сигналы")
    curator.follow("Записать сигнал")
    curator.fill(
        {
            "Как поступил": "сообщение ведомства",
            "Кто сообщил (ведомство)": "Школа № 7",
            "О ком сигнал": "семья Ермаковых",
            "Адрес": "ул. Лесная, 4, кв. 7",
            "Суть сигнала": "Ребёнок вторую неделю не посещает школу, мать на звонки не отвечает.",
        }
    )
    curator.shot("referral-new")
    curator.press("Записать сигнал", "main")
    curator.is_told("Сигнал записан в журнал.")
    curator.sees("семья Ермаковых", "Школа № 7")


def the_head_gives_it_to_a_curator(head, w):
    head.sees_title("Служба")
    head.sees("семья Ермаковых")
    head.shot("service")
    head.follow("Назначить")
    head.choose(w.curator.last_name)
    head.press("Назначить")
    head.is_told("Куратор назначен, срок посещения поставлен.")
    head.sees("Куратова")


def the_family_is_visited_and_registered(curator, w):
    curator.sees("Посетить семью по сигналу")
    curator.shot("my-day")
    curator.follow("Записать визит")
    curator.follow("Записать посещение")
    curator.fill({"Дата посещения": day(6), "Что установлено": "Мать дома, сигнал подтвердился."})
    curator.choose("Новая семья")
    curator.shot("referral-visit")
    curator.press("Записать посещение")
    curator.is_told("Посещение записано.")
    curator.sees_title("Новая семья")
    curator.press("Завести карточку")
    curator.sees("Укажите фамилию семьи.", "Выберите категорию.", "Впишите хотя бы одного человека")
    curator.shot("family-new-errors")
    curator.fill(
        {"Фамилия семьи": "Ермаковы", "Основная категория": "семья с одним родителем", "Телефон": "8 912 345-67-89"}
    )
    person(curator, 0, "Ермакова", "Анна", "Игоревна", datetime.date(1991, 4, 12), "женский", "мать")
    person(curator, 1, "Ермаков", "Илья", "Петрович", datetime.date(2016, 9, 3), "мужской", "ребёнок")
    curator.shot("family-new")
    curator.press("Завести карточку")
    curator.is_told("Карточка семьи заведена.")
    curator.sees_title("Ермаковы")
    curator.shot("family-new-card")


def the_case():
    return Case.objects.get()


def person(curator, row, last, first, patronymic, born, sex, relation):
    """One row of the people of a new family."""
    within = f"[data-formset-row] >> nth={row}"
    curator.fill(
        {"Фамилия": last, "Имя": first, "Отчество": patronymic, "Дата рождения": born, "Пол": sex,
         "Кем приходится": relation, "Законный представитель": relation == "мать"},
        within,
    )  # fmt: skip


def papers_and_case(curator, w):
    curator.follow("Семьи")
    curator.follow("Ермаковы")
    curator.follow("Открыть случай")
    curator.sees("нет письменного заявления семьи", "есть не все согласия")
    curator.shot("case-open-lacks")
    curator.follow("Записать заявление")
    curator.fill({"Заявитель": "Ермакова", "В качестве": "родитель", "Какая помощь нужна": "Устроить сына в школу."})
    curator.shot("application-new")
    curator.press("Сохранить")
    curator.is_told("Заявление записано.")
    curator.shot("family-papers")
    curator.follow("Записать согласи")
    curator.fill({"Подписанные листы согласия": True})
    curator.shot("consent-new")
    curator.press("Сохранить")
    curator.is_told("Согласия записаны.")
    curator.follow("Открыть случай")
    curator.fill({"По какому сигналу": "Сигнал № 1"})
    curator.shot("case-open")
    curator.press("Открыть случай")
    curator.is_told("Случай открыт. Следующий шаг — акт обследования и диагностика.")
    curator.sees("диагностика")
    curator.shot("case-assessment")
    curator.follow("Составить акт")
    curator.fill(
        {
            "Кто обследовал": "Куратова О. Н., участковый Петров П. П.",
            "Жильё": "Две комнаты, печное отопление, порядок.",
            "Условия детей": "Своя кровать, стола для учёбы нет.",
            "Вывод": "Семье нужна помощь в обучении ребёнка и в доходах.",
        }
    )
    curator.press("Сохранить")
    curator.is_told("Акт обследования записан.")


def assessment_and_programme(curator, w):
    curator.open(f"/cases/{the_case().pk}/")
    curator.follow("Провести диагностику")
    for domain in Domain:
        curator.choose("0", domain.label.capitalize())
    curator.choose("3", "Обучение и развитие детей")
    curator.choose("2", "Доход и занятость")
    curator.press("Записать диагностику")
    curator.sees("по правилу предлагается уровень «кризисный»")
    curator.shot("assessment-new")
    curator.press("Записать диагностику")
    curator.sees_title("Новая ИПСС")
    curator.fill({"Обязательства семьи": "Приводить сына в школу каждый день."})
    curator.shot("programme-new")
    curator.press("Создать и перейти к целям")
    curator.is_told("Проект ИПСС создан.")
    curator.sees("не охвачено: 2 из 2")
    due_on = day(30)
    add_goal(
        curator,
        "Доход ниже прожиточного",
        "Найти работу матери",
        "медицинская",
        "Медосмотр матери",
        w.clinic.name,
        due_on,
    )
    add_goal(
        curator, "Пропускает школу", "Вернуть в школу", "педагогическая", "Занятия с завучем", w.school.name, due_on
    )
    curator.sees("охвачены все 2")
    curator.shot("programme-edit")
    assert "ПРОЕКТ" in text_of(curator.take_pdf("Печать проекта"))


def to_the_council(curator, w):
    curator.open(f"/cases/{the_case().pk}/")
    curator.shot("case-whole-pack")
    curator.follow("Вынести на совет")
    curator.fill({"Коротко о семье": "Мать воспитывает сына одна, ребёнок не посещает школу."})
    curator.shot("item-propose")
    curator.press("Вынести на совет")
    curator.is_told("Вопрос отправлен секретарю совета.")
    curator.sees("на совете")


def a_meeting_recognises_the_family(secretary, w):
    secretary.sees_title("Заседания")
    secretary.sees("О признании семьи Ермаковых нуждающейся в социальном сопровождении")
    secretary.shot("meeting-list")
    meet(secretary, day(14))
    secretary.sees("По вопросу 1 кворума нет", "0 из 5")
    secretary.shot("meeting-no-quorum")
    secretary.press("Отметить всех присутствующими")
    secretary.sees("Кворум по вопросу 1 есть", "5 из 5")
    secretary.shot("meeting-detail")
    secretary.fill({"Слушали": "Куратор доложил о положении семьи."})
    secretary.sees("Сохранено", within="#saved")
    secretary.press("Решение принято")
    secretary.sees("решено 1 из 1")
    minutes = sign(secretary)
    assert "признать семью ермаковых" in minutes.lower()
    assert "кризисный уровень" in minutes
    assert "за – 5" in minutes.lower()
    case = the_case()
    assert (case.stage, case.accepted_on, case.level) == ("active", day(14), "crisis")


def the_contract_is_signed(curator, w):
    curator.sees("Заключить договор")
    curator.shot("my-day-active")
    curator.open(f"/cases/{the_case().pk}/")
    curator.sees("кризисный")
    curator.shot("case-active")
    curator.follow("Записать договор")
    curator.fill({"Дата": day(16), "Действует до": add_months(day(16), 3), "Кто подписал": "Ермакова"})
    curator.shot("contract-new")
    curator.press("Записать договор")
    curator.is_told("Договор записан.")
    assert "Ермакова Анна Игоревна" in text_of(curator.take_pdf("Печать"))


def the_family_is_supported(curator, w):
    curator.open(f"/cases/{the_case().pk}/")
    curator.follow("Записать контакт")
    curator.choose("Визит")
    curator.fill({"Что увидели": "Сын ходит в школу вторую неделю, мать ищет работу."})
    curator.shot("contact-new")
    curator.press("Записать контакт")
    curator.is_told("Контакт записан.")
    curator.open(f"/families/{the_case().family_id}/")
    curator.sees("Сын ходит в школу вторую неделю")
    curator.shot("family-card")


def the_agency_reports(executor, w):
    executor.sees_title("Мои мероприятия")
    executor.sees("Медосмотр матери")
    expect(executor.page.locator("main")).not_to_contain_text("Ермаков")
    executor.shot("activity-list")
    executor.follow("Медосмотр матери")
    executor.follow("Отчитаться", "main")
    executor.fill({"Дата исполнения": day(20), "Результат": "Медосмотр пройден, справка выдана."})
    executor.shot("activity-report")
    executor.press("Отправить куратору")
    executor.is_told("Отчёт отправлен куратору.")


def the_curator_accepts(curator, w):
    curator.sees("Медосмотр матери")
    curator.open(f"/cases/{the_case().pk}/")
    curator.follow("Посмотреть отчёт")
    curator.sees("Медосмотр пройден, справка выдана.")
    curator.shot("activity-accept")
    curator.press("Принять отчёт")
    curator.is_told("Отчёт принят, мероприятие исполнено.")
    curator.shot("case-programme")


def the_level_is_to_change(curator, w):
    curator.open(f"/cases/{the_case().pk}/")
    curator.follow("Провести мониторинг")
    curator.fill({"Что сделано": "Сын посещает школу.", "Что изменилось": "Мать вышла на работу."})
    curator.choose("изменить уровень")
    curator.fill({"Новый уровень": "базовый"})
    curator.shot("review-new")
    curator.press("Записать мониторинг")
    curator.is_told("Мониторинг записан.")
    curator.sees_title("Вынести на совет")
    curator.sees("изменить уровень")
    curator.fill({"Коротко о семье": "Положение лучше: школа посещается, мать работает."})
    curator.press("Вынести на совет")
    curator.is_told("Вопрос отправлен секретарю совета.")


def a_meeting_changes_the_level(secretary, w):
    meet(secretary, day(40))
    all_for(secretary)
    assert "с кризисного уровня на базовый" in sign(secretary)
    case = the_case()
    assert (case.stage, case.level) == ("active", "basic")


def the_goals_are_reached(curator, w):
    curator.open(f"/cases/{the_case().pk}/")
    curator.sees("базовый")
    curator.open_more()
    curator.follow("Заключение о снятии")
    curator.fill(
        {"Результат": "преодолела ТЖС", "Причина снятия": "цели достигнуты", "Заключение": "Семья справляется сама."}
    )
    curator.shot("closure-new")
    curator.press("Сохранить заключение")
    curator.is_told("Заключение сохранено.")
    curator.sees_title("Вынести на совет")
    curator.sees("снять с сопровождения")
    curator.fill({"Коротко о семье": "Цели программы достигнуты."})
    curator.press("Вынести на совет")
    curator.is_told("Вопрос отправлен секретарю совета.")


def a_meeting_removes_the_family(secretary, w):
    meet(secretary, day(65))
    all_for(secretary)
    assert "Снять семью Ермаковых с социального сопровождения" in sign(secretary)
    case = the_case()
    assert (case.stage, case.outcome, case.closure_reason) == ("aftercare", "overcame", "goals_reached")


QUARTER = periods.containing(QUARTER_BEGAN, "quarter")
ACCEPTED, REMOVED, OVERCAME = "3", "4", "4.1"  # rows of «Мониторинг»
ON_SUPPORT, OVERCAME_AT_ALL = "1", "10"  # rows of «Индикаторы»


def the_ministry_takes_the_quarter(minister, w):
    minister.sees_title(QUARTER.title)
    minister.sees(w.centre.name)
    minister.shot("region")
    minister.follow("Составить сводный отчёт")
    minister.choose("«Мониторинг»")
    minister.press("Рассчитать")
    minister.sees("Расчёт ждёт очереди")
    minister.shot("report-progress")
    with worker(settings.SOPR_VAR.parent, BROKER, SOPR_REGION=settings.SOPR_REGION):
        expect(minister.page.locator(".tab7")).to_be_visible(timeout=120_000)  # the page goes there by itself
    minister.sees("Сводный по региону", "Баланс сходится")
    minister.shot("report-detail")
    shown = figures_on(minister)
    assert (shown[ACCEPTED], shown[REMOVED], shown[OVERCAME]) == (1, 1, 1)
    excel = minister.download("Excel", w.folder)
    assert figures_in(excel) == shown
    printed = text_of(minister.download("PDF", w.folder).read_bytes())
    assert "Принято семей на социальное сопровождение семей 1" in printed
    minister.page.locator(".tab7 tr", has_text="Принято семей").get_by_role("link").first.click()
    minister.sees("В списке: 1", the_case().number)
    minister.shot("report-cell")


def figures_on(person) -> dict[str, float]:
    """{row: number} of the first column of the page's table, without rows that hold no number."""
    rows = person.page.locator(".tab7 tbody tr")
    pairs = {row.locator(".no").inner_text(): row.locator("td.num").first.inner_text() for row in rows.all()}
    found = {code: re.match(r"\s*\d[\d\s]*(,\d+)?", text) for code, text in pairs.items()}
    return {code: float(re.sub(r"\s", "", m[0]).replace(",", ".")) for code, m in found.items() if m}


def figures_in(path) -> dict[str, float]:
    """{row: number} of the first column of the Excel file's table; the numbers are real numbers there."""
    sheet = openpyxl.load_workbook(path, data_only=True)["Отчёт"]
    rows = [[cell.value for cell in row[:4]] for row in sheet.iter_rows()]
    return {code: value for code, _title, _unit, value in rows if isinstance(value, int | float)}


def the_head_signs(head, w):
    head.follow("Отчёты")
    head.follow("Составить отчёт")
    head.choose("«Индикаторы»")
    head.fill({"Период": QUARTER.title})
    head.shot("report-build")
    with worker(settings.SOPR_VAR.parent, BROKER, SOPR_REGION=settings.SOPR_REGION):
        head.press("Рассчитать")
        expect(head.page.locator(".tab7")).to_be_visible(timeout=120_000)
    head.sees(w.centre.name)
    before = figures_on(head)
    assert (before[ON_SUPPORT], before[OVERCAME_AT_ALL]) == (0, 1)
    head.follow("Подписать и представить")
    head.sees("Числа отчёта и списки за ними замораживаются.")
    head.shot("report-sign")
    head.press("Подписать и представить")
    head.is_told("Отчёт подписан и представлен.")
    head.shot("report-signed")
    assert figures_on(head) == before
    recompute = head.page.locator(".menu__item--off", has_text="Пересчитать").first
    expect(recompute).to_have_attribute("aria-disabled", "true")


def the_ministry_sees_it(minister, w):
    minister.sees(w.centre.name, "ждёт Вашей проверки")
    minister.shot("region-submitted")


ACTS = {
    "curator": ["referral-new", "referral-visit", "family-new", "application-new", "consent-new", "home-survey-new",
                "case-open", "assessment-new", "programme-new", "goal-add", "activity-add", "item-propose",
                "contract-new", "contact-new", "activity-accept", "review-new", "closure-new"],
    "head": ["referral-assign", "report-build", "report-sign"],
    "secretary": ["meeting-new", "agenda-edit", "meeting-start", "attendance-all", "item-decide", "minutes-sign"],
    "executor": ["activity-report"],
    "ministry": ["report-build"],
}  # fmt: skip


def check_the_log(w):
    """Everything that was done, looked for, read, printed and taken away is in the log, and the chain is whole."""
    changes = AuditRecord.objects.filter(action="change")
    for role, pages in ACTS.items():
        logged = {str(row.detail.get("page", "")).partition(":")[2] for row in changes.filter(role=role)}
        assert set(pages) <= logged, (role, set(pages) - logged)
    done = set(AuditRecord.objects.values_list("role", "action"))
    assert {("curator", "search"), ("curator", "read"), ("curator", "print"), ("secretary", "print")} <= done
    assert {("ministry", "export"), ("ministry", "search")} <= done
    assert {(role, "sign_in") for role in ("curator", "head", "secretary", "executor", "ministry")} <= done
    call_command("verify_audit")


# Who, on which day by the server's clock (None: today), does what.
PATH = [
    ("curator", day(4), a_signal_about_an_unknown_family),
    ("head", day(4), the_head_gives_it_to_a_curator),
    ("curator", day(6), the_family_is_visited_and_registered),
    ("curator", day(6), papers_and_case),
    ("curator", day(9), assessment_and_programme),
    ("curator", day(9), to_the_council),
    ("secretary", day(14), a_meeting_recognises_the_family),
    ("curator", day(16), the_contract_is_signed),
    ("curator", day(16), the_family_is_supported),
    ("executor", day(20), the_agency_reports),
    ("curator", day(20), the_curator_accepts),
    ("curator", day(38), the_level_is_to_change),
    ("secretary", day(40), a_meeting_changes_the_level),
    ("curator", day(60), the_goals_are_reached),
    ("secretary", day(65), a_meeting_removes_the_family),
    ("minister", None, the_ministry_takes_the_quarter),
    ("head", None, the_head_signs),
    ("minister", None, the_ministry_sees_it),
]


def test_from_an_unknown_family_to_the_excel_file(world, visitor, tmp_path):  # noqa: F811
    make_council(world)
    world.folder = tmp_path
    for role, date, step in PATH:
        with on(date):
            step(visitor().sign_in(getattr(world, role)), world)
    check_the_log(world)
