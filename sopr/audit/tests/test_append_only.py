"""Rows of history can be neither changed nor deleted, from Python or past it; a test database can still be emptied."""

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.state import ProjectState
from django.db.models import ProtectedError

from sopr.audit.append_only import AppendOnly, AppendOnlyError, ForbidChanges, protected_tables
from sopr.audit.chain import problems
from sopr.audit.log import record
from sopr.audit.models import AuditRecord

TABLE = "audit_auditrecord"


def test_python_refuses(curator):
    row = record(curator, "read")
    row.role = "head"
    for attempt in (
        row.save,
        row.delete,
        lambda: row.save(update_fields=["role"]),
        lambda: AuditRecord.objects.update(role="head"),
        lambda: AuditRecord.objects.filter(seq=1).delete(),
        lambda: AuditRecord.objects.bulk_update([row], ["role"]),
        lambda: AuditRecord.objects.update_or_create(seq=row.seq, defaults={"role": "head"}),
    ):
        with pytest.raises(AppendOnlyError), transaction.atomic():
            attempt()
    assert AuditRecord.objects.get().role == "curator"


@pytest.mark.parametrize(
    "sql", [f"UPDATE {TABLE} SET role = 'head'", f"DELETE FROM {TABLE}", f"DELETE FROM {TABLE} WHERE seq = 1"]
)
def test_the_database_refuses(curator, sql):
    record(curator, "read")
    with (
        pytest.raises(DatabaseError, match="rows are only appended"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    assert AuditRecord.objects.get().role == "curator"


def test_postgresql_refuses_truncate(curator):
    record(curator, "read")
    # SQLite has no TRUNCATE: there the same words are a syntax error, and the row stays as well.
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {TABLE}")
    assert AuditRecord.objects.count() == 1


def test_every_append_only_model_is_protected_in_the_database(db):
    tables = {model._meta.db_table for model in apps.get_models() if issubclass(model, AppendOnly)}
    assert TABLE in tables
    assert tables <= protected_tables(connection)


@pytest.mark.django_db(transaction=True)
def test_the_migration_operation_goes_back_and_forth():
    operation, state = ForbidChanges(TABLE), ProjectState()
    with connection.schema_editor() as editor:
        operation.database_backwards("audit", editor, state, state)
    assert TABLE not in protected_tables(connection)
    for _again in range(2):
        with connection.schema_editor() as editor:
            operation.database_forwards("audit", editor, state, state)
        assert TABLE in protected_tables(connection)


@pytest.mark.django_db(transaction=True)
def test_a_test_database_is_emptied_between_tests_and_stays_protected():
    record(None, "read")
    call_command("flush", interactive=False, verbosity=0)
    assert not AuditRecord.objects.exists()
    assert TABLE in protected_tables(connection)
    assert record(None, "read").seq == 1
    assert list(problems()) == []


def test_flush_is_refused_in_production(db, settings):
    settings.TESTING = False
    record(None, "read")
    with pytest.raises(CommandError, match="never emptied"):
        call_command("flush", interactive=False, verbosity=0)
    assert AuditRecord.objects.count() == 1


def test_a_user_who_did_something_is_not_deleted(curator):
    record(curator, "read")
    with pytest.raises(ProtectedError):
        curator.delete()
