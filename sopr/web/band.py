"""The band of levels: a whole episode drawn over time as inline SVG, attributes only.

Widths are percents, so that the band fills its column while its letters keep their size.
"""

import datetime
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from sopr.web.charts import LEVEL_MARKS, LEVEL_TITLES


@dataclass(frozen=True)
class Period:
    """A level from `since` to `until` (None = still open)."""

    since: datetime.date
    until: datetime.date | None
    code: str
    title: str
    future: bool = False


@dataclass(frozen=True)
class Mark:
    """Something that happened on a day: contact, review, council (a decision), next (a council to come)."""

    on: datetime.date
    kind: str
    title: str


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
BAND_TOP, BAND_HEIGHT, BAND_ROWS, BAND_AXIS = 18, 34, 34, 18
# Percent of the band after which too little is left to bear the name of a month: at a desk and on a phone.
LAST_NAME, LAST_NAME_ON_PHONE = 93, 80
# Percent of the band that a level takes to bear its name, and its first day beside it.
WORD, SINCE = 9, 18
BAND_FULL = BAND_TOP + BAND_HEIGHT + BAND_ROWS + BAND_AXIS


def draw_band(*, start, end, today, periods, marks, pauses=(), over_on=None):
    """The band of levels with contacts, reviews and councils below it; `periods` may run past `today` (striped).

    `pauses` [(since, until)] lie over the levels; from `over_on` to `today` the last level has outlived its term.
    """
    if not periods or start >= end:
        return ""
    days = (end - start).days

    def at(day):
        return max(0.0, min(100.0, (day - start).days * 100 / days))

    segments = []
    for period in periods:
        # A level without an end is drawn up to today: nothing is known of what comes after.
        until = period.until or min(today or end, end)
        if today and not period.future and period.since < today < until:
            segments += [(period, period.since, today, False), (period, today, until, True)]
        else:
            segments.append((period, period.since, until, period.future))
    body = _together(_draw_segment(*segment, at=at) for segment in segments if at(segment[1]) < 100)
    if over_on and today:
        body += _draw_over(at(over_on), at(today), over_on)
    stops = [(since, min(until or today or end, end)) for since, until in pauses]
    return format_html(
        '<svg class="band" width="100%" height="{}" role="img" aria-label="{}">{}{}{}{}{}</svg>',
        BAND_FULL,
        _describe_band(periods, marks, today, pauses, over_on),
        _draw_axis(start, end, at),
        body,
        _together(_draw_pause(since, until, at(since), at(until)) for since, until in stops),
        _together(_draw_mark(mark, at(mark.on)) for mark in marks if start <= mark.on <= end),
        _draw_today(at(today)) if today and start <= today <= end else "",
    )


def _draw_segment(period, since, until, future, *, at):
    x, width = at(since), at(until) - at(since)
    code = period.code if period.code in LEVEL_MARKS else "other"
    title = period.title or LEVEL_TITLES.get(code, "")
    words = (
        (format_html('<text x="8" y="21">до {}</text>', f"{until:%d.%m.%Y}") if width > 12 else "")
        if future
        else format_html(
            '<svg x="8" y="11" width="12" height="12" viewBox="0 0 12 12">{}</svg>'
            '<text x="26" y="21"><tspan class="band__word">{}</tspan> <tspan class="band__since">{}</tspan></text>',
            mark_safe(LEVEL_MARKS.get(code, "")),
            title if width > WORD else "",
            f"с {since:%d.%m.%Y}" if width > SINCE else "",
        )
    )
    stripes = (
        mark_safe('<rect class="band__stripes" width="100%" height="30" fill="url(#band-stripes)"/>') if future else ""
    )
    return format_html(
        '<svg class="band__seg band__seg--{}{}" x="{}" y="{}" width="{}" height="{}">{}'
        '<rect class="band__fill" width="100%" height="{}"/>{}'
        '<line class="band__foot" x1="0" x2="100%" y1="32" y2="32"/>{}</svg>',
        code,
        " band__seg--future" if future else "",
        f"{x:.2f}%",
        BAND_TOP,
        f"{max(width, 0.3):.2f}%",
        BAND_HEIGHT,
        BAND_PATTERN if future else "",
        BAND_HEIGHT - 4,
        stripes,
        words,
    )


def _draw_over(x, until, day):
    """What is left without a decision: the term is reached, the level goes on as it was."""
    words = mark_safe('<text x="8" y="21">срок истёк</text>') if until - x > 10 else ""
    return format_html(
        '<svg class="band__over" x="{}" y="{}" width="{}" height="{}"><title>{}</title>'
        '<rect class="band__over-fill" x="1" y="1" width="100%" height="28"/>{}</svg>',
        f"{x:.2f}%",
        BAND_TOP,
        f"{max(until - x, 0.3):.2f}%",
        BAND_HEIGHT,
        f"срок уровня истёк {day:%d.%m.%Y}",
        words,
    )


def _draw_pause(since, until, x, end):
    """Support stood still: a bar over the foot of the level."""
    words = mark_safe('<text class="band__paused" x="50%" y="14" text-anchor="middle">пауза</text>')
    return format_html(
        '<svg class="band__pause" x="{}" y="{}" width="{}" height="{}"><title>{}</title>'
        '<rect width="100%" height="{}"/>{}</svg>',
        f"{x:.2f}%",
        BAND_TOP + 7,
        f"{max(end - x, 0.4):.2f}%",
        20,
        f"приостановлено с {since:%d.%m.%Y} по {until:%d.%m.%Y}",
        20,
        words if end - x > 7 else "",
    )


