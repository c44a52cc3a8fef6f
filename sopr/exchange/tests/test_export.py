"""The export: the organisation's register in the import's own format, asked for with a purpose, for a day."""

import datetime
import io

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from cases.models import Case
from conftest import make_user
from families.models import Family, Person
from sopr.accounts.models import Organisation
from sopr.audit.models import AuditRecord
from sopr.exchange import jobs, tasks
from sopr.exchange.export import write_register
from sopr.exchange.importer import import_register
from sopr.exchange.models import ExchangeJob
from sopr.exchange.register import Scope
from sopr.tests.casework import activate, make_family
from sopr.tests.workbooks import make_workbook, small_register

pytestmark = pytest.mark.django_db
ASK = {"purpose": "request", "reason": "По письму министерства № 118"}


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path, monkeypatch):
    settings.SOPR_VAR = tmp_path
    monkeypatch.setattr(tasks.do_exchange, "delay", lambda pk: None)


@pytest.fixture
def exported(client, world):
    """Ask for the export as the head and let it be done; returns the job."""

    def exported(user=None, **fields):
        client.force_login(user or world.head)
        answer = client.post(reverse("exchange:export-new"), ASK | fields)
        assert answer.status_code == 302
        job = ExchangeJob.objects.latest("pk")
        jobs.work(job.pk)
        job.refresh_from_db()
        assert job.state == "done", job.error
        return job

    return exported


def download(client, job):
    answer = client.get(reverse("exchange:export-file", args=[job.pk]))
    assert answer.status_code == 200
    return load_workbook(io.BytesIO(b"".join(answer.streaming_content)))


def rows_of(book) -> dict:
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] for sheet in book}


def test_a_head_asks_watches_and_downloads(client, world, exported):
    case = activate(world)
    job = exported()
    book = download(client, job)
    assert case.family.number in {row[0] for row in rows_of(book)["Семьи"]}
    assert "Выгрузка готова" in client.get(reverse("exchange:export-detail", args=[job.pk])).content.decode()
    assert ASK["reason"] in client.get(reverse("exchange:export-list")).content.decode()
    records = AuditRecord.objects.filter(action="export", subject_id=job.pk).order_by("seq")
    assert [record.detail for record in records] == [
        {"purpose": "request", "asked": True},
        {"purpose": "request", "families": 1, "rows": sum(len(rows) for rows in rows_of(book).values())},
        {"page": "exchange:export-file"},
    ]
    assert {record.actor for record in records} == {world.head}


def test_the_file_says_who_and_when(client, world, exported):
    activate(world)
    book = download(client, exported())
    assert book.properties.creator == world.head.full_name
    assert "Содержит персональные данные" in book.properties.description
    for sheet in book:
        assert world.head.full_name in sheet.oddHeader.left.text
        assert f"{timezone.localdate():%d.%m.%Y}" in sheet.oddHeader.left.text


def test_no_export_without_a_purpose(client, world):
    client.force_login(world.head)
    answer = client.post(reverse("exchange:export-new"), {"purpose": "request", "reason": "надо"})
    assert answer.status_code == 422
    assert not ExchangeJob.objects.exists()


def test_only_the_asker_downloads_and_only_for_a_day(client, world, exported):
    job = exported()
    url, page = (reverse(f"exchange:export-{name}", args=[job.pk]) for name in ("file", "detail"))
    client.force_login(make_user("head", world.centre, "head-2"))
    assert client.get(url).status_code == 404
    assert "только тот, кто его запросил" in client.get(page).content.decode()
    client.force_login(world.other_head)
    assert client.get(page).status_code == 404
    client.force_login(world.head)
    ExchangeJob.objects.update(finished_at=timezone.now() - datetime.timedelta(hours=25))
    assert client.get(url).status_code == 409
    tasks.clear_exchange()
    job.refresh_from_db()
    assert job.path == "" and not job.folder.exists()


def test_hidden_addresses_and_other_peoples_families_stay(client, world, exported):
    own = make_family(world)
    own.amend(by=world.curator, address="ул. Тайная, 13", address_hidden=True)
    stranger = Family.register(by=world.other_curator, surname="Чужие", municipality=world.south)
    merged = Family.register(by=world.curator, surname="Слитые", municipality=world.north)
    Family.objects.filter(pk=merged.pk).update(merged_into=own)
    rows = rows_of(download(client, exported()))
    assert [row[0] for row in rows["Семьи"]] == [own.number]
    assert "Тайная" not in str(rows) and "Чужие" not in str(rows) and "Слитые" not in str(rows)
    assert stranger.number not in {row[0] for row in rows["Люди"]}


def test_an_abandoned_export_leaves_no_file(client, world, django_capture_on_commit_callbacks):
    client.force_login(world.head)
    client.post(reverse("exchange:export-new"), ASK)
    job = ExchangeJob.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(reverse("exchange:export-abandon", args=[job.pk])).status_code == 302
    assert not jobs.work(job.pk)
    job.refresh_from_db()
    assert job.state == "abandoned" and not job.folder.exists()


def write(path, organisation):
    write_register(path, Scope(organisation), None, timezone.localtime(), lambda *said: None)
    return rows_of(load_workbook(path))


def test_what_is_exported_imports_with_zero_changes(world, tmp_path):
    activate(world)
    make_family(world)
    write(tmp_path / "export.xlsx", world.centre)
    summary = import_register(str(tmp_path / "export.xlsx"))
    assert not summary.errors, summary.errors.lines
    for title, counts in summary.saved.items():
        assert set(counts) <= {"без изменений"}, (title, counts)


def test_an_imported_register_exports_as_it_came_and_comes_in_again(db, tmp_path):
    import_register(str(make_workbook(tmp_path / "first.xlsx", small_register())))
    first = write(tmp_path / "export.xlsx", Organisation.objects.get(code="C1"))
    assert [row[:2] for row in first["Семьи"]] == [["Ф-1", "Ковалёвы"], ["Ф-2", "Орловы"]]
    assert len(first["Случаи"]) == Case.objects.count()
    assert not import_register(str(tmp_path / "export.xlsx")).errors
    assert write(tmp_path / "again.xlsx", Organisation.objects.get(code="C1")) == first


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_whole_register_goes_round(tmp_path):
    """Export of a lived-in organisation → an empty database → export again: equal rows; twice in: no change."""
    call_command("seed_demo", families=40)
    codes = Case.objects.filter(accepted_on__isnull=False).values_list("organisation__code", flat=True)
    code = max(sorted(set(codes)), key=list(codes).count)
    first = write(tmp_path / "first.xlsx", Organisation.objects.get(code=code))
    assert len(first["Мероприятия"]) > 5 and first["Вопросы"] and first["Уровни"]
    summary = import_register(str(tmp_path / "first.xlsx"))
    assert not summary.errors, summary.errors.lines[:5]
    changed = {title: counts for title, counts in summary.saved.items() if set(counts) - {"без изменений"}}
    assert not changed
    call_command("flush", interactive=False, verbosity=0)
    assert not Person.objects.exists()
    summary = import_register(str(tmp_path / "first.xlsx"))
    assert not summary.errors, summary.errors.lines[:5]
    assert write(tmp_path / "second.xlsx", Organisation.objects.get(code=code)) == first
