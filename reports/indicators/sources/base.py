"""What a source is, how a pick is packed and by what figures may be cut."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cases.words import Level
from families.categories import Category

CATEGORIES = tuple(Category.values)
LEVELS = tuple(Level.values)

# A pick holds, from its high digits to its low ones: the row's rank within its subject, its id, its category.
CATEGORY_ROOM = 32
ID_ROOM = 2**40
# Where figures are cut, the cut stands in the place of the category; ids of what cuts are small.
CUT_ROOM = 2**14

# What figures may be cut by, with the words of its numbers; None: the number is the id of a row.
CUTS: dict[str, tuple[str, ...] | None] = {
    "municipality": None,
    "council": None,
    "category": CATEGORIES,
    "level": LEVELS,
    "group": None,
    "service": None,
}


def unpack(pick: int, room: int = CATEGORY_ROOM) -> tuple[int, int]:
    """(id of the row, number of its category, or of its cut) of a pick."""
    return pick // room % ID_ROOM, pick % room


def decode(by: str, number: int):
    """What a number of the cut `by` means: a code, an id, or None for what is in no part."""
    if not number:
        return None
    words = CUTS[by]
    return words[number - 1] if words else number


@dataclass(frozen=True)
class Source:
    """A table of casework. `model` names what its ids are of; `sql` is trusted text of ours, which may ask the days of
    all columns from `cols`; `relevant` narrows the rows to a column before measures look at them; `cuts` say in SQL to
    which part a row r belongs in a column c."""

    name: str
    model: str
    sql: str
    relevant: str
    picks: tuple[str, ...] = ("latest",)
    cuts: Mapping[str, str] = field(default_factory=dict, compare=False)


LATEST = f"id * {CATEGORY_ROOM} AS latest"


def pick(rank, name):
    """The SQL of a pick of a row with an `id` and a `category`."""
    return f"({rank} * {ID_ROOM} + id) * {CATEGORY_ROOM} + category AS {name}"


def code_number(column, codes, default=0, first=0):
    """SQL that gives a code's number: its place in `codes`, counted from `first`."""
    places = " ".join(f"WHEN '{code}' THEN {number}" for number, code in enumerate(codes, start=first))
    return f"CASE {column} {places} ELSE {default} END"


def of_family(family: str) -> dict[str, str]:
    """Cuts of rows about a family."""
    return {"municipality": f"(SELECT f.municipality_id FROM families_family f WHERE f.id = {family})"}  # noqa: S608


def of_organisation(organisation: str) -> dict[str, str]:
    """Cuts of rows that only an organisation places."""
    return {"municipality": f"(SELECT o.municipality_id FROM accounts_organisation o WHERE o.id = {organisation})"}  # noqa: S608


def of_case(case: str, family: str) -> dict[str, str]:
    """Cuts of rows about a case. The council is the one that accepted it; the level is that of the column's last day,
    or of the case's own last day when it was over by then."""
    level = code_number("p.level", LEVELS, first=1)
    category = code_number("k.primary_category", CATEGORIES, CATEGORIES.index("other") + 1, first=1)
    last = "CASE WHEN k.closed_on < c.day THEN k.closed_on ELSE c.day END"
    accepting = f"WHERE i.case_id = {case} AND i.state = 'decided' AND i.question = 'recognise'"
    standing = f"WHERE k.id = {case} AND p.since <= {last} AND (p.until IS NULL OR p.until >= {last})"
    return of_family(family) | {
        "council": f"(SELECT MAX(i.council_id) FROM councils_agendaitem i {accepting})",  # noqa: S608
        "category": f"(SELECT {category} FROM cases_case k WHERE k.id = {case})",  # noqa: S608
        "level": f"(SELECT MAX({level}) FROM cases_case k JOIN cases_levelperiod p ON p.case_id = k.id {standing})",  # noqa: S608
    }


# Organisations with a support service: what is known of a territory stands in the reports of each of them there.
SERVING = """(
            SELECT o.id, o.municipality_id FROM accounts_organisation o
            WHERE EXISTS (SELECT 1 FROM accounts_unit u WHERE u.organisation_id = o.id AND u.supports_families))"""
