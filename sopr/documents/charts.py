"""Charts as SVG: plain data in, a string of markup out. Attributes only, no styles: pages may show them too.

Sizes are in units of a quarter of a millimetre: 680 units are the width of the text of a portrait sheet. Every
chart carries a <title> that says its figures in words: the PDF makes it the picture's alternative text.
"""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

WIDTH = 680
DARK, LIGHT, WARM, GREY, RULE, INK = "#14505c", "#cfe0e0", "#b3651c", "#555", "#ccc", "#000"
FILLS = ((DARK, DARK), (LIGHT, DARK), ("#e8c9a8", WARM), ("#fff", GREY))  # fill and stroke of each series
LETTER = 6.7  # average width of a letter of 13 units
Value = int | float | None


@dataclass(frozen=True)
class Series:
    """One line or one colour of bars: a title for the legend and a value for each label, None where unknown."""

    title: str
    values: Sequence[Value]


@dataclass(frozen=True)
class Share:
    """A row of `structure`: a whole and the part of it that is meant; `part` None draws the whole alone."""

    title: str
    whole: int
    part: int | None = None


def bars(labels: Sequence[str], series: Sequence[Series], *, title: str, unit: str = "") -> SafeString:
    """Upright bars by period, side by side where there are several series (up to four).

    `unit` follows each number, for example "%". An unknown value leaves an empty place with «–».
    """
    _same_length(labels, series)
    top, bottom, left = 34 if len(series) > 1 else 22, 166, 58
    body, y = _axis(series, left, top, bottom, unit)
    step = (WIDTH - left) / max(len(labels), 1)
    bar = min(46, step * 0.8 / max(len(series), 1))
    crowded = bar < 24
    for i, label in enumerate(labels):
        middle = left + step * (i + 0.5)
        for j, line in enumerate(series):
            x = middle + (j - len(series) / 2) * bar
            value = line.values[i]
            if value is None:
                body.append(_text(x + bar / 2, bottom - 5, "–", "middle", fill=GREY))
                continue
            fill, stroke = FILLS[j % len(FILLS)]
            body.append(_rect(x + 1, y(value), bar - 2, bottom - y(value), fill, stroke))
            size = {"font_size": 10} if crowded else {}
            body.append(
                _text(x + bar / 2, y(value) - 5, _number(value, unit if len(series) == 1 else ""), "middle", **size)
            )
        body += _lines_of(middle, bottom + 17, label, step, "middle")
    if len(series) > 1:
        body += _legend(series, left, 10)
    depth = max((len(_wrapped(label, step)) for label in labels), default=1)
    return _svg(bottom + 10 + 15 * depth, title, labels, series, "".join(body))


def lines(labels: Sequence[str], series: Sequence[Series], *, title: str, unit: str = "") -> SafeString:
    """Values at dates or periods joined by lines; the name of each line stands at its end."""
    _same_length(labels, series)
    top, bottom, left, right = 26, 216, 58, 170
    body, y = _axis(series, left, top, bottom, unit, right)
    step = (WIDTH - left - right) / max(len(labels), 1)
    xs = [left + step * (i + 0.5) for i in range(len(labels))]
    for x, label in zip(xs, labels, strict=True):
        body += _lines_of(x, bottom + 20, label, step, "middle")
    ends = []
    for j, line in enumerate(series):
        colour, dashes = ((DARK, None), (WARM, "7 4"), (GREY, "2 4"), (INK, "10 3 2 3"))[j % 4]
        known = [(x, y(v), v) for x, v in zip(xs, line.values, strict=True) if v is not None]
        dash = f' stroke-dasharray="{dashes}"' if dashes else ""
        # An unknown value breaks the line: joining over it would draw a figure nobody knows.
        for run in _runs(xs, line.values):
            points = " ".join(f"{x:.1f},{y(v):.1f}" for x, v in run)
            body.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.4"{dash}/>')
        for x, at, value in known:
            fill = "#fff" if j else colour
            body.append(
                f'<circle cx="{x:.1f}" cy="{at:.1f}" r="4.2" fill="{fill}" stroke="{colour}" stroke-width="2"/>'
            )
            body.append(_text(x, at - 10, _number(value, ""), "middle", font_weight=700, fill=colour))
        if known:
            ends.append((known[-1][1], line.title, colour))
    body += _line_names(ends, WIDTH - right + 4, right - 4)
    depth = max((len(_wrapped(label, step)) for label in labels), default=1)
    return _svg(bottom + 14 + 15 * depth, title, labels, series, "".join(body))


