"""Small drawings as inline SVG: bars, lines, the scale of a score. Attributes only, no styles.

Widths are percents, so that a drawing fills its column while its letters keep their size.
"""

from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

_RING = '<path d="M2 6a4 4 0 1 0 8 0a4 4 0 1 0-8 0" fill="none" stroke="currentColor" stroke-width="2"/>'
_ONE = (
    '<path d="M1 8h2.6v3H1z" fill="currentColor"/>'
    '<path d="M4.7 5h2.6v6H4.7zM8.4 1H11v10H8.4z" fill="currentColor" opacity=".28"/>'
)
_TWO = (
    '<path d="M1 8h2.6v3H1zM4.7 5h2.6v6H4.7z" fill="currentColor"/>'
    '<path d="M8.4 1H11v10H8.4z" fill="currentColor" opacity=".28"/>'
)
_THREE = '<path d="M1 8h2.6v3H1zM4.7 5h2.6v6H4.7zM8.4 1H11v10H8.4z" fill="currentColor"/>'
LEVEL_MARKS = {"adaptation": _RING, "basic": _ONE, "crisis": _TWO, "emergency": _THREE}
LEVEL_TITLES = {
    "adaptation": "адаптационный",
    "basic": "базовый",
    "crisis": "кризисный",
    "emergency": "экстренный",
}
TONES = {"accent", "soft", "warn", "bad", "good", "mute", *LEVEL_MARKS}


def level_mark(code):
    """The little bars of a level, in the colour of the text around."""
    if code not in LEVEL_MARKS:
        return ""
    return format_html(
        '<svg class="level__mark" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">{}</svg>',
        mark_safe(LEVEL_MARKS[code]),
    )


def draw_bar(parts, whole, *, label="", mark=None, height=8, gap=0):
    """A bar of `parts` [(value, tone)] on a track of `whole`; `mark` a threshold on the same scale."""
    shares, left = [], 0.0
    for value, tone in parts:
        share = _percent(value, whole)
        share = min(share, 100 - left)
        shares.append((f"{left:.2f}%", f"{share:.2f}%", height, tone if tone in TONES else "accent"))
        left += share
    rects = format_html_join("", '<rect x="{}" width="{}" height="{}" class="tone--{}"/>', shares)
    gaps = format_html_join(
        "",
        '<rect x="{}" width="{}" height="{}" class="bar__gap"/>',
        [(x, gap, height) for x, _width, _height, _tone in shares[1:]] if gap else [],
    )
    line = ""
    if mark is not None:
        at = f"{_percent(mark, whole):.2f}%"
        line = format_html('<line class="bar__mark" x1="{0}" x2="{0}" y1="-3" y2="{1}"/>', at, height + 3)
    voice = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="bar" width="100%" height="{0}" {1}>'
        '<rect class="bar__track" width="100%" height="{0}" rx="{2}"/>{3}{4}{5}</svg>',
        height,
        voice,
        height // 2,
        rects,
        gaps,
        line,
    )


def _percent(value, whole):
    return max(0.0, min(100.0, float(value) * 100 / float(whole))) if whole else 0.0


SPARK_WIDTH, SPARK_HEIGHT, SPARK_TOP, SPARK_BASE = 180, 76, 18, 60


def draw_sparkline(values, names, kind, words, label):
    """A chart of a few periods, the last stressed. Columns start at zero, a line may be higher; None leaves a gap."""
    known = [value for value in values if value is not None]
    if not known:
        return format_html('<span class="hint">{}</span>', "нет данных")
    step = SPARK_WIDTH / len(values)
    top, low = max(known), 0 if kind == "columns" else min(known)
    room = SPARK_BASE - SPARK_TOP - (0 if kind == "columns" else 10)
    spread = (top - low) or 1
    if top == low:
        low = top - 2 if kind == "line" else 0
        spread = (top - low) or 1
    points = []
    for index, value in enumerate(values):
        height = None if value is None else (float(value - low) / float(spread)) * room
        floor = SPARK_BASE if kind == "columns" else SPARK_BASE - 10
        points.append((step * (index + 0.5), None if height is None else floor - height))
    last = len(values) - 1
    body = _draw_columns(points, step, last) if kind == "columns" else _draw_line(points, last)
    above = 4 if kind == "columns" else 8
    texts = format_html_join(
        "",
        '<text class="{}" x="{}" y="{}" text-anchor="middle">{}</text>',
        [
            ("vb" if index == last else "v", f"{x:.1f}", f"{y - above:.1f}", words[index])
            for index, (x, y) in enumerate(points)
            if y is not None
        ]
        + [
            ("vb" if index == last else "", f"{points[index][0]:.1f}", "74", name)
            for index, name in enumerate(names)
            if name
        ],
    )
    return format_html(
        '<svg class="chart spark" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img" aria-label="{2}">'
        '<line class="chart__base" x1="0" x2="{0}" y1="60.5" y2="60.5"/>{3}{4}</svg>',
        SPARK_WIDTH,
        SPARK_HEIGHT,
        label,
        body,
        texts,
    )


def _draw_columns(points, step, last):
    width = max(step - 5, 2)
    return format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>',
        [
            (
                "tone--accent" if index == last else "tone--soft",
                *(f"{n:.1f}" for n in (x - width / 2, y, width, SPARK_BASE - y)),
            )
            for index, (x, y) in enumerate(points)
            if y is not None
        ],
    )


def _draw_line(points, last):
    known = [(index, x, y) for index, (x, y) in enumerate(points) if y is not None]
    path = " ".join(f"{x:.1f},{y:.1f}" for _index, x, y in known)
    dots = format_html_join(
        "",
        '<circle class="{}" cx="{}" cy="{}" r="{}"/>',
        [
            (
                "chart__dot chart__dot--last" if i == last else "chart__dot",
                f"{x:.1f}",
                f"{y:.1f}",
                4 if i == last else 3,
            )
            for i, x, y in known
        ],
    )
    return format_html('<polyline class="chart__line" points="{}"/>{}', path, dots)


def draw_score(was, now, max):
    """The scale 0…max: a ring where the score was, a dot where it is now, a line between, and the numbers."""
    step, y = 15, 8
    rings = [
        (index * step + 6, "scale__was" if index == was else "scale__ring", 4)
        for index in range(max + 1)
        if index != now
    ]
    circles = format_html_join("", '<circle cx="{}" cy="8" class="{}" r="{}"/>', rings)
    dot = "" if now is None else format_html('<circle cx="{}" cy="{}" class="scale__now" r="5"/>', now * step + 6, y)
    if was is None and now is None:
        words, numbers = "не оценивалось", "не оценивалось"
    elif was is None or now is None:
        words = numbers = f"{was if now is None else now} из {max}"
    elif was == now:
        words, numbers = f"без изменений, {now} из {max}", f"{now}"
    else:
        words = f"было {was}, стало {now}, наибольшее {max}"
        arrow = mark_safe(
            '<svg class="icon" width="12" height="12" viewBox="0 0 16 16" fill="none" stroke="currentColor" '
            'aria-hidden="true"><path d="M1 8h13M10 4l4 4-4 4"/></svg>'
        )
        numbers = format_html("{} {} <b>{}</b>", was, arrow, now)
    return format_html(
        '<span class="scale" role="img" aria-label="{}">'
        '<svg class="scale__dots" width="{}" height="16" aria-hidden="true">{}{}</svg>'
        '<span aria-hidden="true">{}</span></span>',
        words,
        max * step + 12,
        circles,
        dot,
        numbers,
    )
