"""Where figures come from: one SELECT per table of casework, the same on PostgreSQL and SQLite.

A source yields rows with `organisation_id` (whose figure it is; empty = the region's only), `subject` (what is counted
once), `id` (the row a list shows) and what its measures ask about. `picks` are numbers that grow with preference:
of several rows of one subject the one with the greatest is taken, and it can be read back from the number (`unpack`).
"""

from dataclasses import dataclass

from families.categories import Category

CATEGORIES = tuple(Category.values)

# A pick holds, from its high digits to its low ones: the row's rank within its subject, its id, its category.
CATEGORY_ROOM = 32
ID_ROOM = 2**40


def unpack(pick: int) -> tuple[int, int]:
    """(id of the row, number of its category in CATEGORIES) of a pick."""
    return pick // CATEGORY_ROOM % ID_ROOM, pick % CATEGORY_ROOM


@dataclass(frozen=True)
class Source:
    """A table of casework. `model` names what its ids are of; `sql` is trusted text of ours, {binary} the collation
    that compares numbers by code points; `relevant` narrows the rows to a column before measures look at them."""

    name: str
    model: str
    sql: str
    relevant: str
    picks: tuple[str, ...] = ("latest",)


def _pick(rank, name):
    return f"({rank} * {ID_ROOM} + id) * {CATEGORY_ROOM} + category AS {name}"


_CATEGORY = (
    "CASE primary_category "
    + " ".join(f"WHEN '{code}' THEN {number}" for number, code in enumerate(CATEGORIES))
    + f" ELSE {CATEGORIES.index('other')} END AS category"
)

# Accepted cases. The case accepted last, or closed last, speaks for a family with several; then the higher number.
CASES = Source(
    name="cases",
    model="cases.Case",
    sql=f"""
        SELECT organisation_id, family_id AS subject, id, accepted_on, closed_on, outcome, ground, came, gone,
               {_pick("by_accepted", "accepted_last")},
               {_pick("by_closed", "closed_last")}
        FROM (
            SELECT id, organisation_id, family_id, accepted_on, closed_on, outcome, ground,
                   transferred_from_id IS NOT NULL AS came, closure_reason = 'transferred' AS gone, {_CATEGORY},
                   ROW_NUMBER() OVER (PARTITION BY family_id
                                      ORDER BY accepted_on, number_key COLLATE {{binary}}, id) AS by_accepted,
                   ROW_NUMBER() OVER (PARTITION BY family_id
                                      ORDER BY closed_on, number_key COLLATE {{binary}}, id) AS by_closed
            FROM cases_case WHERE accepted_on IS NOT NULL
        ) ranked""",  # noqa: S608 — our own constants
    relevant="r.accepted_on <= c.last AND (r.closed_on IS NULL OR r.closed_on >= c.first)",
    picks=("accepted_last", "closed_last"),
)

_LATEST = f"id * {CATEGORY_ROOM} AS latest"

# Answers to the survey: a family once, each anonymous answer as one (its subject is its own negative id).
SURVEYS = Source(
    name="surveys",
    model="cases.Survey",
    sql=f"""
        SELECT organisation_id, subject, id, answered_on, satisfied, {_LATEST}
        FROM (
            SELECT s.organisation_id, COALESCE(k.family_id, -s.id) AS subject, s.id, s.answered_on, s.satisfied
            FROM cases_survey s LEFT JOIN cases_case k ON k.id = s.case_id
        ) answers""",  # noqa: S608 — our own constants
    relevant="r.answered_on BETWEEN c.since AND c.until",
)

# Support services: an organisation once, however many units it has.
SERVICES = Source(
    name="services",
    model="accounts.Unit",
    sql=f"""
        SELECT organisation_id, organisation_id AS subject, id, since, until, {_LATEST}
        FROM accounts_unit WHERE supports_families""",  # noqa: S608 — our own constants
    relevant="r.since <= c.day AND (r.until IS NULL OR r.until >= c.day)",
)

