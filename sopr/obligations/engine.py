"""Opening and closing what is due. Verbs of the apps above call this inside their own transaction."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from sopr.calendar import is_overdue
from sopr.obligations.kinds import kind_of, silent_kinds
from sopr.obligations.models import Obligation

__all__ = ["cancel_obligations", "close_obligations", "escalate", "is_overdue", "open_obligation", "reassign"]


def open_obligation(kind, subject, *, due_on, organisation, title, path, assignee=None, case_id=None, family_id=None):
    """Open an obligation, or bring the open one of this kind about this subject up to date; returns it.

    ``kind`` is a declared Kind or its code, ``subject`` a saved model instance, ``due_on`` a date, ``title`` a Russian
    phrase without personal text («Визит по сигналу № 12»), ``path`` the page where it is done (``reverse(...)``).
    Without an ``assignee`` it is the head of the organisation who sees it. A new due date is escalated anew.
    Raises LookupError for a kind that is not declared.
    """
    kind = kind_of(getattr(kind, "code", kind))
    key = {"kind": kind.code, "subject_type": subject._meta.label_lower, "subject_id": subject.pk}
    values = {
        "due_on": due_on,
        "remind_on": kind.remind_on(due_on),
        "organisation": organisation,
        "assignee": assignee,
        "title": title,
        "path": path,
        "case_id": case_id,
        "family_id": family_id,
    }
    with transaction.atomic():
        found = _locked(key)
        if found is None:
            try:
                with transaction.atomic():
                    return Obligation.objects.create(**key, **values)
            except IntegrityError:  # another request opened it first, or the values are wrong
                found = _locked(key)
                if found is None:
                    raise
        if found.due_on != due_on:
            found.escalated_at = None
        for name, value in values.items():
            setattr(found, name, value)
        found.save(update_fields=[*values, "escalated_at"])
        return found


def close_obligations(subject, kind=None, on=None):
    """Close as done the open obligations about ``subject``, all or of one ``kind``; returns how many.

    ``on`` is the day the thing was done, by default today; it may lie before the day of entry.
    """
    return _open(subject, kind).update(done_on=on or timezone.localdate(), closed_at=timezone.now())


def cancel_obligations(subject, kind=None):
    """Close without doing: no longer needed. Returns how many."""
    return _open(subject, kind).update(closed_at=timezone.now())


def reassign(queryset, assignee):
    """Give the open obligations of ``queryset`` to another person, when a case gets a new curator; returns how many."""
    return queryset.open().update(assignee=assignee)


def escalate(today):
    """Mark for the heads of service what is overdue on ``today``; returns how many were newly marked. Idempotent."""
    overdue = Obligation.objects.overdue(today).filter(escalated_at=None)
    return overdue.exclude(kind__in=silent_kinds()).update(escalated_at=timezone.now())


def _open(subject, kind):
    queryset = Obligation.objects.about(subject).open()
    return queryset.filter(kind=getattr(kind, "code", kind)) if kind else queryset


def _locked(key):
    return Obligation.objects.select_for_update().filter(**key).open().first()
