"""The practice of Novosibirsk in the browser: a service, a group, its dates, attendance, the route of a minor."""

import datetime
import subprocess

import openpyxl
import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import expect

from cases.models import AttendanceMark, Enrolment, GroupSession, IndividualRoute, Service, ServiceGroup
from sopr.tests.browser import PHONE, visitor  # noqa: F401 — a fixture
from sopr.tests.casework import activate, make_family, open_case

pytestmark = pytest.mark.browser
MONTH = datetime.date(2026, 10, 1)
FOUR = datetime.time(16)


@pytest.fixture(autouse=True)
def novosibirsk(settings):
    """The profile of the region, at the end of a month in which everything has been held."""
    settings.SOPR_REGION = "novosibirsk"
    now = datetime.datetime(2026, 10, 30, 9, tzinfo=timezone.get_default_timezone())
    with time_machine.travel(now, tick=True):
        yield


def words_of(pdf) -> str:
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(read.stdout.decode().split())


def test_from_the_service_to_the_sheet_of_the_month(world, visitor, tmp_path):  # noqa: F811
    case = activate(world)
    curator = visitor().sign_in(world.curator)
    the_service_and_its_group(curator)
    the_family_is_enrolled(curator, case)
    the_month_is_marked(curator, tmp_path)
    the_route_of_the_minor(curator, case)
    a_consultation(curator, case)


def the_service_and_its_group(curator):
    curator.follow("Занятия", ".sidenav")
    curator.sees("Услуг пока нет")
    curator.follow("Добавить услугу")
    curator.fill({"Название": "Робототехника", "Вид": "кружок, занятие", "Кому": "несовершеннолетним"})
    curator.press("Добавить услугу")
    curator.is_told("Услуга добавлена.")
    curator.follow("Новая группа")
    curator.fill({"Название группы": "Старшая", "Мест": "1", "Где проходит": "Кабинет 12", "Занимается с": MONTH})
    curator.press("Создать")
    curator.is_told("Группа создана.")
    curator.follow("Расписание")
    curator.fill({"Действует с": MONTH})
    slot = "[data-formset-row] >> nth=0"
    curator.fill({"День недели": "вторник", "Начало": "16:00"}, slot)
    curator.press("Сохранить расписание")
    curator.is_told("на октябрь 2026 добавлено: 4")
    curator.sees("06.10.2026", "27.10.2026", "не отмечено")
    curator.shot("services-group")


def the_family_is_enrolled(curator, case):
    curator.follow("Записать человека")
    curator.fill({"Фамилия": "Ковалев илья"})
    curator.press("Найти")
    curator.choose("Ковалёв Илья")
    curator.fill({"Занимается с": MONTH})
    curator.press("Записать", "#form")
    curator.is_told("Ковалёв Илья Петрович: записан в группу «Старшая».")
    assert "Ковал" not in curator.page.url
    curator.sees("1 из 1", "мест нет")


def the_month_is_marked(curator, tmp_path):
    curator.follow("Отметить посещение")
    curator.sees_title("Посещение: октябрь 2026")
    first = curator.page.get_by_label("Ковалёв И.П., 06.10")
    first.focus()
    first.press("+")
    expect(first).to_have_value("present")
    first.press("ArrowRight")
    curator.page.keyboard.press("-")
    curator.page.keyboard.press("ArrowRight")
    curator.page.keyboard.press("e")  # the key of «у» on the Latin layout
    curator.press("27.10.2026: всем неотмеченным «был»")
    curator.press("Сохранить отметки")
    curator.is_told("Сохранено: 4")
    states = AttendanceMark.objects.order_by("session__held_on").values_list("state", flat=True)
    assert list(states) == ["present", "absent", "excused", "present"]
    curator.shot("services-attendance")
    assert "Ковалёв Илья Петрович" in words_of(curator.take_pdf("Табель, PDF"))
    sheet = openpyxl.load_workbook(curator.download("Excel", tmp_path)).active
    assert [cell.value for cell in sheet[5]][1:6] == ["+", "–", "у", "+", 2]


def the_route_of_the_minor(curator, case):
    curator.open(f"/cases/{case.pk}/?tab=services")
    curator.sees("Робототехника: Старшая", "50")
    curator.follow("Составить маршрут")
    curator.fill(
        {"Цель": "Выбрать профессию и поступить в колледж", "Интересы и склонности": "Собирает модели",
         "Работа с родителями": "Консультации раз в месяц", "Робототехника": True},
    )  # fmt: skip
    curator.press("Составить маршрут")
    curator.is_told("Маршрут составлен.")
    curator.follow("Добавить шаг")
    curator.fill({"Что сделать": "Профессиональные пробы"})
    curator.press("Добавить шаг", "#form")
    curator.follow("Отметить")
    curator.fill({"Что получилось": "Понравилось чинить технику"})
    curator.press("Сохранить")
    curator.sees("выполнен", "Понравилось чинить технику", "Робототехника: Старшая")
    curator.follow("Записать поступление")
    curator.fill({"Куда поступил": "профессиональное обучение", "Учебное заведение": "Техникум, мастер по ремонту"})
    curator.press("Записать поступление")
    curator.is_told("Поступление записано.")
    curator.follow("Завершить маршрут")
    curator.fill({"Результат": "Выбрал профессию, посещал занятия"})
    curator.press("Завершить маршрут")
    curator.is_told("Маршрут пройден")
    curator.shot("services-route")
    assert "Техникум, мастер по ремонту" in words_of(curator.take_pdf("Печать"))
    assert IndividualRoute.objects.get().state == "finished"