# Specialists who hold support work: persons, not posts.
SPECIALISTS = Source(
    name="specialists",
    model="accounts.StaffRecord",
    sql=f"""
        SELECT organisation_id, user_id AS subject, id, since, until, {_LATEST}
        FROM accounts_staffrecord WHERE role = 'curator'""",  # noqa: S608 — our own constants
    relevant="r.since <= c.day AND (r.until IS NULL OR r.until >= c.day)",
)

# NGOs by the activities they carried out; an organisation's are those of its own cases.
NGO_ACTIVITIES = Source(
    name="ngo_activities",
    model="cases.Activity",
    sql=f"""
        SELECT organisation_id, subject, id, done_on, {_LATEST}
        FROM (
            SELECT k.organisation_id, a.agency_id AS subject, a.id, a.done_on
            FROM cases_activity a
            JOIN accounts_organisation o ON o.id = a.agency_id AND o.kind = 'ngo'
            JOIN cases_case k ON k.id = a.case_id
            WHERE a.state = 'done'
        ) carried_out""",  # noqa: S608 — our own constants
    relevant="r.done_on BETWEEN c.since AND c.until",
)

# Interagency patronage: families removed from its register; an organisation's are those whose card it holds.
PATRONAGE = Source(
    name="patronage",
    model="families.RegisterEntry",
    sql=f"""
        SELECT organisation_id, subject, id, removed_on, positive, {_LATEST}
        FROM (
            SELECT h.organisation_id, e.family_id AS subject, e.id, e.removed_on,
                   e.positive_rehabilitation AS positive
            FROM families_registerentry e LEFT JOIN families_family_holders h ON h.family_id = e.family_id
            WHERE e.kind = 'patronage' AND e.removed_on IS NOT NULL
        ) removed""",  # noqa: S608 — our own constants
    relevant="r.removed_on BETWEEN c.since AND c.until",
)

# Councils held: signed minutes and a quorum; the continuation of a meeting that had its quorum is the same meeting, a
# vote by correspondence is none. An organisation's are those that decided on its cases.
MEETINGS = Source(
    name="meetings",
    model="councils.Meeting",
    sql=f"""
        SELECT organisation_id, subject, id, held_on, {_LATEST}
        FROM (
            SELECT k.organisation_id, m.id AS subject, m.id, m.held_on
            FROM councils_meeting m
            LEFT JOIN councils_agendaitem i ON i.meeting_id = m.id AND i.state = 'decided'
            LEFT JOIN cases_case k ON k.id = i.case_id
            LEFT JOIN councils_meeting before ON before.id = m.continues_id
            WHERE m.state = 'signed' AND m.had_quorum AND m.form = 'in_person'
              AND (before.id IS NULL OR (before.state = 'signed' AND NOT before.had_quorum))
        ) held""",  # noqa: S608 — our own constants
    relevant="r.held_on BETWEEN c.since AND c.until",
)

_DECIDED = """
            FROM councils_agendaitem i
            JOIN councils_meeting m ON m.id = i.meeting_id AND m.state = 'signed' AND m.had_quorum
            JOIN cases_case k ON k.id = i.case_id
            WHERE i.state = 'decided'"""

# Questions decided at those councils, and beside them the families they were about.
ITEMS = Source(
    name="items",
    model="councils.AgendaItem",
    sql=f"""
        SELECT organisation_id, subject, id, held_on, {_LATEST}
        FROM (SELECT k.organisation_id, i.id AS subject, i.id, m.held_on {_DECIDED}) decided""",  # noqa: S608
    relevant="r.held_on BETWEEN c.since AND c.until",
)
ITEM_FAMILIES = Source(
    name="item_families",
    model="councils.AgendaItem",
    sql=f"""
        SELECT organisation_id, subject, id, held_on, {_LATEST}
        FROM (SELECT k.organisation_id, k.family_id AS subject, i.id, m.held_on {_DECIDED}) decided""",  # noqa: S608
    relevant="r.held_on BETWEEN c.since AND c.until",
)
