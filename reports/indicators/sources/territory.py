"""What is known of the territory, not of clients only: child events, registers, social contracts, informing."""

from reports.indicators.sources.base import LATEST, SERVING, Source, of_family

# Events with children; they stand in the reports of the organisations of their municipality.
_EVENTS = f"""
            FROM families_childevent e LEFT JOIN {SERVING} s ON s.municipality_id = e.municipality_id"""
CHILD_EVENTS = Source(
    name="child_events",
    model="families.ChildEvent",
    sql=f"""
        SELECT organisation_id, subject, id, municipality_id, happened_on, kind, {LATEST}
        FROM (
            SELECT s.id AS organisation_id, e.id AS subject, e.id, e.municipality_id, e.happened_on, e.kind {_EVENTS}
        ) happened""",  # noqa: S608 — our own constants
    relevant="r.happened_on BETWEEN c.since AND c.until",
    cuts={"municipality": "r.municipality_id"},
)
# The families they happened in; an event whose family nobody named stands for one (its subject is its negative id).
EVENT_FAMILIES = Source(
    name="event_families",
    model="families.ChildEvent",
    sql=f"""
        SELECT organisation_id, subject, id, municipality_id, happened_on, kind, confirmed, {LATEST}
        FROM (
            SELECT s.id AS organisation_id, COALESCE(e.family_id, -e.id) AS subject, e.id, e.municipality_id,
                   e.happened_on, e.kind, e.confirmed {_EVENTS}
        ) happened""",  # noqa: S608 — our own constants
    relevant="r.happened_on BETWEEN c.since AND c.until",
    cuts={"municipality": "r.municipality_id"},
)

# Registers of СОП and of interagency patronage; an organisation's families are those whose card it holds.
REGISTERS = Source(
    name="registers",
    model="families.RegisterEntry",
    sql=f"""
        SELECT organisation_id, subject, id, kind, placed_on, removed_on, positive, {LATEST}
        FROM (
            SELECT h.organisation_id, e.family_id AS subject, e.id, e.kind, e.placed_on, e.removed_on,
                   e.positive_rehabilitation AS positive
            FROM families_registerentry e LEFT JOIN families_family_holders h ON h.family_id = e.family_id
        ) entered""",  # noqa: S608 — our own constants
    relevant="r.placed_on <= c.last AND (r.removed_on IS NULL OR r.removed_on >= c.first)",
    cuts=of_family("r.subject"),
)

# Social contracts; of one that came with an import nobody knows who wrote it down: whoever holds the card has it.
_CONTRACTS = """
            FROM families_socialcontract k
            LEFT JOIN families_family_holders h ON h.family_id = k.family_id AND k.organisation_id IS NULL"""
SOCIAL_CONTRACTS = Source(
    name="social_contracts",
    model="families.SocialContract",
    sql=f"""
        SELECT organisation_id, subject, id, family_id, signed_on, {LATEST}
        FROM (
            SELECT COALESCE(k.organisation_id, h.organisation_id) AS organisation_id, k.id AS subject, k.id,
                   k.family_id, k.signed_on {_CONTRACTS}
        ) signed""",  # noqa: S608 — our own constants
    relevant="r.signed_on BETWEEN c.since AND c.until",
    cuts=of_family("r.family_id"),
)
CONTRACT_FAMILIES = Source(
    name="contract_families",
    model="families.SocialContract",
    sql=f"""
        SELECT organisation_id, subject, id, signed_on, improved, {LATEST}
        FROM (
            SELECT COALESCE(k.organisation_id, h.organisation_id) AS organisation_id, k.family_id AS subject, k.id,
                   k.signed_on, k.improved {_CONTRACTS}
        ) signed""",  # noqa: S608 — our own constants
    relevant="r.signed_on BETWEEN c.since AND c.until",
    cuts=of_family("r.subject"),
)

# Informing: a named family once, of families without a name as many as were told (`families`).
INFORMING = Source(
    name="informing",
    model="families.InformingEvent",
    sql=f"""
        SELECT organisation_id, subject, id, informed_on, families, {LATEST}
        FROM (
            SELECT COALESCE(e.organisation_id, h.organisation_id) AS organisation_id,
                   COALESCE(e.family_id, -e.id) AS subject, e.id, e.informed_on,
                   CASE WHEN e.family_id IS NULL THEN e.families_count ELSE 1 END AS families
            FROM families_informingevent e
            LEFT JOIN families_family_holders h ON h.family_id = e.family_id AND e.organisation_id IS NULL
        ) told""",  # noqa: S608 — our own constants
    relevant="r.informed_on BETWEEN c.since AND c.until",
)
