"""Excel, PDF and JSON of one snapshot: real numbers, the right text, no disagreement; and the command that makes them."""

import datetime
import io
import json
import subprocess

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from reports import files, forms, periods
from reports.compute import compute
from reports.models import Report
from reports.models.report import checksum_of
from reports.tests.generated import a_case, make_families, save_cases

D = datetime.date


@pytest.fixture
def casework(world):
    families = make_families(1300)
    save_cases(
        [
            a_case(
                family,
                world.centre if n % 2 else world.other_centre,
                D(2020, 3, 1),
                D(2021, 5, 1) if n % 3 == 0 else None,
            )
            for n, family in enumerate(families)
        ]
    )


@pytest.fixture
def report(casework):
    form, period = forms.find("tatarstan-414"), periods.parse("2021")
    report = Report.open_for(form, period)
    report.store(*compute(form, period))
    return report


def sheet_rows(sheet):
    return {str(row[0].value): row for row in sheet.iter_rows() if row[0].value}


def test_excel_has_the_figures_as_numbers(report):
    book = openpyxl.load_workbook(io.BytesIO(files.render(report, "xlsx")))
    assert book.sheetnames == ["Содержание", "Отчёт", "Организации", "Рисунки", "Как посчитано"]
    sheet = book["Отчёт"]
    rows = sheet_rows(sheet)
    start, year, end = rows["1"][3:6]
    assert (start.value, year.value, end.value) == ("=SUM(D11:D19)", "=SUM(E11:E19)", "=SUM(F11:F19)")
    parts = sum(rows[f"1.{number}"][4].value for number in range(1, 10))
    assert (parts, start.number_format) == (866, "#,##0")
    assert rows["11"][4].value == "=ROUND(100*H38/I38,0)"
    assert (sheet["H38"].value, sheet["I38"].value) == (434, 1300)
    assert "%" in rows["11"][4].number_format
    assert rows["4"][4].value == "–"
    assert rows["10"][3].value == "×"
    assert sheet.freeze_panes == "C10"
    assert sheet.page_setup.fitToWidth in (None, 1)
    assert sheet.page_setup.paperSize == 9
    assert len(book["Рисунки"]._charts) == 3  # one value has no course
    organisations = {row[1].value: row for row in book["Организации"].iter_rows(min_row=9, max_row=10)}
    assert organisations["Центр помощи семье «Северный»"][2].value == 433


def test_excel_never_takes_text_for_a_formula(report):
    report.snapshot["title"] = '=HYPERLINK("http://example.com")'
    book = openpyxl.load_workbook(io.BytesIO(files.render(report, "xlsx")))
    assert book["Отчёт"]["A2"].data_type == "s"


def pdf_text(content, tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(content)
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def test_pdf_prints_the_same_figures(report, tmp_path):
    text = pdf_text(files.render(report, "pdf"), tmp_path)
    assert "ПРОЕКТ" in text
    assert "1 300 866 866" in text.replace("\u202f", " ").replace("\u00a0", " ")
    assert "434 434" in text
    assert "Строка 11: доля от семей, бывших на сопровождении к 31.12.2020" in text
    assert "не представили: Центр помощи семье" in text
    assert "Расхождений нет" in text


def test_an_approved_pdf_is_no_draft(report, world, tmp_path):
    report.approve(by=world.minister)
    text = pdf_text(files.render(report, "pdf", by=world.minister), tmp_path)
    assert "ПРОЕКТ" not in text
    assert "О.Н. Министрова" in text


def test_files_read_the_snapshot_alone(report, django_assert_num_queries):
    with django_assert_num_queries(0):
        files.render(report, "xlsx")
        files.render(report, "json")


def test_json_has_exactly_the_agreed_shape(report):
    content = json.loads(files.render(report, "json"))
    assert set(content) == {"form", "period", "scope", "profile", "computed_at", "report", "cells"}
    assert (content["form"], content["period"], content["scope"]) == ("tatarstan-414", "2021", "region")
    assert all(set(cell) == {"row", "column", "kind", "value", "numerator", "denominator"} for cell in content["cells"])
    share = next(cell for cell in content["cells"] if (cell["row"], cell["column"]) == ("11", "2021"))
    assert share == {
        "row": "11",
        "column": "2021",
        "kind": "percent",
        "value": 33,
        "numerator": 434,
        "denominator": 1300,
    }


def test_the_snapshot_is_stored_as_it_was_computed(report):
    """What comes back from the database has the checksum of what went in."""
    again = Report.objects.get(pk=report.pk)
    assert checksum_of(again.snapshot) == again.checksum


# -- the command -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["json", "csv", "xlsx", "pdf"])
def test_the_command_writes_a_file(casework, tmp_path, kind):
    out = tmp_path / f"t.{kind}"
    call_command("build_report", "primorye-monitoring", "2020..2021", "--organisation", "C1", "--out", str(out))
    start = {"csv": "\ufeffСтрока;".encode(), "json": b"{", "xlsx": b"PK", "pdf": b"%PDF"}[kind]
    assert out.read_bytes().startswith(start)
    assert [path.name for path in tmp_path.iterdir()] == [out.name]
    if kind == "json":
        content = json.loads(out.read_bytes())
        assert content["scope"] == "C1"
        assert "report" not in content, "stores nothing, so there is no number to tell"
        values = {(cell["row"], cell["column"]): cell["value"] for cell in content["cells"]}
        assert (values["3", "2020"], values["4", "2021"], values["4.1", "2021"]) == (650, 217, 217)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["tatarstan", "2021"], "Формы «tatarstan» нет"),
        (["tatarstan-414", "2021Q7"], "такого квартала"),
        (["tatarstan-414", "2021", "--organisation", "нет"], "Организации с кодом «нет» нет"),
        (["tatarstan-414", "2021", "--out", "t.docx"], "окончание должно быть"),
        (["tatarstan-414", "2021", "--out", "t"], "окончание должно быть"),
        (["tatarstan-414", "2021", "--out", "/no/such/folder/t.json"], "Папки /no/such/folder нет"),
    ],
)
def test_the_command_explains_what_is_wrong(world, tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    if "--out" not in arguments:
        arguments = [*arguments, "--out", "t.json"]
    with pytest.raises(CommandError) as refused:
        call_command("build_report", *arguments)
    assert said in str(refused.value)
    assert list(tmp_path.iterdir()) == []
