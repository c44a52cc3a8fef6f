"""Numbers, dates and counts as Russians write them. Plain functions: templates take them as filters of `ui`."""

import datetime
from decimal import Decimal

from django.utils import timezone

NBSP = "\u00a0"
THIN = "\u202f"
MINUS = "\u2212"
NO_DATA = "–"

MONTHS = [
    "Январь",
    "Февраль",
    "Март",
    "Апрель",
    "Май",
    "Июнь",
    "Июль",
    "Август",
    "Сентябрь",
    "Октябрь",
    "Ноябрь",
    "Декабрь",
]

SOON_DAYS = 7  # days before a date from which it is shown as near


def num(value, decimals=None):
    """A number as Russians write it: «1 283», «−3», «0,5»; None is «–»; text («×») stays as it is.

    `decimals` fixes the digits after the comma. Thousands are parted by U+202F, minus is U+2212.
    """
    if value is None or value == "":
        return NO_DATA
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    text = f"{value:,.{decimals}f}" if decimals is not None else f"{value:,}"
    if decimals is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(",", THIN).replace(".", ",").replace("-", MINUS)


def plural(value, forms):
    """The form of a word after a number: `{{ n|plural:"семья,семьи,семей" }}` → 1 семья, 2 семьи, 5 семей."""
    one, few, many = (form.strip() for form in forms.split(","))
    try:
        number = abs(Decimal(str(value or 0)))
    except ArithmeticError:
        return many
    if number != int(number):
        return few
    number = int(number)
    if 11 <= number % 100 <= 14:
        return many
    return one if number % 10 == 1 else few if 2 <= number % 10 <= 4 else many


def counted(value, forms):
    """Number and word together, never parted at a line's end: «1 283 семьи»."""
    return f"{num(value)}{NBSP}{plural(value, forms)}"


def to_day(value):
    if isinstance(value, datetime.datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value


def ru_date(value):
    """«21.11.2026»; None is «–»."""
    day = to_day(value)
    return f"{day:%d.%m.%Y}" if isinstance(day, datetime.date) else (day or NO_DATA)


def ru_datetime(value):
    """«21.11.2026, 14:05» in local time; None is «–»."""
    if not isinstance(value, datetime.datetime):
        return ru_date(value)
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{local:%d.%m.%Y}, {local:%H:%M}"


def ru_month(value):
    """«Ноябрь 2026»."""
    day = to_day(value)
    return f"{MONTHS[day.month - 1]} {day.year}"


def day_and_month(value):
    """«21.11», for lists already grouped by month."""
    day = to_day(value)
    return f"{day:%d.%m}" if isinstance(day, datetime.date) else NO_DATA


def describe_due(day, today=None):
    """(state, words) of a date: («overdue», «Просрочено на 4 дня»), («soon», «18.11.2026, завтра») and so on.

    A date is soon within SOON_DAYS calendar days.
    """
    today = today or timezone.localdate()
    left = (day - today).days
    if left < 0:
        return "overdue", f"Просрочено на{NBSP}{counted(-left, 'день,дня,дней')}"
    if left == 0:
        return "today", "сегодня"
    if left == 1:
        return "soon", f"{ru_date(day)}, завтра"
    if left <= SOON_DAYS:
        return "soon", f"{ru_date(day)}, через{NBSP}{counted(left, 'день,дня,дней')}"
    return "later", ru_date(day)