BAND_PATTERN = mark_safe(
    '<defs><pattern id="band-stripes" width="8" height="8" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect width="4" height="8" fill="#fff"/></pattern></defs>'
)


def _say_next(mark, x, top):
    """What the coming council is asked, to the right of its line, where nothing has happened yet."""
    return format_html(
        '<svg class="band__mark" x="{}" y="{}"><text class="band__next" x="8" y="0">{}</text></svg>',
        x,
        top + 20,
        f"{mark.on:%d.%m} {mark.title}",
    )


def _draw_mark(mark, share):
    x = f"{share:.2f}%"
    title = format_html("<title>{} {}</title>", f"{mark.on:%d.%m.%Y}", mark.title)
    top = BAND_TOP + BAND_HEIGHT
    if mark.kind == "review":
        return format_html(
            '<svg class="band__mark" x="{}" y="{}"><path class="band__review" d="M0-4.5 4.5 0 0 4.5-4.5 0z"/>{}</svg>',
            x,
            top + 23,
            title,
        )
    if mark.kind in ("council", "next"):
        line = format_html(
            '<line class="band__council{}" x1="{}" x2="{}" y1="{}" y2="{}">{}</line>',
            " band__council--next" if mark.kind == "next" else "",
            x,
            x,
            top,
            top + BAND_ROWS,
            title,
        )
        return line + _say_next(mark, x, top) if mark.kind == "next" and share < 70 else line
    return format_html('<circle class="band__dot" cx="{}" cy="{}" r="3.5">{}</circle>', x, top + 10, title)


def _draw_today(x):
    right = x > 85
    return format_html(
        '<svg class="band__mark" x="{}" y="0"><line class="band__today" x1="0" x2="0" y1="0" y2="36"/>'
        '<rect class="band__flag" x="{}" width="56" height="16" rx="2"/>'
        '<text class="band__now" x="{}" y="12" text-anchor="middle">сегодня</text></svg>',
        f"{x:.2f}%",
        -55 if right else -1,
        -27 if right else 27,
    )


def _draw_axis(start, end, at):
    """Ticks by month, or by quarter when the band is longer than fourteen months."""
    months = (end.year - start.year) * 12 + end.month - start.month
    every = 1 if months <= 14 else 3 if months <= 42 else 12
    top = BAND_TOP + BAND_HEIGHT + BAND_ROWS
    ticks, day, first = [], start.replace(day=1), True
    if every == 1 and at(_next_month(day)) < 9:  # too little of the first month is seen to bear its name
        day = _next_month(day)
    while day <= end:
        if (day.month - 1) % every == 0 and (day >= start or every == 1):
            where = at(day)
            if where < LAST_NAME:
                ticks.append(
                    (
                        f"{where:.2f}%",
                        top,
                        BAND_FULL,
                        " band__tick--minor" if len(ticks) % 2 or where > LAST_NAME_ON_PHONE else "",
                        _tick(day, every, first),
                    )
                )
            first = False
        day = _next_month(day)
    lines = format_html_join(
        "",
        '<line class="band__line" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>'
        '<svg class="band__mark" x="{0}" y="{1}"><text class="band__tick{3}" x="5" y="13">{4}</text></svg>',
        ticks,
    )
    return format_html('<line class="band__line" x1="0" x2="100%" y1="{0}" y2="{0}"/>{1}', top, lines)


def _next_month(day):
    return (day.replace(day=28) + datetime.timedelta(days=4)).replace(day=1)


QUARTERS = ("I кв.", "II", "III", "IV")


def _tick(day, every, first):
    if every == 12:
        return str(day.year)
    if every == 3:
        name = QUARTERS[(day.month - 1) // 3]
        return f"{name} {day.year}" if day.month == 1 else f"{name} кв. {day.year}" if first else name
    return f"{MONTHS[day.month - 1]} {day.year}" if first or day.month == 1 else MONTHS[day.month - 1]


def _describe_band(periods, marks, today, pauses, over_on):
    spans = ", ".join(
        f"{period.title or LEVEL_TITLES.get(period.code, period.code)} с {period.since:%d.%m.%Y}"
        + (f" до {period.until:%d.%m.%Y}" if period.until else "")
        for period in periods
    )
    counts = [
        f"{words}: {number}"
        for kind, words in (("contact", "контактов"), ("review", "мониторингов"), ("council", "решений совета"))
        if (number := sum(mark.kind == kind for mark in marks))
    ]
    stops = "; ".join(
        f"приостановлено с {since:%d.%m.%Y}" + (f" по {until:%d.%m.%Y}" if until else "") for since, until in pauses
    )
    facts = [
        f"Уровни: {spans}",
        "; ".join(counts),
        stops.capitalize(),
        f"Срок уровня истёк {over_on:%d.%m.%Y}" if over_on else "",
        f"Сегодня {today:%d.%m.%Y}" if today else "",
    ]
    return " ".join(f"{fact}." for fact in facts if fact)


def _together(drawn):
    return format_html_join("", "{}", ((part,) for part in drawn))
