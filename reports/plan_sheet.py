"""Планы на листе и в книге Excel: organisations × rows, typed or brought in a file."""

import re
import tempfile
import zipfile
from decimal import Decimal, InvalidOperation

import openpyxl
import xlsxwriter
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from reports.cells import AT_MOST
from reports.forms import Form
from reports.models import PlanTarget
from reports.periods import Period
from sopr.web.forms import RussianDateField

MOST_FIELDS = 900  # of one sheet: a browser's form may have a thousand
REGION_CODE = "регион"
SHEET = "План"
HEADS = ("Код организации", "Организация")
FIRST_ROW = 5  # of the book: the region, below it the organisations
MOST_ERRORS = 100
MOST_BYTES, MOST_UNPACKED = 5 * 2**20, 50 * 2**20
NOT_A_BOOK = "Файл не является книгой Excel. Скачайте шаблон, заполните его и сохраните как «Книга Excel (.xlsx)»."


def stored_targets(form: Form, period: Period) -> dict[tuple[int, str], PlanTarget]:
    """The targets in force by (organisation id or 0, row code)."""
    return {(each.scope, each.row): each for each in PlanTarget.objects.current().of(form, period).order_by("pk")}


def field_name(scope: int, row_code: str) -> str:
    return f"plan-{scope}-{row_code}"


def read_target(text, kind: str) -> Decimal | None:
    """The number people wrote, None for an empty cell; raises ValidationError with what to write instead."""
    text = re.sub(r"\s", "", str(text if text is not None else "")).replace(",", ".").removesuffix("%")
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite():
        raise ValidationError("нужно число, например 120")
    if value < 0 or value >= 10**9:
        raise ValidationError("план не может быть отрицательным или таким большим")
    if kind == "percent" and value > 100:
        raise ValidationError("доля не больше 100 %")
    if value != round(value, 2):
        raise ValidationError("не больше двух знаков после запятой")
    return value


def write_target(value: Decimal | None) -> str:
    """The number as it stands in a field: «120», «12,5»."""
    return "" if value is None else f"{value.normalize():f}".replace(".", ",")


class PlanSheetForm(forms.Form):
    """A field for each organisation and row, and the order that sets them. `organisations` are (id or 0, title)."""

    order_number = forms.CharField(label="Приказ №", max_length=60)
    order_on = RussianDateField(label="Дата приказа")

    def __init__(self, *args, rows, organisations, stored, **kwargs):
        self.rows, self.organisations, self.stored = rows, organisations, stored
        super().__init__(*args, **kwargs)
        typed = {"inputmode": "decimal", "autocomplete": "off", "class": "form-control form-control-sm"}
        for scope, title in organisations:
            for row in rows:
                name, known = field_name(scope, row.code), stored.get((scope, row.code))
                self.initial[name] = write_target(known.value) if known else ""
                self.fields[name] = forms.CharField(
                    label=f"{title}, строка {row.code}",
                    required=False,
                    max_length=20,
                    widget=forms.TextInput(attrs=typed),
                )

    def clean_order_on(self):
        day = self.cleaned_data["order_on"]
        if day > timezone.localdate():
            raise ValidationError("Эта дата ещё не наступила.")
        return day

    def clean(self):
        cleaned = super().clean()
        self.values = {}
        for scope, _title in self.organisations:
            for row in self.rows:
                name = field_name(scope, row.code)
                try:
                    self.values[scope, row.code] = read_target(cleaned.get(name), row.kind)
                except ValidationError as wrong:
                    self.add_error(name, f"«{cleaned.get(name)}»: {wrong.message}.")
        return cleaned

    def get_lines(self) -> list[dict]:
        """The table: each organisation with its fields, and what each had where something else stands in it now."""
        lines = []
        for scope, title in self.organisations:
            cells = []
            for row in self.rows:
                bound = self[field_name(scope, row.code)]
                was, now = bound.initial or "", bound.value() or ""
                cells.append({"field": bound, "row": row, "was": was or "–", "now": now, "differs": was != now})
            lines.append({"scope": scope, "title": title, "cells": cells})
        return lines


