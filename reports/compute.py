"""From casework to a snapshot: everything that is shown, printed and exported is decided here, once."""

from collections.abc import Callable
from functools import cached_property

from django.db.models import Q
from django.utils import timezone

from reports import checks, engine
from reports.cells import Filler
from reports.declared import Declarations
from reports.forms import Column, Form
from reports.indicators.rows import Declared, Percent
from reports.models import Report
from reports.periods import Period
from sopr import profile
from sopr.accounts.models import Organisation

TREND_QUARTERS = 5
Progress = Callable[[str, int], None]


def _silent(step: str, percent: int):
    """Nobody watches."""


class Pass:
    """One pass of the engine for a form and a period, for all organisations at once.

    `for_all` also takes the lists behind the numbers of every report at once, for those who compute many of them.
    """

    def __init__(self, form: Form, period: Period, *, for_all=False):
        self.form, self.period, self.for_all = form, period, for_all
        self.columns = form.columns(period)
        self.main = main_column(self.columns, period)
        self.watched = trend_columns(period)

    @cached_property
    def figures(self) -> engine.Figures:
        asked = (*self.form.measures, *checks.MEASURES, *self.form.trend)
        return engine.count(asked, [*self.columns, *checks.extra_columns(self.main), *self.watched])

    @cached_property
    def declarations(self) -> Declarations:
        return Declarations(self.form, self.columns)

    @cached_property
    def filler(self) -> Filler:
        rule = profile.current().form_rule(self.form.code)
        return Filler(self.form, self.columns, self.figures, self.declarations, rule)

    def lists(self, scope) -> dict:
        """The ids behind the numbers of one scope."""
        if self.for_all:
            return engine.plain(self._all_lists.get(scope, {}))
        return engine.lists(listed_measures(self.form), self.columns, scope)

    @cached_property
    def _all_lists(self) -> dict:
        return engine.lists_of_all(listed_measures(self.form), self.columns)


def compute(
    form: Form, period: Period, organisation=None, progress: Progress = _silent, shared: Pass | None = None
) -> tuple[dict, dict]:
    """(snapshot, ids behind its numbers) of a report of one organisation, or of the region when there is none.

    `shared` is a pass already made for this form and period.
    """
    region = profile.current()
    taken = shared or Pass(form, period)
    columns, main, watched = taken.columns, taken.main, taken.watched
    progress("Считаем показатели", 5)
    figures, declarations, filler = taken.figures, taken.declarations, taken.filler
    scope = organisation.pk if organisation else engine.REGION
    cells = filler.cells(scope)
    progress("Собираем списки за числами", 30)
    counted = taken.lists(scope)
    progress("Сверяем баланс и полноту", 45)
    snapshot = {
        "form": form.code,
        "period": period.text,
        "scope": organisation.code if organisation else "region",
        "title": str(organisation) if organisation else region.title,
        "profile": region.code,
        "profile_version": region.version,
        "definitions_version": form.version,
        "computed_at": timezone.localtime().isoformat(timespec="seconds"),
        "columns": [{"code": c.code, "title": c.title, "group": c.group} for c in columns],
        "main_column": main.code,
        "rows": [
            {"code": r.code, "title": r.title, "unit": r.unit, "level": r.level, "bold": r.bold} for r in form.rows
        ],
        "cells": [cell.as_dict() for cell in cells],
        "organisations": [] if organisation else organisations_of(filler, figures, declarations, period),
        "coverage": coverage(form, period, organisation),
        "notes": form.notes(period),
        "definitions": definitions(form, cells, main),
        "trend": trend_of(form, figures, watched, columns, scope),
        "balance": checks.balance(figures, main, organisation),
        "missing": checks.missing(period, organisation),
    }
    return snapshot, {f"{measure}/{column}": ids for (measure, column), ids in counted.items()}


def main_column(columns: list[Column], period: Period) -> Column:
    """The column that checks and charts speak of: the whole period's, else the last one."""
    return next((c for c in columns if (c.since, c.until) == (period.since, period.until)), columns[-1])


