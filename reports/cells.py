"""Cells: what the engine counted and organisations declared, as the values a report shows (indicators.md)."""

from collections import Counter
from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_UP, Decimal

from reports.indicators.rows import Average, Breakdown, Change, Counted, Declared, Pair, Percent

NO_DATA, NOT_APPLICABLE = "–", "×"
AT_MOST = "не больше"  # what a plan is to the fact of a row that should fall


@dataclass(frozen=True)
class Cell:
    """One value of a report. `text` is how it is printed everywhere; `value` what machines read.

    `measure` names the list behind it; `origin`: casework, organisation, plan, or none. A pair is [families, people].
    """

    row: str
    column: str
    kind: str  # number, pair, percent, flag, text or none
    value: int | float | bool | str | list[int] | None
    text: str
    numerator: int | None = None
    denominator: int | None = None
    note: str = ""
    measure: str = ""
    origin: str = ""

    def as_dict(self) -> dict:
        return asdict(self)


class Filler:
    """Fills the cells of a form for one scope after another from the same figures.

    `parts`: what Breakdown rows are made of, {by: (figures cut by it, {part: title})}; `targets`: plans, when columns
    show them.
    """

    def __init__(self, form, columns, figures, declarations, rule=None, *, parts=None, targets=None):
        self.form, self.columns, self.rule = form, columns, rule
        self.figures, self.declarations = figures, declarations
        self.parts, self.targets = parts or {}, targets
        self.facts = {column.code: column for column in columns if column.shows == "fact"}

    def cells(self, scope) -> list[Cell]:
        """Every cell of the form for one organisation (id) or the region, row by row."""
        return [self.cell(row, column, scope) for row in self.form.rows for column in self.columns]

    def cell(self, row, column, scope) -> Cell:
        if column.shows != "fact":
            return self._against_plan(row, column, scope)
        if not column.has_flows and not row.stock:
            return Cell(row.code, column.code, "none", None, NOT_APPLICABLE)
        return getattr(self, self.BY_ROW[type(row)])(row, column, scope)

    BY_ROW = {
        Counted: "_counted",
        Pair: "_pair",
        Percent: "_percent",
        Average: "_average",
        Change: "_change",
        Breakdown: "_breakdown",
        Declared: "_declared",
    }

    def _counted(self, row: Counted, column, scope) -> Cell:
        number = self.figures.count(scope, column.code, row.measure, row.categories)
        notes = (self._beside(row, column, scope), self._before(row, number, column, scope), norm_of(row))
        return self._casework(row, column, "number", number, thousands(number), note=", ".join(filter(None, notes)))

    def _pair(self, row: Pair, column, scope) -> Cell:
        pair = [self.figures.count(scope, column.code, measure) for measure in row.measures]
        return self._casework(row, column, "pair", pair, "/".join(map(thousands, pair)))

    def _percent(self, row: Percent, column, scope) -> Cell:
        numerator = self.figures.count(scope, column.code, row.numerator)
        denominator = self.figures.count(scope, column.code, self._base(row, column))
        beside = self._beside(row, column, scope)
        nobody_asked = row.beside is not None and not self.figures.count(scope, column.code, row.beside[1])
        if not denominator or nobody_asked:  # no answers at all are no data, not 0 %
            return Cell(row.code, column.code, "none", None, NO_DATA, note=beside)
        value = self.form.percent(numerator, denominator, self.rule)
        note = f"{thousands(numerator)} из {thousands(denominator)}" + (f", {beside}" if beside else "")
        return self._casework(row, column, "percent", value, thousands(value), numerator, denominator, note)

    def _average(self, row: Average, column, scope) -> Cell:
        total = self.figures.count(scope, column.code, row.total)
        number = self.figures.count(scope, column.code, row.number)
        if not number:
            return Cell(row.code, column.code, "none", None, NO_DATA)
        by = number * (column.period.months if row.monthly else 1)
        value = float((Decimal(total) / by).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))
        note = ", ".join(filter(None, (f"{thousands(total)} на {thousands(by)}", norm_of(row))))
        return self._casework(row, column, "number", value, thousands(value), total, by, note)

    def _change(self, row: Change, column, scope) -> Cell:
        now, before = (self.figures.count(scope, code, row.measure) for code in (column.code, f"before:{column.code}"))
        if not before:
            note = f"{thousands(now)}, в прошлом периоде 0"
            return Cell(row.code, column.code, "none", None, NO_DATA, note=note)
        value = self.form.percent(now - before, before, self.rule)
        note = f"{thousands(now)} вместо {thousands(before)}"
        return self._casework(row, column, "percent", value, signed(value), now, before, note)

    def _breakdown(self, row: Breakdown, column, scope) -> Cell:
        figures, titles = self.parts[row.by]
        by_title = Counter()
        for part, number in figures.parts(scope, column.code, row.measure).items():
            by_title[titles.get(part, "не указано")] += number
        if not by_title:
            return Cell(row.code, column.code, "none", None, NO_DATA)
        text = "; ".join(
            f"{title}: {thousands(n)}" for title, n in sorted(by_title.items(), key=lambda p: (-p[1], p[0]))
        )
        return self._casework(row, column, "text", text, text, sum(by_title.values()))

    def _casework(self, row, column, kind, value, text, numerator=None, denominator=None, note="") -> Cell:
        place = row.code, column.code
        return Cell(*place, kind, value, text, numerator, denominator, note, row.measure.name, "casework")

    def _against_plan(self, row, column, scope) -> Cell:
        """The plan of the fact's column, the deviation from it and the percent of it."""
        empty = Cell(row.code, column.code, "none", None, NO_DATA)
        plan = self.targets.value(row.code, scope, self.facts[column.fact]) if self.targets else None
        if plan is None and row.norm and row.kind == "number":
            plan = row.norm[0]
        if plan is None:
            return empty
        kind = "percent" if row.kind == "percent" else "number"
        if column.shows == "plan":
            note = AT_MOST if row.less_is_better else ""
            return Cell(row.code, column.code, kind, plain(plan), thousands(plain(plan)), note=note, origin="plan")
        fact = self.cell(row, self.facts[column.fact], scope)
        if fact.kind not in ("number", "percent"):
            return empty
        if column.shows == "deviation":
            deviation = plain(Decimal(str(fact.value)) - Decimal(str(plan)))
            note = "процентных пунктов" if kind == "percent" else ""
            return Cell(row.code, column.code, "number", deviation, signed(deviation), note=note, origin="plan")
        if not plan:
            return empty
        value = self.form.percent(fact.value, plan, self.rule)
        note = f"{fact.text} из {thousands(plain(plan))}"
        return Cell(row.code, column.code, "percent", value, thousands(value), note=note, origin="plan")

    def _declared(self, row: Declared, column, scope) -> Cell:
        if row.otherwise is not None and not self.declarations.has(row.fact):
            return self.cell(row.otherwise, column, scope)
        value = self.declarations.value(row.fact, scope, column)
        if value is None:
            return Cell(row.code, column.code, "none", None, NO_DATA)
        if row.kind == "flag":
            shown, text = bool(value), "да" if value else "нет"
        else:
            shown = plain(value)
            text = thousands(shown)
        return Cell(row.code, column.code, row.kind, shown, text, origin="organisation")

    @staticmethod
    def _base(row: Percent, column):
        return row.cohort if row.cohort is not None and column.cohort is not None else row.denominator

    def _beside(self, row, column, scope) -> str:
        if row.beside is None:
            return ""
        word, measure = row.beside
        return f"{word}: {thousands(self.figures.count(scope, column.code, measure))}"

    def _before(self, row, number, column, scope) -> str:
        """The figure of the period before and what has changed, in a form that compares."""
        if not self.form.compares or column.period is None:
            return ""
        before = self.figures.count(scope, f"before:{column.code}", row.measure, row.categories)
        return f"в прошлом периоде {thousands(before)} ({signed(number - before)})"


def thousands(number) -> str:
    """«1 283» and «32,3» with a no-break space and a comma, as documents print them."""
    return f"{number:,}".replace(",", "\u00a0").replace(".", ",")


def signed(number) -> str:
    """«+3», «−12», «0»: a change with its sign."""
    return f"+{thousands(number)}" if number > 0 else thousands(number).replace("-", "\u2212")


def plain(value):
    """A number as JSON has it: whole where it is whole."""
    value = Decimal(value)
    return int(value) if value == value.to_integral_value() else float(value)


def norm_of(row) -> str:
    return f"норма {thousands(row.norm[0])} {row.norm[1]}" if row.norm else ""
