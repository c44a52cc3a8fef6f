"""Support itself: cases, whom they cover, their levels; who supports, the councils, what families answered."""

from reports.indicators.sources.base import (
    CATEGORIES,
    LATEST,
    SERVING,
    Source,
    code_number,
    of_case,
    of_organisation,
    pick,
)

_CATEGORY = code_number("primary_category", CATEGORIES, CATEGORIES.index("other")) + " AS category"

# Accepted cases. The case accepted last, or closed last, speaks for a family with several; then the higher number.
# Ranked are those of the columns' days alone: nothing else is asked about.
CASES = Source(
    name="cases",
    model="cases.Case",
    sql=f"""
        SELECT organisation_id, family_id AS subject, id, accepted_on, closed_on, outcome, reason, ground, came, gone,
               {pick("by_accepted", "accepted_last")},
               {pick("by_closed", "closed_last")}
        FROM (
            SELECT id, organisation_id, family_id, accepted_on, closed_on, outcome, closure_reason AS reason, ground,
                   transferred_from_id IS NOT NULL AS came, closure_reason = 'transferred' AS gone, {_CATEGORY},
                   ROW_NUMBER() OVER (PARTITION BY family_id
                                      ORDER BY accepted_on, number_key COLLATE {{binary}}, id) AS by_accepted,
                   ROW_NUMBER() OVER (PARTITION BY family_id
                                      ORDER BY closed_on, number_key COLLATE {{binary}}, id) AS by_closed
            FROM cases_case
            WHERE accepted_on <= (SELECT MAX(last) FROM cols)
              AND (closed_on IS NULL OR closed_on >= (SELECT MIN(first) FROM cols))
        ) ranked""",  # noqa: S608 — our own constants
    relevant="r.accepted_on <= c.last AND (r.closed_on IS NULL OR r.closed_on >= c.first)",
    picks=("accepted_last", "closed_last"),
    cuts=of_case("r.id", "r.subject"),
)

# People whom accepted cases cover, each on the days in which the case covers him.
CASE_PEOPLE = Source(
    name="case_people",
    model="cases.CaseMember",
    sql=f"""
        SELECT organisation_id, subject, id, case_id, family_id, accepted_on, closed_on, came, gone, since, until,
               {LATEST}
        FROM (
            SELECT k.organisation_id, m.person_id AS subject, m.id, k.id AS case_id, k.family_id, k.accepted_on,
                   k.closed_on, k.transferred_from_id IS NOT NULL AS came, k.closure_reason = 'transferred' AS gone,
                   m.since, m.until
            FROM cases_casemember m JOIN cases_case k ON k.id = m.case_id
            WHERE k.accepted_on IS NOT NULL
        ) covered""",  # noqa: S608 — our own constants
    relevant="r.accepted_on <= c.last AND (r.closed_on IS NULL OR r.closed_on >= c.first)",
    cuts=of_case("r.case_id", "r.family_id"),
)

# Changes of level: a level period that follows, in the same case, one of another level that ended the day before.
LEVEL_CHANGES = Source(
    name="level_changes",
    model="cases.LevelPeriod",
    sql=f"""
        SELECT organisation_id, subject, id, case_id, changed_on, was, became, {LATEST}
        FROM (
            SELECT k.organisation_id, k.family_id AS subject, n.id, k.id AS case_id, n.since AS changed_on,
                   f.level AS was, n.level AS became
            FROM cases_levelperiod n
            JOIN cases_levelperiod f ON f.case_id = n.case_id AND f.until = {{eve:n.since}} AND f.level <> n.level
            JOIN cases_case k ON k.id = n.case_id
        ) changed""",  # noqa: S608 — our own constants
    relevant="r.changed_on BETWEEN c.since AND c.until",
    cuts=of_case("r.case_id", "r.subject"),
)

# Answers to the survey: a family once, each anonymous answer as one (its subject is its own negative id).
SURVEYS = Source(
    name="surveys",
    model="cases.Survey",
    sql=f"""
        SELECT organisation_id, subject, id, answered_on, satisfied, improved, information, accessibility, {LATEST}
        FROM (
            SELECT s.organisation_id, COALESCE(k.family_id, -s.id) AS subject, s.id, s.answered_on, s.satisfied,
                   s.improvement_noted AS improved, s.information, s.accessibility
            FROM cases_survey s LEFT JOIN cases_case k ON k.id = s.case_id
        ) answers""",  # noqa: S608 — our own constants
    relevant="r.answered_on BETWEEN c.since AND c.until",
    cuts=of_organisation("r.organisation_id"),
)

# Support services: an organisation once, however many units it has.
SERVICES = Source(
    name="services",
    model="accounts.Unit",
    sql=f"""
        SELECT organisation_id, organisation_id AS subject, id, since, until, {LATEST}
        FROM accounts_unit WHERE supports_families""",  # noqa: S608 — our own constants
    relevant="r.since <= c.day AND (r.until IS NULL OR r.until >= c.day)",
    cuts=of_organisation("r.organisation_id"),
)

# The units themselves.
UNITS = Source(
    name="units",
    model="accounts.Unit",
    sql=f"""
        SELECT organisation_id, id AS subject, id, since, until, {LATEST}
        FROM accounts_unit WHERE supports_families""",  # noqa: S608 — our own constants
    relevant="r.since <= c.day AND (r.until IS NULL OR r.until >= c.day)",
    cuts=of_organisation("r.organisation_id"),
)

