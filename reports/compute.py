"""From casework to a snapshot: everything that is shown, printed and exported is decided here, once."""

from collections.abc import Callable
from functools import cached_property

from django.db.models import Q
from django.utils import timezone

import sopr
from cases.models import ProblemGroup, Service
from cases.words import Level
from councils.models import Council
from families.categories import Category
from reports import checks, engine, extras
from reports.cells import AT_MOST, Filler
from reports.declared import Declarations
from reports.forms import Column, Form, with_plan
from reports.indicators.rows import Average, Breakdown, Change, Counted, Declared, Pair, Percent
from reports.models import Report
from reports.periods import Period
from reports.targets import Targets, plannable
from sopr import profile
from sopr.accounts.models import Municipality, Organisation

TREND_QUARTERS, MOST_QUARTERS = 5, 20
# Whose titles stand in a row of parts: rows of a table, or words.
NAMED = {
    "group": (ProblemGroup, "title"),
    "service": (Service, "title"),
    "municipality": (Municipality, "name"),
    "council": (Council, "name"),
}
WORDS = {"category": Category, "level": Level}
Progress = Callable[[str, int], None]


def _silent(step: str, percent: int):
    """Nobody watches."""


class Pass:
    """One pass of the engine for a form and a period, for all organisations at once.

    `for_all` also takes the lists behind the numbers of every report at once, for those who compute many of them.
    """

    def __init__(self, form: Form, period: Period, *, for_all=False):
        self.form, self.period, self.for_all = form, period, for_all
        self.rule = profile.current().form_rule(form.code)
        self.columns = form.columns(period)
        if self.rule and self.rule.plan and all(column.shows == "fact" for column in self.columns):
            self.columns = with_plan(self.columns)
        self.facts = [column for column in self.columns if column.shows == "fact"]
        self.main = main_column(self.facts, period)
        self.watched = trend_columns(period, form.trend_quarters)

    @cached_property
    def figures(self) -> engine.Figures:
        """The form's measures in its columns; beside them, only what charts and checks ask of their own columns."""
        form, facts = self.form, self.facts
        before = [column.earlier for column in facts if form.compares and column.period]
        eve, *previous = checks.extra_columns(self.main, self.period)
        figures = engine.count((*form.measures, *checks.MEASURES), [*facts, *before, *previous])
        beside = engine.count((*checks.MEASURES, *form.trend), [*facts, eve, *self.watched])
        figures.counts |= beside.counts
        return figures

    @cached_property
    def declarations(self) -> Declarations:
        return Declarations(self.form, self.facts)

    @cached_property
    def filler(self) -> Filler:
        targets = Targets(self.form, self.columns) if self.facts != self.columns else None
        parts = parts_of(self.form, self.facts)
        return Filler(self.form, self.columns, self.figures, self.declarations, self.rule, parts=parts, targets=targets)

    def lists(self, scope) -> dict:
        """The ids behind the numbers of one scope."""
        if self.for_all:
            return engine.plain(self._all_lists.get(scope, {}))
        return engine.lists(listed_measures(self.form), self.facts, scope)

    @cached_property
    def _all_lists(self) -> dict:
        return engine.lists_of_all(listed_measures(self.form), self.facts)


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
    balance, checked, found = checks.look(filler, main, taken.facts, period, organisation)
    snapshot = {
        "form": form.code,
        "period": period.text,
        "scope": organisation.code if organisation else "region",
        "title": str(organisation) if organisation else region.title,
        "profile": region.code,
        "profile_version": region.version,
        "definitions_version": form.version,
        "code_version": sopr.__version__,
        "computed_at": timezone.localtime().isoformat(timespec="seconds"),
        "columns": [{"code": c.code, "title": c.title, "group": c.group, "shows": c.shows} for c in columns],
        "main_column": main.code,
        "rows": [row_of(form, row, cells) for row in form.rows],
        "cells": [cell.as_dict() for cell in cells],
        "organisations": [] if organisation else organisations_of(filler, figures, declarations, period),
        "coverage": coverage(form, period, organisation),
        "notes": [*form.notes(period), *_plans_at_most(form, columns)],
        "definitions": definitions(form, cells, main),
        "trend": trend_of(form, figures, watched, columns, scope),
        "balance": balance,
        "checks": checked,
        **extras.of(form, main, organisation),
    }
    return snapshot, {f"{measure}/{column}": ids for (measure, column), ids in counted.items()} | found


def _plans_at_most(form, columns):
    """In a report with plans: of which rows the plan is a limit."""
    rows = [row.code for row in plannable(form) if row.less_is_better]
    if rows and any(column.shows == "plan" for column in columns):
        yield f"План «{AT_MOST}», меньше — лучше: строки {', '.join(rows)}."


