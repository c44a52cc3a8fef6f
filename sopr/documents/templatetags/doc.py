"""Tags and filters of printed documents: `{% load doc %}`."""

import datetime
import re
from decimal import Decimal

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from sopr.documents import tables
from sopr.documents.names import agree
from sopr.documents.typo import NB, NNB
from sopr.documents.typo import typo as typography

register = template.Library()

NO_DATA = "–"
MONTHS = [
    *("января", "февраля", "марта", "апреля", "мая", "июня"),
    *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
]


@register.filter(is_safe=False)
def typo(text):
    """Typographic quotes, dashes and no-break spaces in a plain text (documents get them as a whole)."""
    return typography(str(text))


@register.filter
def thousands(value):
    """1500 → «1 500» with a narrow space, Decimal("6535.5") → «6 535,5», None → «–»: no data is not zero."""
    if value is None or value == "":
        return NO_DATA
    if not isinstance(value, (int, float, Decimal)) or isinstance(value, bool):
        return value
    return f"{value:,}".replace(",", NNB).replace(".", ",").replace("-", "−")


@register.filter
def day(value):
    """A date as 22.10.2026; a moment as its local date; nothing as an empty string; a ready string as it is."""
    return _formatted(value, "%d.%m.%Y")


@register.filter
def moment(value):
    """A moment as «22.10.2026 14:05» in local time."""
    return _formatted(value, "%d.%m.%Y %H:%M")


@register.filter
def clock(value):
    """A time or a moment as 10:40."""
    return _formatted(value, "%H:%M")


@register.filter
def day_in_words(value):
    """A date as «22 октября 2026 года»."""
    if not isinstance(value, datetime.date):
        return value or ""
    return f"{value.day}{NB}{MONTHS[value.month - 1]} {value.year}{NB}года"


@register.filter
def counted(number, words):
    """{{ 5|counted:"член,члена,членов" }} → «5 членов»."""
    one, few, many = words.split(",")
    tens, units = abs(number) % 100, abs(number) % 10
    word = many if 11 <= tens <= 14 or units in (0, 5, 6, 7, 8, 9) else one if units == 1 else few
    return f"{thousands(number)}{NB}{word}"


@register.filter
def gender(sex, words):
    """{{ person.sex|gender:"ознакомлен,ознакомлена" }}; a third word, if given, serves an unknown sex."""
    return agree(sex, *words.split(","))


@register.filter
def capital(text):
    """The text with its first letter large, the rest as it is."""
    text = str(text)
    return text[:1].upper() + text[1:]


@register.filter
def sentence(text):
    """The text with a full stop at the end, unless it ends with a mark of its own."""
    text = str(text).strip()
    return text if not text or text[-1] in ".!?…" else f"{text}."


@register.filter
def paragraphs(text):
    """The paragraphs of a typed text (split at line ends), or the items of a list."""
    lines = text.splitlines() if isinstance(text, str) else text or ()
    return [line.strip() for line in lines if line.strip()]


@register.filter
def cell(value):
    """The class of a cell with a printed value: numbers and «–» to the right, short words in the middle."""
    text = str(value).strip()
    if re.fullmatch(rf"[-−+]?[\d\s{NB}{NNB}.,/%()]+|{NO_DATA}|-", text):
        return "n"
    return "c" if len(text) <= 8 else "t"


@register.filter
def some(rows, key):
    """Whether any of the rows (dictionaries or objects) has this key true."""
    return any(row.get(key) if isinstance(row, dict) else getattr(row, key, None) for row in rows or ())


@register.filter
def grouped(text, size):
    """A long code in groups of `size` characters, to be read aloud and compared."""
    return " ".join(text[i : i + size] for i in range(0, len(text), size))


@register.filter
def truncated(text, size):
    """The first `size` characters, without a mark."""
    return text[:size]


@register.filter
def stacked(title):
    """A head of two words one under the other: «2016 год», «IV квартал»; a year under «II кв.»; others break freely."""
    words = str(title).split()
    if len(words) == 3 and re.fullmatch(r"\d{4}", words[2]) and len(words[0]) + len(words[1]) < 7:
        words = [NB.join(words[:2]), words[2]]
    if len(words) == 2 and (len(words[0]) > 1 or not words[0].islower()):
        return format_html("{}<br>{}", *words)
    return title


@register.filter
def millimetres(width):
    """A width for a style sheet: 20.5 → «20.50mm», whatever the decimal separator of the language."""
    return f"{width:.2f}mm"


@register.simple_tag
def lay_out(columns, rows):
    """Sheets of a report's table of values, see sopr/documents/tables.py."""
    return tables.lay_out(columns or [], rows or [])


@register.simple_tag
def shared_widths(small_tables):
    """Widths of the columns of values of small tables one under another, in millimetres: the widest each wants."""
    return tables.shared_widths(small_tables or [])


@register.simple_tag
def checkbox(on=False, big=False):
    """A box for a mark: with a cross when set, empty to be filled by hand."""
    return format_html('<span class="box{}{}"></span>', " on" if on else "", " big" if big else "")


@register.simple_tag
def blank(width):
    """A line to write on by hand; width in millimetres."""
    return format_html('<span class="blank blank-{}"></span>', int(width))


@register.simple_tag
def blank_date(year="", month=30):
    """«__» ________ 20__ г., to be filled by hand; the year may be printed; `month` is the width of its line, mm."""
    tail = year or mark_safe(f"20{blank(8)}")
    return format_html('<span class="nw">«{}» {} {} г.</span>', blank(8), blank(month), tail)


@register.inclusion_tag("documents/_requisites.html")
def requisites(organisation, legal=True):
    """Address, telephone, e-mail and (legal) ИНН, ОГРН of an organisation; what is missing is left out."""
    return {"organisation": organisation, "legal": legal}


@register.inclusion_tag("documents/_sign.html")
def signature(post, who, line=True):
    """Post – line – И.О. Фамилия; without the line the word «подпись», for a copy of a signed original."""
    return {"post": post, "who": who, "line": line}


def _formatted(value, pattern):
    if isinstance(value, datetime.datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return value.strftime(pattern) if hasattr(value, "strftime") else value or ""
