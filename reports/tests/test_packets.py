"""The ministry's packet: all reports of a period in one zip, from one pass of the engine; cancelled, repeated, expired."""

import datetime
import io
import json
import zipfile

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import Case
from reports import files, forms, packing, periods, runs, tasks, together
from reports.compute import compute
from reports.models import Packet, PacketPart, Report, ReportList, ReportRun
from reports.models.job import Lost
from reports.tests.generated import make_region, many_cases
from sopr.accounts.models import Unit
from sopr.audit.models import AuditRecord

FORM, QUARTER = forms.find("primorye-monitoring"), periods.parse("2020Q2")
KINDS = set(files.CONTENT_TYPES)


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.SOPR_VAR = tmp_path
    settings.CELERY_TASK_ALWAYS_EAGER = False


@pytest.fixture
def organisations(world):
    made = make_region(3)
    for each in made:
        Unit.objects.create(organisation=each, name="Служба", supports_families=True, since=datetime.date(2019, 1, 1))
    many_cases(120, made)
    return [world.centre, world.other_centre, *made]


@pytest.fixture
def packet(organisations, world):
    return Packet.ask(FORM, QUARTER, by=world.minister)


def make(packet):
    """What the workers do, in the order they would."""
    assert packing.work(packet.pk)
    for part in packet.parts.order_by("pk"):
        packing.work_part(part.pk)
    done = packing.work(packet.pk)
    packet.refresh_from_db()
    return done


def names_in(packet):
    with zipfile.ZipFile(packet.file) as packed:
        assert packed.testzip() is None
        return packed.namelist()


def test_one_archive_holds_every_report(packet, organisations, client, world):
    signed = Report.open_for(FORM, QUARTER, organisations[2])
    signed.store(*compute(FORM, QUARTER, organisations[2]))
    signed.sign(by=world.head)
    assert make(packet)
    assert (packet.state, packet.tally()["done"]) == ("done", 6)
    names = names_in(packet)
    assert len(names) == 1 + 6 * len(KINDS)
    assert all(name.isascii() for name in names)
    assert [path.name for path in packet.folder.iterdir()] == [packet.file_name]
    assert PacketPart.objects.get(report=signed).report.checksum == signed.checksum

    client.force_login(world.minister)
    answer = client.get(reverse("reports:packet-file", args=[packet.pk]))
    assert answer.streaming
    packed = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    contents = openpyxl.load_workbook(io.BytesIO(packed.read(packing.CONTENTS))).active
    listed = [[cell.value for cell in row] for row in contents.iter_rows(min_row=5)]
    assert {row[4] for row in listed} == {"Регион, сводный", *(str(each) for each in organisations)}
    assert [row[7] for row in listed].count("представлен") == 1
    for row in listed:
        report = Report.objects.get(pk=row[5])
        assert row[8] == report.checksum
        assert json.loads(packed.read(f"{FORM.code}/{files.stem(report)}.json"))["cells"]
    assert AuditRecord.objects.filter(action="export", subject_id=packet.pk).count() == 1


def test_all_reports_come_from_one_pass(organisations):
    """As many statements over casework for three organisations as for six, and the same figures as one by one."""

    def counting(reports):
        with CaptureQueriesContext(
            connection,
        ) as caught:
            together.refresh(FORM, QUARTER, reports)
        return sum("subjects AS" in query["sql"] for query in caught)

    reports = together.open_all(FORM, QUARTER)
    few = counting(reports[:3])
    assert few
    assert counting(reports) == few
    for report in reports:
        snapshot, counted = compute(FORM, QUARTER, report.organisation)
        report.refresh_from_db()
        assert report.snapshot | {"computed_at": ""} == snapshot | {"computed_at": ""}
        assert ReportList.objects.get(report=report).ids == counted


def test_what_did_not_change_is_left_alone(organisations):
    """A draft somebody looks at keeps its checksum; only those whose casework changed get a new one."""
    reports = together.open_all(FORM, QUARTER)
    assert together.refresh(FORM, QUARTER, reports) == 6
    before = dict(Report.objects.values_list("pk", "checksum"))
    assert together.refresh(FORM, QUARTER, Report.objects.all()) == 0
    case = Case.objects.filter(accepted_on__range=(QUARTER.since, QUARTER.until)).first()
    Case.objects.filter(pk=case.pk).update(accepted_on=None, closed_on=None, outcome="", stage="assessment")
    assert together.refresh(FORM, QUARTER, Report.objects.all()) == 2
    changed = {report.organisation_id for report in Report.objects.all() if before[report.pk] != report.checksum}
    assert changed == {None, case.organisation_id}