def main_column(columns: list[Column], period: Period) -> Column:
    """The column that checks and charts speak of: the whole period's, else the last one."""
    return next((c for c in columns if (c.since, c.until) == (period.since, period.until)), columns[-1])


def row_of(form, row, cells) -> dict:
    """A row as the snapshot keeps it; `source` says whose its figures are, `place` where the form's document has it."""
    declared = any(cell.row == row.code and cell.origin == "organisation" for cell in cells)
    return {
        "code": row.code,
        "title": row.title,
        "unit": row.unit,
        "level": row.level,
        "bold": row.bold,
        "group": row.group,
        "kind": row.kind,
        "less_is_better": row.less_is_better,
        "source": "organisation" if declared or not row.measures else "casework",
        "place": form.place(row),
    }


def listed_measures(form: Form) -> list:
    """The measures whose subjects a reader may open: what the cells count, without the bases of shares."""
    return list(dict.fromkeys(measure for row in form.rows for measure in row.listed))


def parts_of(form: Form, columns) -> dict:
    """What the rows «by group», «by service» are made of: {by: (figures cut by it, {part: title})}."""
    rows = [row for row in form.rows if isinstance(row, Breakdown)]
    return {
        by: (
            engine.count([row.measure for row in rows if row.by == by], columns, by=by),
            titles_of(by),
        )
        for by in {row.by for row in rows}
    }


def titles_of(by: str) -> dict:
    """{part: title} of a cut."""
    if by in WORDS:
        return dict(WORDS[by].choices)
    model, title = NAMED[by]
    return dict(model.objects.values_list("pk", title))


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
        found.append({"row": row.code, "kind": kind_of(row), "counts": _explain(row, cell, main), "n": _n(cell)})
    return found


def _n(cell) -> str:
    """The n of a cell: what a share was taken of, else the number itself with what stands beside it."""
    if cell.kind in ("percent", "none"):
        return cell.note or cell.text
    return f"{cell.text}, {cell.note}" if cell.note else cell.text


def _parent(row):
    return row.code.rpartition(".")[0]


KINDS = {"percent": "доля", "flag": "да / нет", "pair": "семей/человек", "text": "по частям"}


def kind_of(row) -> str:
    if row.kind == "flag":
        return KINDS["flag"]
    if isinstance(row, Average):
        return "среднее за период"
    if isinstance(row, Change):
        return "изменение, %"
    return f"{KINDS.get(row.kind, 'число')} {'на дату' if row.stock else 'за период'}"


def _explain(row, cell, main) -> str:
    if isinstance(row, Declared):
        if row.otherwise is None or cell.origin == "organisation":
            return "сведения организаций с основанием"
        row = row.otherwise
    return explain(row, main.cohort is not None)


def explain(row, cohort=False) -> str:
    """What a computed row counts, in words: of a share what over what, of a pair both numbers."""
    match row:
        case Percent():
            base = row.cohort if row.cohort is not None and cohort else row.denominator
            return f"{row.numerator.title} ÷ {base.title}"
        case Pair():
            return f"{row.measure.title}; {row.people.title}"
        case Average():
            per = f"({row.number.title} × месяцы периода)" if row.monthly else row.number.title
            return f"{row.total.title} ÷ {per}"
        case Change():
            return f"{row.measure.title}: насколько больше или меньше, чем в прошлом периоде, в процентах от него"
        case Counted() | Breakdown():
            return row.measure.title
    raise TypeError(f"Nothing explains a row of {type(row).__name__}.")


def trend_columns(period: Period, number: int = TREND_QUARTERS) -> list[Column]:
    """The last `number` quarters, or months, up to `period` (20 at most); other reports have columns to compare."""
    if period.kind not in ("quarter", "month"):
        return []
    course = [period]
    while len(course) < min(number, MOST_QUARTERS):
        course.insert(0, course[0].previous())
    return [Column.of(each, each.short, code=f"trend:{each.text}", mark=each.short.split()[0]) for each in course]


def _label(column) -> str:
    """The period of a column: that with a plan is called «факт»."""
    return column.group if column.fact else column.title


def trend_of(form, figures, watched, columns, scope) -> list[dict]:
    """Series for charts: title, labels and values of each of the form's chosen measures."""
    shown = watched or [column for column in columns if column.code != "end" and column.shows == "fact"]
    series = []
    for measure, title in form.trend.items():
        points = [c for c in shown if c.has_flows or measure.stock]
        if len(points) < 2:  # one value has no course
            continue
        series.append(
            {
                "measure": measure.name,
                "title": title,
                "stock": measure.stock,
                "labels": [_label(c) for c in points],
                "marks": [c.mark or _label(c) for c in points],
                "values": [figures.count(scope, c.code, measure) for c in points],
            }
        )
    return series
