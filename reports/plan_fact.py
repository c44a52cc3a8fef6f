"""План и факт: the targets of a period against the engine's figures, for all organisations at once.

The forecast is to the period's end: a flow goes on by days as it went so far; a stock, a share and what carries over
from year to year (families served) stand as they are now.
"""

import datetime
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from django.urls import reverse

from reports import engine, periods
from reports.cells import NO_DATA, Filler
from reports.compute import main_column
from reports.declared import Declarations
from reports.engine import REGION
from reports.forms import Column, Form
from reports.models import PlanTarget, Report
from reports.periods import Period
from reports.targets import Targets, plannable
from sopr import profile
from sopr.accounts.models import Organisation
from sopr.accounts.policy import Role

GREEN_FROM, AMBER_FROM = 100, 90  # percent of the plan that the forecast reaches
AMBER_UPTO = 110  # where less is better: green is up to the plan itself
CARRIED_OVER = ("served", "served_in_year")  # whoever was on support before counts on the first day already


@dataclass(frozen=True)
class Line:
    """One target against its fact. `tone` and `word` say how it stands, `url` leads to the list behind the fact."""

    organisation: Organisation | None
    row: object
    plan: Decimal
    fact: Decimal | None
    shown: str  # the fact as reports print it
    forecast: Decimal | None
    tone: str
    word: str
    measure: str = ""
    url: str = ""

    @property
    def name(self) -> str:
        return str(self.organisation) if self.organisation else "Регион, без повторов"

    @property
    def deviation(self) -> Decimal | None:
        """The fact minus the plan; of shares in percentage points."""
        return None if self.fact is None else self.fact - self.plan

    @property
    def percent(self) -> int | None:
        """The fact in percent of the plan, whole, half up."""
        return _share(self.fact, self.plan)

    @property
    def behind(self) -> Decimal:
        """By what part of the plan the forecast misses it; of a zero plan every one counts as the whole."""
        missed = self.forecast - self.plan if self.row.less_is_better else self.plan - self.forecast
        return missed / (self.plan or 1)


def foresee(row, fact: Decimal | None, period: Period, today: datetime.date) -> Decimal | None:
    """What a fact of `today` comes to by the period's end; flows by days, the rest as it stands."""
    counted = getattr(row, "otherwise", None) or row
    measure = getattr(counted, "measure", None)
    name = measure.name if measure is not None else ""
    stands = row.stock or row.kind == "percent" or name in CARRIED_OVER
    if fact is None or stands or today >= period.until:
        return fact
    begun = period.since.replace(month=1, day=1) if name.endswith("_in_year") else period.since
    passed, whole = (today - begun).days + 1, (period.until - begun).days + 1
    return (fact * whole / passed).quantize(Decimal(1), rounding=ROUND_HALF_UP)


class PlanFact:
    """Targets of `form` for `period` as they stand on `today`, seen by `user`; one statement per source."""

    def __init__(self, form: Form, period: Period, today: datetime.date, user):
        self.form, self.period, self.today, self.user = form, period, today, user
        self.is_over, self.has_begun = period.until < today, period.since <= today
        running = self.has_begun and today < period.until
        self.column = Column.of(periods.parse(f"{period.since}..{today}") if running else period)

    @cached_property
    def targets(self) -> list[PlanTarget]:
        """The targets this reader may see, by the form's rows, then by organisation."""
        places = {row.code: place for place, row in enumerate(plannable(self.form))}
        found = PlanTarget.objects.visible_to(self.user).current().of(self.form, self.period)
        known = [target for target in found.select_related("organisation") if target.row in places]
        return sorted(known, key=lambda target: (places[target.row], target.scope != 0, str(target.organisation)))

    @cached_property
    def filler(self) -> Filler:
        measures = tuple(dict.fromkeys(m for row in self.rows for m in row.measures))
        figures = engine.count(measures, [self.column])
        rule = profile.current().form_rule(self.form.code)
        return Filler(self.form, [self.column], figures, Declarations(self.form, [self.column]), rule)

    @cached_property
    def rows(self) -> list:
        """The rows that have a target."""
        wanted = {target.row for target in self.targets}
        return [row for row in plannable(self.form) if row.code in wanted]

    def get_lines(self) -> list[Line]:
        """A line for each target; where organisations have targets and the region has none, its sum stands first."""
        if not self.targets:
            return []
        lines = []
        for row in self.rows:
            own = [target for target in self.targets if target.row == row.code]
            if self.user.role == Role.MINISTRY and own[0].scope:
                total = self._plans.value(row.code, REGION, Column.of(self.period))
                lines += [self._line(row, None, total)] if total is not None else []
            lines += [self._line(row, target.organisation, target.value) for target in own]
        return self._with_links(lines)

    @cached_property
    def _plans(self) -> Targets:
        return Targets(self.form, [Column.of(self.period)])

    def _line(self, row, organisation, plan) -> Line:
        fact, shown, measure = self._fact(row, organisation.pk if organisation else REGION)
        forecast = foresee(row, fact, self.period, self.today)
        judge = self._judge_most if row.less_is_better else self._judge_least
        tone, word = judge(plan, fact, forecast) if fact is not None else ("off", self._why_none)
        return Line(organisation, row, plan, fact, shown, forecast, tone, word, measure)

    def _fact(self, row, scope):
        if not self.has_begun:
            return None, NO_DATA, ""
        cell = self.filler.cell(row, self.column, scope)
        if cell.kind not in ("number", "percent"):
            return None, NO_DATA, ""
        return Decimal(str(cell.value)), cell.text, cell.measure

    @property
    def _why_none(self) -> str:
        return "нет данных" if self.has_begun else "период не начался"

    def _judge_least(self, plan, fact, forecast) -> tuple[str, str]:
        """(tone, word): green, amber or red by what the forecast reaches."""
        share = _share(forecast, plan)
        if share is None or share >= GREEN_FROM:
            return "good", "выполнен" if fact >= plan else "идёт к выполнению"
        if share >= AMBER_FROM:
            return "warn", "почти выполнен" if self.is_over else "под угрозой"
        return "over", "не выполнен" if self.is_over else "отстаёт"

    @staticmethod
    def _judge_most(plan, fact, forecast) -> tuple[str, str]:
        """The same where less is better: by how far the forecast goes above the plan."""
        if forecast <= plan:
            return "good", "в пределах плана"
        if forecast * 100 <= plan * AMBER_UPTO:
            return "warn", "немного превышен" if fact > plan else "близко к пределу"
        return "over", "превышен" if fact > plan else "идёт к превышению"

    def _with_links(self, lines) -> list[Line]:
        """Each fact with the list behind it, where a report of its organisation for the whole period exists."""
        reports = self._reports
        shown = [column for column in self.form.columns(self.period) if getattr(column, "shows", "fact") == "fact"]
        column = main_column(shown, self.period).code
        linked = []
        for line in lines:
            report = reports.get(line.organisation.pk if line.organisation else 0)
            there = report is not None and line.measure
            url = reverse("reports:report-cell", args=[report.pk, line.row.code, column]) if there else ""
            linked.append(replace(line, url=url))
        return linked

    @cached_property
    def _reports(self) -> dict:
        found = Report.objects.visible_to(self.user).latest().without_contents()
        found = found.filter(form=self.form.code, period=self.period.text).exclude(checksum="")
        return {report.scope: report for report in found}


def _share(value, plan) -> int | None:
    """`value` in percent of the plan; None where there is nothing to divide."""
    if value is None or not plan:
        return None
    return int((value * 100 / plan).quantize(Decimal(1), rounding=ROUND_HALF_UP))
