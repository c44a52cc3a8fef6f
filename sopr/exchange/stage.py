"""Rows of the workbook on their way: a temporary SQLite file, so that memory does not grow with their number."""

import contextlib
import datetime
import json
import sqlite3
import tempfile

from sopr.exchange.columns import Date

BATCH = 1000


class Stage:
    """Checked rows by sheet, with their numbers in the workbook and the keys by which they are matched."""

    def __init__(self):
        self._file = tempfile.NamedTemporaryFile(suffix=".sqlite3")
        self._db = sqlite3.connect(self._file.name, isolation_level=None)
        self._db.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -2000;"
            "CREATE TABLE row (sheet TEXT, n INTEGER, key TEXT, number TEXT, data TEXT);"
            "CREATE UNIQUE INDEX row_key ON row (sheet, key);"
            "CREATE INDEX row_number ON row (sheet, number);"
            "CREATE INDEX row_place ON row (sheet, n);"  # batches: in the order of the workbook, without a sort
            "CREATE TABLE equal (key TEXT PRIMARY KEY, n INTEGER) WITHOUT ROWID;"
            "CREATE TABLE mention (sheet TEXT, number TEXT);"
            "CREATE INDEX mention_number ON mention (sheet, number);"
            "CREATE TABLE span (what TEXT, grp TEXT, since TEXT, until TEXT, sheet TEXT, n INTEGER);"
            "BEGIN;"
        )

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self._db.close()
        with contextlib.suppress(FileNotFoundError):
            self._file.close()

    def add(self, sheet, n, row, number) -> int | None:
        """Keep a row; returns the number of the earlier row with the same key, if there is one."""
        key = json.dumps([_plain(row.get(title)) for title in sheet.key], ensure_ascii=False) if sheet.key else str(n)
        data = json.dumps({title: _plain(value) for title, value in row.items()}, ensure_ascii=False)
        try:
            self._db.execute("INSERT INTO row VALUES (?, ?, ?, ?, ?)", (sheet.title, n, key, number, data))
        except sqlite3.IntegrityError:
            found = self._db.execute("SELECT n FROM row WHERE sheet = ? AND key = ?", (sheet.title, key))
            return found.fetchone()[0]
        return None

    def count_equal(self, sheet, key) -> int:
        """Which of the equal rows met so far this one is, from 1 on."""
        text = json.dumps([sheet.title, *map(_plain, key)], ensure_ascii=False)
        self._db.execute("INSERT INTO equal VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET n = n + 1", (text,))
        return self._db.execute("SELECT n FROM equal WHERE key = ?", (text,)).fetchone()[0]

    def mention(self, sheet, number):
        """Remember the number of a row that is wrong, so that rows which refer to it are not called wrong too."""
        self._db.execute("INSERT INTO mention VALUES (?, ?)", (sheet.title, number))

    def batches(self, sheet):
        """Yield lists of (row number, row) in the order of the workbook."""
        dates = {column.title for column in sheet.columns if isinstance(column, Date)}
        cursor = self._db.execute(
            "SELECT n, data FROM row INDEXED BY row_place WHERE sheet = ? ORDER BY n", (sheet.title,)
        )
        while chunk := cursor.fetchmany(BATCH):
            yield [(n, _revive(json.loads(data), dates)) for n, data in chunk]

    def count(self, sheet) -> int:
        return self._db.execute("SELECT COUNT(*) FROM row WHERE sheet = ?", (sheet.title,)).fetchone()[0]

    def numbers(self, sheet_title, numbers) -> set[str]:
        """Which of `numbers` stand in the sheet, in rows that are right or wrong."""
        marks = ",".join("?" * len(numbers))
        found = set()
        for table in ("row", "mention"):
            query = f"SELECT DISTINCT number FROM {table} WHERE sheet = ? AND number IN ({marks})"  # noqa: S608 — marks
            found |= {number for (number,) in self._db.execute(query, (sheet_title, *numbers))}
        return found

    def has(self, sheet_title, key) -> bool:
        """Whether a row with this key stands in the sheet."""
        text = json.dumps([_plain(part) for part in key], ensure_ascii=False)
        found = self._db.execute("SELECT 1 FROM row WHERE sheet = ? AND key = ?", (sheet_title, text))
        return found.fetchone() is not None

    def shared_by_several(self, sheet, column):
        """Yield (row number, value) of the last row for each value of `column` that rows of different numbers share."""
        path = f'$."{column}"'
        yield from self._db.execute(
            "SELECT MAX(n), json_extract(data, ?) AS value FROM row WHERE sheet = ? AND value IS NOT NULL "
            "GROUP BY value HAVING COUNT(DISTINCT number) > 1 ORDER BY 1",
            (path, sheet.title),
        )

    def rows_by_number(self, sheet, numbers) -> dict[str, dict]:
        """{number: row} of the sheet's rows with these numbers."""
        dates = {column.title for column in sheet.columns if isinstance(column, Date)}
        marks = ",".join("?" * len(numbers))
        found = self._db.execute(
            f"SELECT number, data FROM row WHERE sheet = ? AND number IN ({marks})",  # noqa: S608 — only marks
            (sheet.title, *numbers),
        )
        return {number: _revive(json.loads(data), dates) for number, data in found}

    def add_span(self, what, group, since, until, sheet_title, n):
        """Remember a period of `group`; `n` = 0 for one that the register already has."""
        self._db.execute(
            "INSERT INTO span VALUES (?, ?, ?, ?, ?, ?)",
            (what, json.dumps(group, ensure_ascii=False), str(since or "0001-01-01"), str(until or "9999-12-31"),
             sheet_title, n),
        )  # fmt: skip

    def overlaps(self, what):
        """Yield (sheet, row number, row number of the other, its since) for periods of one group that overlap."""
        cursor = self._db.execute(
            "SELECT grp, since, until, sheet, n FROM span WHERE what = ? ORDER BY grp, since, n", (what,)
        )
        group, widest = None, None
        for now, since, until, sheet_title, n in cursor:
            if now == group and since <= widest[1]:
                if n or widest[2]:
                    yield sheet_title, n or widest[2], widest[2] if n else 0, widest[0]
                if until <= widest[1]:
                    continue
            group, widest = now, (since, until, n)


def _plain(value):
    return value.isoformat() if isinstance(value, datetime.date) else value


def _revive(row, dates):
    return {
        title: datetime.date.fromisoformat(value) if title in dates and value else value for title, value in row.items()
    }
