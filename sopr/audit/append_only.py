"""History is appended: a model and a migration operation for tables whose rows are never changed or deleted.

The model refuses in Python, with a clear error, what a programmer might do by mistake; the triggers refuse in the
database what goes past the model. Whoever drops the triggers is found by the audit log's hash chain.
"""

from django.db import models
from django.db.migrations.operations.base import Operation, OperationCategory

SUFFIX = "_append_only"


class AppendOnlyError(Exception):
    """Code tried to change or delete a row of history: correct it by appending a new row."""


class AppendOnlyQuerySet(models.QuerySet):
    def update(self, **kwargs):
        raise AppendOnlyError(f"{self.model._meta.label}: rows are only appended, never updated")

    def bulk_update(self, objs, fields, batch_size=None):
        raise AppendOnlyError(f"{self.model._meta.label}: rows are only appended, never updated")

    def delete(self):
        raise AppendOnlyError(f"{self.model._meta.label}: rows are only appended, never deleted")

    delete.alters_data = True
    delete.queryset_only = True


class AppendOnly(models.Model):
    """Base of every event and log: ``save`` inserts, and nothing else works.

    The migration that creates the table also runs ``ForbidChanges`` on it.
    """

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *, force_insert=True, force_update=False, using=None, update_fields=None):
        if not self._state.adding or force_update or update_fields:
            raise AppendOnlyError(f"{self._meta.label}: rows are only appended, never updated")
        super().save(force_insert=True, using=using)

    def delete(self, using=None, keep_parents=False):
        raise AppendOnlyError(f"{self._meta.label}: rows are only appended, never deleted")


class ForbidChanges(Operation):
    """Migration operation: triggers that refuse UPDATE and DELETE on ``table`` (on PostgreSQL TRUNCATE too).

    SQLite drops a table's triggers when a later migration rebuilds the table: such a migration repeats this operation
    as its last step. Running it again is harmless.
    """

    reversible = True
    reduces_to_sql = True
    category = OperationCategory.SQL

    def __init__(self, table):
        self.table = table

    def state_forwards(self, app_label, state):
        pass

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        self.database_backwards(app_label, schema_editor, from_state, to_state)
        for statement in _create(schema_editor.connection.vendor, self.table):
            schema_editor.execute(statement, params=None)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        for statement in _drop(schema_editor.connection.vendor, self.table):
            schema_editor.execute(statement, params=None)

    def describe(self):
        return f"Refuse UPDATE and DELETE on {self.table}"

    @property
    def migration_name_fragment(self):
        return f"forbid_changes_{self.table}"


def _create(vendor, table):
    if vendor == "postgresql":
        return [
            "CREATE OR REPLACE FUNCTION sopr_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '%: rows are only appended', TG_TABLE_NAME; END $$",
            f'CREATE TRIGGER "{table}{SUFFIX}" BEFORE UPDATE OR DELETE ON "{table}" '
            "FOR EACH ROW EXECUTE FUNCTION sopr_refuse_change()",
            f'CREATE TRIGGER "{table}{SUFFIX}_truncate" BEFORE TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION sopr_refuse_change()",
        ]
    return [
        f'CREATE TRIGGER "{table}{SUFFIX}_{act.lower()}" BEFORE {act} ON "{table}" '
        f"BEGIN SELECT RAISE(ABORT, '{table}: rows are only appended'); END"
        for act in ("UPDATE", "DELETE")
    ]


def _drop(vendor, table):
    if vendor == "postgresql":
        return [f'DROP TRIGGER IF EXISTS "{table}{name}" ON "{table}"' for name in (SUFFIX, f"{SUFFIX}_truncate")]
    return [f'DROP TRIGGER IF EXISTS "{table}{SUFFIX}_{act}"' for act in ("update", "delete")]


def protected_tables(connection):
    """Return the names of the tables whose rows the database itself refuses to change."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
                "WHERE t.tgname = c.relname || %s AND t.tgenabled <> 'D'",
                [SUFFIX],
            )
        else:
            cursor.execute(
                "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name IN "
                "(tbl_name || %s, tbl_name || %s) GROUP BY tbl_name HAVING count(*) = 2",
                [f"{SUFFIX}_update", f"{SUFFIX}_delete"],
            )
        return {name for (name,) in cursor.fetchall()}


def lift(connection, tables):
    """Remove the triggers from ``tables``: only for emptying a test database and for tests that forge rows."""
    with connection.cursor() as cursor:
        for table in tables:
            for statement in _drop(connection.vendor, table):
                cursor.execute(statement)


def restore(connection, tables):
    """Put the triggers back on ``tables``."""
    lift(connection, tables)
    with connection.cursor() as cursor:
        for table in tables:
            for statement in _create(connection.vendor, table):
                cursor.execute(statement)
