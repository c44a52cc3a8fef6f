"""Activities in the browser: the curator's programme is approved, agencies answer, one reports with a file."""

import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from cases.models import Activity, ActivityFile
from sopr.tests.browser import PHONE, visitor  # noqa: F401 — a fixture
from sopr.tests.casework import activate

pytestmark = pytest.mark.browser


@pytest.fixture
def plan(world):
    """A case accepted by the council today, both of its activities the clinic's, one of them a weekly class."""
    case = activate(world)
    visit, group = case.activities.order_by("pk")
    child = case.family.memberships.get(relation="child").person
    Activity.objects.filter(pk=visit.pk).update(title="Осмотр у педиатра", agency=world.clinic, person=child)
    due_on = timezone.localdate() + datetime.timedelta(days=60)
    Activity.objects.filter(pk=group.pk).update(
        title="Занятия с логопедом", agency=world.clinic, person=child, repeats="weekly", times=4, due_on=due_on
    )
    return case


def test_an_agency_answers_and_reports(world, visitor, plan, tmp_path):  # noqa: F811
    executor = visitor(PHONE).sign_in(world.executor)
    curator = visitor().sign_in(world.curator)
    one_is_declined(executor)
    one_is_taken_and_asked_about(executor)
    the_curator_answers(curator, plan)
    the_agency_reports_with_a_file(executor, tmp_path)
    the_curator_accepts(curator, plan, tmp_path)
    the_declined_one_is_handed_on(curator, plan)


def one_is_declined(executor):
    executor.sees_title("Мои мероприятия")
    expect(executor.page.locator("main")).not_to_contain_text("Ковал")
    executor.follow("Занятия с логопедом")
    executor.open_more()
    executor.follow("Отклонить", ".main-act")
    executor.press("Отклонить", "main")
    executor.sees("Обязательное поле")
    executor.choose("нет специалиста или мест")
    executor.fill({"Пояснение": "Логопед в отпуске до марта"})
    executor.press("Отклонить", "main")
    executor.is_told("Отказ с причиной отправлен куратору.")
    assert not executor.scrolls_sideways()


def one_is_taken_and_asked_about(executor):
    executor.open("/cases/activities/?state=new")
    executor.follow("Осмотр у педиатра")
    executor.follow("Принять в работу")
    executor.press("Принять", "main")
    executor.is_told("Мероприятие принято в работу.")
    executor.open_more()
    executor.follow("Задать вопрос", ".main-act")
    executor.fill({"Вопрос": "Есть ли у ребёнка полис?"})
    executor.press("Отправить вопрос")
    executor.is_told("Вопрос отправлен: куратору.")
    assert not executor.scrolls_sideways()


def the_curator_answers(curator, plan):
    curator.open("/cases/day/")
    curator.sees("Ответить на вопрос исполнителя")
    curator.open(Activity.objects.get(title="Осмотр у педиатра").get_absolute_url())
    curator.sees("Есть ли у ребёнка полис?")
    curator.follow("Ответить", "main")
    curator.fill({"Ответ": "Есть, мама принесёт"})
    curator.press("Ответить", "main")
    curator.is_told("Ответ отправлен.")


def the_agency_reports_with_a_file(executor, folder):
    executor.open("/cases/activities/?state=work")
    executor.follow("Осмотр у педиатра")
    executor.sees("Есть, мама принесёт")
    executor.follow("Отчитаться")
    paper = folder / "Справка Ковалёв Илья.pdf"
    paper.write_bytes(b"%PDF-1.7\nspravka\n%%EOF\n")
    executor.fill({"Результат": "Осмотрен, здоров."})
    executor.page.get_by_label("Файл к отчёту").set_input_files(str(paper))
    executor.press("Отправить куратору")
    executor.is_told("Отчёт отправлен куратору.")
    assert not executor.scrolls_sideways()


def the_curator_accepts(curator, plan, folder):
    curator.open(f"{plan.get_absolute_url()}?tab=programme")
    curator.follow("Принять отчёт")
    curator.sees("Осмотрен, здоров.")
    taken = curator.download("Файл 1", folder)
    assert taken.name == f"file-{ActivityFile.objects.get().attachment_id}.pdf"
    assert taken.read_bytes().startswith(b"%PDF-1.7")
    curator.press("Принять отчёт")
    curator.is_told("Отчёт принят, мероприятие исполнено.")


def the_declined_one_is_handed_on(curator, plan):
    curator.sees("исполнитель отклонил")
    curator.follow("Решить")
    curator.sees("Логопед в отпуске до марта")
    curator.follow("Передать другому исполнителю")
    curator.fill({"Кому передать": "Школа № 7"})
    curator.press("Передать", "main")
    curator.is_told("Мероприятие передано.")
    curator.sees("Школа № 7", "Занятия и явка")
    assert set(plan.activities.values_list("state", flat=True)) == {"done", "handed_on", "planned"}
