"""A region whose form is monthly: owed by the month, signed, consolidated and counted as late like a quarter's."""

import datetime

import pytest
from django.urls import reverse

from cases.models import Case, Consultation, Service
from reports import forms, packing, periods, tasks
from reports.compute import compute
from reports.models import Packet, Report
from reports.models.job import State
from reports.tests.generated import many_cases
from sopr.accounts.models import Unit
from sopr.obligations.models import Obligation

JULY = periods.parse("2025-07")
FORM = forms.CATALOGUE["novosibirsk-services"]


@pytest.fixture(autouse=True)
def monthly_region(settings, time_machine):
    settings.SOPR_REGION = "novosibirsk"
    time_machine.move_to(datetime.datetime(2025, 8, 4, 9, tzinfo=datetime.UTC))
    return time_machine


def duty(organisation, kind):
    return Obligation.objects.about(organisation).open().filter(kind=kind).first()


def counted(organisation=None):
    report = Report.open_for(FORM, JULY, organisation)
    report.store(*compute(FORM, JULY, organisation))
    return report


def test_the_month_is_owed_and_no_quarter(world, client):
    for _night in range(2):
        tasks.sweep_signing()
    owed = Report.objects.order_by("organisation__code")
    assert [(report.organisation, report.period) for report in owed] == [
        (world.centre, "2025-07"),
        (world.other_centre, "2025-07"),
    ]
    found = duty(world.centre, "reports.sign")
    assert (found.title, found.due_on) == ("июль 2025 года: «Сервисы»", datetime.date(2025, 8, 10))
    assert found.kind_title == "Подписать отчёты"
    assert duty(world.centre, "reports.declare") is None, "the form reads nothing that is declared"
    client.force_login(world.head)
    assert client.get(found.path).status_code == 200
    page = client.get("/cases/service/", follow=True).content.decode()
    assert "июль 2025 года, срок 10.08.2025" in page
    counted(world.centre).sign(by=world.head)
    assert duty(world.centre, "reports.sign") is None
    Report.objects.get(organisation=world.centre).send_back(by=world.minister, remark="Проверьте посещения.")
    assert duty(world.centre, "reports.sign") is not None
    assert not Obligation.objects.filter(kind="reports.fix").exists()


def test_a_service_that_began_after_the_month_does_not_owe_it(world):
    Unit.objects.filter(organisation=world.other_centre).update(since=datetime.date(2025, 8, 1))
    tasks.sweep_signing()
    assert duty(world.centre, "reports.sign") is not None
    assert duty(world.other_centre, "reports.sign") is None


def test_the_ministry_consolidates_the_month_and_learns_who_is_late(world, client, monthly_region):
    tasks.sweep_signing()
    found = duty(world.ministry, "reports.consolidate")
    assert (found.title, found.due_on) == ("июль 2025 года: «Сервисы»", datetime.date(2025, 8, 15))
    assert duty(world.ministry, "reports.late") is None
    monthly_region.move_to(datetime.datetime(2025, 8, 11, 9, tzinfo=datetime.UTC))
    tasks.sweep_signing()
    late = duty(world.ministry, "reports.late")
    assert late.title == "июль 2025 года: организаций — 2"
    client.force_login(world.minister)
    assert client.get(late.path).context["total"] == 2
    counted(world.centre).sign(by=world.head)
    assert duty(world.ministry, "reports.late").title == "июль 2025 года: организаций — 1"
    counted(world.other_centre).sign(by=world.other_head)
    counted().approve(by=world.minister)
    assert not Obligation.objects.open().filter(kind__startswith="reports.").exists()


def test_quarter_and_month_late_at_once_are_told_in_one_duty(world, client, settings, monthly_region):
    settings.SOPR_REGION = "model"
    monthly_region.move_to(datetime.datetime(2025, 8, 20, 9, tzinfo=datetime.UTC))
    tasks.sweep_signing()
    late = duty(world.ministry, "reports.late")
    assert late.title == "II кв. 2025: организаций — 2; июль 2025 года: организаций — 2"
    client.force_login(world.minister)
    assert client.get(f"{late.path}&form={FORM.code}").context["total"] == 2
    assert client.get(f"{late.path}&form=tatarstan-414").context["total"] == 2
    counted(world.centre).sign(by=world.head)
    counted(world.other_centre).sign(by=world.other_head)
    late = duty(world.ministry, "reports.late")
    assert late.title == "II кв. 2025: организаций — 2"
    assert late.path.endswith("?state=late&period=2025Q2")


def test_drafts_of_the_last_month_and_of_the_running_one_follow_at_night(world):
    running = JULY.following()
    drafts = [Report.open_for(FORM, month, world.centre) for month in (JULY, running)]
    for draft, month in zip(drafts, (JULY, running), strict=True):
        draft.store(*compute(FORM, month, world.centre))
    many_cases(1, [world.centre])
    service = Service.objects.create(organisation=world.centre, title="Клуб", kind="club")
    for day in (datetime.date(2025, 7, 15), datetime.date(2025, 8, 3)):
        Consultation.objects.create(
            service=service, case=Case.objects.first(), done_on=day, summary="Беседа", by=world.curator
        )
    tasks.refresh_drafts()
    for draft in Report.objects.filter(pk__in=[draft.pk for draft in drafts]):
        assert next(cell for cell in draft.snapshot["cells"] if cell["row"] == "3")["value"] == 1


def test_a_packet_of_the_month_holds_its_forms_alone(world, settings, tmp_path):
    settings.SOPR_REGION, settings.SOPR_VAR = "model", tmp_path
    packet = Packet.ask(None, JULY, by=world.minister)
    assert packet.forms == [FORM]
    packing.work(packet.pk)
    for part in packet.parts.all():
        packing.work_part(part.pk)
    packing.work(packet.pk)
    packet.refresh_from_db()
    assert (packet.state, packet.has_file) == (State.DONE, True)
    assert {part.report.organisation for part in packet.parts.all()} == {None, world.centre, world.other_centre}


def test_the_pages_that_ask_for_a_period_offer_months(world, client):
    client.force_login(world.minister)
    for name in ("report-build", "packet-new"):
        page = client.get(reverse(f"reports:{name}")).content.decode()
        assert 'value="2025-07"' in page


def test_the_region_shows_who_has_handed_in_the_month(world, client):
    tasks.sweep_signing()
    counted(world.centre).sign(by=world.head)
    region = counted()
    client.force_login(world.minister)
    page = client.get(reverse("reports:region"))
    assert page.context["quarter"].text == "2025Q3"
    assert "Сводный отчёт за июль 2025 года — до 15.08.2025" in page.content.decode()
    states = {row["organisation"]: row["state"] for row in page.context["organisations"]}
    assert states == {world.centre: "представлен", world.other_centre: "не составлен"}
    assert region.get_absolute_url() in page.content.decode()
    earlier = client.get(reverse("reports:region"), {"quarter": "2025Q2"})
    assert {row["state"] for row in earlier.context["organisations"]} == {"нет отчёта"}