def write_book(form: Form, period: Period, rows, organisations, stored):
    """A template filled with the targets of now: an open file. `organisations` are (id or 0, code, title)."""
    file = tempfile.TemporaryFile()
    book = xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(SHEET)
    bold = book.add_format({"bold": True})
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    open_cell = book.add_format({"locked": False, "border": 1, "num_format": "0.##"})
    for line, texts in enumerate((("Форма", form.code, form.name), ("Период", period.text, period.title))):
        for place, text in enumerate(texts):
            sheet.write_string(line, place, text, bold)
    for place, title in enumerate((*HEADS, *(row.code for row in rows))):
        sheet.write_string(2, place, title, bold)
    for place, row in enumerate(rows, len(HEADS)):
        bound = f", {AT_MOST}" if row.less_is_better else ""
        sheet.write_string(3, place, f"{row.title}, {row.unit}{bound}", head)
    for line, (scope, code, title) in enumerate(organisations, FIRST_ROW - 1):
        sheet.write_string(line, 0, code)
        sheet.write_string(line, 1, title)
        for place, row in enumerate(rows, len(HEADS)):
            known = stored.get((scope, row.code))
            if known:
                sheet.write_number(line, place, float(known.value), open_cell)
            else:
                sheet.write_blank(line, place, None, open_cell)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 48)
    sheet.set_column(len(HEADS), len(HEADS) + len(rows) - 1, 20)
    sheet.freeze_panes(FIRST_ROW - 1, len(HEADS))
    book.close()
    file.seek(0)
    return file


def read_book(file, form: Form, period: Period, rows, organisations) -> dict[tuple[int, str], Decimal]:
    """The targets of a filled template by (organisation id or 0, row code); empty cells are left out.

    Raises ValidationError with a line for each wrong cell. `organisations` are (id or 0, code, title).
    """
    lines = _read_lines(file)
    found = [_text(lines[place][1]) if len(lines) > place and len(lines[place]) > 1 else "" for place in (0, 1)]
    if found != [form.code, period.text]:
        raise ValidationError(
            f"Это не шаблон формы {form.name} за {period.title}: в ячейках B1 и B2 стоит "
            f"«{found[0][:40]}» и «{found[1][:40]}». Скачайте шаблон с этой страницы."
        )
    heads = [_text(cell) for cell in lines[2]] if len(lines) > 2 else []
    errors, columns = [], _columns(heads, {row.code: row for row in rows})
    if not columns:
        raise ValidationError("В строке 3 нет номеров показателей. Скачайте шаблон с этой страницы.")
    scopes = {code: scope for scope, code, _title in organisations}
    values = {}
    for number, line in enumerate(lines[FIRST_ROW - 1 :], FIRST_ROW):
        code = _text(line[0]) if line else ""
        cells = {place: line[place] for place in columns if place < len(line) and _text(line[place])}
        if not cells:
            continue
        if code not in scopes:
            errors.append(f"Ячейка A{number}: организации с кодом «{code[:40]}» нет среди тех, кому ставят план.")
            continue
        for place, cell in cells.items():
            try:
                values[scopes[code], columns[place].code] = read_target(_text(cell), columns[place].kind)
            except ValidationError as wrong:
                where = f"{openpyxl.utils.get_column_letter(place + 1)}{number}"
                errors.append(f"Ячейка {where}: «{_text(cell)[:40]}» — {wrong.message}.")
    if errors:
        more = len(errors) - MOST_ERRORS
        raise ValidationError(errors[:MOST_ERRORS] + ([f"И ещё ошибок: {more}."] if more > 0 else []))
    if not values:
        raise ValidationError("В файле нет ни одного значения. Впишите планы в ячейки под номерами показателей.")
    return values


def _columns(heads, rows) -> dict:
    """{place of a column: the row it is of}; raises ValidationError for a number the form does not have."""
    unknown = [head for head in heads[len(HEADS) :] if head and head not in rows]
    if unknown:
        raise ValidationError(f"Строка 3: показателя «{unknown[0][:40]}» нет. Есть: {', '.join(rows)}.")
    return {place: rows[head] for place, head in enumerate(heads) if place >= len(HEADS) and head}


def _read_lines(file) -> list[tuple]:
    """The cells of the sheet; raises ValidationError for what is no workbook inside, whatever its name."""
    try:
        with zipfile.ZipFile(file) as archive:
            size = sum(info.file_size for info in archive.infolist())
            if size > MOST_UNPACKED or not any(name.endswith("workbook.xml") for name in archive.namelist()):
                raise ValidationError(NOT_A_BOOK)
        file.seek(0)
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        sheet = book[SHEET] if SHEET in book.sheetnames else book.worksheets[0]
        return list(sheet.iter_rows(values_only=True, max_row=5000, max_col=200))
    except ValidationError:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers raise; for people it is one thing
        raise ValidationError(NOT_A_BOOK) from error


def _text(cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else str(cell).strip()


class PlanFileForm(forms.Form):
    """A filled template; `read` gives the values of the file or raises ValidationError."""

    file = forms.FileField(
        label="Файл Excel",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        help_text="Шаблон, скачанный с этой страницы. Пустые ячейки ничего не меняют.",
    )

    def __init__(self, *args, read, **kwargs):
        super().__init__(*args, **kwargs)
        self.read = read

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError("Файл больше 5 МБ. Скачайте шаблон заново: планы занимают немного места.")
        self.values = self.read(file)
        return file
