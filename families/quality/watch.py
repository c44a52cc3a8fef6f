"""The database notes each card whose facts change, whoever writes: a verb, an import, a merge, a correction.

Triggers are put in place after every `migrate`, since SQLite loses them when Django rebuilds a table.
"""

# ruff: noqa: S608 — the names in this SQL are declared in code

from dataclasses import dataclass

from django.db import connections

QUEUE = "families_uncheckedcard"
MEMBERSHIPS = "families_familymembership"
_MOMENTS = {"insert": ("new",), "update": ("old", "new"), "delete": ("old",)}


@dataclass(frozen=True)
class Watched:
    """A table that conditions read; `families` is SQL for the ids of the cards that a row ({row}) speaks of."""

    table: str
    families: str = "SELECT {row}.family_id AS family_id"


_watched = [
    Watched("families_family", "SELECT {row}.id AS family_id"),
    Watched("families_family_holders"),
    # A person in two families is a problem of both.
    Watched(
        MEMBERSHIPS,
        "SELECT {row}.family_id AS family_id UNION "
        f"SELECT family_id FROM {MEMBERSHIPS} WHERE person_id = {{row}}.person_id",
    ),
    Watched("families_person", f"SELECT family_id FROM {MEMBERSHIPS} WHERE person_id = {{row}}.id"),
    Watched("families_representation", f"SELECT family_id FROM {MEMBERSHIPS} WHERE id = {{row}}.membership_id"),
    Watched("families_categoryperiod"),
    Watched("families_registerentry"),
    Watched("families_consent"),
]


def watch(*tables: Watched) -> None:
    """Declare further tables that conditions read; called in an upper app's `ready()`."""
    _watched.extend(table for table in tables if table not in _watched)


def put_triggers(sender=None, using="default", **kwargs):
    """Create the triggers that are not there; after every `migrate` (signal post_migrate of Django itself)."""
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        if QUEUE not in tables:  # migrated back
            return
        there = _present(connection, cursor)
        for watched in _watched:
            if watched.table not in tables:
                continue
            for moment, rows in _MOMENTS.items():
                name = f"{watched.table}_unchecked_{moment}"
                if name not in there:
                    make = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
                    for statement in make(name, watched, moment, rows):
                        cursor.execute(statement)


def _present(connection, cursor) -> set[str]:
    if connection.vendor == "postgresql":
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
    else:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    return {name for (name,) in cursor.fetchall()}


def _queue(found: str) -> str:
    """Append the ids that do not wait already; two changes at once may both append, which does no harm."""
    return (
        f"INSERT INTO {QUEUE} (family_id) SELECT DISTINCT found.family_id FROM ({found}) AS found "
        f"WHERE NOT EXISTS (SELECT 1 FROM {QUEUE} waiting WHERE waiting.family_id = found.family_id)"
    )


def _on_sqlite(name, watched, moment, rows):
    found = " UNION ".join(watched.families.format(row=row.upper()) for row in rows)
    yield f'CREATE TRIGGER "{name}" AFTER {moment.upper()} ON "{watched.table}" BEGIN {_queue(found)}; END'


def _on_postgresql(name, watched, moment, rows):
    """Once for a statement, however many rows it writes."""
    found = " UNION ".join(
        f"SELECT cards.family_id FROM {row}_rows AS changed CROSS JOIN LATERAL "
        f"({watched.families.format(row='changed')}) AS cards (family_id)"
        for row in rows
    )
    named = " ".join(f"{row.upper()} TABLE AS {row}_rows" for row in rows)
    yield (
        f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $$ '
        f"BEGIN {_queue(found)}; RETURN NULL; END $$"
    )
    yield (
        f'CREATE TRIGGER "{name}" AFTER {moment.upper()} ON "{watched.table}" REFERENCING {named} '
        f'FOR EACH STATEMENT EXECUTE FUNCTION "{name}"()'
    )
