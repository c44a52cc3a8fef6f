"""Taking an organisation's register out in the format it came in (exchange.md), row by row.

The file says who took it and when: in its properties, and in the header and footer of every sheet. A mark on a sheet of
its own would make the import refuse it.
"""

import datetime
from contextlib import contextmanager

import xlsxwriter
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from sopr.audit.log import record
from sopr.audit.models import Action
from sopr.exchange.columns import Choice, Date, Text
from sopr.exchange.importer import HOLDER
from sopr.exchange.models import WORKBOOK
from sopr.exchange.register import SOURCES, Scope, exported
from sopr.exchange.sheets import SHEETS

WIDTHS = {Date: 12, Choice: 22}
SAY_EVERY = 500  # rows


def export_register(job, *, progress):
    """Write the workbook of the job's organisation and end the job; raises Lost when it was abandoned meanwhile."""
    job.folder.mkdir(parents=True, exist_ok=True)
    part, path = job.folder / "register.part", job.folder / WORKBOOK
    with snapshot():
        rows = write_register(part, Scope(job.organisation), job.by, timezone.localtime(), progress)
    with transaction.atomic():
        sheets = [{"title": title, "rows": count, "refused": 0, "counts": {}} for title, count in rows.items()]
        job.finish({"sheets": sheets}, str(path.relative_to(settings.SOPR_VAR)))
        part.replace(path)
        detail = {"purpose": job.purpose, "families": rows["Семьи"], "rows": sum(rows.values())}
        record(job.by, Action.EXPORT, job, organisation=job.organisation, detail=detail)


@contextmanager
def snapshot():
    """The register as of one moment, without keeping writers out: a family added meanwhile is not half there."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")  # Django's own would take the write lock
            try:
                yield
            finally:
                cursor.execute("COMMIT")
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


def write_register(file, scope, by, at, progress) -> dict[str, int]:
    """Write all sheets of the scope to `file`; returns {sheet: rows}."""
    total = sum(SOURCES[sheet.title].of(SOURCES[sheet.title].rows(), scope).count() for sheet in SHEETS)
    book = xlsxwriter.Workbook(str(file), {"constant_memory": True, "strings_to_formulas": False,
                                           "strings_to_urls": False})  # fmt: skip
    mark = f"Выгружено {at:%d.%m.%Y %H:%M}, {by.full_name if by else 'система'}, {scope.organisation}"
    book.set_properties(
        {
            "title": "Реестр семей",
            "author": by.full_name if by else "",
            "company": scope.organisation.name,
            "comments": f"{mark}. Содержит персональные данные.",
            "created": at.astimezone(datetime.UTC).replace(tzinfo=None),
        }
    )
    book.set_custom_property(HOLDER, scope.organisation.code, "text")
    styles = {
        "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
        "date": book.add_format({"num_format": "dd.mm.yyyy"}),
    }
    written, done = {}, 0
    for sheet in SHEETS:
        written[sheet.title] = _write_sheet(book, sheet, scope, mark, styles, progress, done, total)
        done += written[sheet.title]
    progress("Сохраняем файл", done, 99)
    book.close()
    return written


def _write_sheet(book, sheet, scope, mark, styles, progress, done, total) -> int:
    page = book.add_worksheet(sheet.title)
    for position, column in enumerate(sheet.columns):
        page.set_column(position, position, WIDTHS.get(type(column), 18))
        page.write_string(0, position, f"{column.title}*" if column.required else column.title, styles["head"])
    page.freeze_panes(1, 0)
    page.repeat_rows(0)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    printed = mark.replace("&", "&&")[:220]
    page.set_header(f"&L&8{printed}")
    page.set_footer("&L&8Персональные данные&R&8Страница &P из &N")
    n = 0
    for n, row in enumerate(exported(sheet.title, scope), start=1):
        for position, column in enumerate(sheet.columns):
            _write_cell(page, n, position, column, row.get(column.title), styles)
        if n % SAY_EVERY == 0:
            progress(f"Запись: {sheet.title}", n, min(98, 98 * (done + n) // max(total, 1)))
    progress(f"Запись: {sheet.title}", n, min(98, 98 * (done + n) // max(total, 1)))
    return n


def _write_cell(page, n, position, column, value, styles):
    if value is None or value == "":
        return
    if isinstance(value, bool):
        page.write_string(n, position, "да" if value else "нет")
    elif isinstance(value, int):
        page.write_number(n, position, value)
    elif isinstance(value, datetime.date):
        page.write_datetime(n, position, datetime.datetime.combine(value, datetime.time()), styles["date"])
    else:
        page.write_string(n, position, _text(column, str(value)))


def _text(column, value) -> str:
    """The word of a choice; a text as the import takes it back: no control signs, no longer than its column."""
    if isinstance(column, Choice):
        return str(dict(column.choices.choices).get(value, value))
    value = "".join(sign for sign in value if ord(sign) >= 32 or sign in "\n\r\t")
    return value[: column.length] if isinstance(column, Text) else value