def test_a_cancelled_packet_stops_everything(packet, django_capture_on_commit_callbacks):
    assert packing.work(packet.pk)
    first, second = packet.parts.all()[:2]
    packing.work_part(first.pk)
    at_work = PacketPart.claim(second.pk)
    packet.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        packet.cancel()
    assert not packet.folder.exists()
    assert set(packet.parts.values_list("state", flat=True)) == {"done", "cancelled"}
    with pytest.raises(Lost):
        runs.write_files(at_work, at_work.report, 0)
    assert not any(packing.work_part(part.pk) for part in packet.parts.all())
    assert not packing.work(packet.pk)
    assert not packet.folder.exists()
    packet.refresh_from_db()
    packet.again()
    for part in packet.parts.all():
        assert packing.work_part(part.pk)
    with pytest.raises(Lost):
        at_work.beat()  # the worker of the earlier round knows that the part is another's
    assert packing.work(packet.pk)
    packet.refresh_from_db()
    assert len(names_in(packet)) == 1 + 6 * len(KINDS)


def test_a_part_that_fails_is_named_and_only_it_is_repeated(packet):
    assert packing.work(packet.pk)
    broken = packet.parts.last()
    PacketPart.objects.filter(pk=broken.pk).update(attempt=5)
    for part in packet.parts.all():
        packing.work_part(part.pk)
    assert not packing.work(packet.pk)
    packet.refresh_from_db()
    assert packet.state == "failed"
    assert "1 из 6" in packet.error
    kept = {path.name: path.stat().st_mtime_ns for path in packet.folder.iterdir()}
    packet.again()
    assert [packing.work_part(part.pk) for part in packet.parts.all()] == [False] * 5 + [True]
    assert kept.items() <= {path.name: path.stat().st_mtime_ns for path in packet.folder.iterdir()}.items()
    assert packing.work(packet.pk)


def test_messages_too_many_make_nothing_twice(packet):
    assert Packet.ask(FORM, QUARTER, by=None) == packet
    make(packet)
    written = packet.file.stat().st_mtime_ns
    assert not any(packing.work_part(part.pk) for part in packet.parts.all())
    assert not packing.work(packet.pk)
    assert packet.file.stat().st_mtime_ns == written
    assert packet.parts.count() == 6


def test_old_files_go_and_come_again_the_same(packet, client, world, settings):
    """A packet and a report's own files, past their days: made anew from the snapshot, with the same content."""
    make(packet)
    report = Report.objects.get(organisation=None)
    run = ReportRun.start(report, by=None)
    runs.work(run.pk)
    client.force_login(world.minister)
    address = reverse("reports:report-file", args=[report.pk, "json"])
    first = b"".join(client.get(address).streaming_content)
    names, checksums = names_in(packet), set(Report.objects.values_list("pk", "checksum"))
    tasks.clear_report_files()
    assert packet.file.is_file()
    assert run.folder.is_dir()
    long_ago = timezone.now() - datetime.timedelta(days=settings.SOPR_REPORT_DAYS + 1)
    Packet.objects.update(finished_at=long_ago)
    ReportRun.objects.update(finished_at=long_ago)
    tasks.clear_report_files()
    assert not list((settings.SOPR_VAR / "reports").iterdir())
    assert client.get(address).content == first
    page = client.get(reverse("reports:packet-detail", args=[packet.pk])).content.decode()
    assert "удалён по сроку" in page
    assert client.get(reverse("reports:packet-file", args=[packet.pk])).status_code == 409
    client.post(reverse("reports:packet-again", args=[packet.pk]))
    for part in packet.parts.all():
        packing.work_part(part.pk)
    assert packing.work(packet.pk)
    packet.refresh_from_db()
    assert names_in(packet) == names
    assert set(Report.objects.values_list("pk", "checksum")) == checksums


def test_the_ministry_asks_watches_and_cancels(organisations, client, world, django_capture_on_commit_callbacks):
    client.force_login(world.minister)
    asked = {"form": "", "period": "2020Q2"}
    with django_capture_on_commit_callbacks():
        answer = client.post(reverse("reports:packet-new"), asked)
    packet = Packet.objects.get()
    page = answer["Location"]
    assert page == reverse("reports:packet-detail", args=[packet.pk])
    assert packet.form == ""
    packing.work(packet.pk)
    packing.work_part(packet.parts.first().pk)
    shown = client.get(page).content.decode()
    total = 6 * len(forms.of_this_region("quarter"))
    assert f"Готово отчётов: 1 из {total}" in shown
    assert 'aria-valuenow="2' in shown
    assert client.post(reverse("reports:packet-cancel", args=[packet.pk])).status_code == 302
    assert "Сбор отменён" in client.get(page).content.decode()
    assert client.post(reverse("reports:packet-cancel", args=[packet.pk])).status_code == 409
    assert "отменено" in client.get(reverse("reports:packet-list")).content.decode()


def test_nightly_the_drafts_of_two_quarters_are_refreshed(organisations):
    today = timezone.localdate()
    running = periods.containing(today, "quarter")
    report = Report.open_for(FORM, running, organisations[2])
    report.store(*compute(FORM, running, organisations[2]))
    Case.objects.filter(organisation=organisations[2], closed_on=None).update(accepted_on=today)
    tasks.refresh_drafts()
    before, report = report.checksum, Report.objects.get(pk=report.pk)
    assert report.checksum != before
    accepted = next(cell for cell in report.snapshot["cells"] if cell["row"] == "3")
    assert accepted["value"] > 0
