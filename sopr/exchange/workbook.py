"""Reading the workbook row by row: the exact place of everything that is wrong."""

import zipfile
import zlib
from dataclasses import dataclass, field
from itertools import zip_longest
from xml.etree.ElementTree import ParseError

from sopr.exchange.reader import iterate, open_for_streaming
from sopr.exchange.sheets import BY_TITLE, SHEETS

NOTHING = (None, "n")  # an empty cell
MOST_ERRORS_SHOWN = 200
BROKEN = (
    "Файл не открывается как книга Excel: он повреждён или это другой формат. "
    "Сохраните его в Excel как «Книга Excel (.xlsx)»."
)
MOST_UNPACKED = 4 * 1024**3  # bytes: a workbook that unpacks to more is a bomb, not a register


class NotAWorkbook(Exception):
    """The file is no Excel workbook at all; the message says what to do."""


class RowSet:
    """Numbers of rows, a bit each: a million wrong rows take 125 KB."""

    def __init__(self):
        self._bits = bytearray()

    def add(self, n):
        byte = n >> 3
        if byte >= len(self._bits):
            self._bits.extend(bytes(byte + 1 - len(self._bits)))
        self._bits[byte] |= 1 << (n & 7)

    def __contains__(self, n):
        byte = n >> 3
        return byte < len(self._bits) and bool(self._bits[byte] >> (n & 7) & 1)

    def __len__(self):
        return int.from_bytes(self._bits, "little").bit_count()


@dataclass
class Errors:
    """Places and reasons; keeps the first ones and counts the rest."""

    lines: list[str] = field(default_factory=list)
    total: int = 0
    rows: dict[str, "RowSet"] = field(default_factory=dict)  # sheet → rows with an error

    def add(self, sheet, n, column, text):
        self.rows.setdefault(sheet, RowSet()).add(n)
        place = f"Лист «{sheet}»"
        if n:
            place += f", строка {n}"
        if column:
            place += f", столбец «{column}»"
        self.total += 1
        if len(self.lines) < MOST_ERRORS_SHOWN:
            self.lines.append(f"{place}: {text}")

    def __bool__(self):
        return self.total > 0

    def is_wrong(self, sheet, n) -> bool:
        """Whether row `n` of the sheet has an error."""
        return n in self.rows.get(sheet, ())

    def count_rows(self, sheet) -> int:
        return len(self.rows.get(sheet, ()))


def look_inside(file):
    """Raise NotAWorkbook for anything that is no .xlsx inside, whatever its name, or unpacks to a bomb.

    Only the list of contents is read, so that an upload is answered at once.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            if not any(name.endswith("workbook.xml") for name in names):
                raise NotAWorkbook("Файл не является книгой Excel. Сохраните его в Excel как «Книга Excel (.xlsx)».")
            if sum(info.file_size for info in archive.infolist()) > MOST_UNPACKED:
                raise NotAWorkbook("Книга слишком велика после распаковки. Разделите её на несколько файлов.")
    except FileNotFoundError:
        raise NotAWorkbook("Файл не найден. Проверьте путь к файлу.") from None
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise NotAWorkbook(BROKEN) from error


def open_workbook(file):
    """Open for streaming; raises NotAWorkbook for what cannot be read as one."""
    look_inside(file)
    try:
        return open_for_streaming(file)
    except Exception as error:  # openpyxl raises whatever its parsers raise; for people it is one thing
        raise NotAWorkbook(BROKEN) from error


def read_rows(book, sheet, errors):
    """Yield (row number, {column: value}, whether it is without errors); blank rows are passed over."""
    rows = _whole(iterate(book[sheet.title]))
    first, cells = next(rows, (1, ()))
    heads = _read_heads(cells if first == 1 else (), sheet, errors)
    if heads is None:
        return
    for n, cells in rows:
        if len(cells) > len(heads):
            cells = _without_stray(sheet, n, cells, heads, errors)
        if all(value in (None, "") for value, _kind in cells):
            continue
        before = errors.total
        row = _read_row(sheet, n, heads, cells, errors)
        yield n, row, errors.total == before


def _whole(rows):
    """The rows of a sheet; raises NotAWorkbook where the file turns out to be torn."""
    try:
        yield from rows
    except (ParseError, zipfile.BadZipFile, zlib.error, EOFError, LookupError, ValueError) as error:
        raise NotAWorkbook(BROKEN) from error


def check_sheets(book, errors):
    """Name every sheet that the format does not know; returns the known ones in the order they are saved."""
    for title in book.sheetnames:
        if title not in BY_TITLE:
            allowed = ", ".join(f"«{sheet.title}»" for sheet in SHEETS)
            errors.add(title, 0, "", f"неизвестный лист. Допустимы: {allowed}")
    return [sheet for sheet in SHEETS if sheet.title in book.sheetnames]


def _read_heads(cells, sheet, errors):
    """Columns by position; None when the head row is wrong."""
    titles = [str(value).strip().rstrip("*").strip() if value is not None else "" for value, _kind in cells]
    while titles and not titles[-1]:
        titles.pop()
    wrong = False
    for position, title in enumerate(titles, start=1):
        if sheet.column(title) is None:
            allowed = ", ".join(f"«{column.title}»" for column in sheet.columns)
            named = title[:60] or f"№ {position} (без названия)"
            errors.add(sheet.title, 1, named, f"неизвестный столбец. Допустимы: {allowed}")
            wrong = True
        elif titles.index(title) != position - 1:
            errors.add(sheet.title, 1, title, "столбец стоит дважды: оставьте один")
            wrong = True
    for column in sheet.columns:
        if column.required and column.title not in titles:
            errors.add(sheet.title, 1, column.title, "нет обязательного столбца")
            wrong = True
    return None if wrong else [sheet.column(title) for title in titles]


def _without_stray(sheet, n, cells, heads, errors):
    if any(value not in (None, "") for value, _kind in cells[len(heads) :]):
        errors.add(sheet.title, n, "", "значение стоит правее последнего столбца")
    return cells[: len(heads)]


def _read_row(sheet, n, heads, cells, errors):
    row = {}
    for column, (value, kind) in zip_longest(heads, cells, fillvalue=NOTHING):
        if value is None or (isinstance(value, str) and not value.strip()):
            if column.required:
                errors.add(sheet.title, n, column.title, "не заполнено")
            continue
        if kind == "f":
            errors.add(sheet.title, n, column.title, "в ячейке формула: замените её значением")
            continue
        if kind == "e":
            errors.add(sheet.title, n, column.title, f"в ячейке ошибка Excel ({value})")
            continue
        try:
            row[column.title] = column.read(value)
        except ValueError as wrong:
            errors.add(sheet.title, n, column.title, str(wrong))
    for earlier, later, text in sheet.order:
        if row.get(earlier) and row.get(later) and row[later] < row[earlier]:
            errors.add(sheet.title, n, later, text.format(row[earlier]))
    if sheet.check is not None:
        for title, text in sheet.check(row):
            errors.add(sheet.title, n, title, text)
    return row
