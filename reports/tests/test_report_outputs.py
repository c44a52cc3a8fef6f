"""CSV, pictures, the PDF's text, books and the page that verifies files: all from one prepared region."""

import csv
import datetime
import io
import json
import subprocess

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cases.models import Case, CaseMember, LevelPeriod
from reports import balance, extras, files, periods
from reports.compute import compute
from reports.documents import report_context
from reports.models import Report
from reports.pictures import Kind, pictures_of
from reports.renderers.book.table import FIRST, VALUES
from reports.tests.test_report_checks import make_people


def rendered(report, kind):
    return files.render(Report.objects.get(pk=report.pk), kind)


@pytest.mark.parametrize("kind", ["json", "csv", "xlsx", "pdf"])
def test_a_file_made_again_is_the_same_file(report, kind):
    assert rendered(report, kind) == rendered(report, kind)


def test_csv_has_a_line_for_each_cell_and_no_formula(report):
    report.snapshot["cells"][0]["note"] = "=1+1"
    lines = list(csv.reader(io.StringIO(files.render(report, "csv").decode("utf-8-sig")), delimiter=";"))
    cells = report.snapshot["cells"]
    assert len(lines) == len(cells) + 2
    assert lines[1][8] == "'=1+1"
    share = next(line for line in lines if line[0] == "11")
    cell = next(cell for cell in cells if cell["row"] == "11")
    assert share[3:6] == [str(cell["value"]), str(cell["numerator"]), str(cell["denominator"])]


def text_of(path) -> str:
    """The words of a PDF in the order of reading, none of them broken."""
    done = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, check=True)
    return " ".join(done.stdout.decode().replace("\u202f", "").replace("\u00a0", "").replace("-\n", "").split())


def test_the_pdf_prints_every_cell(report, tmp_path):
    """The text between a row's number and the next one's ends with the values of the snapshot, as printed."""
    path = tmp_path / "report.pdf"
    path.write_bytes(rendered(report, "pdf"))
    printed = text_of(path)
    at = printed.index("1. Значения")
    for row in report.snapshot["rows"]:
        texts = [cell["text"].replace("\u00a0", "") for cell in report.snapshot["cells"] if cell["row"] == row["code"]]
        wanted = " ".join([row["unit"], *texts])
        at = printed.find(f" {row['code']} ", at)
        end = printed.find(wanted, at)
        assert 0 < at < end < at + 600, f"строка {row['code']}: {wanted}"
        at = end
    info = subprocess.run(["pdfinfo", str(path)], capture_output=True, check=True).stdout.decode()
    assert "Tagged:          yes" in info
    assert report.checksum in info
    assert "Отчёт «Индикаторы» за II квартал 2020 года" in info


def test_the_pdf_prints_every_line_of_all_four_tables_of_the_balance(report, world, tmp_path):
    """Each line stands under its table's title with its four numbers, and says whether they add up."""
    with_levels_and_people(Case.objects.filter(accepted_on__isnull=False))
    report.store(*compute(report.definition, report.span))
    snapshot = Report.objects.get(pk=report.pk).snapshot
    sheet = snapshot["balance"]
    assert all(len(sheet[name]) > 1 for name in ("rows", "people", "levels", "level_people"))
    sheet["level_people"][0] |= {"values": [*sheet["level_people"][0]["values"][:3], 1234567], "ok": False}
    report.store(snapshot, {})
    path = tmp_path / "report.pdf"
    path.write_bytes(rendered(report, "pdf"))
    printed = text_of(path)
    at = printed.index("Проверка баланса Число")
    assert "Есть расхождения" in printed[at : at + 300], "though the families add up"
    for table in balance.tables(sheet):
        at = printed.find(table["title"], at)
        assert at > 0, table["title"]
        for line in table["rows"]:
            numbers = " ".join(f"{value:,}".replace(",", " ") for value in line["values"])
            wanted = f"{numbers} {'да' if line['ok'] else 'нет'}"
            start = printed.find(line["title"].split(",")[0][:12], at)
            at = printed.find(wanted, start)
            assert 0 < start < at < start + 300, f"{table['title']}, {line['title']}: {wanted}"


def with_levels_and_people(cases):
    """Every case has a member of its own and a level, a third of them another one since the quarter began."""
    cases = list(cases)
    people = make_people(len(cases))
    rows = []
    for place, (case, person) in enumerate(zip(cases, people, strict=True)):
        CaseMember.objects.create(case=case, person=person, since=case.accepted_on)
        moved = place % 3 == 0 and case.accepted_on < datetime.date(2020, 4, 1)
        until = datetime.date(2020, 4, 1) if moved else None
        rows.append(
            LevelPeriod(case=case, level=("basic", "adaptation")[place % 2], since=case.accepted_on, until=until)
        )
        if moved:
            rows.append(LevelPeriod(case=case, level="crisis", since=until + periods.DAY))
    LevelPeriod.objects.bulk_create(rows)


def test_the_pdf_names_in_one_line_what_is_in_order(report):
    checks = report.snapshot["checks"]
    fine = [check["title"] for check in checks if check["tone"] == "ok"]
    *found, last = [check["title"] for check in report_context(report)["checks"]]
    assert len(fine) > 1
    assert found == [check["title"] for check in checks if check["tone"] != "ok"]
    assert last.startswith("Замечаний нет: ") and last.count("; ") == len(fine) - 1


