"""The hash chain: how a row is sealed, and how the chain is checked.

A row's hash is HMAC-SHA256 under ``SOPR_AUDIT_KEY`` over the previous row's hash and every column of its own. The head
keeps the number of rows and the last hash under a seal of the same kind. Without the key nobody can write a row that
fits, change one, or shorten the chain; the key lives in the environment, not in the database.
"""

import hmac
import json
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256

from django.conf import settings
from django.db import transaction

from sopr.audit.models import AuditHead, AuditRecord

GENESIS = "0" * 64
CHUNK = 2000


@dataclass(frozen=True)
class Problem:
    """What is wrong with the chain: ``kind`` is changed, deleted, inserted, broken or head; rows ``first``–``last``."""

    kind: str
    first: int
    last: int

    def __str__(self):
        numbers = f"№ {self.first}" if self.first == self.last else f"№ {self.first}–{self.last}"
        return {
            "changed": f"Запись {numbers}: изменена в обход журнала",
            "deleted": f"Запись {numbers}: удалена",
            "inserted": f"Запись {numbers}: вставлена в обход журнала",
            "broken": f"Запись {numbers}: не продолжает предыдущую, между ними подмена",
            "head": f"Итог журнала (записей: {self.last}): изменён в обход журнала",
        }[self.kind]


def row_hash(record):
    """Return the hash that ``record`` must have, from its own columns and its ``prev_hash``."""
    content = [
        record.prev_hash,
        record.seq,
        record.at.astimezone(UTC).isoformat(timespec="microseconds"),
        record.actor_id,
        record.actor_login,
        record.role,
        record.organisation_id,
        record.action,
        record.subject_type,
        record.subject_id,
        record.detail,
    ]
    return _mac(content)


def head_seal(head):
    """Return the seal that ``head`` must have."""
    return _mac(["head", head.count, head.last_hash])


def locked_head():
    """Return the head of the chain, locked until the transaction ends; the first call makes it."""
    head = AuditHead.objects.select_for_update().filter(pk=1).first()
    if head is None:
        empty = _empty_head()
        AuditHead.objects.get_or_create(pk=1, defaults={"last_hash": empty.last_hash, "seal": empty.seal})
        head = AuditHead.objects.select_for_update().get(pk=1)
    return head


def problems():
    """Yield a Problem for everything wrong with the chain, in the order of the rows; memory does not grow with them.

    Works on a running system: the bulk is read without a lock, the rows written meanwhile with the head locked.
    """
    head = _read_head(AuditHead.objects.all())
    walk = _Walk()
    yield from walk.rows(AuditRecord.objects.filter(seq__lte=head.count))
    yield from walk.gap_before(head.count + 1)
    with transaction.atomic():
        now = _read_head(AuditHead.objects.select_for_update())
        if not hmac.compare_digest(now.seal, head_seal(now)):
            yield Problem("head", now.count, now.count)
        yield from walk.rows(AuditRecord.objects.filter(seq__gt=head.count, seq__lte=now.count))
        yield from walk.gap_before(now.count + 1)
        if walk.last_hash is not None and walk.last_hash != now.last_hash:
            yield Problem("broken", now.count, now.count)
        for seq in (
            AuditRecord.objects.filter(seq__gt=now.count).order_by("seq").values_list("seq", flat=True).iterator()
        ):
            yield Problem("inserted", seq, seq)


class _Walk:
    """Goes along the rows, remembering only the last one."""

    def __init__(self):
        self.expected = 1
        self.last_hash = GENESIS  # None after a row that is already reported: its hash proves nothing

    def rows(self, queryset):
        for record in queryset.order_by("seq").iterator(chunk_size=CHUNK):
            if record.seq < 1:
                yield Problem("inserted", record.seq, record.seq)
                continue
            yield from self.gap_before(record.seq)
            if not hmac.compare_digest(record.hash, row_hash(record)):
                yield Problem("changed", record.seq, record.seq)
                self.last_hash = None
            else:
                if self.last_hash is not None and record.prev_hash != self.last_hash:
                    yield Problem("broken", record.seq, record.seq)
                self.last_hash = record.hash
            self.expected = record.seq + 1

    def gap_before(self, seq):
        if seq > self.expected:
            yield Problem("deleted", self.expected, seq - 1)
            self.expected = seq
            self.last_hash = None


def _read_head(queryset):
    return queryset.filter(pk=1).first() or _empty_head()


def _empty_head():
    head = AuditHead(pk=1, count=0, last_hash=GENESIS)
    head.seal = head_seal(head)
    return head


def _mac(content):
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(settings.SOPR_AUDIT_KEY.encode(), text.encode(), sha256).hexdigest()