def listed_measures(form: Form) -> list:
    """The measures whose subjects a reader may open: what the cells count, without the bases of shares."""
    found = []
    for row in form.rows:
        row = row.otherwise if isinstance(row, Declared) else row
        if row is not None:
            found.append(row.numerator if isinstance(row, Percent) else row.measure)
    return list(dict.fromkeys(found))


def reporting_organisations(since, until):
    """Organisations that owe a report for these days: those with a support service then."""
    serving = Q(units__supports_families=True, units__since__lte=until) & (
        Q(units__until=None) | Q(units__until__gte=since)
    )
    return Organisation.objects.filter(serving).distinct().order_by("name", "pk")


def organisations_of(filler, figures, declarations, period) -> list[dict]:
    """Each organisation's own values for the consolidated report; the region is not their sum."""
    ids = (figures.scopes | declarations.organisations) - {engine.REGION}
    owing = set(reporting_organisations(period.since, period.until).values_list("pk", flat=True))
    rows = []
    for organisation in Organisation.objects.filter(pk__in=ids | owing).order_by("name", "pk"):
        values = {}
        for cell in filler.cells(organisation.pk):
            values.setdefault(cell.row, []).append(cell.value if cell.kind != "none" else None)
        rows.append({"id": organisation.pk, "code": organisation.code, "name": str(organisation), "values": values})
    return rows


def coverage(form: Form, period: Period, organisation=None) -> dict:
    """Whose figures these are; for the region: who has submitted a report and who has not."""
    if organisation:
        return {"text": str(organisation)}
    owing = list(reporting_organisations(period.since, period.until))
    handed_in = Report.objects.filter(
        form=form.code, period=period.text, state__in=(Report.State.SUBMITTED, Report.State.APPROVED)
    )
    done = set(handed_in.values_list("organisation_id", flat=True))
    missing = [str(each) for each in owing if each.pk not in done]
    return {
        "text": f"{profile.current().title}, без повторов по организациям",
        "submitted": len(owing) - len(missing),
        "of": len(owing),
        "missing": missing,
    }


def definitions(form: Form, cells, main: Column) -> list[dict]:
    """How each row is counted, with its n in the main column: the section «Как посчитано»."""
    found = []
    by_row = {cell.row: cell for cell in cells if cell.column == main.code}
    for row in form.rows:
        if row.level and row.measures == form.row(_parent(row)).measures:
            continue  # sub-rows by category are explained with their total
        cell = by_row[row.code]
        found.append(
            {"row": row.code, "kind": _kind(row), "counts": _explain(row, cell, main), "n": cell.note or cell.text}
        )
    return found


def _parent(row):
    return row.code.rpartition(".")[0]


def _kind(row) -> str:
    stock = "на дату" if row.stock else "за период"
    return f"доля {stock}" if row.kind == "percent" else "да / нет" if row.kind == "flag" else f"число {stock}"


def _explain(row, cell, main) -> str:
    if isinstance(row, Declared):
        if row.otherwise is None or cell.origin == "organisation":
            return "сведения организаций с основанием"
        row = row.otherwise
    if isinstance(row, Percent):
        base = row.cohort if row.cohort is not None and main.cohort is not None else row.denominator
        return f"{row.numerator.title} ÷ {base.title}"
    return row.measure.title


def trend_columns(period: Period, quarters: int = TREND_QUARTERS) -> list[Column]:
    """The last `quarters`, for the report of a quarter; other reports are compared by their own columns."""
    if period.kind != "quarter":
        return []
    shown = [period]
    while len(shown) < quarters:
        shown.insert(0, shown[0].previous())
    return [Column.of(each, each.short, code=f"trend:{each.text}", mark=each.short.split()[0]) for each in shown]


def trend_of(form, figures, watched, columns, scope) -> list[dict]:
    """Series for charts: title, labels and values of each of the form's chosen measures."""
    shown = watched or [column for column in columns if column.code != "end"]
    series = []
    for measure, title in form.trend.items():
        points = [c for c in shown if c.has_flows or measure.stock]
        series.append(
            {
                "measure": measure.name,
                "title": title,
                "stock": measure.stock,
                "labels": [c.title for c in points],
                "marks": [c.mark or c.title for c in points],
                "values": [figures.count(scope, c.code, measure) for c in points],
            }
        )
    return series
