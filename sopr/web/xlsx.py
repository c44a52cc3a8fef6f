"""Spreadsheets of lists: real types, never formulas from data, memory flat in the number of rows."""

import datetime
import tempfile

import xlsxwriter
from django.http import FileResponse
from django.utils import timezone

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def write_list(columns, rows, *, title: str, note: str = "", filters: str = ""):
    """Write one sheet of `columns` × `rows`; returns an open file, rewound to its start, and the number of rows.

    `note` (who, when) and `filters` (what was asked for) stand above the table. `rows` may be a generator.
    """
    file = tempfile.TemporaryFile()
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": title})
    formats = {
        "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "date": book.add_format({"num_format": "dd.mm.yyyy"}),
        "datetime": book.add_format({"num_format": "dd.mm.yyyy hh:mm"}),
        "number": book.add_format({"num_format": "# ##0"}),
    }
    sheet = book.add_worksheet("Список")
    sheet.write_string(0, 0, title, formats["title"])
    sheet.write_string(1, 0, note)
    if filters:
        sheet.write_string(2, 0, f"Отбор: {filters}")
    head_row = 3
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.width)
        sheet.write_string(head_row, index, column.title, formats["head"])
    last = head_row
    for last, row in enumerate(rows, start=head_row + 1):
        for index, column in enumerate(columns):
            write_cell(sheet, last, index, column.read_for_export(row), formats)
    sheet.freeze_panes(head_row + 1, 0)
    sheet.repeat_rows(head_row)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.print_area(0, 0, last, max(len(columns) - 1, 0))
    sheet.set_footer("&L&8" + title.replace("&", "&&") + "&R&8Страница &P из &N")
    book.close()
    file.seek(0)
    return file, last - head_row


def write_cell(sheet, row, column, value, formats):
    """Write one value by its Python type; text always as text, never as a formula."""
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_string(row, column, "да" if value else "нет")
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, formats["number"])
    elif isinstance(value, datetime.datetime):
        sheet.write_datetime(row, column, timezone.localtime(value).replace(tzinfo=None), formats["datetime"])
    elif isinstance(value, datetime.date):
        sheet.write_datetime(row, column, datetime.datetime.combine(value, datetime.time()), formats["date"])
    else:
        sheet.write_string(row, column, str(value)[:32767])


def as_download(file, file_name: str) -> FileResponse:
    """A written spreadsheet as a download; `file_name` must not name a person."""
    return FileResponse(file, as_attachment=True, filename=f"{file_name}.xlsx", content_type=CONTENT_TYPE)


def list_response(columns, rows, *, title: str, file_name: str, note: str = "") -> FileResponse:
    """The spreadsheet of a list as a download; `file_name` must not name a person."""
    file, _rows = write_list(columns, rows, title=title, note=note)
    return as_download(file, file_name)
