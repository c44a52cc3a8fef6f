"""Cells: what the engine counted and organisations declared, as the values a report shows (indicators.md)."""

from dataclasses import asdict, dataclass

from reports.indicators.rows import Counted, Declared, Percent

NO_DATA, NOT_APPLICABLE = "–", "×"


@dataclass(frozen=True)
class Cell:
    """One value of a report. `text` is how it is printed everywhere; `value` what machines read.

    `measure` names the list behind it, `listed` its length; `origin`: casework, organisation, or none.
    """

    row: str
    column: str
    kind: str  # number, percent, flag or none
    value: int | float | bool | None
    text: str
    numerator: int | None = None
    denominator: int | None = None
    note: str = ""
    measure: str = ""
    origin: str = ""

    def as_dict(self) -> dict:
        return asdict(self)


class Filler:
    """Fills the cells of a form for one scope after another from the same figures."""

    def __init__(self, form, columns, figures, declarations, rule=None):
        self.form, self.columns, self.rule = form, columns, rule
        self.figures, self.declarations = figures, declarations

    def cells(self, scope) -> list[Cell]:
        """Every cell of the form for one organisation (id) or the region, row by row."""
        return [self.cell(row, column, scope) for row in self.form.rows for column in self.columns]

    def cell(self, row, column, scope) -> Cell:
        if not column.has_flows and not row.stock:
            return Cell(row.code, column.code, "none", None, NOT_APPLICABLE)
        if isinstance(row, Declared):
            return self._declared(row, column, scope)
        if isinstance(row, Percent):
            return self._percent(row, column, scope)
        return self._counted(row, column, scope)

    def _counted(self, row: Counted, column, scope) -> Cell:
        number = self.figures.count(scope, column.code, row.measure, row.categories)
        return Cell(
            row.code,
            column.code,
            "number",
            number,
            thousands(number),
            note=self._beside(row, column, scope),
            measure=row.measure.name,
            origin="casework",
        )

    def _percent(self, row: Percent, column, scope) -> Cell:
        numerator = self.figures.count(scope, column.code, row.numerator)
        denominator = self.figures.count(scope, column.code, self._base(row, column))
        beside = self._beside(row, column, scope)
        nobody_asked = row.beside is not None and not self.figures.count(scope, column.code, row.beside[1])
        if not denominator or nobody_asked:  # no answers at all are no data, not 0 %
            return Cell(row.code, column.code, "none", None, NO_DATA, note=beside)
        value = self.form.percent(numerator, denominator, self.rule)
        note = f"{thousands(numerator)} из {thousands(denominator)}" + (f", {beside}" if beside else "")
        return Cell(
            row.code,
            column.code,
            "percent",
            value,
            thousands(value),
            numerator,
            denominator,
            note,
            row.numerator.name,
            "casework",
        )

    def _declared(self, row: Declared, column, scope) -> Cell:
        if row.otherwise is not None and not self.declarations.has(row.fact):
            return self.cell(row.otherwise, column, scope)
        value = self.declarations.value(row.fact, scope, column)
        if value is None:
            return Cell(row.code, column.code, "none", None, NO_DATA)
        if row.kind == "flag":
            plain, text = bool(value), "да" if value else "нет"
        else:
            plain = int(value) if value == value.to_integral_value() else float(value)
            text = thousands(plain)
        return Cell(row.code, column.code, row.kind, plain, text, origin="organisation")

    @staticmethod
    def _base(row: Percent, column):
        return row.cohort if row.cohort is not None and column.cohort is not None else row.denominator

    def _beside(self, row, column, scope) -> str:
        if row.beside is None:
            return ""
        word, measure = row.beside
        return f"{word}: {thousands(self.figures.count(scope, column.code, measure))}"


def thousands(number) -> str:
    """«1 283» and «32,3» with a no-break space and a comma, as documents print them."""
    return f"{number:,}".replace(",", "\u00a0").replace(".", ",")
