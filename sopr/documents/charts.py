"""The profile of scores as SVG: plain data in, markup out. Attributes only, no styles: pages may show it too.

Sizes are in units of a quarter of a millimetre: 680 units are the width of the text of a portrait sheet. It
carries a <title> that says its figures in words: the PDF makes it the picture's alternative text. Pictures of reports
are drawn by reports/drawing.py.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

WIDTH = 680
DARK, WARM, GREY, RULE = "#14505c", "#b3651c", "#555", "#ccc"


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


def _rect(x, y, width, height, fill, stroke) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect {place} fill="{fill}" stroke="{stroke}" stroke-width=".8"/>'


def _text(x, y, value, anchor="start", **attributes) -> str:
    more = "".join(f' {name.replace("_", "-")}="{text}"' for name, text in attributes.items())
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{escape(value)}</text>'


def _frame(height, title, body, width=WIDTH, letter=13) -> SafeString:
    return mark_safe(  # every text went through escape() in _text, the title does here
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:g}" width="{width / 4:g}mm" '
        f'height="{height / 4:g}mm" role="img" font-family="Doc Sans, PT Sans, sans-serif" font-size="{letter}">'
        f"<title>{escape(title)}</title>{body}</svg>"
    )
