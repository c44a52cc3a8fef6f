"""A migration operation: periods of one thing never overlap, and the database knows it."""

# ruff: noqa: S608 — the names and conditions in this SQL come from our own migrations

from django.db.migrations.operations.base import Operation


class NoOverlap(Operation):
    """Refuse overlapping `since`–`until` periods among rows with equal `keys`; both days belong to the period.

    With `half_open` the day `until` lies outside: the next period may begin on it, and one of no day overlaps nothing.

    PostgreSQL gets an exclusion constraint, SQLite a pair of triggers with the same name. `where` is an SQL condition
    on the row's own columns written `{row}.column` (a partial rule). SQLite drops triggers when Django rebuilds a
    table, so a later migration that alters such a table must repeat the operation; sopr/tests/test_database_rules.py
    watches over it.
    """

    reversible = True

    def __init__(self, table, name, keys, where="", half_open=False):
        self.table, self.name, self.keys, self.where, self.half_open = table, name, tuple(keys), where, half_open

    def deconstruct(self):
        return self.__class__.__name__, [self.table, self.name, self.keys, self.where, self.half_open], {}

    def state_forwards(self, app_label, state):
        """The rule lives in the database only."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
            keys = ", ".join(f'"{key}" WITH =' for key in self.keys)
            where = f" WHERE ({self.where})".replace("{row}.", "") if self.where else ""
            schema_editor.execute(
                f'ALTER TABLE "{self.table}" ADD CONSTRAINT "{self.name}" EXCLUDE USING gist '
                f"({keys}, daterange(since, until, '{'[)' if self.half_open else '[]'}') WITH &&){where}"
            )
            return
        for moment in ("INSERT", "UPDATE"):
            schema_editor.execute(self._trigger(moment))

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f'ALTER TABLE "{self.table}" DROP CONSTRAINT "{self.name}"')
            return
        for moment in ("insert", "update"):
            schema_editor.execute(f'DROP TRIGGER "{self.name}_{moment}"')

    def describe(self):
        return f"Refuse overlapping periods: {self.name}"

    def _trigger(self, moment):
        same = " AND ".join(f'other."{key}" = NEW."{key}"' for key in self.keys)
        where = self.where or "1"
        own = " AND ".join([where.replace("{row}.", "NEW."), where.replace("{row}.", "other.")])
        before = "<" if self.half_open else "<="
        lasts = "AND NEW.since <> COALESCE(NEW.until, '') AND other.since <> COALESCE(other.until, '') "
        return (  # names and conditions come from our own migrations
            f'CREATE TRIGGER "{self.name}_{moment.lower()}" BEFORE {moment} ON "{self.table}" '
            f'WHEN EXISTS (SELECT 1 FROM "{self.table}" other WHERE {same} AND other.id <> COALESCE(NEW.id, -1) '
            f"AND {own} "
            f"{lasts if self.half_open else ''}"
            f"AND COALESCE(other.since, '0001-01-01') {before} COALESCE(NEW.until, '9999-12-31') "
            f"AND COALESCE(NEW.since, '0001-01-01') {before} COALESCE(other.until, '9999-12-31')) "
            f"BEGIN SELECT RAISE(ABORT, 'constraint failed: {self.name}'); END"
        )