# Specialists who hold support work: persons, not posts.
SPECIALISTS = Source(
    name="specialists",
    model="accounts.StaffRecord",
    sql=f"""
        SELECT organisation_id, user_id AS subject, id, since, until, {LATEST}
        FROM accounts_staffrecord WHERE role = 'curator'""",  # noqa: S608 — our own constants
    relevant="r.since <= c.day AND (r.until IS NULL OR r.until >= c.day)",
)

# Agencies by the activities they carried out; an organisation's are those of its own cases.
AGENCIES = Source(
    name="agencies",
    model="cases.Activity",
    sql=f"""
        SELECT organisation_id, subject, id, case_id, family_id, kind, done_on, {LATEST}
        FROM (
            SELECT k.organisation_id, a.agency_id AS subject, a.id, k.id AS case_id, k.family_id, o.kind, a.done_on
            FROM cases_activity a
            JOIN accounts_organisation o ON o.id = a.agency_id
            JOIN cases_case k ON k.id = a.case_id
            WHERE a.state = 'done'
        ) carried_out""",  # noqa: S608 — our own constants
    relevant="r.done_on BETWEEN c.since AND c.until",
    cuts=of_case("r.case_id", "r.family_id"),
)

_COUNCIL_PLACE = {"municipality": "(SELECT o.municipality_id FROM councils_council o WHERE o.id = r.council_id)"}

# Councils held: signed minutes and a quorum; the continuation of a meeting that had its quorum is the same meeting, a
# vote by correspondence is none. An organisation's are those that decided on its cases.
_HELD = """LEFT JOIN councils_meeting before ON before.id = m.continues_id
            WHERE m.state = 'signed' AND m.had_quorum AND m.form = 'in_person'
              AND (before.id IS NULL OR (before.state = 'signed' AND NOT before.had_quorum))"""
MEETINGS = Source(
    name="meetings",
    model="councils.Meeting",
    sql=f"""
        SELECT organisation_id, subject, id, council_id, held_on, {LATEST}
        FROM (
            SELECT k.organisation_id, m.id AS subject, m.id, m.council_id, m.held_on
            FROM councils_meeting m
            LEFT JOIN councils_agendaitem i ON i.meeting_id = m.id AND i.state = 'decided'
            LEFT JOIN cases_case k ON k.id = i.case_id
            {_HELD}
        ) held""",  # noqa: S608 — our own constants
    relevant="r.held_on BETWEEN c.since AND c.until",
    cuts={"council": "r.council_id"} | _COUNCIL_PLACE,
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
        SELECT organisation_id, subject, id, case_id, family_id, council_id, held_on, {LATEST}
        FROM (
            SELECT k.organisation_id, i.id AS subject, i.id, i.case_id, k.family_id, m.council_id, m.held_on {_DECIDED}
        ) decided""",  # noqa: S608 — our own constants
    relevant="r.held_on BETWEEN c.since AND c.until",
    cuts=of_case("r.case_id", "r.family_id") | {"council": "r.council_id"},
)
ITEM_FAMILIES = Source(
    name="item_families",
    model="councils.AgendaItem",
    sql=f"""
        SELECT organisation_id, subject, id, case_id, family_id, council_id, held_on, {LATEST}
        FROM (
            SELECT k.organisation_id, k.family_id AS subject, i.id, i.case_id, k.family_id, m.council_id,
                   m.held_on {_DECIDED}
        ) decided""",  # noqa: S608 — our own constants
    relevant="r.held_on BETWEEN c.since AND c.until",
    cuts=of_case("r.case_id", "r.family_id") | {"council": "r.council_id"},
)

# Councils and the meetings they held: they stand in the reports of the organisations of their municipality.
COUNCILS = Source(
    name="councils",
    model="councils.Council",
    sql=f"""
        SELECT organisation_id, subject, id, kind, order_on, municipality_id, {LATEST}
        FROM (
            SELECT s.id AS organisation_id, k.id AS subject, k.id, k.kind, k.order_on, k.municipality_id
            FROM councils_council k LEFT JOIN {SERVING} s ON s.municipality_id = k.municipality_id
        ) here""",  # noqa: S608 — our own constants
    relevant="r.order_on IS NULL OR r.order_on <= c.day",
    cuts={"council": "r.id", "municipality": "r.municipality_id"},
)
COUNCIL_MEETINGS = Source(
    name="council_meetings",
    model="councils.Meeting",
    sql=f"""
        SELECT organisation_id, subject, id, kind, council_id, municipality_id, held_on, {LATEST}
        FROM (
            SELECT s.id AS organisation_id, m.id AS subject, m.id, k.kind, k.id AS council_id,
                   k.municipality_id, m.held_on
            FROM councils_meeting m
            JOIN councils_council k ON k.id = m.council_id
            LEFT JOIN {SERVING} s ON s.municipality_id = k.municipality_id
            {_HELD}
        ) held""",  # noqa: S608 — our own constants
    relevant="r.held_on BETWEEN c.since AND c.until",
    cuts={"council": "r.council_id", "municipality": "r.municipality_id"},
)
