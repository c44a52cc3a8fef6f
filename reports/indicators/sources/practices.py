"""What the practices of regions record: the single window, «Под крылом аиста», services and routes of minors."""

from reports.indicators.sources.base import LATEST, Source, of_case, of_family

# Days of help to a family: a service of the single window, or support from acceptance to removal.
_HELP = """
            SELECT q.organisation_id, q.family_id, s.given_on AS since, s.given_on AS until
            FROM cases_dispatchservice s JOIN cases_dispatchrequest q ON q.id = s.request_id
            WHERE s.state = 'given'
            UNION ALL
            SELECT k.organisation_id, k.family_id, k.accepted_on, k.closed_on
            FROM cases_case k WHERE k.accepted_on IS NOT NULL"""
HELP = Source(
    name="help",
    model="families.Family",
    sql=f"""
        SELECT organisation_id, subject, id, since, until, {LATEST}
        FROM (
            SELECT organisation_id, family_id AS subject, family_id AS id, since, until FROM ({_HELP}) days
        ) helped""",  # noqa: S608 — our own constants
    relevant="r.since <= c.until AND (r.until IS NULL OR r.until >= c.since)",
    cuts=of_family("r.subject"),
)
# Children of the families helped, each on those days of help on which he was in the family.
HELP_CHILDREN = Source(
    name="help_children",
    model="families.FamilyMembership",
    sql=f"""
        SELECT organisation_id, subject, id, family_id, since, until, born, {LATEST}
        FROM (
            SELECT h.organisation_id, m.person_id AS subject, m.id, h.family_id,
                   CASE WHEN m.since > h.since THEN m.since ELSE h.since END AS since,
                   CASE WHEN h.until IS NULL OR m.until < h.until THEN m.until ELSE h.until END AS until,
                   {{ymd:p.birth_on}} AS born
            FROM ({_HELP}) h
            JOIN families_familymembership m ON m.family_id = h.family_id AND m.relation = 'child'
            JOIN families_person p ON p.id = m.person_id
            WHERE (m.until IS NULL OR m.until >= h.since) AND (m.since IS NULL OR h.until IS NULL OR m.since <= h.until)
        ) helped""",  # noqa: S608 — our own constants
    relevant="r.since <= c.until AND (r.until IS NULL OR r.until >= c.since)",
    cuts=of_family("r.family_id"),
)

# Requests of the single window: families by problem group, and days from the appeal to the first service.
GROUPED = Source(
    name="grouped",
    model="cases.DispatchRequest",
    sql=f"""
        SELECT organisation_id, subject, id, given_on, group_id, {LATEST}
        FROM (
            SELECT q.organisation_id, q.family_id AS subject, q.id, s.given_on, q.group_id
            FROM cases_dispatchservice s JOIN cases_dispatchrequest q ON q.id = s.request_id
            WHERE s.state = 'given' AND q.group_id IS NOT NULL
        ) grouped""",  # noqa: S608 — our own constants
    relevant="r.given_on BETWEEN c.since AND c.until",
    cuts=of_family("r.subject") | {"group": "r.group_id"},
)
FIRST_SERVICES = Source(
    name="first_services",
    model="cases.DispatchRequest",
    sql=f"""
        SELECT organisation_id, subject, id, family_id, group_id, given_on, days, {LATEST}
        FROM (
            SELECT organisation_id, id AS subject, id, family_id, group_id, first_service_on AS given_on,
                   {{days:first_service_on|appealed_on}} AS days
            FROM cases_dispatchrequest WHERE first_service_on IS NOT NULL
        ) begun""",  # noqa: S608 — our own constants
    relevant="r.given_on BETWEEN c.since AND c.until",
    cuts=of_family("r.family_id") | {"group": "r.group_id"},
)

