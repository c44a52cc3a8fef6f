"""The engine: one aggregated statement per source, for all organisations, the region and all columns at once.

First a stage of one row per casework row × column × scope that may matter, then one row per subject with the pick of
every measure, then counts by category with FILTER. The region is a scope of its own: computed over the region, never
summed from organisations. The list behind a number comes out of the same stage (indicators.md, architecture.md §3).
"""

import hashlib
import re
import zlib
from array import array
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache

from django.db import connection

from reports.indicators.measures import Measure
from reports.indicators.sources import CATEGORIES, CATEGORY_ROOM, CUT_ROOM, decode, unpack

REGION = None  # the scope that is no organisation
CHUNK = 2000  # rows


@dataclass
class Figures:
    """Counts by scope (organisation id or REGION), column code and measure; absent means zero."""

    counts: dict = field(default_factory=dict)

    def count(self, scope, column: str, measure: Measure, parts=()) -> int:
        """Distinct subjects; with `parts`, those of these categories (codes), or of these parts of the cut."""
        by_part = self.parts(scope, column, measure)
        if not parts:
            return sum(by_part.values())
        return sum(by_part.get(part, 0) for part in parts)

    def parts(self, scope, column: str, measure: Measure) -> dict:
        """{category or part of the cut: number}, without the empty ones."""
        return self.counts.get((scope, column, measure.name), {})

    @property
    def scopes(self) -> set:
        """Organisations that have any figure, and REGION."""
        return {scope for scope, _column, _measure in self.counts} | {REGION}


def count(measures, columns, by: str = "") -> Figures:
    """Count all `measures` in all `columns` for every organisation and the region; one statement per source.

    With `by` (a word of CUTS) the parts of the figures are municipalities, councils, categories, levels…, None for
    what belongs to none: a subject stands in the part of the row that speaks for it, so that parts add up. Raises
    ValueError for a measure that cannot be cut so (`cuts_of`).
    """
    figures = Figures()
    for source, group in _by_source(measures).items():
        for scope, col, measure, part, number in _counted(source, group, columns, by):
            if number:
                key = scope, columns[col].code, measure.name
                figures.counts.setdefault(key, {})[part] = int(number)
    return figures


def cuts_of(measure: Measure) -> tuple[str, ...]:
    """By what the measure may be cut."""
    return tuple(measure.source.cuts)


def _counted(source, group, columns, by):
    """(scope, number of the column, measure, part, number) of everything the statement counts."""
    first = _first_of(group)
    if by:
        sql = f"{stage(source, group, by=by)}, picked AS ({_picked(group)}) {_COUNT_PARTS}"
        for scope, col, place, part, number in read(sql, columns, first=first):
            yield scope, col, group[place], decode(by, part), number
        return
    selected, readers = _count_columns(group)
    sql = f"{stage(source, group)} SELECT scope, col, {', '.join(selected)} FROM subjects GROUP BY scope, col"  # noqa: S608
    for scope, col, *numbers in read(sql, columns, first=first):
        for (measure, category), number in zip(readers, numbers, strict=True):
            yield scope, col, measure, category, number


def lists(measures, columns, scope, by: str = "") -> dict:
    """What the numbers of one scope counted: {(measure name, column code): {part: [ids]}}; same conditions."""
    return plain(_listed(measures, columns, scope, by).get(scope, {}))


def lists_of_all(measures, columns) -> dict:
    """The same for every organisation and the region at once: {scope: {…}}; one statement per source.

    The ids are arrays, an eighth of the memory of lists: `plain` makes what `lists` gives of one scope's.
    """
    return _listed(measures, columns, ALL_SCOPES)


def plain(listed: dict) -> dict:
    """One scope's ids as lists."""
    return {key: {part: ids.tolist() for part, ids in by_part.items()} for key, by_part in listed.items()}


def _listed(measures, columns, scope, by="") -> dict:
    found = defaultdict(lambda: defaultdict(lambda: defaultdict(lambda: array("q"))))
    for source, group in _by_source(measures).items():
        names = ", ".join(measure.name for measure in group)
        sql = f"{stage(source, group, scope, by)} SELECT scope, col, {names} FROM subjects ORDER BY col, subject"  # noqa: S608
        for whose, col, *picks in read(sql, columns, scope, first=_first_of(group), many=True):
            of_scope, code = found[whose], columns[col].code
            for measure, pick in zip(group, picks, strict=True):
                if pick is not None:
                    pk, part = unpack(pick, CUT_ROOM if by else CATEGORY_ROOM)
                    of_scope[measure.name, code][_part(measure, part, by)].append(pk)
    return found


