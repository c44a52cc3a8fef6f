"""Reading the workbook row by row: the exact place of everything that is wrong."""

import zipfile
from dataclasses import dataclass, field

from openpyxl import load_workbook

from sopr.exchange.sheets import BY_TITLE, SHEETS

MOST_ERRORS_SHOWN = 200
MOST_UNPACKED = 4 * 1024**3  # bytes: a workbook that unpacks to more is a bomb, not a register


class NotAWorkbook(Exception):
    """The file is no Excel workbook at all; the message says what to do."""


@dataclass
class Errors:
    """Places and reasons; keeps the first ones and counts the rest."""

    lines: list[str] = field(default_factory=list)
    total: int = 0

    def add(self, sheet, n, column, text):
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


def open_workbook(file):
    """Open for streaming; raises NotAWorkbook for anything that is no .xlsx inside, whatever its name."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            if "xl/workbook.xml" not in names and not any(name.endswith("workbook.xml") for name in names):
                raise NotAWorkbook("Файл не является книгой Excel. Сохраните его в Excel как «Книга Excel (.xlsx)».")
            if sum(info.file_size for info in archive.infolist()) > MOST_UNPACKED:
                raise NotAWorkbook("Книга слишком велика после распаковки. Разделите её на несколько файлов.")
        return load_workbook(file, read_only=True, data_only=False, keep_links=False)
    except NotAWorkbook:
        raise
    except FileNotFoundError:
        raise NotAWorkbook("Файл не найден. Проверьте путь к файлу.") from None
    except Exception as error:  # openpyxl raises whatever its parsers raise; for people it is one thing
        raise NotAWorkbook(
            "Файл не открывается как книга Excel: он повреждён или это другой формат. "
            "Сохраните его в Excel как «Книга Excel (.xlsx)»."
        ) from error


def read_rows(book, sheet, errors):
    """Yield (row number, {column: value}, whether it is without errors); blank rows are passed over."""
    worksheet = book[sheet.title]
    worksheet.reset_dimensions()
    rows = worksheet.iter_rows()
    heads = _read_heads(next(rows, ()), sheet, errors)
    if heads is None:
        return
    for n, cells in enumerate(rows, start=2):
        cells = cells[: len(heads)] if len(cells) <= len(heads) else _without_stray(sheet, n, cells, heads, errors)
        if all(cell.value in (None, "") for cell in cells):
            continue
        before = errors.total
        row = _read_row(sheet, n, heads, cells, errors)
        yield n, row, errors.total == before


def check_sheets(book, errors):
    """Name every sheet that the format does not know; returns the known ones in the order they are saved."""
    for title in book.sheetnames:
        if title not in BY_TITLE:
            allowed = ", ".join(f"«{sheet.title}»" for sheet in SHEETS)
            errors.add(title, 0, "", f"неизвестный лист. Допустимы: {allowed}")
    return [sheet for sheet in SHEETS if sheet.title in book.sheetnames]


def _read_heads(cells, sheet, errors):
    """Columns by position; None when the head row is wrong."""
    titles = [str(cell.value).strip().rstrip("*").strip() if cell.value is not None else "" for cell in cells]
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
    if any(cell.value not in (None, "") for cell in cells[len(heads) :]):
        errors.add(sheet.title, n, "", "значение стоит правее последнего столбца")
    return cells[: len(heads)]


def _read_row(sheet, n, heads, cells, errors):
    row = {}
    values = [*cells, *[None] * (len(heads) - len(cells))]
    for column, cell in zip(heads, values, strict=True):
        value = getattr(cell, "value", None)
        if value is None or (isinstance(value, str) and not value.strip()):
            if column.required:
                errors.add(sheet.title, n, column.title, "не заполнено")
            continue
        if cell.data_type == "f":
            errors.add(sheet.title, n, column.title, "в ячейке формула: замените её значением")
            continue
        if cell.data_type == "e":
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
