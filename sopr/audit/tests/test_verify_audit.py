"""`manage.py verify_audit` finds what was done past the log by raw SQL."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from sopr.audit import chain
from sopr.audit.append_only import lift
from sopr.audit.log import record
from sopr.audit.models import AuditHead, AuditRecord

COLUMNS = "at, actor_id, actor_login, role, organisation_id, action, subject_type, subject_id, detail, prev_hash, hash"


@pytest.fixture
def log(curator):
    """Ten rows, and no triggers: somebody with rights on the database has dropped them."""
    for number in range(10):
        record(curator, "read", curator, detail={"page": number})
    lift(connection, ["audit_auditrecord"])


def sql(statement, *params):
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def verify():
    """Run the command; return its lines and whether it was content."""
    out = StringIO()
    try:
        call_command("verify_audit", stdout=out)
    except CommandError as error:
        assert error.returncode == 1
        return out.getvalue().splitlines(), False
    return out.getvalue().splitlines(), True


def test_a_whole_log_is_whole(log):
    lines, content = verify()
    assert content
    assert lines == [f"Журнал действий цел. Записей: 10. Последний отпечаток: {AuditHead.objects.get().last_hash}"]


def test_an_empty_log_is_whole_and_checking_writes_nothing(db):
    assert verify()[1]
    assert not AuditHead.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        "role = 'head'",
        "actor_login = 'other'",
        "actor_id = NULL",
        "organisation_id = NULL",
        "action = 'search'",
        "subject_type = 'cases.case'",
        "subject_id = 999",
        "detail = '{}'",
        "at = '2020-01-01 00:00:00'",
        "prev_hash = hash",
        "hash = prev_hash",
    ],
)
def test_a_changed_row_is_named_whatever_column_it_was(log, change):
    sql(f"UPDATE audit_auditrecord SET {change} WHERE seq = 4")
    assert verify() == (["Запись № 4: изменена в обход журнала"], False)


def test_a_deleted_row_is_named(log):
    sql("DELETE FROM audit_auditrecord WHERE seq = 6")
    assert verify() == (["Запись № 6: удалена"], False)


def test_a_deleted_beginning_and_tail_are_named(log):
    sql("DELETE FROM audit_auditrecord WHERE seq <= 2 OR seq >= 9")
    assert verify() == (["Запись № 1–2: удалена", "Запись № 9–10: удалена"], False)


def test_an_inserted_row_is_named(log):
    sql(f"INSERT INTO audit_auditrecord (seq, {COLUMNS}) SELECT 11, {COLUMNS} FROM audit_auditrecord WHERE seq = 10")
    assert verify() == (["Запись № 11: вставлена в обход журнала"], False)
    sql(f"INSERT INTO audit_auditrecord (seq, {COLUMNS}) SELECT 0, {COLUMNS} FROM audit_auditrecord WHERE seq = 10")
    assert verify()[0] == ["Запись № 0: вставлена в обход журнала", "Запись № 11: вставлена в обход журнала"]


def test_several_at_once_are_all_named(log):
    sql("UPDATE audit_auditrecord SET role = 'head' WHERE seq IN (2, 3)")
    sql("DELETE FROM audit_auditrecord WHERE seq = 5")
    sql(f"INSERT INTO audit_auditrecord (seq, {COLUMNS}) SELECT 12, {COLUMNS} FROM audit_auditrecord WHERE seq = 1")
    assert verify()[0] == [
        "Запись № 2: изменена в обход журнала",
        "Запись № 3: изменена в обход журнала",
        "Запись № 5: удалена",
        "Запись № 12: вставлена в обход журнала",
    ]


def test_a_deleted_row_cannot_be_hidden_by_renumbering(log):
    sql("DELETE FROM audit_auditrecord WHERE seq = 9")
    sql("UPDATE audit_auditrecord SET seq = 9 WHERE seq = 10")
    assert verify()[0] == ["Запись № 9: изменена в обход журнала", "Запись № 10: удалена"]


def test_a_deleted_tail_cannot_be_hidden_by_correcting_the_total(log):
    sql("DELETE FROM audit_auditrecord WHERE seq > 7")
    sql("UPDATE audit_audithead SET count = 7, last_hash = (SELECT hash FROM audit_auditrecord WHERE seq = 7)")
    assert verify() == (["Итог журнала (записей: 7): изменён в обход журнала"], False)


def test_a_lost_total_shows_every_row_as_foreign(log):
    sql("DELETE FROM audit_audithead")
    lines, content = verify()
    assert not content
    assert len(lines) == 10


def test_a_row_written_under_another_key_is_named(log, settings, curator):
    key = settings.SOPR_AUDIT_KEY
    settings.SOPR_AUDIT_KEY = "guessed"
    record(curator, "read")
    settings.SOPR_AUDIT_KEY = key
    assert verify()[0] == [
        "Запись № 11: изменена в обход журнала",
        "Итог журнала (записей: 11): изменён в обход журнала",
    ]


def test_rows_of_two_histories_do_not_join(log, curator):
    """A row put in from a copy of the database that went another way is genuine by itself, but continues nothing."""
    AuditRecord.objects.filter(seq=10)._raw_delete("default")
    head = AuditHead.objects.get()
    head.count, head.last_hash = 9, AuditRecord.objects.get(seq=8).hash
    head.seal = chain.head_seal(head)
    head.save()
    record(curator, "read")
    assert verify()[0] == ["Запись № 10: не продолжает предыдущую, между ними подмена"]


def test_checking_goes_on_while_rows_are_written(log, curator):
    """Rows added after the check began are part of the chain, not strangers in it."""
    found = chain.problems()
    sql("UPDATE audit_auditrecord SET role = 'head' WHERE seq = 1")
    assert next(found).first == 1
    record(curator, "read")
    assert list(found) == []
