"""A form as a report would show it now: counted by the engine, kept nowhere."""

from reports import engine
from reports.cells import Filler
from reports.compute import parts_of
from reports.declared import Declarations
from reports.forms import Form
from reports.periods import Period


def preview(form: Form, period: Period) -> dict:
    """{period, columns, rows of (row, its cells)}: the region's figures of this period."""
    columns = form.columns(period)
    figures = engine.count(form.measures, columns)
    filler = Filler(form, columns, figures, Declarations(form, columns), parts=parts_of(form, columns))
    rows = [(row, [filler.cell(row, column, engine.REGION) for column in columns]) for row in form.rows]
    return {"period": period, "columns": columns, "rows": rows}
