"""«Проверить файл»: which report a file is, and whether its figures are still those of the report."""

import csv
import io
import json
import zipfile
from dataclasses import dataclass, field

import openpyxl

from reports.models import Report
from reports.published import handed_out, publish
from reports.renderers import as_csv, passport
from reports.renderers.book.base import pair_text
from reports.renderers.book.formulas import places
from reports.renderers.book.table import FIRST, VALUES
from sopr.errors import Refused

MOST_BYTES = 10 * 1024**2
MOST_UNPACKED = 100 * 1024**2
MOST_REPORTS = 20  # in one book
MOST_SHOWN = 20
UNKNOWN = "Это не файл отчёта: загрузите Excel, PDF, CSV или JSON, которые дала система."
BROKEN = "Файл повреждён и не читается. Скачайте отчёт заново."
FROM_PAGE = "В файле нет сведений об отчёте. Проверяются файлы, скачанные со страницы отчёта."


@dataclass(frozen=True)
class Verdict:
    """What is known of one report of a file. `report` None: no such report, or the reader may not see it.

    `checksum` is the file's; `same` whether the report has these figures, `replaced` whether they are of a version
    that is published otherwise today; `changed` lists cells (row, column, in the file, in the report) or says in one
    line what was changed.
    """

    checksum: str
    report: Report | None
    same: bool = False
    replaced: bool = False
    changed: list = field(default_factory=list)
    changed_total: int = 0
    tampered: bool = False


def verify_checksum(text: str, user) -> Verdict:
    """The verdict on a typed checksum; at least its first eight signs. Raises Refused for anything else."""
    checksum = "".join(text.lower().split())
    if not 8 <= len(checksum) <= 64 or set(checksum) - set("0123456789abcdef"):
        raise Refused("Контрольная сумма — от 8 до 64 знаков: цифры и латинские буквы от a до f, как в файле.")
    report = _visible(user).filter(checksum__startswith=checksum).order_by("-pk").first()
    report = report or handed_out(checksum, _visible(user))
    if report is None:
        return Verdict(checksum, None)
    return Verdict(report.checksum, report, same=True, replaced=_is_replaced(report, user))


def verify_file(content: bytes, user) -> list[Verdict]:
    """A verdict for each report in a file, told by its content; raises Refused when it is no report of ours."""
    if content.startswith(b"%PDF"):
        found, whole = passport.read_seal(content)
        if found is None:
            raise Refused(FROM_PAGE)
        return [_verdict(found, user, lambda report: [] if whole else None)]
    if content.startswith(b"PK\x03\x04"):
        return _verify_book(content, user)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(UNKNOWN) from None
    if text.lstrip().startswith("{"):
        return [_verify_json(text, user)]
    return [_verify_csv(text, user)]


def _visible(user):
    return Report.objects.visible_to(user).select_related("organisation").exclude(checksum="")


def _verdict(found, user, changes) -> Verdict:
    """`changes(report)` lists what the file shows otherwise than the report; None: changed, nobody knows where."""
    if found.published:
        report = handed_out(found.checksum, _visible(user))
    else:
        report = _visible(user).filter(checksum=found.checksum).order_by("-pk").first()
    if report is None:
        number = _number(found)
        return Verdict(found.checksum, _visible(user).filter(pk=number).first() if number else None)
    listed = changes(report)
    replaced = _is_replaced(report, user)
    if listed is None:
        return Verdict(found.checksum, report, same=True, replaced=replaced, tampered=True)
    shown, total = listed[:MOST_SHOWN], len(listed)
    return Verdict(found.checksum, report, True, replaced, shown, total, tampered=bool(listed))


def _is_replaced(report, user) -> bool:
    """Whether this is a published version and today's is another: the report or the rule has changed."""
    if not report.snapshot.get("published"):
        return False
    return publish(_visible(user).get(pk=report.pk)).checksum != report.checksum


def _number(found) -> int | None:
    return int(found.number) if found.number and len(found.number) < 15 else None


def _differences(report, shown, expected) -> list[tuple]:
    """Cells that the file shows otherwise: `shown` {(row, column): value}, `expected(cell)` what it must be."""
    titles = {column["code"]: column["title"] for column in report.snapshot["columns"]}
    listed = []
    for cell in report.snapshot["cells"]:
        value, ours = shown.get((cell["row"], cell["column"])), expected(cell)
        if value != ours:
            inside = "нет" if value in (None, "") else str(value)[:40]
            listed.append((cell["row"], titles[cell["column"]], inside, cell["text"]))
    return listed


def _verify_json(text, user) -> Verdict:
    try:
        content = json.loads(text)
        line, cells = content.get("report", ""), content.get("cells", [])
        found = passport.read(str(line))
        shown = {(cell["row"], cell["column"]): cell["value"] for cell in cells}
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError):
        raise Refused(BROKEN) from None
    if found is None:
        raise Refused(FROM_PAGE)
    return _verdict(found, user, lambda report: _differences(report, shown, lambda cell: cell["value"]))


def _verify_csv(text, user) -> Verdict:
    found = passport.read(text)
    if found is None:
        raise Refused(UNKNOWN)
    try:
        lines = [line for line in csv.reader(io.StringIO(text), delimiter=";") if len(line) > 3]
    except csv.Error:
        raise Refused(BROKEN) from None
    shown = {(line[0], line[1]): line[3] for line in lines}
    return _verdict(found, user, lambda report: _differences(report, shown, as_csv.value_text))


def _verify_book(content, user) -> list[Verdict]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(info.file_size for info in archive.infolist()) > MOST_UNPACKED:
                raise Refused("Книга слишком велика после распаковки.")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        passports = {
            prop.name.removeprefix("СОПР: "): passport.read(str(prop.value))
            for prop in book.custom_doc_props.props
            if prop.name.startswith("СОПР: ")
        }
        found = [(name, each) for name, each in passports.items() if each and name in book.sheetnames]
        if not found:
            raise Refused(FROM_PAGE)
        return [
            _verdict(each, user, lambda report, name=name: _differences(report, _sheet(book[name], report), _in_excel))
            for name, each in found[:MOST_REPORTS]
        ]
    except Refused:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers raise; for people it is one thing
        raise Refused(BROKEN) from error


def _sheet(sheet, report) -> dict:
    """{(row, column): what stands there} of the official table."""
    snapshot = report.snapshot
    rows, _heads = places(snapshot["rows"], VALUES)
    last = max(rows.values(), default=VALUES) + 1
    table = list(sheet.iter_rows(max_row=last, max_col=FIRST + len(snapshot["columns"]), values_only=True))
    return {
        (row, column["code"]): table[at][FIRST + index]
        for row, at in rows.items()
        for index, column in enumerate(snapshot["columns"])
        if at < len(table) and FIRST + index < len(table[at])
    }


def _in_excel(cell):
    match cell["kind"]:
        case "none" | "hidden":
            return cell["text"]
        case "flag":
            return "да" if cell["value"] else "нет"
        case "pair":
            return pair_text(cell["value"])
    return cell["value"]