def a_consultation(curator, case):
    Service.add(by=case.curator, title="Консультация психолога", kind="consultation", for_whom="parents")
    curator.open(f"/cases/{case.pk}/?tab=services")
    curator.follow("Записать консультацию")
    curator.fill({"О чём говорили": "Как поддержать сына в учёбе"})
    curator.press("Записать консультацию")
    curator.is_told("Консультация записана.")
    curator.sees("Как поддержать сына в учёбе", "Техникум, мастер по ремонту")
    curator.shot("services-case")


@pytest.fixture
def group(world):
    service = Service.add(by=world.curator, title="Детское радио", kind="club", for_whom="minors")
    group = ServiceGroup.start(service, by=world.curator, title="Эфир", leader=world.curator, since=MONTH)
    group.set_schedule(by=world.curator, since=MONTH, slots=[{"weekday": 1, "starts_at": FOUR, "minutes": 60}])
    GroupSession.generate(group, MONTH, by=world.curator)
    for _number in range(3):
        family = make_family(world)
        child = family.memberships.get(relation="child").person
        Enrolment.enrol(group, family, by=world.curator, person=child, since=MONTH)
    return group


@pytest.mark.parametrize("javascript", [True, False])
def test_two_people_mark_one_group_at_once(world, visitor, group, javascript):  # noqa: F811
    """Both opened the month before either saved: the marks of both stand, and a cell marked twice is told about."""
    path = f"/cases/groups/{group.pk}/attendance/?month=2026-10"
    session = group.sessions.first()
    one, two, three = group.enrolments.order_by("pk")
    curator = visitor(javascript=javascript).sign_in(world.curator).open(path)
    colleague = visitor(javascript=javascript).sign_in(world.colleague).open(path)
    for person, rows in (
        (curator, [(one, "present"), (two, "present")]),
        (colleague, [(two, "absent"), (three, "absent")]),
    ):
        for row, state in rows:
            person.page.locator(f"[name=mark-{session.pk}-{row.pk}]").select_option(state)
    curator.press("Сохранить отметки")
    curator.is_told("Сохранено: 2")
    colleague.press("Сохранить отметки")
    colleague.is_told("Сохранено: 1")
    colleague.is_told("коллега поставил «был»")
    marks = dict(AttendanceMark.objects.values_list("enrolment", "state"))
    assert marks == {one.pk: "present", two.pk: "present", three.pk: "absent"}


def test_a_phone_marks_one_date_and_shows_every_page_whole(world, visitor, group):  # noqa: F811
    case = activate(world)
    route = IndividualRoute.begin(
        case, by=world.curator, person=case.family.memberships.get(relation="child").person, goal="Найти дело",
        planned_until=datetime.date(2027, 3, 1),
    )  # fmt: skip
    route.add_step(by=world.curator, text="Профессиональные пробы", due_on=datetime.date(2026, 11, 20))
    session = group.sessions.first()
    phone = visitor(PHONE).sign_in(world.curator).open(f"/cases/sessions/{session.pk}/attendance/")
    phone.page.get_by_role("radiogroup").nth(1).get_by_text("не был").click()
    phone.press("Остальные были")
    phone.shot("phone-attendance-day")
    phone.press("Сохранить отметки")
    phone.is_told("Сохранено: 3")
    states = AttendanceMark.objects.order_by("enrolment").values_list("state", flat=True)
    assert sorted(states) == ["absent", "present", "present"]
    wide = []
    for path in (
        "services/", f"services/{group.service_id}/", f"groups/{group.pk}/", "sessions/", "routes/",
        f"groups/{group.pk}/attendance/?month=2026-10", f"groups/{group.pk}/enrol/", f"groups/{group.pk}/schedule/",
        f"routes/{route.pk}/", f"{case.pk}/?tab=services", f"{case.pk}/routes/new/",
    ):  # fmt: skip
        phone.open(f"/cases/{path}")
        phone.shot("phone-" + path.strip("/").replace("/", "-").replace("?", "-"))
        wide += [path] if phone.scrolls_sideways() else []
    assert wide == []


def test_another_region_has_no_trace_of_it(world, visitor, settings):  # noqa: F811
    settings.SOPR_REGION = "primorye"
    case = open_case(world)
    curator = visitor().sign_in(world.curator)
    for path in ("/", "/cases/", f"/cases/{case.pk}/", f"/cases/{case.pk}/?tab=services"):
        curator.open(path)
        expect(curator.page.get_by_role("link", name="Занятия", exact=True)).to_have_count(0)
        expect(curator.page.get_by_role("link", name="Услуги и занятия")).to_have_count(0)
    assert curator.context.request.get("/cases/services/").status == 404
    assert curator.context.request.get("/cases/routes/").status == 404
