"""Import of a workbook: read, check every row, then save all or nothing (exchange.md)."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import transaction

from families.models import Family
from sopr.accounts.models import Organisation
from sopr.audit.log import record
from sopr.audit.models import Action
from sopr.errors import Refused
from sopr.exchange.checks import check_all, number_of
from sopr.exchange.compare import Comparison, Outcome
from sopr.exchange.likes import Likes
from sopr.exchange.merged import Merged
from sopr.exchange.reader import count_rows
from sopr.exchange.save import SAVERS
from sopr.exchange.sheets import BY_TITLE
from sopr.exchange.stage import Stage
from sopr.exchange.workbook import Errors, check_sheets, open_workbook, read_rows

HOLDER = "sopr-organisation"  # property of an exported workbook: whose register it is
# Shares of the whole, in percent, by what is done.
CHECKING = {"read": 50, "check": 15, "compare": 25, "likes": 10}
SAVING = {"read": 35, "check": 10, "save": 55}


@dataclass
class Summary:
    """What an import did or would do: rows by sheet, and errors with their places."""

    errors: Errors = field(default_factory=Errors)
    rows: dict[str, int] = field(default_factory=dict)  # sheet → rows read
    outcomes: dict[str, Outcome] = field(default_factory=dict)  # sheet → what becomes of its rows
    likes: Likes = field(default_factory=Likes)

    @property
    def saved(self) -> dict[str, Counter]:
        """Sheet → создано, изменено, без изменений, оставлено как есть."""
        return {title: outcome.counts for title, outcome in self.outcomes.items()}


class Meter:
    """Counts rows towards the whole and says so: `progress(step, rows, percent)`."""

    def __init__(self, progress, shares, total):
        self._progress, self._shares, self._total = progress, shares, max(total, 1)
        self._before, self._share, self._done = 0, 0, 0

    def phase(self, name, total=None):
        self._before += self._share
        self._share, self._done = self._shares[name], 0
        if total is not None:
            self._total = max(total, 1)

    def say(self, step, shown, done):
        """`shown` rows of this step, `done` more of the phase."""
        self._done += done
        percent = self._before + self._share * min(self._done / self._total, 1)
        self._progress(step, shown, int(percent))


def import_register(
    file,
    *,
    by=None,
    check_only=False,
    holder=None,
    progress: Callable[[str, int, int], None] = lambda step, rows, percent: None,
    finish: Callable[[Summary], None] = lambda summary: None,
) -> Summary:
    """Bring the workbook `file` (path or open binary file) into the register, all or nothing; the log names `by`.

    `check_only` stops before saving. `holder` is the organisation that holds the cards of families without a case;
    an exported workbook names its own. `progress(step, rows, percent)` is called now and then, and may raise to stop;
    `finish(summary)` is called inside the transaction. Raises NotAWorkbook when the file is no Excel workbook.
    """
    summary, merged = Summary(), Merged()
    with Stage() as stage:
        meter = Meter(progress, SAVING, count_rows_of(file))
        sheets, named = _read(file, stage, summary, meter)
        _check(stage, sheets, summary, merged, meter)
        if summary.errors or check_only:
            return summary
        with transaction.atomic():
            meter.phase("save")
            comparison = Comparison(stage, merged)
            for sheet in sheets:
                _save_sheet(sheet, stage, comparison, merged, summary, meter)
            hold_families(stage, _named(holder) if holder else named)
            finish(summary)
            record(by, Action.IMPORT, detail={"rows": sum(summary.rows.values())})
    return summary


def preview_register(file, *, progress=lambda step, rows, percent: None) -> Summary:
    """What the workbook would do: errors, fates of rows with samples, families like those of the register."""
    summary, merged = Summary(), Merged()
    with Stage() as stage:
        meter = Meter(progress, CHECKING, count_rows_of(file))
        sheets, _named = _read(file, stage, summary, meter)
        _check(stage, sheets, summary, merged, meter)
        meter.phase("compare")
        comparison = Comparison(stage, merged)
        for sheet in sheets:
            _compare_sheet(sheet, stage, comparison, merged, summary, meter)
        meter.phase("likes")
        summary.likes.look(stage, sheets, meter)
    return summary


def count_rows_of(file) -> int:
    """Rows of the workbook; a file that cannot be opened is told apart later, with its reason."""
    try:
        return count_rows(file)
    except Exception:
        return 0


def _read(file, stage, summary, meter):
    """Stage the rows of every sheet; returns the sheets and the organisation the workbook names, if any."""
    book = open_workbook(file)
    meter.phase("read")
    try:
        sheets = check_sheets(book, summary.errors)
        for sheet in sheets:
            _read_sheet(book, sheet, stage, summary, meter)
        return sheets, _named_holder(book)
    finally:
        book.close()


def _read_sheet(book, sheet, stage, summary, meter):
    count = 0
    for n, row, right in read_rows(book, sheet, summary.errors):
        count += 1
        if count % 1000 == 0:
            meter.say(f"Чтение: {sheet.title}", count, 1000)
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
    meter.say(f"Чтение: {sheet.title}", count, count % 1000)
    summary.rows[sheet.title] = count


def _check(stage, sheets, summary, merged, meter):
    meter.phase("check", sum(summary.rows.values()))
    check_all(
        stage, sheets, summary.errors, merged, lambda title, rows: meter.say(f"Проверка связей: {title}", rows, rows)
    )


def _compare_sheet(sheet, stage, comparison, merged, summary, meter):
    outcome = summary.outcomes[sheet.title] = Outcome()
    done = 0
    for batch in stage.batches(sheet):
        comparison.batch(sheet, merged.follow(sheet, batch), outcome, lambda n: summary.errors.is_wrong(sheet.title, n))
        done += len(batch)
        meter.say(f"Сравнение с реестром: {sheet.title}", done, len(batch))


def _save_sheet(sheet, stage, comparison, merged, summary, meter):
    outcome = summary.outcomes[sheet.title] = Outcome()
    done = 0
    for batch in stage.batches(sheet):
        batch = merged.follow(sheet, batch)
        created = comparison.batch(sheet, batch, outcome)
        # Rows without a key are only ever added: what is there already was found by counting equal ones.
        rows = batch if sheet.key else created
        SAVERS[sheet.title]([(n, row) for n, row in rows if not merged.concerns(sheet, row)])
        done += len(batch)
        meter.say(f"Сохранение: {sheet.title}", done, len(batch))


def _named(holder) -> Organisation:
    """The organisation given as such or by its code; raises Refused for a code that neither file nor register has."""
    if isinstance(holder, Organisation):
        return holder
    found = Organisation.objects.filter(code=holder).first()
    if found is None:
        raise Refused(f"Организации с кодом «{holder}» нет ни в книге, ни в системе. Ничего не сохранено.")
    return found


def _named_holder(book):
    """The organisation an exported workbook names."""
    for prop in book.custom_doc_props.props:
        if prop.name == HOLDER:
            return Organisation.objects.filter(code=str(prop.value)).first() or str(prop.value)
    return None


def hold_families(stage, holder):
    """Imported families of the file that nobody holds go to `holder`: without a case nobody would see them."""
    if isinstance(holder, str):  # the workbook brought the organisation itself
        holder = Organisation.objects.filter(code=holder).first()
    if holder is None:
        return
    through = Family.holders.through
    for batch in stage.batches(BY_TITLE["Семьи"]):
        lonely = Family.objects.filter(
            number__in=[row["Номер семьи"] for _n, row in batch], imported=True, merged_into=None, holders=None
        ).values_list("pk", flat=True)
        through.objects.bulk_create(through(family_id=pk, organisation_id=holder.pk) for pk in lonely)
