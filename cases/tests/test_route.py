"""The individual route of a minor, and consultations of the parents."""

import datetime
import subprocess

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cases.models import Consultation, IndividualRoute, Service
from cases.words import Outcome
from sopr.errors import Refused
from sopr.tests.casework import open_case

DAY = datetime.timedelta(days=1)


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def child(active):
    return active.family.memberships.get(relation="child").person


@pytest.fixture
def service(world):
    return Service.add(by=world.curator, title="Профориентационная площадка", kind="club", for_whom="minors")


@pytest.fixture
def route(world, active, child, service, today):
    return IndividualRoute.begin(
        active, by=world.curator, person=child, services=[service], goal="Выбрать профессию",
        planned_until=today + 180 * DAY,
    )  # fmt: skip


def test_a_route_is_drawn_up_walked_and_finished(world, active, child, service, today, enter):
    curator = enter(world.curator)
    answer = curator.post(
        "cases:route-new", active.pk, person=child.pk, since=today, planned_until=today + 90 * DAY,
        interests="Любит чинить технику", goal="Выбрать профессию и поступить", services=[service.pk],
        with_parents="Консультации раз в месяц",
    )  # fmt: skip
    route = IndividualRoute.objects.get()
    assert answer.url == route.get_absolute_url() and list(route.services.all()) == [service]
    curator.post("cases:step-add", route.pk, text="Профессиональные пробы", due_on=today + 30 * DAY)
    curator.post("cases:step-add", route.pk, text="Беседа с матерью", for_parents="on")
    first, second = route.steps.order_by("pk")
    early = curator.post("cases:route-finish", route.pk, day=today, result="Выбрал")
    assert early.status_code == 422 and "Не отмечено шагов: 2" in early.content.decode()
    curator.post("cases:step-settle", first.pk, done="yes", done_on=today, result="Попробовал три профессии")
    unexplained = curator.post("cases:step-settle", second.pk, done="no", done_on=today, result="")
    assert unexplained.status_code == 422
    curator.post("cases:step-settle", second.pk, done="no", result="Мать в отъезде")
    page = curator.get("cases:route-detail", route.pk).content.decode()
    assert "Попробовал три профессии" in page and "1 из 1" in page
    curator.post("cases:route-finish", route.pk, day=today, result="Выбрал профессию повара", recommendations="Колледж")
    route.refresh_from_db()
    assert (route.state, route.ended_on) == ("finished", today)
    assert curator.get("cases:route-edit", route.pk).status_code == 409
    history = curator.get("cases:case-detail", active.pk, tab="history").content.decode()
    assert "Составлен индивидуальный маршрут" in history and "Индивидуальный маршрут пройден" in history


def test_entering_a_school_is_an_outcome_with_its_date_also_after_the_route(world, route, today, enter):
    route.finish(by=world.curator, day=today, result="Выбрал")
    curator = enter(world.curator)
    curator.post(
        "cases:route-study", route.pk, study="vocational", study_place="Колледж сервиса, повар", study_on=today
    )
    route.refresh_from_db()
    assert (route.study, route.study_on) == ("vocational", today)
    assert "Колледж сервиса" in curator.get("cases:route-list", study="yes").content.decode()
    assert "Колледж сервиса" not in curator.get("cases:route-list", study="no").content.decode()
    with pytest.raises(Refused, match="не может быть раньше"):
        route.enter_study(by=world.curator, study="higher", study_place="Вуз", study_on=route.since - DAY)


def test_a_route_is_broken_off_with_a_reason(world, route, today, enter):
    curator = enter(world.curator)
    assert curator.post("cases:route-break", route.pk, day=today, reason="").status_code == 422
    curator.post("cases:route-break", route.pk, day=today, reason="absent", result="Посетил три занятия")
    route.refresh_from_db()
    assert (route.state, route.broken_reason) == ("broken", "absent")
    with pytest.raises(Refused, match="изменить его нельзя"):
        route.add_step(by=world.curator, text="Ещё")
    with pytest.raises(Refused, match="изменить его нельзя"):
        route.finish(by=world.curator, day=today, result="Всё")


def test_one_route_at_a_time_for_minors_who_are_supported(world, active, child, route, today):
    values = {"by": world.curator, "goal": "Цель", "planned_until": today + DAY}
    with pytest.raises(Refused, match="уже есть маршрут"):
        IndividualRoute.begin(active, person=child, **values)
    with pytest.raises(IntegrityError), transaction.atomic():
        IndividualRoute.objects.create(case=active, person=child, **values)
    mother = active.family.memberships.get(relation="mother").person
    with pytest.raises(Refused, match="несовершеннолетнему"):
        IndividualRoute.begin(active, person=mother, **values)
    early = open_case(world)
    with pytest.raises(Refused, match="решение совета"):
        IndividualRoute.begin(early, person=early.family.memberships.get(relation="child").person, **values)
    with pytest.raises(Refused, match="не охватывает"):
        IndividualRoute.begin(active, person=early.family.memberships.get(relation="child").person, **values)


def test_the_end_of_support_breaks_the_route_off(world, active, route, today):
    active.close_at_familys_wish(by=world.curator, day=today, outcome=Outcome.UNCHANGED)
    route.refresh_from_db()
    assert (route.state, route.broken_reason, route.ended_on) == ("broken", "case_ended", today)


def test_the_route_sheet_is_printed(world, route, today, enter):
    route.add_step(by=world.curator, text="Экскурсия на завод", due_on=today)
    route.enter_study(by=world.curator, study="vocational", study_place="Техникум, сварщик", study_on=today)
    pdf = enter(world.curator).get("cases:route-print", route.pk)
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf.content, capture_output=True, check=True)
    text = " ".join(read.stdout.decode().split())
    for words in ("ИНДИВИДУАЛЬНЫЙ МАРШРУТ", "Ковалёв Илья Петрович", "Экскурсия на завод", "Техникум, сварщик"):
        assert words in text


def test_a_consultation_takes_two_fields(world, active, today, enter):
    curator = enter(world.curator)
    without = curator.get("cases:consultation-new", active.pk)
    assert without.status_code == 409 and "Добавьте её" in without.content.decode()
    service = Service.add(by=world.curator, title="Консультация психолога", kind="consultation", for_whom="parents")
    page = curator.get("cases:consultation-new", active.pk).content.decode()
    assert 'type="hidden" name="service"' in page  # the only one: nothing to choose
    curator.post(
        "cases:consultation-new", active.pk, service=service.pk, summary="Как говорить с подростком", done_on=today
    )
    row = Consultation.objects.get()
    assert (row.case, row.done_on, row.remote) == (active, today, False)
    listed = curator.get("cases:consultation-list", month=f"{today:%Y-%m}").content.decode()
    assert "Как говорить с подростком" in listed
    assert "Консультация родителей" in curator.get("cases:case-detail", active.pk, tab="history").content.decode()
    with pytest.raises(Refused, match="раньше"):
        Consultation.record(active, by=world.curator, service=service, summary="x", done_on=active.opened_on - DAY)
    club = Service.add(by=world.curator, title="Кружок", kind="club", for_whom="minors")
    with pytest.raises(Refused, match="консультация родителей"):
        Consultation.record(active, by=world.curator, service=club, summary="x")


def test_a_colleagues_route_and_consultation_are_not_a_curators_own(world, active, route, enter):
    colleague = enter(world.colleague)
    assert colleague.get("cases:route-detail", route.pk).status_code == 404
    assert colleague.get("cases:route-print", route.pk).status_code == 404
    assert "Ковалёв" not in colleague.get("cases:route-list").content.decode()
