"""One Excel book: formats made once, sheets that print well, protected without a password."""

import io
import math

import xlsxwriter

PAPER_A4 = 9
FACE = {"font_name": "Times New Roman", "font_size": 11, "valign": "top"}
# Written row after row straight to disk, so that memory does not grow with the rows; text is never a formula or a link.
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
NAME_LENGTH = 31  # Excel's limit of a sheet's name
FORBIDDEN = str.maketrans("", "", "[]:*?/\\'«»\"")
# What a reader may still do on a protected sheet: nothing that changes a figure.
ALLOWED = {
    "format_cells": True,
    "format_columns": True,
    "format_rows": True,
    "sort": True,
    "autofilter": True,
    "objects": True,
}

LINE_HEIGHT = 15  # points, of 11 pt type
LETTERS = 1.0  # of this face in one unit of a column's width, with room for a wider face
NUMBER = "#,##0"
NO_BREAK = "\u00a0"


class Book:
    """A workbook in the making: `sheet` opens the next one, `format` gives a look, `close` the bytes."""

    def __init__(self, properties: dict):
        self.target = io.BytesIO()
        self.workbook = xlsxwriter.Workbook(self.target, OPTIONS)
        self.workbook.set_properties(properties)
        self.formats, self.names = {}, set()

    def format(self, **look):
        """One format per set of properties."""
        key = frozenset(look.items())
        if key not in self.formats:
            self.formats[key] = self.workbook.add_format(FACE | look)
        return self.formats[key]

    def sheet(self, name: str, *, widths, landscape=False, mark=""):
        """The next sheet, protected, A4; `widths` of its columns, `mark` for its foot."""
        sheet = self.workbook.add_worksheet(name)
        sheet.set_paper(PAPER_A4)
        if landscape:
            sheet.set_landscape()
        sheet.set_margins(left=0.8, right=0.4, top=0.6, bottom=0.6)
        sheet.set_footer("&L&8" + mark.replace("&", "&&") + "&R&8Страница &P из &N")
        sheet.protect("", ALLOWED)
        sheet.hide_gridlines(2)
        for index, width in enumerate(widths):
            sheet.set_column(index, index, width)
        return sheet

    def free_name(self, wanted: str) -> str:
        """A name no sheet of the book bears yet, as Excel allows it."""
        plain = " ".join(wanted.translate(FORBIDDEN).split())[:NAME_LENGTH] or "Лист"
        name, number = plain, 1
        while name.lower() in self.names:
            number += 1
            name = f"{plain[: NAME_LENGTH - 3]} {number}"
        self.names.add(name.lower())
        return name

    def close(self) -> bytes:
        self.workbook.close()
        return self.target.getvalue()


def fit_row(sheet, row, *texts):
    """Make a row as high as its wrapped texts want, given as (text, width of the column): not every reader does."""
    lines = max(math.ceil(len(text) * LETTERS / width) for text, width in texts)
    if lines > 1:
        sheet.set_row(row, LINE_HEIGHT * lines)


def link(name: str) -> str:
    """Where a link to the sheet's first cell points."""
    return f"internal:'{name}'!A1"


def print_whole(sheet, last_row, last_column, repeat=None):
    """One page wide, as many high as it takes; the head (first and last row of it) on every page."""
    sheet.fit_to_pages(1, 0)
    sheet.print_area(0, 0, last_row, last_column)
    if repeat is not None:
        sheet.repeat_rows(*repeat)


def decimals_of(value) -> str:
    """«.0» for a number with one decimal: what follows the zero in its number format."""
    return "." + "0" * len(str(value).partition(".")[2]) if isinstance(value, float) else ""


def write_plain(book, sheet, row, column, value, **look):
    """A value without a formula: a number as a number, everything else as text."""
    if isinstance(value, bool):
        sheet.write_string(row, column, "да" if value else "нет", book.format(align="center", **look))
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, book.format(num_format=NUMBER + decimals_of(value), **look))
    elif isinstance(value, list | tuple):
        sheet.write_string(row, column, pair_text(value), book.format(align="right", **look))
    elif value is None:
        sheet.write_string(row, column, "–", book.format(align="right", **look))
    else:
        sheet.write_string(row, column, str(value), book.format(text_wrap=True, **look))


def pair_text(pair) -> str:
    """«12/34» of [families, persons]."""
    return "/".join("–" if number is None else str(number) for number in pair)
