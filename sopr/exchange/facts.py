"""A row of «Сведения организаций» read by the words of the reports."""

from dataclasses import dataclass, field
from decimal import Decimal

from reports.indicators.facts import BY_CODE, resolve_fact_code
from reports.periods import Period, PeriodError, parse
from sopr.errors import Refused


@dataclass
class ReadFact:
    indicator: str = ""
    period: Period | None = None
    value: Decimal | None = None
    errors: list[tuple[str, str]] = field(default_factory=list)  # (column of the sheet, what is wrong)


def read_fact(indicator: str, period: str, value: str) -> ReadFact:
    """The fact's code, period and number; errors instead of exceptions, so that all are shown at once."""
    read = ReadFact()
    try:
        read.indicator = resolve_fact_code(indicator)
    except ValueError as wrong:
        read.errors.append(("Показатель", str(wrong)))
    try:
        read.period = parse(period)
    except PeriodError as wrong:
        read.errors.append(("Период", str(wrong)))
    if read.indicator:
        try:
            read.value = BY_CODE[read.indicator].read(value)
        except Refused as wrong:
            read.errors.append(("Значение", str(wrong)))
    return read
