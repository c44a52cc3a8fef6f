"""What a report form is: its rows, its columns for a period, how it rounds."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from reports.indicators.measures import Measure
from reports.indicators.rows import Row
from reports.periods import Period
from sopr.profile import FormRule

ROUNDING = {"half_up": ROUND_HALF_UP, "truncate": ROUND_DOWN}


@dataclass(frozen=True)
class Column:
    """One column: stocks are as of `day`, flows over `since`–`until` (None: the column has stocks only).

    `cohort` is the day before a programme of years began. `group` is a common head of neighbouring columns.
    """

    code: str
    title: str
    day: datetime.date
    since: datetime.date | None = None
    until: datetime.date | None = None
    cohort: datetime.date | None = None
    group: str = ""
    mark: str = ""  # the shortest name, for the axis of a small chart

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
        more = {"code": period.text} | more
        return cls(title=title or period.title, day=period.until, since=period.since, until=period.until, **more)


def one_column_each(period: Period) -> list[Column]:
    """One column for a period, named as the period; years side by side give one for each year."""
    periods = period.years if period.kind == "years" else [period]
    return [Column.of(each) for each in periods]


@dataclass(frozen=True)
class Form:
    """A report form. `columns` makes its columns for a period; `notes` explain them in Russian.

    `trend`: measures whose course the report draws, with the title of each chart.
    """

    code: str
    name: str  # «Индикаторы»: how the form is called in short
    title: str  # «о значениях …»: after the word ОТЧЁТ
    act: str
    rows: tuple[Row, ...]
    columns: Callable[[Period], list[Column]] = one_column_each
    notes: Callable[[Period], list[str]] = lambda period: []
    decimals: int = 0
    rounding: str = "half_up"
    trend: dict[Measure, str] = field(default_factory=dict)
    version: str = "1"  # of the definitions; a change of any row's meaning raises it

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Every measure the rows need, each once, in the order met."""
        return tuple(dict.fromkeys(measure for row in self.rows for measure in row.measures))

    def row(self, code: str) -> Row:
        """The row of this number; raises KeyError."""
        return next((row for row in self.rows if row.code == code), None) or _missing(code)

    def percent(self, numerator: int, denominator: int, rule: FormRule | None = None):
        """numerator ÷ denominator in percent, rounded by the region's rule for this form, else by the form's own."""
        decimals, rounding = (rule.decimals, rule.rounding) if rule else (self.decimals, self.rounding)
        exact = Decimal(numerator) * 100 / Decimal(denominator)
        rounded = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUNDING[rounding])
        return float(rounded) if decimals else int(rounded)


def _missing(code):
    raise KeyError(code)
