"""The engine: one aggregated statement per source, for all organisations, the region and all columns at once.

First a stage of one row per casework row × column × scope that may matter, then one row per subject with the pick of
every measure, then counts by category with FILTER. The region is a scope of its own: computed over the region, never
summed from organisations. The list behind a number comes out of the same stage (indicators.md, architecture.md §3).
"""

import hashlib
import zlib
from array import array
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache

from django.db import connection

from reports.indicators.measures import Measure
from reports.indicators.sources import CATEGORIES, CATEGORY_ROOM, unpack

REGION = None  # the scope that is no organisation
CHUNK = 2000  # rows


@dataclass
class Figures:
    """Counts by scope (organisation id or REGION), column code and measure; absent means zero."""

    counts: dict = field(default_factory=dict)

    def count(self, scope, column: str, measure: Measure, categories=()) -> int:
        """Distinct subjects; with `categories` (codes), those of these categories."""
        by_category = self.counts.get((scope, column, measure.name), {})
        if not categories:
            return sum(by_category.values())
        return sum(by_category.get(category, 0) for category in categories)

    @property
    def scopes(self) -> set:
        """Organisations that have any figure, and REGION."""
        return {scope for scope, _column, _measure in self.counts} | {REGION}


def count(measures, columns) -> Figures:
    """Count all `measures` in all `columns` for every organisation and the region; one statement per source."""
    figures = Figures()
    for source, group in _by_source(measures).items():
        selected, readers = _count_columns(group)
        sql = f"{_stage(source, group)} SELECT scope, col, {', '.join(selected)} FROM subjects GROUP BY scope, col"  # noqa: S608
        for scope, col, *numbers in _fetch(sql, source, columns):
            for (measure, category), number in zip(readers, numbers, strict=True):
                if number:
                    key = scope, columns[col].code, measure.name
                    figures.counts.setdefault(key, {})[category] = number
    return figures


def lists(measures, columns, scope) -> dict:
    """What the numbers of one scope counted: {(measure name, column code): {category: [ids]}}; same conditions."""
    return plain(_listed(measures, columns, scope).get(scope, {}))


def lists_of_all(measures, columns) -> dict:
    """The same for every organisation and the region at once: {scope: {…}}; one statement per source.

    The ids are arrays, an eighth of the memory of lists: `plain` makes what `lists` gives of one scope's.
    """
    return _listed(measures, columns, ALL_SCOPES)


def plain(listed: dict) -> dict:
    """One scope's ids as lists."""
    return {key: {each: ids.tolist() for each, ids in by_category.items()} for key, by_category in listed.items()}


def _listed(measures, columns, scope) -> dict:
    found = defaultdict(lambda: defaultdict(lambda: defaultdict(lambda: array("q"))))
    for source, group in _by_source(measures).items():
        names = ", ".join(measure.name for measure in group)
        sql = f"{_stage(source, group, scope)} SELECT scope, col, {names} FROM subjects ORDER BY col, subject"  # noqa: S608
        for whose, col, *picks in _read(sql, source, columns, scope):
            of_scope, code = found[whose], columns[col].code
            for measure, pick in zip(group, picks, strict=True):
                if pick is not None:
                    pk, category = unpack(pick)
                    key = CATEGORIES[category] if measure.by_category else ""
                    of_scope[measure.name, code][key].append(pk)
    return found


def stamp(measures, columns) -> str:
    """Names what `count` of these measures and columns would read: equal stamps, equal figures.

    One statement per source takes a number of every row that lies in the columns, without grouping any: the stamp of
    a quarter does not change with what happens after it. The definitions are part of it.
    """
    read = []
    for source, group in _by_source(measures).items():
        names = ", ".join(f"r.{name}" for name in _columns_of(source))
        number = f"hashtextextended(CAST(ROW({names}) AS text), 0)"
        if connection.vendor != "postgresql":
            connection.ensure_connection()
            connection.connection.create_function("row_number_of", -1, _number_of, deterministic=True)
            number = f"row_number_of({names})"
        sql = (
            f"{_head(source)} SELECT COUNT(*), SUM({number}) FROM facts r "  # noqa: S608 — our own constants
            f"WHERE EXISTS (SELECT 1 FROM cols c WHERE {source.relevant})"
        )
        ((rows, total),) = _fetch(sql, source, columns)
        read.append((source.name, rows, str(total), [(each.name, each.where, each.regional) for each in group]))
    return hashlib.sha256(repr((read, columns)).encode()).hexdigest()


