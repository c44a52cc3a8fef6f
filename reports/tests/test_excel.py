"""The Excel book: laid out as the official table, its formulas give our values whoever computes them."""

import copy
import datetime
import io
import re
import shutil
import subprocess
import zipfile
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import openpyxl
import pytest

from reports import files, forms, periods
from reports.compute import compute
from reports.models import Report
from reports.models.report import checksum_of
from reports.renderers import as_xlsx, passport
from reports.renderers.book.formulas import places
from reports.renderers.book.table import FIRST, VALUES
from reports.tests.generated import many_cases

D = datetime.date


@pytest.fixture
def reports(world):
    """Every form for a quarter, with cells of every kind beside what casework gives."""
    many_cases(400, [world.centre, world.other_centre])
    made = []
    for code in forms.CATALOGUE:
        form, period = forms.find(code), periods.parse("2020Q3")
        report = Report.open_for(form, period)
        snapshot, counted = compute(form, period)
        report.store(with_every_kind(snapshot), counted)
        made.append(report)
    return made


def with_every_kind(snapshot):
    """The snapshot with rows of the kinds no form here has: pairs, texts, truncated shares, fractions."""
    snapshot = copy.deepcopy(snapshot)
    cells = [
        ("X1", "pair", [1283, 2310], "1283/2310", None, None),
        ("X2", "text", '=HYPERLINK("http://example.com")', "текст", None, None),
        ("X3", "number", 12.5, "12,5", None, None),
        ("X4", "flag", True, "да", None, None),
        ("X5", "percent", 17, "17", 1, 6),
        ("X6", "percent", -25, "−25", 3, 4),
        ("X7", "number", 3.3, "3,3", 10, 3),
    ]
    for code, kind, value, text, numerator, denominator in cells:
        snapshot["rows"].append(
            {"code": code, "title": "Строка", "unit": "семей", "level": 0, "bold": False, "group": "Прочее"}
        )
        for column in snapshot["columns"]:
            cell = {
                "row": code,
                "column": column["code"],
                "kind": kind,
                "value": value,
                "text": text,
                "note": "",
                "measure": "",
            }
            snapshot["cells"].append(cell | {"numerator": numerator, "denominator": denominator, "origin": "casework"})
    before = len(snapshot["columns"])
    if all(column["shows"] == "fact" for column in snapshot["columns"]):
        add_plan(snapshot)
    for organisation in snapshot["organisations"]:
        for values in organisation["values"].values():
            values += [None] * (len(snapshot["columns"]) - before)
        organisation["values"] |= {cell[0]: [cell[2]] * len(snapshot["columns"]) for cell in cells}
    return snapshot


def add_plan(snapshot):
    """Columns of plan, deviation and percent beside the first one, as forms with a plan have them."""
    fact = snapshot["columns"][0]
    snapshot["columns"][0] = fact | {"group": "План", "shows": "fact"}
    for shows in ("plan", "deviation", "percent"):
        snapshot["columns"].append({"code": shows, "title": shows, "group": "План", "shows": shows})
    for cell in [cell for cell in snapshot["cells"] if cell["column"] == fact["code"]]:
        known = cell["kind"] in ("number", "percent")
        plan = 8
        values = {"plan": plan, "deviation": 0, "percent": 0}
        if known:
            exact = Decimal(str(cell["value"]))
            percent = (exact * 100 / plan).quantize(Decimal(1), rounding=ROUND_HALF_UP)
            values |= {"deviation": float(exact - plan), "percent": int(percent)}
        for shows, value in values.items():
            kind = "none" if not known else "percent" if shows == "percent" else "number"
            more = {"column": shows, "kind": kind, "value": value if known else None, "origin": "plan"}
            snapshot["cells"].append(
                cell | more | {"text": str(value) if known else "–", "numerator": None, "denominator": None}
            )


def shown(cell):
    """What the sheet must show for a cell of the snapshot."""
    match cell["kind"]:
        case "pair":
            return "/".join(map(str, cell["value"]))
        case "flag":
            return "да" if cell["value"] else "нет"
        case "none":
            return cell["text"]
    return cell["value"]


def values_of(sheet, snapshot):
    """{(row, column): what stands in the official table of the sheet}."""
    columns = [column["code"] for column in snapshot["columns"]]
    rows, _heads = places(snapshot["rows"], VALUES)
    return {
        (row, column): sheet.cell(at + 1, FIRST + 1 + index).value
        for row, at in rows.items()
        for index, column in enumerate(columns)
    }


def expected(snapshot):
    return {(cell["row"], cell["column"]): shown(cell) for cell in snapshot["cells"]}


def table_names(book):
    return [prop.name.removeprefix("СОПР: ") for prop in book.custom_doc_props.props]


def test_a_book_of_several_forms(reports):
    content = files.render_book(reports)
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    assert book.sheetnames[0] == "Содержание"
    names = table_names(book)
    assert len(set(names)) == len(reports)
    links = {cell.value for row in book["Содержание"].iter_rows() for cell in row if cell.hyperlink}
    assert links == set(book.sheetnames) - {"Содержание"}
    for name, report in zip(names, reports, strict=True):
        sheet = book[name]
        assert values_of(sheet, report.snapshot) == expected(report.snapshot)
        assert sheet.protection.sheet and sheet.protection.password is None
        assert sheet.print_title_rows == "$8:$9" and sheet.print_area
        assert sheet["A1"].value.startswith(f"Отчёт {report.definition.name}")
        assert passport.read(book.custom_doc_props[f"СОПР: {name}"].value).checksum == report.checksum
    assert sum(len(sheet._charts) for sheet in book) >= 4
    assert content == files.render_book(reports), "made again, it is the same book"