def test_pictures_show_the_snapshot(report):
    found = pictures_of(report.snapshot)
    assert {picture.kind for picture in found} >= {Kind.LINE, Kind.COLUMNS, Kind.BARS}
    values = {(cell["row"], cell["column"]): cell["value"] for cell in report.snapshot["cells"]}
    structure = next(picture for picture in found if picture.title.startswith("Численность"))
    assert sum(structure.series[0].values) == values["1", "2020Q2"]
    for picture in found:
        assert picture.description
        assert len(picture.rows) == len(picture.labels)
        assert picture.svg.startswith("<svg") and "<title>" in picture.svg and "<script" not in picture.svg
        assert picture.svg == picture.svg


def test_levels_moves_and_places_agree_with_the_table(report, world, django_assert_num_queries):
    values = {(cell["row"], cell["column"]): cell["value"] for cell in report.snapshot["cells"]}
    territory = report.snapshot["territory"]
    assert [sum(column) for column in zip(*(row["values"] for row in territory["rows"]), strict=True)][0::3] == [
        values["1", "2020Q2"],
        values["10", "2020Q2"],
    ]
    since, until = report.since, report.until
    case = Case.objects.on_support_at(until).filter(accepted_on__lt=since).first()
    LevelPeriod.objects.create(case=case, level="basic", since=case.accepted_on, until=since)
    LevelPeriod.objects.create(case=case, level="crisis", since=since + periods.DAY)
    column = report.definition.columns(report.span)[0]
    with django_assert_num_queries(2):  # the statement and the names of municipalities
        found = extras.casework_of(column)
    assert found["levels"] == [{"title": "кризисный", "value": 1}]
    assert found["moves"] == [{"from": "базовый", "to": "кризисный", "value": 1}]
    assert extras.casework_of(column, case.organisation)["moves"] == found["moves"]
    other = world.centre if case.organisation == world.other_centre else world.other_centre
    assert extras.casework_of(column, other)["moves"] == []
    heat = pictures_of(report.snapshot | {"territory": {"columns": ["a"], "rows": [{"title": "А", "values": [4]}] * 2}})
    assert [value for _label, [value] in heat[-1].shaded] == [(4, 4), (4, 4)]


# -- the pages ---------------------------------------------------------------------------------------------------------


def verified(client, content, name="file"):
    upload = SimpleUploadedFile(name, content)
    answer = client.post(reverse("reports:report-verify"), {"file": upload, "checksum": ""})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("kind", ["json", "csv", "xlsx", "pdf"])
def test_a_file_of_ours_is_known_and_a_changed_one_is_seen(report, world, client, kind):
    client.force_login(world.minister)
    content = rendered(report, kind)
    page = verified(client, content)
    assert "Числа те же" in page
    assert f"Отчёт № {report.number}, редакция 1" in page
    page = verified(client, tampered(content, kind))
    assert "Файл изменён" in page
    client.force_login(world.other_head)
    assert "Такого отчёта нет" in verified(client, content), "the region's report is not the head's to see"


def tampered(content, kind):
    if kind == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(content))
        book["Отчёт"].cell(VALUES + 2, FIRST + 1).value = 999
        target = io.BytesIO()
        book.save(target)
        return target.getvalue()
    if kind == "json":
        changed = json.loads(content)
        changed["cells"][0]["value"] = 999
        return json.dumps(changed).encode()
    if kind == "csv":
        lines = content.decode("utf-8-sig").split("\r\n")
        fields = lines[1].split(";")
        fields[3] = "999"
        return "\r\n".join([lines[0], ";".join(fields), *lines[2:]]).encode("utf-8-sig")
    return (
        content.replace(b"/Producer", b"/Produced", 1)
        if b"/Producer" in content
        else content[:50] + b" " + content[51:]
    )


def test_what_is_no_report_is_told(report, world, client):
    client.force_login(world.minister)
    for content in (b"%PDF-1.7 nothing", b"PK\x03\x04 nothing", b"\xff\xfe\x00", b'{"a": 1}', b"[[[", b"a;b;c"):
        page = verified(client, content)
        assert "Числа те же" not in page
        assert "Файл повреждён" in page or "не файл отчёта" in page or "нет сведений об отчёте" in page
    url = reverse("reports:report-verify")
    assert "Загрузите файл или напишите" in client.post(url, {}).content.decode()
    assert "от 8 до 64 знаков" in client.post(url, {"checksum": "привет"}).content.decode()
    assert "Числа те же" in client.post(url, {"checksum": report.checksum[:8].upper()}).content.decode()


def test_a_recomputed_draft_is_told_from_its_old_file(report, world, client):
    client.force_login(world.minister)
    content = rendered(report, "csv")
    snapshot = report.snapshot | {"notes": ["другое"]}
    report.store(snapshot, {})
    assert "с тех пор пересчитан" in verified(client, content)


def test_a_book_of_one_period(report, world, client):
    client.force_login(world.minister)
    page = client.get(reverse("reports:report-book"))
    assert "II квартал 2020 года" in page.content.decode()
    book = client.get(page.context["main_action"].url)
    assert openpyxl.load_workbook(io.BytesIO(book.content)).sheetnames[0] == "Содержание"
    assert 'filename="otchet-kniga-2020q2-region.xlsx"' in book["Content-Disposition"]
    assert all(verdict in verified(client, book.content) for verdict in ("Числа те же",))
    client.force_login(world.head)
    assert client.get(reverse("reports:report-book-file")).status_code == 409
    assert "Рассчитанных отчётов нет" in client.get(reverse("reports:report-book")).content.decode()


def test_the_page_of_a_report_shows_pictures_without_inline_styles(report, world, client):
    client.force_login(world.minister)
    text = client.get(report.get_absolute_url()).content.decode()
    assert text.count('src="data:image/svg+xml;base64,') >= 3
    assert "<style" not in text
