"""What a report form is: its rows, its columns for a period, how it rounds."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from reports.indicators.measures import Measure
from reports.indicators.rows import Row
from reports.periods import Period
from sopr.profile import FormRule

ROUNDING = {"half_up": ROUND_HALF_UP, "truncate": ROUND_DOWN}


@dataclass(frozen=True)
class Column:
    """One column: stocks are as of `day`, flows over `since`–`until` (None: the column has stocks only).

    `cohort` is the day before a programme of years began. `group` is a common head of neighbouring columns; `shows`
    is what stands in the column: the fact, its plan, the deviation or the percent of the plan of the column `fact`.
    """

    code: str
    title: str
    day: datetime.date
    since: datetime.date | None = None
    until: datetime.date | None = None
    cohort: datetime.date | None = None
    group: str = ""
    mark: str = ""  # the shortest name, for the axis of a small chart
    shows: str = "fact"  # fact, plan, deviation or percent
    fact: str = ""
    period: Period | None = None

    @property
    def earlier(self) -> "Column | None":
        """The column of the period before, which the figures of this one are compared with; nobody sees it."""
        return Column.of(self.period.previous(), code=f"before:{self.code}") if self.period else None

    @property
    def has_flows(self) -> bool:
        return self.since is not None

    @property
    def year(self) -> datetime.date | None:
        """The first of January of the year in which the flows begin."""
        return self.since and self.since.replace(month=1, day=1)

    @property
    def first(self) -> datetime.date:
        """The earliest day any condition asks about; with `last` it narrows what the engine reads."""
        return min(filter(None, (self.day, self.since, self.year, self.cohort)))

    @property
    def last(self) -> datetime.date:
        return max(filter(None, (self.day, self.until)))

    @classmethod
    def of(cls, period: Period, title: str = "", **more) -> "Column":
        """The column of a whole period."""
        more = {"code": period.text, "period": period} | more
        return cls(title=title or period.title, day=period.until, since=period.since, until=period.until, **more)


def one_column_each(period: Period) -> list[Column]:
    """One column for a period, named as the period; years side by side give one for each year."""
    periods = period.years if period.kind == "years" else [period]
    return [Column.of(each) for each in periods]


PLAN_COLUMNS = {"plan": "план", "fact": "факт", "deviation": "отклонение", "percent": "% плана"}


def with_plan(columns: list[Column]) -> list[Column]:
    """Each column of a period with its plan before it and the deviation and the percent of the plan after it."""
    shown = []
    for column in columns:
        if not column.has_flows:
            shown.append(column)
            continue
        for shows, title in PLAN_COLUMNS.items():
            code = column.code if shows == "fact" else f"{column.code}:{shows}"
            shown.append(replace(column, code=code, title=title, group=column.title, shows=shows, fact=column.code))
    return shown


@dataclass(frozen=True)
class Form:
    """A report form. `columns` makes its columns for a period; `notes` explain them in Russian.

    `trend`: measures whose course over `trend_quarters` quarters the report draws, with the title of each chart.
    `periodicity`: the kinds of periods it is due for. `compares`: whether the period before stands beside the figures.
    """

    code: str
    name: str  # «Индикаторы»: how the form is called in short
    title: str  # «о значениях …»: after the word ОТЧЁТ
    act: str
    rows: tuple[Row, ...]
    page: str  # where the source document has the rows that name no place of their own
    columns: Callable[[Period], list[Column]] = one_column_each
    notes: Callable[[Period], list[str]] = lambda period: []
    decimals: int = 0
    rounding: str = "half_up"
    trend: dict[Measure, str] = field(default_factory=dict)
    trend_quarters: int = 5
    periodicity: tuple[str, ...] = ("quarter", "year")
    compares: bool = False
    version: str = "1"  # of the definitions; a change of any row's meaning raises it
    own: int | None = None  # of a form of the ministry's own: the id of its version

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Every measure the rows need, each once, in the order met."""
        return tuple(dict.fromkeys(measure for row in self.rows for measure in row.measures))

    def row(self, code: str) -> Row:
        """The row of this number; raises KeyError."""
        return next((row for row in self.rows if row.code == code), None) or _missing(code)

    def categories(self, code: str) -> tuple[str, ...]:
        """Those that the row of this number counts alone; empty when it counts all, or is not there any more."""
        row = next((row for row in self.rows if row.code == code), None)
        return getattr(getattr(row, "otherwise", None) or row, "categories", ())

    def place(self, row: Row) -> str:
        """Where the source document has the row: «раздел VII, строка 9»."""
        return row.page or f"{self.page}, строка {row.code}"

    def percent(self, numerator, denominator, rule: FormRule | None = None):
        """numerator ÷ denominator in percent, rounded by the region's rule for this form, else by the form's own."""
        decimals, rounding = (rule.decimals, rule.rounding) if rule else (self.decimals, self.rounding)
        exact = Decimal(str(numerator)) * 100 / Decimal(str(denominator))
        rounded = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUNDING[rounding])
        return float(rounded) if decimals else int(rounded)


def _missing(code):
    raise KeyError(code)
