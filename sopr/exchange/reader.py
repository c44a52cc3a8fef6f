"""Cells of a workbook one row at a time, memory flat in its size.

openpyxl opens the package and knows the styles; its read-only mode keeps every shared string in memory and a husk of
every row it has passed, so strings go to disk here and rows are dropped behind the reader.
"""

import os
import re
import struct
import tempfile
import zipfile
from xml.etree.ElementTree import iterparse

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.datetime import from_excel, from_ISO8601
from openpyxl.xml.constants import SHARED_STRINGS

ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
CACHED = 5_000  # shared strings kept at hand: those that repeat stand near one another
EDGE, EDGES = struct.Struct("<Q"), struct.Struct("<QQ")


class StringsOnDisk:
    """The shared strings by number: the text in one temporary file, where each begins and ends in another."""

    def __init__(self, source):
        self._text, self._edges = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self._near = {}
        self._edges.write(EDGE.pack(0))
        end = self._count = 0
        for element in _stream(source, "si"):
            end += self._text.write(text_of(element).encode())
            self._edges.write(EDGE.pack(end))
            self._count += 1
        self._text.flush()
        self._edges.flush()

    def __del__(self):
        self._text.close()
        self._edges.close()

    def __getitem__(self, number) -> str:
        text = self._near.get(number)
        if text is None:
            if not 0 <= number < self._count:
                raise IndexError(number)
            start, end = EDGES.unpack(os.pread(self._edges.fileno(), EDGES.size, number * EDGE.size))
            text = os.pread(self._text.fileno(), end - start, start).decode()
            if len(self._near) >= CACHED:
                self._near.clear()
            self._near[number] = text
        return text


class Reader(ExcelReader):
    def read_strings(self):
        part = self.package.find(SHARED_STRINGS)
        if part is not None:
            with self.archive.open(part.PartName[1:]) as source:
                self.shared_strings = StringsOnDisk(source)


def open_for_streaming(file):
    """The workbook, read-only; raises whatever openpyxl and its parsers raise."""
    reader = Reader(file, read_only=True, data_only=False, keep_links=False)
    reader.read()
    return reader.wb


def count_rows(file) -> int:
    """About how many rows all sheets have together, for a share of progress; 0 when the file does not say."""
    total = 0
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                with archive.open(name) as source:
                    tail = b""
                    while chunk := source.read(1 << 20):
                        total += (tail + chunk).count(b"<row ")
                        tail = chunk[-4:]
    return total


def iterate(worksheet):
    """Yield (row number, [(value, kind), …]); kinds are openpyxl's: n, s, b, d, e for an error, f for a formula."""
    book = worksheet.parent
    read = CellReader(worksheet._shared_strings, book.epoch, book._date_formats, book._timedelta_formats)
    n = 0
    with worksheet._get_source() as source:
        for element in _stream(source, "row"):
            n = int(element.get("r") or n + 1)
            cells = []
            for cell in element:
                position = column_of(cell.get("r"), len(cells))
                while len(cells) < position:
                    cells.append((None, "n"))
                cells.append(read(cell))
            yield n, cells


def _stream(source, name):
    """Yield the elements called `name`, whatever their namespace, and forget each after its use."""
    parents = []
    for event, element in iterparse(source, ("start", "end")):  # noqa: S314
        if event == "start":
            parents.append(element)
            continue
        parents.pop()
        if element.tag.rpartition("}")[2] == name:
            yield element
            element.clear()
            if parents:
                parents[-1].clear()


_COLUMNS: dict[str, int] = {}


def column_of(reference, following) -> int:
    """Position from 0 of «AB12»; the one that follows when the cell does not say."""
    if not reference:
        return following
    letters = reference.rstrip("0123456789")
    position = _COLUMNS.get(letters)
    if position is None:
        position = 0
        for letter in letters:
            position = position * 26 + ord(letter) - 64
        position = _COLUMNS[letters] = position - 1
    return position


def text_of(element) -> str:
    """The text of a string item: its runs, without what is only to be pronounced."""
    parts = []
    for child in element:
        name = child.tag.rpartition("}")[2]
        if name == "t":
            parts.append(child.text or "")
        elif name == "r":
            parts += [run.text or "" for run in child if run.tag.endswith("}t")]
    text = "".join(parts)
    return ESCAPED.sub(lambda code: chr(int(code[1], 16)), text) if "_x" in text else text


class CellReader:
    """Turns a cell's element into (value, kind)."""

    def __init__(self, strings, epoch, date_formats, timedelta_formats):
        self.strings, self.epoch = strings, epoch
        self.date_formats, self.timedelta_formats = date_formats, timedelta_formats

    def __call__(self, cell):
        kind = cell.get("t", "n")
        raw = inline = None
        for child in cell:
            name = child.tag.rpartition("}")[2]
            if name == "f":
                return f"={child.text or ''}", "f"
            if name == "v":
                raw = child.text
            elif name == "is":
                inline = child
        if kind == "inlineStr":
            return (text_of(inline), "s") if inline is not None else (None, "n")
        if not raw:
            return None, "n"
        return self._value(kind, raw, int(cell.get("s") or 0))

    def _value(self, kind, raw, style):
        match kind:
            case "s":
                return self.strings[int(raw)], "s"
            case "n":
                return self._number(raw, style)
            case "b":
                return bool(int(raw)), "b"
            case "d":
                return from_ISO8601(raw), "d"
            case "str":
                return raw, "s"
        return raw, kind

    def _number(self, raw, style):
        value = float(raw) if "." in raw or "E" in raw or "e" in raw else int(raw)
        if style not in self.date_formats:
            return value, "n"
        try:
            return from_excel(value, self.epoch, timedelta=style in self.timedelta_formats), "d"
        except (OverflowError, ValueError):
            return "#VALUE!", "e"