def _part(measure, number, by):
    if by:
        return decode(by, number)
    return CATEGORIES[number] if measure.by_category else ""


def stamp(measures, columns) -> str:
    """Names what `count` of these measures and columns would read: equal stamps, equal figures.

    One statement per source takes a number of every row that lies in the columns, without grouping any: the stamp of
    a quarter does not change with what happens after it. The definitions are part of it.
    """
    said = []
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
        ((rows, total),) = read(sql, columns)
        said.append((source.name, rows, str(total), [(each.name, each.where, each.regional) for each in group]))
    return hashlib.sha256(repr((said, columns)).encode()).hexdigest()


@cache
def _columns_of(source) -> tuple[str, ...]:
    """What its rows say."""
    with connection.cursor() as cursor:
        no_days = ", ".join(["0", *["CAST(NULL AS date)"] * 7])
        head = _head(source).replace("{columns}", f"({no_days})")
        cursor.execute(_dialect(f"{head} SELECT * FROM facts LIMIT 0"), ())  # noqa: S608 — our own constants
        return tuple(name for name, *_rest in cursor.description)


def _number_of(*values) -> int:
    return zlib.crc32(repr(values).encode())


ALL_SCOPES = object()


def _head(source) -> str:
    return (
        f"WITH cols(col, day, since, until, year, cohort, first, last) AS (VALUES {{columns}}), facts AS ({source.sql})"
    )


def stage(source, measures, scope=ALL_SCOPES, by="") -> str:
    """WITH … up to `subjects`: one row per scope, column and subject, with each measure's best pick or null.

    `matched` reads the source once, for organisations and the region alike: what a row says in a column.
    """
    where = "TRUE" if scope is REGION else "r.organisation_id = %s"
    if scope is ALL_SCOPES:
        # Not for the lists of one scope: read by a cursor, PostgreSQL then joins before it looks at the days (3 ×).
        where = " OR ".join(dict.fromkeys(measure.condition(False) for measure in measures))
    values = ", ".join(value for measure in measures for value in _values(measure, by))
    return (
        f"{_head(source)}, matched AS ("  # noqa: S608 — our own constants
        f"SELECT r.organisation_id AS organisation_id, c.col AS col, r.subject AS subject, {values} "
        f"FROM facts r JOIN cols c ON {source.relevant} WHERE {where}), "
        f"subjects AS ({_subjects(measures, scope)})"
    )


def _values(measure, by):
    """What a row says of a measure in a column, for an organisation and, where it differs, for the region."""
    for for_region in (False, True) if measure.regional else (False,):
        condition, suffix = measure.condition(for_region), _suffix(measure, for_region)
        yield f"CASE WHEN {condition} THEN {_pick(measure, by)} END AS {measure.name}{suffix}"
        if measure.weight:
            yield f"CASE WHEN {condition} THEN r.{measure.weight} END AS {_weight(measure)}{suffix}"


def _suffix(measure, for_region) -> str:
    return "_regional" if for_region and measure.regional else ""


def _subjects(measures, scope) -> str:
    """The best picks of a subject in an organisation, and in the region.

    PostgreSQL groups each row both ways in one reading; SQLite cannot, and reads twice.
    """
    own, of_region = _best(measures, for_region=False), _best(measures, for_region=True)
    by_organisation = (
        f"SELECT organisation_id AS scope, col, subject, {_named(own)} "  # noqa: S608 — our own constants
        "FROM matched WHERE organisation_id IS NOT NULL GROUP BY organisation_id, col, subject"
    )
    in_region = (
        f"SELECT CAST(NULL AS bigint) AS scope, col, subject, {_named(of_region)} FROM matched GROUP BY col, subject"  # noqa: S608
    )
    if scope is not ALL_SCOPES:
        return in_region if scope is REGION else by_organisation
    if connection.vendor != "postgresql":
        return f"{by_organisation} UNION ALL {in_region}"
    both = {
        name: best if best == whole else f"CASE GROUPING(organisation_id) WHEN 0 THEN {best} ELSE {whole} END"
        for (name, best), whole in zip(own.items(), of_region.values(), strict=True)
    }
    return (
        f"SELECT organisation_id AS scope, col, subject, {_named(both)} FROM matched "  # noqa: S608 — our own constants
        "GROUP BY GROUPING SETS ((organisation_id, col, subject), (col, subject)) "
        "HAVING GROUPING(organisation_id) = 1 OR organisation_id IS NOT NULL"
    )


