"""A migration operation: rows that have reached a state are never changed again, and the database knows it."""

from django.db.migrations.operations.base import Operation

PREFIX = "frozen_"


class Frozen(Operation):
    """Refuse the acts on rows of `table` for which a condition holds: `acts` {INSERT, UPDATE or DELETE: condition}.

    The condition is SQL on OLD and NEW with their columns; differing columns are written «OLD.a IS DISTINCT FROM
    NEW.a». Both databases get triggers and answer with an integrity error that names the rule. SQLite drops triggers
    when Django rebuilds a table, so a later migration that alters such a table must repeat the operation, which is
    harmless; sopr/tests/test_database_rules.py watches over it.
    """

    reversible = True

    def __init__(self, table, name, acts):
        self.table, self.name, self.acts = table, name, dict(acts)

    def deconstruct(self):
        return self.__class__.__name__, [self.table, self.name, self.acts], {}

    def state_forwards(self, app_label, state):
        """The rule lives in the database only."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        self.database_backwards(app_label, schema_editor, from_state, to_state)
        write = self._for_postgresql if schema_editor.connection.vendor == "postgresql" else self._for_sqlite
        for act, when in self.acts.items():
            for statement in write(act, when):
                schema_editor.execute(statement, params=None)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        for act in self.acts:
            if schema_editor.connection.vendor == "postgresql":
                schema_editor.execute(f'DROP TRIGGER IF EXISTS "{self._trigger(act)}" ON "{self.table}"', params=None)
                schema_editor.execute(f'DROP FUNCTION IF EXISTS "{self._trigger(act)}"()', params=None)
            else:
                schema_editor.execute(f'DROP TRIGGER IF EXISTS "{self._trigger(act)}"', params=None)

    def describe(self):
        return f"Refuse changes: {self.name}"

    def _trigger(self, act) -> str:
        return f"{PREFIX}{self.name}_{act.lower()}"

    def _for_postgresql(self, act, when):
        name, row = self._trigger(act), "OLD" if act == "DELETE" else "NEW"
        return [  # a condition that reads another table may stand in a function, not in a trigger
            f'CREATE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {when} THEN '
            f"RAISE EXCEPTION 'constraint failed: {self.name}' USING ERRCODE = 'check_violation'; "
            f"END IF; RETURN {row}; END $$",
            f'CREATE TRIGGER "{name}" BEFORE {act} ON "{self.table}" FOR EACH ROW EXECUTE FUNCTION "{name}"()',
        ]

    def _for_sqlite(self, act, when):
        when = when.replace("IS DISTINCT FROM", "IS NOT")
        return [
            f'CREATE TRIGGER "{self._trigger(act)}" BEFORE {act} ON "{self.table}" WHEN {when} '
            f"BEGIN SELECT RAISE(ABORT, 'constraint failed: {self.name}'); END"
        ]


def lift(connection) -> list[str]:
    """Drop the triggers, to empty a test database; returns the statements that put them back.

    PostgreSQL empties tables by TRUNCATE, which they do not see.
    """
    if connection.vendor == "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s", [f"{PREFIX}%"])
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
    return [sql for _name, sql in triggers]


def restore(connection, statements) -> None:
    """Run what `lift` returned."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
