"""Search by pieces of words, on both databases: a migration operation that indexes a text column, and two lookups.

PostgreSQL indexes the trigrams of the column (pg_trgm, GIN); SQLite keeps them in a full-text table of its own (FTS5),
which triggers hold in step, whoever writes. The column must hold normalised text: lower case, words of letters and
digits separated by single spaces. Every word is indexed with the space before it, so that two letters are enough.
"""

# ruff: noqa: S608 — the names in this SQL come from our own migrations and models, the words go as parameters

from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.migrations.operations.base import Operation
from django.db.models.lookups import Lookup

SHORTEST = 3  # signs of a trigram: a shorter piece cannot be looked up
LAST_SIGN = "\U0010ffff"
LONG = 7  # letters from which a word may have two slips


def words_table(table: str, column: str) -> str:
    """Name of the full-text table that SQLite keeps for a column."""
    return f"{table}_{column}_words"


class TrigramSearch(Operation):
    """Index a text column for `has_words` and `like_words`; may be run again over existing rows.

    SQLite drops triggers when Django rebuilds a table, so a later migration that alters such a table must repeat the
    operation; sopr/tests/test_database_rules.py watches over it.
    """

    reversible = True

    def __init__(self, table, column):
        self.table, self.column = table, column

    def deconstruct(self):
        return self.__class__.__name__, [self.table, self.column], {}

    def state_forwards(self, app_label, state):
        """The index lives in the database only."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        self.database_backwards(app_label, schema_editor, from_state, to_state)
        postgresql = schema_editor.connection.vendor == "postgresql"
        for statement in self._on_postgresql() if postgresql else self._on_sqlite():
            schema_editor.execute(statement, params=None)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f'DROP INDEX IF EXISTS "{self._name}_trigrams", "{self._name}_prefix"', params=None)
            return
        for moment in ("insert", "update", "delete"):
            schema_editor.execute(f'DROP TRIGGER IF EXISTS "{self._name}_{moment}"', params=None)
        schema_editor.execute(f'DROP TABLE IF EXISTS "{self._name}"', params=None)

    def describe(self):
        return f"Index the words of {self.table}.{self.column}"

    @property
    def _name(self):
        return words_table(self.table, self.column)

    def _on_postgresql(self):
        yield "CREATE EXTENSION IF NOT EXISTS pg_trgm"
        padded = f"(' ' || \"{self.column}\" || ' ')"
        yield f'CREATE INDEX "{self._name}_trigrams" ON "{self.table}" USING gin ({padded} gin_trgm_ops)'
        # A single letter makes no trigram: the beginning of the text by a range, whatever the collation.
        yield f'CREATE INDEX "{self._name}_prefix" ON "{self.table}" ("{self.column}" varchar_pattern_ops)'

    def _on_sqlite(self):
        fts, column = f'"{self._name}"', f'"{self.column}"'
        taken = f"INSERT INTO {fts} ({fts}, rowid, words) VALUES ('delete', OLD.id, ' ' || OLD.{column} || ' ')"
        added = f"INSERT INTO {fts} (rowid, words) VALUES (NEW.id, ' ' || NEW.{column} || ' ')"
        # Without content: the text stands once, in the table itself.
        yield f"CREATE VIRTUAL TABLE {fts} USING fts5(words, content='', tokenize='trigram')"
        yield f"INSERT INTO {fts} (rowid, words) SELECT id, ' ' || {column} || ' ' FROM \"{self.table}\""
        yield f'CREATE TRIGGER "{self._name}_insert" AFTER INSERT ON "{self.table}" BEGIN {added}; END'
        yield f'CREATE TRIGGER "{self._name}_delete" AFTER DELETE ON "{self.table}" BEGIN {taken}; END'
        yield (
            f'CREATE TRIGGER "{self._name}_update" AFTER UPDATE OF {column} ON "{self.table}" '
            f"WHEN OLD.{column} <> NEW.{column} BEGIN {taken}; {added}; END"
        )


class WordsLookup(Lookup):
    """Base of the two lookups; `rhs` is a list of normalised words, all of which the text must answer."""

    prepare_rhs = False

    def get_words(self) -> list[str]:
        words = [word for word in dict.fromkeys(self.rhs) if word]
        if not words:
            raise EmptyResultSet
        return words

    def as_postgresql(self, compiler, connection):
        column, _params = self.process_lhs(compiler, connection)
        long, short = self._by_length()
        padded = f"(' ' || {column} || ' ')"
        sql, values = [], []
        for word in long:
            patterns = self.get_patterns(word)
            sql.append("(" + " OR ".join([f"{padded} LIKE %s"] * len(patterns)) + ")")
            values += patterns
        if not long:
            sql.append(f"{column} LIKE %s")
            values.append(f"{_escaped(short[0])}%")
        for word in short:  # too short for the index: checked on the rows that the others left
            sql.append(f"position(%s in {padded}) > 0")
            values.append(f" {word}")
        return f"({' AND '.join(sql)})", values

    def as_sqlite(self, compiler, connection):
        column, _params = self.process_lhs(compiler, connection)
        long, short = self._by_length()
        sql, values = [], []
        if long:
            target = self.lhs.target
            fts = connection.ops.quote_name(words_table(target.model._meta.db_table, target.column))
            key = (
                f"{connection.ops.quote_name(self.lhs.alias)}.{connection.ops.quote_name(target.model._meta.pk.column)}"
            )
            sql.append(f"{key} IN (SELECT rowid FROM {fts} WHERE {fts} MATCH %s)")
            values.append(" AND ".join(self.get_match(word) for word in long))
        else:
            sql.append(f"({column} >= %s AND {column} < %s)")
            values += [short[0], short[0] + LAST_SIGN]
        for word in short:
            sql.append(f"instr(' ' || {column}, %s) > 0")
            values.append(f" {word}")
        return f"({' AND '.join(sql)})", values

    def _by_length(self):
        words = self.get_words()
        return [word for word in words if len(word) > 1], [word for word in words if len(word) == 1]


@models.CharField.register_lookup
class HasWords(WordsLookup):
    """Each word begins a word of the text, in any order."""

    lookup_name = "has_words"

    def get_patterns(self, word):
        return [f"% {_escaped(word)}%"]

    def get_match(self, word):
        return _phrase(f" {word}")


@models.CharField.register_lookup
class LikeWords(WordsLookup):
    """Each word begins a word of the text, give or take a slip of the pen; the caller compares what comes back.

    A word with a slip keeps the letters before it and the letters after it: these two pieces are looked up, with the
    slip supposed in every place. Words of up to three letters are taken as they are; long ones may have two slips.
    """

    lookup_name = "like_words"

    def get_patterns(self, word):
        return [f"% {_escaped(before)}%{_escaped(after)}%" for before, after in _cuts(word)]

    def get_match(self, word):
        cuts = [
            " AND ".join(_phrase(piece) for piece in (f" {before}", after) if len(piece) >= SHORTEST)
            for before, after in _cuts(word)
        ]
        return "(" + " OR ".join(f"({cut})" for cut in cuts) + ")"


def _cuts(word):
    """(letters before the slip, letters after it) for every place that leaves a piece long enough to look up."""
    if len(word) <= SHORTEST:
        return [(word, "")]
    gap = 2 if len(word) < LONG else 4
    cuts = [(word[:place], word[place + gap :]) for place in range(len(word) - gap + 1)]
    return [(before, after) for before, after in cuts if len(before) >= SHORTEST - 1 or len(after) >= SHORTEST]


def _escaped(word):
    return word.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _phrase(piece):
    return '"' + piece.replace('"', '""') + '"'