def _best(measures, *, for_region) -> dict[str, str]:
    """{name: the best of a subject's picks}, with the weights beside."""
    names = {}
    for measure in measures:
        suffix = _suffix(measure, for_region)
        for name in (measure.name, *([_weight(measure)] if measure.weight else [])):
            names[name] = f"MAX({name}{suffix})"
    return names


def _named(values) -> str:
    return ", ".join(f"{value} AS {name}" for name, value in values.items())


def _pick(measure, by) -> str:
    """The pick of a row; where figures are cut, with the part of the cut in the place of the category."""
    if not by:
        return f"r.{measure.pick}"
    if by not in measure.source.cuts:
        raise ValueError(f"{measure.name} cannot be cut by {by}; it can by: {', '.join(cuts_of(measure)) or 'nothing'}")
    return f"r.{measure.pick} / {CATEGORY_ROOM} * {CUT_ROOM} + COALESCE({measure.source.cuts[by]}, 0)"


def _weight(measure) -> str:
    return f"{measure.name}_weight"


def _picked(measures) -> str:
    """One row per subject and measure, for counting by parts that are not known beforehand."""
    return " UNION ALL ".join(
        f"SELECT scope, col, {place} AS measure, {measure.name} %% {CUT_ROOM} AS part, "  # noqa: S608
        f"{_weight(measure) if measure.weight else 1} AS weight FROM subjects WHERE {measure.name} IS NOT NULL"
        for place, measure in enumerate(measures)
    )


_COUNT_PARTS = "SELECT scope, col, measure, part, SUM(weight) FROM picked GROUP BY scope, col, measure, part"


def _count_columns(measures):
    """The SELECT list of counts, and what each of its columns means."""
    selected, readers = [], []
    for measure in measures:
        if not measure.by_category:
            selected.append(f"SUM({_weight(measure)})" if measure.weight else f"COUNT({measure.name})")
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


def _first_of(measures):
    """What gives the first day of a column that these measures ask about: few look back to January or to a cohort."""
    asked = ["day", "since", *(name for name in ("year", "cohort") if any(f"c.{name}" in m.where for m in measures))]
    return lambda column: min(filter(None, (getattr(column, name) for name in asked)))


def read(sql, columns, scope=ALL_SCOPES, *, first=lambda column: column.first, many=False):
    """Rows of a statement; `many` are read as they come, a chunk at a time. `first` as in `_first_of`."""
    postgresql = connection.vendor == "postgresql"
    # PostgreSQL takes a column of nulls for text; SQLite keeps days as text anyway.
    day_place = "CAST(%s AS date)" if postgresql else "%s"
    values, parameters = [], []
    for number, column in enumerate(columns):
        days = [column.day, column.since, column.until, column.year, column.cohort, first(column), column.last]
        parameters += [number, *(connection.ops.adapt_datefield_value(day) for day in days)]
        values.append(f"({', '.join(['%s', *[day_place] * len(days)])})")
    if scope is not ALL_SCOPES and scope is not REGION:
        parameters.append(scope)
    sql = _dialect(sql.replace("{columns}", ", ".join(values)))
    # What is read bit by bit PostgreSQL plans for its first rows, and on one processor: right for lists alone.
    with connection.chunked_cursor() if many else connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        while rows := cursor.fetchmany(CHUNK):
            yield from rows


_DIALECTS = {
    # (day before, day as a number, days between, collation by code points)
    True: ("({0} - 1)", "CAST(to_char({0}, 'YYYYMMDD') AS integer)", "({0} - {1})", '"C"'),
    False: (
        "date({0}, '-1 day')",
        "CAST(strftime('%%Y%%m%%d', {0}) AS integer)",
        "CAST(julianday({0}) - julianday({1}) AS integer)",
        "BINARY",
    ),
}


def _dialect(sql) -> str:
    """Write out what the two databases say differently: {eve:x}, {ymd:x}, {days:x|y} and {binary} of sources."""
    eve, ymd, days, binary = _DIALECTS[connection.vendor == "postgresql"]
    sql = re.sub(r"\{eve:([^}]*)\}", lambda m: eve.format(m[1]), sql)
    sql = re.sub(r"\{ymd:([^}]*)\}", lambda m: ymd.format(m[1]), sql)
    sql = re.sub(r"\{days:([^}|]*)\|([^}]*)\}", lambda m: days.format(m[1], m[2]), sql)
    return sql.replace("{binary}", binary)