def structure(
    rows: Sequence[Share],
    *,
    title: str,
    part: str = "",
    rest: str = "",
    whole: str = "всего",
    total: Share | None = None,
) -> SafeString:
    """Lying bars, one a row; with `part` each shows how much of the whole it is, and columns of numbers.

    `part` and `rest` name the two shares in the legend («преодолели», «остались»). Rows are drawn in the order
    given. `total` is printed under the line: whether the rows add up is for the caller to know.
    """
    left, room = 214, 250 if part else 400
    most = max((row.whole for row in rows), default=0) or 1
    heads = [(542, whole), (604, _clipped(part, 8)), (640, "ост."), (680, "доля")] if part else [(680, whole)]
    body = [_text(x, 16, text, "end", fill=GREY) for x, text in heads]
    if part:
        body += _legend([Series(part, ()), Series(rest or "остальные", ())], left, 6)
    y = 34.0
    for row in rows:
        names = textwrap.wrap(row.title, 31) or [""]
        height = max(27, 15 * len(names) + 10)
        body.append(f'<line x1="0" y1="{y:g}" x2="{WIDTH}" y2="{y:g}" stroke="{RULE}" stroke-width=".6"/>')
        middle = y + height / 2
        first = middle + 4.5 - 7.5 * (len(names) - 1)
        body += [_text(0, first + 15 * i, name) for i, name in enumerate(names)]
        body.append(_rect(left, middle - 7.5, row.whole / most * room, 15, LIGHT if part else DARK, DARK))
        if part and row.part:
            body.append(_rect(left, middle - 7.5, row.part / most * room, 15, DARK, DARK))
        body += _figures(row, middle + 4.5, bool(part))
        y += height
    body.append(f'<line x1="0" y1="{y:g}" x2="{WIDTH}" y2="{y:g}" stroke="{INK}" stroke-width=".8"/>')
    if total:
        body.append(_text(0, y + 19, total.title, font_weight=700))
        body += _figures(total, y + 19, bool(part), bold=True)
        y += 26
    said = "; ".join(f"{row.title}: {row.whole}" + (f", {part} {row.part}" if part else "") for row in rows)
    return _frame(y + 2, f"{title}. {said}", "".join(body))


@dataclass(frozen=True)
class Step:
    """A row of `profile`: a score then and now, either None where it was not given."""

    title: str
    was: int | None
    now: int | None


PROFILE_WIDTH, PROFILE_ROW, PROFILE_LETTER = 500, 36, 15


def profile(
    rows: Sequence[Step], *, title: str, most: int, ends: tuple[str, str], names: tuple[str, str]
) -> SafeString:
    """Scores 0…`most` row by row: a ring where the score was, a dot where it is now, a line between the two.

    `ends` say what 0 and `most` mean, `names` what the ring and the dot are (the ring is left out of the legend where
    no row has been scored before). Drawn narrow, so that its letters stay legible on a phone.
    """
    left, step, top = 218, 50, 62
    bottom = top + PROFILE_ROW * len(rows)
    at = [left + step * score for score in range(most + 1)]
    body = _profile_legend(names, left, repeated=any(row.was is not None for row in rows))
    body += [_text(x, 34, words, "middle", fill=GREY) for x, words in zip((at[0], at[-1]), ends, strict=True)]
    body.append(_rect(at[-1] - step / 2, 40, step, bottom - 40, "#f7ece0", "none"))
    for score, x in enumerate(at):
        body.append(f'<line x1="{x}" y1="{top - 4}" x2="{x}" y2="{bottom}" stroke="{RULE}" stroke-width=".8"/>')
        body.append(_text(x, top - 9, str(score), "middle", fill=GREY))
    for number, row in enumerate(rows):
        middle = top + PROFILE_ROW * (number + 0.5)
        words = textwrap.wrap(row.title, 24)
        first = middle + 5 - 8.5 * (len(words) - 1)
        body += [_text(0, first + 17 * i, line) for i, line in enumerate(words)]
        body += _profile_marks(row, at, middle)
    said = "; ".join(f"{row.title}: {_said_step(row)}" for row in rows)
    return _frame(bottom + 6, f"{title}. {said}", "".join(body), PROFILE_WIDTH, PROFILE_LETTER)


def _profile_marks(row, at, y) -> list[str]:
    marks = []
    if row.was is not None and row.now is not None and row.was != row.now:
        colour, dash = (WARM, ' stroke-dasharray="5 3"') if row.now > row.was else (DARK, "")
        ends = f'x1="{at[row.was]}" y1="{y:g}" x2="{at[row.now]}" y2="{y:g}"'
        marks.append(f'<line {ends} stroke="{colour}" stroke-width="3"{dash}/>')
    if row.was is not None:
        marks.append(f'<circle cx="{at[row.was]}" cy="{y:g}" r="9" fill="#fff" stroke="{DARK}" stroke-width="2"/>')
    if row.now is not None:
        marks.append(f'<circle cx="{at[row.now]}" cy="{y:g}" r="5.5" fill="{DARK}"/>')
    marks.append(_text(PROFILE_WIDTH, y + 5, _step_in_figures(row), "end", font_weight=700))
    return marks


def _step_in_figures(row) -> str:
    known = [str(score) for score in dict.fromkeys((row.was, row.now)) if score is not None]
    return " / ".join(known) or "–"


def _profile_legend(names, x, repeated) -> list[str]:
    ring = [f'<circle cx="8" cy="10" r="7" fill="#fff" stroke="{DARK}" stroke-width="2"/>', _text(22, 15, names[0])]
    dot_at = x if repeated else 0
    dot = [f'<circle cx="{dot_at + 6}" cy="10" r="5.5" fill="{DARK}"/>', _text(dot_at + 20, 15, names[1])]
    return ring + dot if repeated else dot