@cache
def _columns_of(source) -> tuple[str, ...]:
    """What its rows say."""
    with connection.cursor() as cursor:
        cursor.execute(_dialect(f"SELECT * FROM ({source.sql}) rows LIMIT 0"))  # noqa: S608 — our own constants
        return tuple(name for name, *_rest in cursor.description)


def _number_of(*values) -> int:
    return zlib.crc32(repr(values).encode())


ALL_SCOPES = object()


def _head(source) -> str:
    return (
        f"WITH cols(col, day, since, until, year, cohort, first, last) AS (VALUES {{columns}}), facts AS ({source.sql})"
    )


def _stage(source, measures, scope=ALL_SCOPES) -> str:
    """WITH … up to `subjects`: one row per scope, column and subject, with each measure's best pick or null."""
    parts = []
    if scope is not REGION:
        where = "r.organisation_id IS NOT NULL" if scope is ALL_SCOPES else "r.organisation_id = %s"
        parts.append(_subjects("r.organisation_id", where, source, measures, for_region=False))
    if scope is REGION or scope is ALL_SCOPES:
        parts.append(_subjects("CAST(NULL AS bigint)", "1 = 1", source, measures, for_region=True))
    return f"{_head(source)}, subjects AS ({' UNION ALL '.join(parts)})"


def _subjects(scope, where, source, measures, *, for_region) -> str:
    picks = ", ".join(
        f"MAX(CASE WHEN {measure.condition(for_region)} THEN r.{measure.pick} END) AS {measure.name}"
        for measure in measures
    )
    grouped = "c.col, r.subject" if for_region else "r.organisation_id, c.col, r.subject"
    return (
        f"SELECT {scope} AS scope, c.col AS col, r.subject AS subject, {picks} "  # noqa: S608 — our own constants
        f"FROM facts r JOIN cols c ON {source.relevant} WHERE {where} GROUP BY {grouped}"
    )


def _count_columns(measures):
    """The SELECT list of counts, and what each of its columns means."""
    selected, readers = [], []
    for measure in measures:
        if not measure.by_category:
            selected.append(f"COUNT({measure.name})")
            readers.append((measure, ""))
            continue
        for number, category in enumerate(CATEGORIES):
            selected.append(f"COUNT(*) FILTER (WHERE {measure.name} %% {CATEGORY_ROOM} = {number})")
            readers.append((measure, category))
    return selected, readers


def _by_source(measures) -> dict:
    groups = defaultdict(list)
    for measure in dict.fromkeys(measures):
        groups[measure.source].append(measure)
    return groups


def _fetch(sql, source, columns):
    return list(_read(sql, source, columns))


def _read(sql, source, columns, scope=ALL_SCOPES):
    """Rows of a statement as they come, a chunk at a time."""
    postgresql = connection.vendor == "postgresql"
    # PostgreSQL takes a column of nulls for text; SQLite keeps days as text anyway.
    day_place = "CAST(%s AS date)" if postgresql else "%s"
    values, parameters = [], []
    for number, column in enumerate(columns):
        days = [column.day, column.since, column.until, column.year, column.cohort, column.first, column.last]
        parameters += [number, *(connection.ops.adapt_datefield_value(day) for day in days)]
        values.append(f"({', '.join(['%s', *[day_place] * len(days)])})")
    if scope is not ALL_SCOPES and scope is not REGION:
        parameters.append(scope)
    sql = _dialect(sql).replace("{columns}", ", ".join(values))
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, parameters)
        while rows := cursor.fetchmany(CHUNK):
            yield from rows


def _dialect(sql) -> str:
    return sql.replace("{binary}", '"C"' if connection.vendor == "postgresql" else "BINARY")