def test_every_formula_gives_our_value(reports):
    """Evaluated here, by rules of its own: sums, shares and pairs, each kind at least once."""
    content = files.render_book(reports)
    book = openpyxl.load_workbook(io.BytesIO(content))
    kinds = set()
    for name, report in zip(table_names(book), reports, strict=True):
        ours = expected(report.snapshot)
        for key, formula in values_of(book[name], report.snapshot).items():
            if isinstance(formula, str) and formula.startswith("=") and key[0] != "X2":
                kind, value = evaluated(book[name], formula)
                kinds.add(kind)
                assert value == ours[key], f"{name} {key} {formula}"
    assert kinds == {"SUM", "ROUND", "TRUNC", "pair"}
    first = reports[0].snapshot
    formulas = values_of(book[table_names(book)[0]], first)
    assert all(str(formulas["1", column["code"]]).startswith("=SUM(") for column in first["columns"][:2])


def evaluated(sheet, formula):
    """(kind, value) of one of our formulas, worked out of the cells it names."""
    if found := re.fullmatch(r"=SUM\((\w+:\w+)\)", formula):
        return "SUM", sum(value(sheet, cell.coordinate) for (cell,) in sheet[found[1]])
    if found := re.fullmatch(r'=(\w+)&"/"&(\w+)', formula):
        return "pair", f"{value(sheet, found[1])}/{value(sheet, found[2])}"
    found = re.fullmatch(r"=(ROUND|TRUNC)\(([^,]+),(\d)\)(?:/(\d+))?", formula)
    named = re.sub(r"[A-Z]+\d+", lambda place: f"Fraction('{value(sheet, place[0])}')", found[2])
    exact = eval(re.sub(r"(?<![\w'])(\d+)(?=\*)", r"Fraction(\1)", named), {"Fraction": Fraction})  # noqa: S307
    places = Decimal(1).scaleb(-int(found[3]))
    exact = Decimal(exact.numerator) / exact.denominator
    whole = exact.quantize(places, rounding=ROUND_HALF_UP if found[1] == "ROUND" else ROUND_DOWN)
    return found[1], float(whole / int(found[4] or 1))


def value(sheet, place):
    found = sheet[place].value
    return evaluated(sheet, found)[1] if isinstance(found, str) and found.startswith("=") else found


def test_shares_keep_the_way_their_form_rounds(reports):
    """Kaluga's 291 of 683 is 42.6 % and its 221 of 683 is 32.3 %: truncated to one decimal, rounded it were 32.4."""
    report = reports[1]
    shares = [("6", 291, 683, 42.6), ("7", 221, 683, 32.3)]
    for row, numerator, denominator, percent in shares:
        for cell in report.snapshot["cells"]:
            if cell["row"] == row:
                cell |= {"kind": "percent", "numerator": numerator, "denominator": denominator, "value": percent}
    report.snapshot["rows"] = [row for row in report.snapshot["rows"] if row["code"] != "X5"]
    report.snapshot["cells"] = [cell for cell in report.snapshot["cells"] if cell["row"] != "X5"]
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx.render(report)))["Отчёт"]
    formulas = values_of(sheet, report.snapshot)
    column = report.snapshot["columns"][0]["code"]
    assert formulas["7", column].startswith("=TRUNC(10*100*")
    assert formulas["6", column].startswith("=TRUNC(10*100*"), "one way for the whole form"
    assert [evaluated(sheet, formulas[row, column])[1] for row, *_rest in shares] == [42.6, 32.3]


@pytest.mark.skipif(
    not shutil.which("soffice"), reason="LibreOffice is not installed: apt-get install libreoffice-calc-nogui"
)
def test_libreoffice_computes_our_values(reports, tmp_path):
    """The values are taken out of the file, so that what comes back is LibreOffice's own work."""
    source = tmp_path / "book.xlsx"
    taken = without_values(files.render_book(reports), source)
    assert taken > 10
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile",
         "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", tmp_path / "computed", source],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    book = openpyxl.load_workbook(tmp_path / "computed" / "book.xlsx", data_only=True)
    names = [name for name in book.sheetnames if book[name]["A1"].value.startswith("Отчёт ")]
    for name, report in zip(names, reports, strict=True):
        assert values_of(book[name], report.snapshot) == expected(report.snapshot)


def without_values(content, target) -> int:
    """Write the book without the values of its formulas; how many there were."""
    taken = 0
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as bare:
        for name in source.namelist():
            text = source.read(name)
            if name.startswith("xl/worksheets/sheet"):
                text, found = re.subn(rb"(</f>)<v>[^<]*</v>", rb"\1", text)
                taken += found
            bare.writestr(name, text)
    return taken


def test_a_snapshot_of_an_earlier_version_still_becomes_a_book(reports):
    """Without what newer snapshots keep beside their cells: the numbers stand by themselves."""
    report = reports[0]
    report.snapshot = {key: value for key, value in report.snapshot.items() if key != "sums"}
    report.checksum = checksum_of(report.snapshot)
    book = openpyxl.load_workbook(io.BytesIO(files.render(report, "xlsx")), data_only=True)
    assert values_of(book["Отчёт"], report.snapshot) == expected(report.snapshot)
