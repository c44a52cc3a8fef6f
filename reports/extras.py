"""What a snapshot keeps besides its cells, for files and pictures: sums, levels, moves between them, municipalities."""

from django.db import connection

from cases.words import Level
from reports.indicators.rows import Counted
from reports.indicators.sources import CATEGORIES
from sopr.accounts.models import Municipality

# The figures of the heat table, as (name, title): conditions in SQL below.
TERRITORY = (
    ("on_support", "на сопровождении"),
    ("accepted", "приняты"),
    ("removed", "сняты"),
    ("overcame", "преодолели"),
)


def of(form, main, organisation=None) -> dict:
    """Keys of the snapshot: `sums` {row: [its sub-rows]}, `levels`, `moves`, `territory` of the main column."""
    return {"sums": sums_of(form), **casework_of(main, organisation)}


def sums_of(form) -> dict[str, list[str]]:
    """Totals whose sub-rows share out every category once: only these are sums, «of them» is not."""
    found = {}
    for row in form.rows:
        parts = [part for part in form.rows if part.code.startswith(f"{row.code}.")]
        if not isinstance(row, Counted) or not parts or not all(_is_part(part, row) for part in parts):
            continue
        shared = [category for part in parts for category in part.categories]
        if sorted(shared) == sorted(CATEGORIES):
            found[row.code] = [part.code for part in parts]
    return found


def _is_part(part, row) -> bool:
    return isinstance(part, Counted) and part.measure == row.measure and not row.categories


# One statement: families by level on the last day, families that changed levels in the period, families by place.
# A change: a period of a level that follows, in its case, one of another level that ended the day before.
_SQL = """
WITH kept AS (
    SELECT k.id, k.family_id, f.municipality_id AS place, k.accepted_on, k.closed_on, k.outcome,
           k.transferred_from_id IS NOT NULL AS came, k.closure_reason = 'transferred' AS gone
    FROM cases_case k JOIN families_family f ON f.id = k.family_id
    WHERE k.accepted_on IS NOT NULL AND k.accepted_on <= {until} {own}
)
SELECT 'level', l.level, '', COUNT(DISTINCT k.family_id), 0, 0, 0
FROM kept k JOIN cases_levelperiod l ON l.case_id = k.id
WHERE (k.closed_on IS NULL OR k.closed_on > {until}) AND l.since <= {until} AND (l.until IS NULL OR l.until >= {until})
GROUP BY l.level
UNION ALL
SELECT 'move', b.level, l.level, COUNT(DISTINCT k.family_id), 0, 0, 0
FROM kept k
JOIN cases_levelperiod l ON l.case_id = k.id AND l.since BETWEEN {since} AND {until}
JOIN cases_levelperiod b ON b.case_id = k.id AND b.level <> l.level AND b.until = {eve}
GROUP BY b.level, l.level
UNION ALL
SELECT 'place', CAST(k.place AS varchar), '',
       COUNT(DISTINCT CASE WHEN k.closed_on IS NULL OR k.closed_on > {until} THEN k.family_id END),
       COUNT(DISTINCT CASE WHEN k.accepted_on BETWEEN {since} AND {until} {not_came} THEN k.family_id END),
       COUNT(DISTINCT CASE WHEN k.closed_on BETWEEN {since} AND {until} {not_gone} THEN k.family_id END),
       COUNT(DISTINCT CASE WHEN k.closed_on BETWEEN {since} AND {until} AND k.outcome = 'overcame' THEN k.family_id END)
FROM kept k GROUP BY k.place"""


def casework_of(main, organisation=None) -> dict:
    """Levels on the last day of the main column, moves between levels in it, and figures by municipality."""
    found = {"level": {}, "move": {}, "place": {}}
    for kind, first, second, *numbers in _fetch(main, organisation):
        found[kind][first, second] = numbers
    order = Level.values
    names = dict(Municipality.objects.values_list("pk", "name"))
    places = {int(place): numbers for (place, _), numbers in found["place"].items() if any(numbers)}
    return {
        "levels": [
            {"title": Level(level).label, "value": found["level"][level, ""][0]}
            for level in order
            if (level, "") in found["level"]
        ],
        "moves": [
            {"from": Level(before).label, "to": Level(after).label, "value": found["move"][before, after][0]}
            for before in order
            for after in order
            if (before, after) in found["move"]
        ],
        "territory": {
            "columns": [title for _name, title in TERRITORY],
            "rows": [
                {"title": names[place], "values": numbers}
                for place, numbers in sorted(places.items(), key=lambda pair: (names[pair[0]], pair[0]))
            ],
        },
    }


def _fetch(main, organisation):
    day = "CAST(%(until)s AS date)" if connection.vendor == "postgresql" else "%(until)s"
    places = {name: day.replace("until", name) for name in ("since", "until")}
    sql = _SQL.format(
        **places,
        eve="l.since - 1" if connection.vendor == "postgresql" else "date(l.since, '-1 day')",
        own="AND k.organisation_id = %(organisation)s" if organisation else "",
        not_came="" if organisation else "AND NOT k.came",
        not_gone="" if organisation else "AND NOT k.gone",
    )
    since = main.since or main.day
    adapt = connection.ops.adapt_datefield_value
    values = {"since": adapt(since), "until": adapt(main.until or main.day)}
    if organisation:
        values["organisation"] = organisation.pk
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