# Help on the paths of «Под крылом аиста»: to the woman, or to a person of her near circle (his subject is negative).
NEWBORN_HELP = Source(
    name="newborn_help",
    model="cases.NewbornHelp",
    sql=f"""
        SELECT organisation_id, subject, id, family_id, held_on, kind, near_id, {LATEST}
        FROM (
            SELECT k.organisation_id, COALESCE(-h.near_id, k.woman_id) AS subject, h.id, k.family_id, h.held_on, h.kind,
                   h.near_id
            FROM cases_newbornhelp h JOIN cases_newbornrisk k ON k.id = h.risk_id
        ) given""",  # noqa: S608 — our own constants
    relevant="r.held_on BETWEEN c.since AND c.until",
    cuts=of_family("r.family_id"),
)
NEWBORN_OUTCOMES = Source(
    name="newborn_outcomes",
    model="cases.NewbornRisk",
    sql=f"""
        SELECT organisation_id, subject, id, family_id, outcome, outcome_on, {LATEST}
        FROM (
            SELECT organisation_id, id AS subject, id, family_id, outcome, outcome_on
            FROM cases_newbornrisk WHERE outcome_on IS NOT NULL
        ) ended""",  # noqa: S608 — our own constants
    relevant="r.outcome_on BETWEEN c.since AND c.until",
    cuts=of_family("r.family_id"),
)
NEWBORN_ANSWERS = Source(
    name="newborn_answers",
    model="cases.NewbornQuestionnaire",
    sql=f"""
        SELECT organisation_id, subject, id, family_id, filled_on, intention, {LATEST}
        FROM (
            SELECT k.organisation_id, k.woman_id AS subject, a.id, k.family_id, a.filled_on, a.intention
            FROM cases_newbornquestionnaire a JOIN cases_newbornrisk k ON k.id = a.risk_id
            WHERE a.moment = 'after'
        ) answered""",  # noqa: S608 — our own constants
    relevant="r.filled_on BETWEEN c.since AND c.until",
    cuts=of_family("r.family_id"),
)

# Things lent by the rental point, by who took them.
LOANS = Source(
    name="loans",
    model="cases.RentalLoan",
    sql=f"""
        SELECT organisation_id, subject, id, family_id, lent_on, sex, {LATEST}
        FROM (
            SELECT i.organisation_id, l.person_id AS subject, l.id, l.family_id, l.since AS lent_on, p.sex
            FROM cases_rentalloan l
            JOIN cases_rentalitem i ON i.id = l.item_id
            JOIN families_person p ON p.id = l.person_id
        ) lent""",  # noqa: S608 — our own constants
    relevant="r.lent_on BETWEEN c.since AND c.until",
    cuts=of_family("r.family_id"),
)

# Individual routes: the minors, and the routes themselves.
_ROUTE = """
            SELECT k.organisation_id, {subject} AS subject, i.id, k.id AS case_id, k.family_id, i.since, i.ended_on,
                   i.state, i.study, i.study_on
            FROM cases_individualroute i JOIN cases_case k ON k.id = i.case_id"""
_ROUTE_COLUMNS = f"organisation_id, subject, id, case_id, family_id, since, ended_on, state, study, study_on, {LATEST}"
ROUTE_MINORS = Source(
    name="route_minors",
    model="cases.IndividualRoute",
    sql=f"SELECT {_ROUTE_COLUMNS} FROM ({_ROUTE.format(subject='i.person_id')}) routes",  # noqa: S608
    relevant="(r.since <= c.until AND (r.ended_on IS NULL OR r.ended_on >= c.since)) "
    "OR r.study_on BETWEEN c.since AND c.until",
    cuts=of_case("r.case_id", "r.family_id"),
)
ROUTES = Source(
    name="routes",
    model="cases.IndividualRoute",
    sql=f"SELECT {_ROUTE_COLUMNS} FROM ({_ROUTE.format(subject='i.id')}) routes",  # noqa: S608
    relevant="r.ended_on BETWEEN c.since AND c.until",
    cuts=of_case("r.case_id", "r.family_id"),
)

# Presence at lessons and trips, each mark one; consultations of parents.
VISITS = Source(
    name="visits",
    model="cases.AttendanceMark",
    sql=f"""
        SELECT organisation_id, subject, id, family_id, held_on, kind, service_id, {LATEST}
        FROM (
            SELECT s.organisation_id, m.id AS subject, m.id, e.family_id, d.held_on, s.kind, s.id AS service_id
            FROM cases_attendancemark m
            JOIN cases_groupsession d ON d.id = m.session_id AND NOT d.cancelled
            JOIN cases_servicegroup g ON g.id = d.group_id
            JOIN cases_service s ON s.id = g.service_id
            JOIN cases_enrolment e ON e.id = m.enrolment_id
            WHERE m.state = 'present'
        ) present""",  # noqa: S608 — our own constants
    relevant="r.held_on BETWEEN c.since AND c.until",
    cuts=of_family("r.family_id") | {"service": "r.service_id"},
)
CONSULTATIONS = Source(
    name="consultations",
    model="cases.Consultation",
    sql=f"""
        SELECT organisation_id, subject, id, case_id, family_id, done_on, service_id, {LATEST}
        FROM (
            SELECT k.organisation_id, n.id AS subject, n.id, k.id AS case_id, k.family_id, n.done_on, n.service_id
            FROM cases_consultation n JOIN cases_case k ON k.id = n.case_id
        ) held""",  # noqa: S608 — our own constants
    relevant="r.done_on BETWEEN c.since AND c.until",
    cuts=of_case("r.case_id", "r.family_id") | {"service": "r.service_id"},
)
