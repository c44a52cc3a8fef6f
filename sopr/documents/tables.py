"""Lays a table of any number of columns onto sheets: portrait, landscape, small type, or split.

Widths in millimetres; what fits is estimated from the longest words, as the type has no tables of metrics here.
"""

import math
from dataclasses import dataclass

PORTRAIT, LANDSCAPE = 170, 257  # width of the text between the margins of a paper kept over ten years
TITLE = 60  # the least width of the column of titles
MOST_COLUMNS = 8  # on a portrait sheet, the number, title and unit among them
DIGIT, LETTER = 2.12, 2.05  # average widths of a digit at 12 pt and of a letter at 11 pt
AIR = 1.5  # about the heads of a table with few columns
DENSE = 0.84  # small type against the usual


@dataclass(frozen=True)
class Head:
    """A cell of the table's head."""

    title: str
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True)
class Sheet:
    """One table as printed; `widths` are of all columns in order, None takes what is left."""

    widths: tuple[float | None, ...]
    has_code: bool
    has_unit: bool
    top: tuple[Head, ...]
    bottom: tuple[Head, ...]
    rows: tuple[dict, ...]
    numbers: tuple[int, ...]
    dense: bool = False
    landscape: bool = False

    @property
    def span(self) -> int:
        """How many columns the table has."""
        return len(self.widths)


def lay_out(columns, rows) -> list[Sheet]:
    """Sheets on which a table of values is printed.

    `columns`: the columns of values, each a string or {"title", "group"} (neighbours of one group get a common
    head). `rows`: {"code", "title", "unit", "values", "kind", "level"}, values ready to be printed.
    Over MOST_COLUMNS columns, or where they do not fit, the sheet turns; then the type shrinks; then the columns
    go onto several tables, each with the titles of the rows.
    """
    columns = [{"title": column} if isinstance(column, str) else column for column in columns]
    has_code = any(row.get("code") for row in rows)
    has_unit = any(row.get("unit") for row in rows)
    code = _longest(rows, "code") * DIGIT + 2.2 if has_code else 0
    unit = max(_word(rows, "unit") * DIGIT + 2.2, len("Единица") * LETTER + 1.8) if has_unit else 0
    natural = natural_widths(columns, rows)
    aside = code + unit + TITLE

    fixed = 1 + has_code + has_unit
    landscape = fixed + len(columns) > MOST_COLUMNS or aside + sum(natural) > PORTRAIT
    dense = landscape and aside + sum(natural) > LANDSCAPE
    if dense:
        natural = [width * DENSE for width in natural]
    parts = math.ceil(sum(natural) / (LANDSCAPE - aside)) if dense else 1
    size = math.ceil(len(columns) / parts) if columns else 1

    sheets = []
    for start in range(0, max(len(columns), 1), size):
        shown = slice(start, start + size)
        top, bottom = _head(columns[shown])
        sheets.append(
            Sheet(
                widths=(*([code] if has_code else []), None, *([unit] if has_unit else []), *natural[shown]),
                has_code=has_code,
                has_unit=has_unit,
                top=top,
                bottom=bottom,
                rows=tuple({**row, "values": list(row.get("values", ()))[shown]} for row in rows),
                numbers=(*range(1, fixed + 1), *(fixed + 1 + i for i in range(start, start + len(columns[shown])))),
                dense=dense,
                landscape=landscape,
            )
        )
    return sheets


def natural_widths(columns, rows) -> list[float]:
    """Millimetres each column of values wants: its longest value on one line, its head broken by words."""
    titles = [column if isinstance(column, str) else column["title"] for column in columns]
    return [_natural(title, rows, index) for index, title in enumerate(titles)]


def shared_widths(tables) -> list[float]:
    """Millimetres for the columns of values of several tables {columns, rows}, the same in all, with some air."""
    natural = [natural_widths(table["columns"], table["rows"]) for table in tables]
    return [max(widths) + AIR for widths in zip(*natural, strict=True)]


def _head(columns) -> tuple[tuple[Head, ...], tuple[Head, ...]]:
    """The head in one row, or in two where columns have a group."""
    if not any(column.get("group") for column in columns):
        return tuple(Head(column["title"]) for column in columns), ()
    top, bottom, group = [], [], None
    for column in columns:
        name = column.get("group")
        if not name:
            top.append(Head(column["title"], rows=2))
        else:
            bottom.append(Head(column["title"]))
            if name == group:
                top[-1] = Head(name, columns=top[-1].columns + 1)
            else:
                top.append(Head(name))
        group = name
    return tuple(top), tuple(bottom)


def _natural(title, rows, index) -> float:
    values = [str(row["values"][index]) for row in rows if index < len(row.get("values", ()))]
    value = max((len(value) for value in values), default=0) * DIGIT + 2.2
    head = max((len(word) for word in title.split()), default=0) * LETTER + 1.2
    return min(max(value, head, 12.5), 45)


def _longest(rows, key) -> int:
    return max((len(str(row.get(key) or "")) for row in rows), default=0)


def _word(rows, key) -> int:
    return max((len(word) for row in rows for word in str(row.get(key) or "").split()), default=0)
