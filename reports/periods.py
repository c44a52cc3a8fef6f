"""Periods of reports: «2021Q4», «2021», «2016..2017», «2021-12», «2021-12-20..2021-12-26» (exchange.md).

Both ends of a period belong to it. A cumulative period (since 1 January) is written as a range of months:
«2021-01..2021-09» is nine months of 2021.
"""

import datetime
import re
from dataclasses import dataclass

from sopr.errors import Refused

DAY = datetime.timedelta(days=1)
FIRST_YEAR, LAST_YEAR = 1990, 2100
MOST_YEARS = 10  # side by side in one report: more does not fit a printed sheet
EXAMPLES = (
    "2021Q4 (квартал), 2021 (год), 2016..2017 (годы рядом), 2021-12 (месяц), "
    "2021-12-20..2021-12-26 (неделя или другие дни)"
)
QUARTERS = ("I", "II", "III", "IV")
MONTHS = [
    "январь",
    "февраль",
    "март",
    "апрель",
    "май",
    "июнь",
    "июль",
    "август",
    "сентябрь",
    "октябрь",
    "ноябрь",
    "декабрь",
]


class PeriodError(Refused):
    """A period that cannot be read; the message says what to write instead."""


@dataclass(frozen=True)
class Period:
    """A closed interval of dates and the text that names it. `kind`: quarter, year, years, month, months or days."""

    text: str
    kind: str
    since: datetime.date
    until: datetime.date

    def __str__(self):
        return self.text

    @property
    def title(self) -> str:
        """«IV квартал 2021 года», «2016–2017 годы», «9 месяцев 2021 года», «20.12.2021–26.12.2021»."""
        year = self.since.year
        match self.kind:
            case "quarter":
                return f"{QUARTERS[self.since.month // 3]} квартал {year} года"
            case "year":
                return f"{year} год"
            case "years" if self.until.year > year:
                return f"{year}–{self.until.year} годы"
            case "years":
                return f"{year} год"
            case "month":
                return f"{MONTHS[self.since.month - 1]} {year} года"
            case "months" if self.since.month == 1 and self.until.year == year:
                return f"{counted_months(self.until.month)} {year} года"
        return f"{self.since:%d.%m.%Y}–{self.until:%d.%m.%Y}"

    @property
    def short(self) -> str:
        """«IV кв. 2021», for chips and the labels of charts."""
        if self.kind == "quarter":
            return f"{QUARTERS[self.since.month // 3]} кв. {self.since.year}"
        return self.title

    @property
    def years(self) -> list["Period"]:
        """The years of a period of whole years, each as a period of its own."""
        return [year(number) for number in range(self.since.year, self.until.year + 1)]

    @property
    def months_since_january(self) -> "Period":
        """The cumulative period: from 1 January to this period's last day."""
        text = f"{self.until.year}-01..{self.until.year}-{self.until.month:02d}"
        return Period(text, "months", self.since.replace(month=1, day=1), self.until)

    @property
    def eve(self) -> datetime.date:
        """The last day before the period."""
        return self.since - DAY

    def previous(self) -> "Period":
        """The quarter, year or month before; as many years or days before; the same months a year before."""
        since, until = self.since, self.until
        match self.kind:
            case "years":
                count = len(self.years)
                return _span(
                    f"{since.year - count}..{since.year - 1}", "years", since.year - count, 1, since.year - 1, 12
                )
            case "months":
                months = (since.year - 1, since.month), (until.year - 1, until.month)
                text = "..".join(f"{year}-{month:02d}" for year, month in months)
                return _span(text, "months", *months[0], *months[1])
            case "days":
                first = since - (until - since) - DAY
                return Period(f"{first}..{self.eve}", "days", first, self.eve)
        return containing(self.eve, self.kind)

    def year_ago(self) -> "Period":
        """The same period of the year before; of days, those of the same dates."""
        match self.kind:
            case "quarter":
                return quarter(self.since.year - 1, (self.since.month + 2) // 3)
            case "month":
                return month(self.since.year - 1, self.since.month)
            case "days":
                since, until = _a_year_before(self.since), _a_year_before(self.until)
                return Period(f"{since}..{until}", "days", since, until)
        return self.previous()

    @property
    def months(self) -> int:
        """How many months it touches."""
        return (self.until.year - self.since.year) * 12 + self.until.month - self.since.month + 1

    def following(self) -> "Period":
        """The quarter, year or month after it."""
        return containing(self.until + DAY, self.kind)


def parse(text: str) -> Period:
    """Read a period; raises PeriodError with examples when it is malformed, empty or turned round."""
    text = (text or "").strip()
    for pattern, read in READERS:
        match = re.fullmatch(pattern, text, re.ASCII)
        if match:
            period = _read(text, read, [int(part) for part in match.groups()])
            _check(period)
            return period
    raise PeriodError(f"Период «{text[:60]}» не распознан. Напишите, например: {EXAMPLES}.")


def quarter(year: int, number: int) -> Period:
    """Quarter `number` (1–4) of `year`."""
    if not 1 <= number <= 4:
        raise ValueError("Квартал бывает от 1 до 4")
    return _span(f"{year}Q{number}", "quarter", year, 3 * number - 2, year, 3 * number)


def year(number: int) -> Period:
    return _span(str(number), "year", number, 1, number, 12)


def month(year: int, number: int) -> Period:
    return _span(f"{year}-{number:02d}", "month", year, number, year, number)


def containing(day: datetime.date, kind: str) -> Period:
    """The quarter, year or month that `day` belongs to."""
    match kind:
        case "quarter":
            return quarter(day.year, (day.month + 2) // 3)
        case "year":
            return year(day.year)
        case "month":
            return month(day.year, day.month)
    raise ValueError(f"No calendar period of kind {kind}.")


def _a_year_before(day) -> datetime.date:
    """The same date a year before; of 29 February the 28th."""
    if (day.month, day.day) == (2, 29):
        return day.replace(year=day.year - 1, day=28)
    return day.replace(year=day.year - 1)


def counted_months(number: int) -> str:
    """«3 месяца», «9 месяцев», «1 месяц»."""
    return f"{number} {'месяц' if number == 1 else 'месяца' if 2 <= number <= 4 else 'месяцев'}"


def _span(text, kind, first_year, first_month, last_year, last_month) -> Period:
    following = (last_year, last_month + 1) if last_month < 12 else (last_year + 1, 1)
    return Period(text, kind, datetime.date(first_year, first_month, 1), datetime.date(*following, 1) - DAY)


def _days(*parts) -> Period:
    since, until = datetime.date(*parts[:3]), datetime.date(*parts[3:])
    return Period(f"{since}..{until}", "days", since, until)


READERS = (
    (r"(\d{4})Q(\d)", quarter),
    (r"(\d{4})", year),
    (r"(\d{4})-(\d\d)", month),
    (r"(\d{4})\.\.(\d{4})", lambda first, last: _span(f"{first}..{last}", "years", first, 1, last, 12)),
    (
        r"(\d{4})-(\d\d)\.\.(\d{4})-(\d\d)",
        lambda y1, m1, y2, m2: _span(f"{y1}-{m1:02d}..{y2}-{m2:02d}", "months", y1, m1, y2, m2),
    ),
    (r"(\d{4})-(\d\d)-(\d\d)\.\.(\d{4})-(\d\d)-(\d\d)", _days),
)


def _read(text, read, parts) -> Period:
    try:
        return read(*parts)
    except ValueError:
        raise PeriodError(
            f"Период «{text}»: такого квартала, месяца или дня нет. Напишите, например: {EXAMPLES}."
        ) from None


def _check(period):
    if period.until < period.since:
        raise PeriodError(f"Период «{period.text}»: начало позже конца. Поменяйте их местами.")
    if not FIRST_YEAR <= period.since.year <= period.until.year <= LAST_YEAR:
        raise PeriodError(f"Период «{period.text}»: годы бывают от {FIRST_YEAR} до {LAST_YEAR}.")
    if period.kind == "years" and len(period.years) > MOST_YEARS:
        raise PeriodError(f"Период «{period.text}»: рядом помещается не больше {MOST_YEARS} лет.")
