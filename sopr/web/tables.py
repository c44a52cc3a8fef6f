"""A list's table, shared by the page and the spreadsheet."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Column:
    """One column of a list.

    `value` is an attribute path («case.family.number») or a callable of the row; `kind` chooses how a cell looks:
    text, number, date, datetime, level, due, state, act (a link as a button), links ([(title, url)] one under
    another). `sort` is the ORM field to sort by, empty = not sortable.
    `url`, `tone`, `note` and `mark` (a short word in a frame after the value) are callables of the row. `export`
    replaces `value` in the spreadsheet, where a note with a `note_title` has a column of its own. An `optional` column
    is shown only to who has chosen it.
    """

    key: str
    title: str
    value: str | Callable[[Any], Any] = ""
    kind: str = "text"
    sort: str = ""
    url: Callable[[Any], str] | None = None
    tone: Callable[[Any], str] | None = None
    note: Callable[[Any], str] | None = None
    mark: Callable[[Any], str] | None = None
    export: Callable[[Any], Any] | None = None
    width: int = 20
    note_title: str = ""
    css: str = ""
    optional: bool = False

    def read(self, row):
        """The cell's value for `row`."""
        return _follow(row, self.value or self.key)

    def read_for_export(self, row):
        """The value as it goes into the spreadsheet."""
        return self.export(row) if self.export else self.read(row)


@dataclass
class Cell:
    column: Column
    value: Any
    url: str = ""
    tone: str = ""
    note: str = ""
    mark: str = ""

    @property
    def kind(self):
        return self.column.kind


@dataclass
class Row:
    object: Any
    cells: list[Cell]
    url: str = ""


@dataclass
class Head:
    """A column as the page shows it: with its sort link."""

    column: Column
    sort_url: str = ""
    sorted: str = ""

    def __getattr__(self, name):
        return getattr(self.column, name)


@dataclass
class Table:
    columns: list[Head]
    rows: list[Row] = field(default_factory=list)


def build_row(columns, obj, url="") -> Row:
    """One row of cells for `obj`."""
    cells = [
        Cell(
            column=column,
            value=column.read(obj),
            url=column.url(obj) if column.url else "",
            tone=column.tone(obj) if column.tone else "",
            note=column.note(obj) if column.note else "",
            mark=column.mark(obj) if column.mark else "",
        )
        for column in columns
    ]
    return Row(object=obj, cells=cells, url=url)


def export_columns(columns) -> list[Column]:
    """The columns of the spreadsheet: those shown, without buttons, each note that has a title as its own column."""
    exported = []
    for column in columns:
        if column.kind == "act":
            continue
        exported.append(column)
        if column.note and column.note_title:
            exported.append(Column(f"{column.key}_note", column.note_title, column.note, width=column.width))
    return exported


def _follow(row, path):
    if callable(path):
        return path(row)
    value = row
    for name in path.split("."):
        value = getattr(value, name, None)
        if value is None:
            return None
        if callable(value):
            value = value()
    return value
