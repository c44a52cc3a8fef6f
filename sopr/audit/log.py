"""Writing to the audit log."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from sopr.audit.chain import head_seal, locked_head, row_hash
from sopr.audit.models import Action, AuditRecord


def record(actor, action, subject=None, *, organisation=None, detail=None):
    """Append one row to the audit log, in the caller's transaction if there is one.

    ``actor`` is the user, or None (anonymous, a command, a task). ``action`` is an ``Action`` or its code. ``subject``
    is the model instance it is about. ``organisation`` is where it happened, by default the actor's own. ``detail``
    is a dict of codes, ids, counts and dates; never personal text, and no floating numbers (their text differs between
    databases).

    Call it last in a transaction: from here to the commit every other writer of the log waits. Raises ValueError for
    an unknown action, TypeError for a detail that is not plain data.
    """
    action = Action(action)
    detail = _plain(detail or {})
    if actor is not None and not actor.is_authenticated:
        actor = None
    if organisation is None and actor is not None:
        organisation_id = actor.organisation_id
    else:
        organisation_id = organisation.pk if organisation is not None else None
    with transaction.atomic(savepoint=False):
        head = locked_head()
        row = AuditRecord(
            seq=head.count + 1,
            at=timezone.now(),
            actor=actor,
            actor_login=actor.get_username() if actor else "",
            role=actor.role if actor else "",
            organisation_id=organisation_id,
            action=action.value,
            subject_type=subject._meta.label_lower if subject is not None else "",
            subject_id=subject.pk if subject is not None else None,
            detail=detail,
            prev_hash=head.last_hash,
        )
        row.hash = row_hash(row)
        row.save()
        head.count, head.last_hash = row.seq, row.hash
        head.seal = head_seal(head)
        head.save(update_fields=["count", "last_hash", "seal"])
    return row


def _plain(value):
    """Return ``value`` as data that both databases give back exactly as it was written."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return str(value)  # a plain str, also of a TextChoices member
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value) if isinstance(value, (set, frozenset)) else value
        return [_plain(item) for item in items]
    raise TypeError(f"audit detail holds codes, ids, counts and dates, not {type(value).__name__}")
