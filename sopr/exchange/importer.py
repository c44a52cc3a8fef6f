"""Import of a workbook: read, check every row, then save all or nothing (exchange.md)."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import transaction

from sopr.audit.log import record
from sopr.audit.models import Action
from sopr.exchange.checks import check_all, number_of
from sopr.exchange.save import SAVERS
from sopr.exchange.stage import Stage
from sopr.exchange.workbook import Errors, check_sheets, open_workbook, read_rows


@dataclass
class Summary:
    """What an import did or would do: rows by sheet, and errors with their places."""

    errors: Errors = field(default_factory=Errors)
    rows: dict[str, int] = field(default_factory=dict)  # sheet → rows read
    saved: dict[str, Counter] = field(default_factory=dict)  # sheet → создано, изменено, без изменений


def import_register(
    file, *, by=None, check_only=False, rehearse=False, progress: Callable[[str, int], None] = lambda step, done: None
) -> Summary:
    """Bring the workbook `file` (path or open binary file) into the register, all or nothing; the log names `by`.

    `check_only` stops before saving; `rehearse` saves and takes it back, so that the summary tells what would change.
    `progress(step, rows)` is called now and then. Raises NotAWorkbook when the file is no Excel workbook.
    """
    summary = Summary()
    with Stage() as stage:
        book = open_workbook(file)
        try:
            sheets = check_sheets(book, summary.errors)
            for sheet in sheets:
                _read_sheet(book, sheet, stage, summary, progress)
        finally:
            book.close()
        progress("Проверка связей", 0)
        check_all(stage, sheets, summary.errors)
        if summary.errors or check_only:
            return summary
        with transaction.atomic():
            for sheet in sheets:
                _save_sheet(sheet, stage, summary, progress)
            if rehearse:
                transaction.set_rollback(True)
            else:
                record(by, Action.IMPORT, detail={"rows": sum(summary.rows.values())})
    return summary


def _read_sheet(book, sheet, stage, summary, progress):
    count = 0
    for n, row, right in read_rows(book, sheet, summary.errors):
        count += 1
        number = number_of(sheet, row)
        if not right:
            stage.mention(sheet, number)
            continue
        earlier = stage.add(sheet, n, row, number)
        if earlier is not None:
            shown = sheet.key[-1] if len(sheet.key) > 1 else sheet.key[0]
            value = row.get(shown) if len(sheet.key) == 1 else ""
            named = f"«{value}» " if value else ""
            summary.errors.add(sheet.title, n, sheet.key[0], f"{named}уже стоит в строке {earlier}: строка повторяется")
        if count % 1000 == 0:
            progress(f"Чтение: {sheet.title}", count)
    summary.rows[sheet.title] = count


def _save_sheet(sheet, stage, summary, progress):
    counts = summary.saved[sheet.title] = Counter()
    done = 0
    for batch in stage.batches(sheet):
        SAVERS[sheet.title](batch, counts)
        done += len(batch)
        progress(f"Сохранение: {sheet.title}", done)
