"""The published table VII of Tatarstan's order 414 comes back from casework, figure by figure (indicators.md)."""

import json
import re
import subprocess

import openpyxl
import pytest
from django.core.management import call_command
from django.urls import reverse

from reports import forms, periods
from reports.compute import compute
from reports.models import Report
from sopr.tests.table_vii import COLUMNS, build_workbook, read_published


@pytest.fixture
def cohort(db, tmp_path):
    path = tmp_path / "cohort.xlsx"
    build_workbook(path)
    call_command("import_register", str(path))


def as_printed(cell) -> str:
    """A JSON cell in the words of the published table."""
    if cell["kind"] == "none":
        return ""
    if cell["kind"] == "flag":
        return "да" if cell["value"] else "нет"
    return str(cell["value"])


def test_the_published_table_comes_back(cohort, tmp_path):
    out = tmp_path / "t.json"
    call_command("build_report", "tatarstan-414", "2016..2017", "--out", str(out))
    report = json.loads(out.read_text(encoding="utf-8"))
    assert (report["form"], report["period"], report["scope"]) == ("tatarstan-414", "2016..2017", "region")
    computed = {(cell["row"], cell["column"]): as_printed(cell) for cell in report["cells"]}
    published = read_published()
    assert {place: computed[place] for place in published} == published
    assert {column for _row, column in computed} == set(COLUMNS)


def published_rows() -> dict[str, list[str]]:
    """{row: its four figures as every paper and page prints them}: «–» for no data, «×» where a flow has no eve."""
    published, rows = read_published(), {}
    for row, column in published:
        text = published[row, column]
        percent = row in ("9", "11", "12") and text
        rows.setdefault(row, []).append(f"{text} %" if percent else text)
    return rows


def plain(text) -> str:
    """A printed figure without its kinds of spaces and its signs of absence."""
    text = re.sub(r"[\s\u00a0\u202f]+", "", str(text))
    return "" if text in ("–", "×", "None") else text.split("%")[0]


def bare(rows):
    return {row: [plain(figure) for figure in figures] for row, figures in rows.items()}


def test_the_page_shows_the_published_table(cohort, client, world):
    form, period = forms.find("tatarstan-414"), periods.parse("2016..2017")
    report = Report.open_for(form, period)
    report.store(*compute(form, period))
    client.force_login(world.minister)
    html = client.get(reverse("reports:report-detail", args=[report.pk])).content.decode()
    shown = {}
    for line in re.findall(r"<tr.*?</tr>", html, re.DOTALL):
        cells = [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[dh].*?</t[dh]>", line, re.DOTALL)]
        if cells and cells[0] in published_rows():
            shown.setdefault(cells[0], cells[-4:])
    assert bare(shown) == bare(published_rows())


def test_excel_holds_the_published_table(cohort, tmp_path):
    out = tmp_path / "t.xlsx"
    call_command("build_report", "tatarstan-414", "2016..2017", "--out", str(out))
    sheet = openpyxl.load_workbook(out, data_only=True)["Отчёт"]
    found = {}
    for line in sheet.iter_rows(values_only=True):
        if str(line[0]) in published_rows():
            found.setdefault(str(line[0]), list(line[3:7]))
    assert bare(found) == bare(published_rows())
    assert all(isinstance(figure, int) for figure in found["1"] + found["10"][1:])


def test_pdf_text_holds_the_published_table(cohort, tmp_path):
    out = tmp_path / "t.pdf"
    call_command("build_report", "tatarstan-414", "2016..2017", "--out", str(out))
    done = subprocess.run(["pdftotext", "-raw", out, "-"], capture_output=True, text=True, check=True)
    text = " ".join(done.stdout.split())
    for row, figures in published_rows().items():
        values = r"\s".join(printed(plain(figure)) for figure in figures)
        assert re.search(rf"(?<![\d.]){re.escape(row)} \D.{{0,300}}? {values}(?!\d)", text), row


def printed(figure) -> str:
    """A pattern of the figure as printed: thousands apart, perhaps a percent sign, a dash or a cross for none."""
    return re.sub(r"(?<=\d)(?=(\d{3})+$)", r"\\s?", figure) + r"(\s?%)?" if figure else "[–×]"
