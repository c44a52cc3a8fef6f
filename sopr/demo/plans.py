"""The year's plans: two orders of the ministry, targets met, nearly met and missed, and some that are limits."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone

from reports import engine, periods
from reports.cells import Filler
from reports.declared import Declarations
from reports.forms import Column
from reports.indicators.rows import Declared
from reports.models import PlanTarget
from reports.plan_fact import foresee
from reports.targets import forms_with_plans, plannable
from sopr import profile
from sopr.demo.reporting import centres

REACHED = (Decimal("1.1"), Decimal("0.94"), Decimal("1.2"), Decimal("0.7"))  # of the plan, centre after centre
WITHOUT = 1  # centres, the last ones, that the order does not name
RAISED = 3  # centres whose plan the second order changed


def plans_of_the_year(scene):
    """Targets of this year and of the last quarter for every centre but one, some replaced by a later order."""
    if not profile.current().has("plan_targets") or not forms_with_plans():
        return
    first, *others = forms_with_plans()
    today = timezone.localdate()
    year, quarter = periods.year(today.year), periods.containing(today, "quarter").previous()
    for period in (year, quarter):
        _set(scene, first, plannable(first), period, today)
    limited = [(form, [row for row in plannable(form) if row.less_is_better]) for form in others]
    form, rows = max(limited, key=lambda each: len(each[1]), default=(None, []))
    if rows:
        _set(scene, form, rows, year, today)


def _set(scene, form, rows, period, today):
    rows, minister = [row for row in rows if row.measures], scene.region.users["ministry"]
    so_far = periods.parse(f"{period.since}..{min(today, period.until)}")
    column = Column.of(so_far)
    measures = tuple(dict.fromkeys(measure for row in rows for measure in row.measures))
    filler = Filler(form, [column], engine.count(measures, [column]), Declarations(form, [column]))
    values = {
        (centre.pk, row.code): _plan(filler.cell(row, column, centre.pk), row, period, REACHED[(number + place) % 4])
        for number, centre in enumerate(centres(scene)[:-WITHOUT])
        for place, row in enumerate(rows)
    }
    values |= {  # shared by centres of one municipality: the region's is not their sum
        (0, row.code): _plan(filler.cell(row, column, engine.REGION), row, period, Decimal(1))
        for row in rows
        if isinstance(row, Declared)
    }
    changed = {centre.pk for centre in centres(scene)[:RAISED]}
    begun = {key: value + 5 if value and value < 90 and key[0] in changed else value for key, value in values.items()}
    for number, day, targets in (("15-пр", (1, 20), begun), ("41-пр", (6, 30), values)):
        signed_on = min(date(period.since.year, *day), today)
        PlanTarget.set_by_order(form, period, targets, order_number=number, order_on=signed_on, by=minister)


def _plan(cell, row, period, reached):
    """The target of which the fact reaches this part by the period's end; None where there is no fact.

    Of what should fall nothing has happened: none is to happen.
    """
    if cell.kind not in ("number", "percent"):
        return None
    if not cell.value:
        return Decimal(0) if row.less_is_better else None
    fact = foresee(row, Decimal(str(cell.value)), period, timezone.localdate())
    plan = max((fact / reached).quantize(Decimal(1), rounding=ROUND_HALF_UP), Decimal(1))
    return min(plan, Decimal(100)) if row.kind == "percent" else plan
