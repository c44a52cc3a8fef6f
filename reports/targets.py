"""Plan targets as reports and pages ask for them (indicators.md, «Source»: plan)."""

from collections import defaultdict
from decimal import Decimal

from reports.cells import AT_MOST
from reports.engine import REGION
from reports.forms import Form, of_this_region
from reports.indicators.rows import Average
from reports.models import PlanTarget

KINDS = ("number", "percent")


def plannable(form: Form) -> list:
    """The rows of a form that an order may set a target for: whole rows of numbers and shares, without sub-rows.

    Averages have none: a norm stands beside them.
    """
    return [row for row in form.rows if not row.level and row.kind in KINDS and not isinstance(row, Average)]


def bound_of(row) -> str:
    """What a plan of the row is to the fact, in words."""
    return AT_MOST if row.less_is_better else "не меньше"


def forms_with_plans() -> list[Form]:
    """The region's forms that have such rows; the form made of plans stands first.

    A form of the ministry's own has none: its rows are numbered anew by each version.
    """
    forms = [form for form in of_this_region() if form.own is None and plannable(form)]
    return sorted(forms, key=lambda form: "plan" not in form.code)


class Targets:
    """The targets that may fill a form's columns, loaded by one statement."""

    def __init__(self, form: Form, columns):
        self._rows = {row.code: row for row in form.rows}
        self._found = defaultdict(dict)
        found = PlanTarget.objects.current().filter(
            form=form.code,
            until__gte=min(column.first for column in columns),
            since__lte=max(column.last for column in columns),
        )
        for row, scope, since, until, value in found.values_list("row", "scope", "since", "until", "value"):
            self._found[row, scope or REGION][since, until] = value

    def value(self, row_code: str, scope, column) -> Decimal | None:
        """The target of an organisation (id) or the region; None = there is no plan, which is not zero.

        The region's is its own, else the sum of the organisations'; shares are not added up.
        """
        own = self._own(row_code, scope, column)
        if own is not None or scope is not REGION or self._rows[row_code].kind == "percent":
            return own
        values = [self._own(row, each, column) for row, each in list(self._found) if row == row_code]
        values = [value for value in values if value is not None]
        return sum(values) if values else None

    def _own(self, row_code, scope, column):
        """The target of exactly the column's period; a stock without one has to hold that of the year around."""
        by_period = self._found.get((row_code, scope), {})
        if (column.since, column.until) in by_period:
            return by_period[column.since, column.until]
        if not self._rows[row_code].stock:
            return None
        return next((value for days, value in by_period.items() if _is_year_around(column.day, *days)), None)


def _is_year_around(day, since, until) -> bool:
    return (since, until) == (day.replace(month=1, day=1), day.replace(month=12, day=31))
