"""The published table VII of Tatarstan's order 414 comes back from casework, figure by figure (indicators.md)."""

import json

import pytest
from django.core.management import call_command

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