def _said_step(row) -> str:
    if row.was is None or row.now is None:
        return _step_in_figures(row)
    return f"было {row.was}, стало {row.now}" if row.was != row.now else f"без изменений, {row.now}"


def share(part: int, whole: int) -> int:
    """Whole percents, half up; raises `ZeroDivisionError` where there is nothing to divide by."""
    return (200 * part + whole) // (2 * whole)


def _figures(row: Share, y: float, parted: bool, bold: bool = False) -> list[str]:
    weight = {"font_weight": 700} if bold else {}
    if not parted:
        return [_text(680, y, _number(row.whole), "end", font_weight=700)]
    known = row.part is not None
    percent = _number(share(row.part, row.whole), "%") if known and row.whole else "–"
    return [
        _text(542, y, _number(row.whole), "end", font_weight=700),
        _text(604, y, _number(row.part), "end", **weight),
        _text(640, y, _number(row.whole - row.part if known else None), "end", **weight),
        _text(680, y, percent, "end", **weight),
    ]


def _axis(series, left, top, bottom, unit, right=0):
    """Ruled lines with round numbers and the function that gives the height of a value."""
    most = max((value for line in series for value in line.values if value is not None), default=0)
    step = _round_step(most, unit)
    highest = max(math.ceil(most / step), 1) * step

    def y(value):
        return bottom - value * (bottom - top) / highest

    body = []
    for i in range(round(highest / step) + 1):
        at = y(i * step)
        colour = RULE if i else INK
        body.append(
            f'<line x1="{left}" y1="{at:.1f}" x2="{WIDTH - right}" y2="{at:.1f}" stroke="{colour}" stroke-width=".7"/>'
        )
        body.append(_text(left - 8, at + 4.5, _number(i * step, unit), "end", fill=GREY))
    return body, y


def _round_step(most: float, unit: str) -> float:
    """1, 2 or 5 times a power of ten, so that three to six lines rule the chart."""
    if unit == "%" and most <= 100 and most > 50:
        return 25
    rough = max(most, 1) / 4
    power = 10 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    return max(step, 1) if float(most).is_integer() else step


def _line_names(ends, x, width) -> list[str]:
    """Names at the ends of the lines, moved apart where they would meet."""
    out, low = [], -math.inf
    for at, name, colour in sorted(ends):
        rows = textwrap.wrap(name, int(width / LETTER)) or [""]
        at = max(at, low)
        out += [_text(x, at + 4.5 + 15 * i, row, fill=colour) for i, row in enumerate(rows)]
        low = at + 15 * len(rows) + 4
    return out


def _runs(xs, values):
    """Neighbouring known points, run by run."""
    run = []
    for x, value in zip(xs, values, strict=True):
        if value is not None:
            run.append((x, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _legend(series, x, y) -> list[str]:
    out = []
    for j, line in enumerate(series):
        fill, stroke = FILLS[j % len(FILLS)]
        out += [_rect(x, y, 12, 12, fill, stroke), _text(x + 17, y + 10, line.title)]
        x += 17 + len(line.title) * LETTER + 20
    return out


def _lines_of(x, y, text, width, anchor) -> list[str]:
    return [_text(x, y + 15 * i, row, anchor) for i, row in enumerate(_wrapped(text, width))]


def _wrapped(text, width) -> list[str]:
    return textwrap.wrap(text, max(int(width / LETTER), 4)) or [""]


def _clipped(text, size) -> str:
    return text if len(text) <= size else f"{text[: size - 1]}."


def _number(value: Value, unit: str = "") -> str:
    if value is None:
        return "–"
    text = f"{value:,}".replace(",", "\u202f").replace(".", ",")
    return f"{text}\u202f{unit}" if unit else text


def _rect(x, y, width, height, fill, stroke) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect {place} fill="{fill}" stroke="{stroke}" stroke-width=".8"/>'


def _text(x, y, value, anchor="start", **attributes) -> str:
    more = "".join(f' {name.replace("_", "-")}="{text}"' for name, text in attributes.items())
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{escape(value)}</text>'


def _svg(height, title, labels, series, body) -> SafeString:
    said = "; ".join(
        f"{line.title}: "
        + ", ".join(f"{label} – {_number(value)}" for label, value in zip(labels, line.values, strict=True))
        for line in series
    )
    return _frame(height, f"{title}. {said}", body)


def _frame(height, title, body, width=WIDTH, letter=13) -> SafeString:
    return mark_safe(  # every text went through escape() in _text, the title does here
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:g}" width="{width / 4:g}mm" '
        f'height="{height / 4:g}mm" role="img" font-family="Doc Sans, PT Sans, sans-serif" font-size="{letter}">'
        f"<title>{escape(title)}</title>{body}</svg>"
    )


def _same_length(labels, series) -> None:
    for line in series:
        if len(line.values) != len(labels):
            raise ValueError(f"{len(line.values)} values for {len(labels)} labels.")
