"""Celery tasks of councils: their arguments are ids, what they do can be done again."""

import logging

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from councils import letters, level_terms, norm, system_questions
from councils.models import Opinion

logger = logging.getLogger(__name__)


@shared_task
def sweep_levels():
    """Daily: put to the councils the levels whose longest term comes near. Safe to run any number of times."""
    return level_terms.sweep(timezone.localdate())


@shared_task
def sweep_questions():
    """Daily: put to the councils overdue assignments and relapses after support. Safe to run any number of times."""
    return system_questions.sweep(timezone.localdate())


@shared_task
def sweep_meetings():
    """Daily: the norm of the month, opinions nobody waits for any more, letters that have not gone out."""
    norm.sweep(timezone.localdate())
    Opinion.forget_stale()
    for meeting_id in letters.waiting():
        letters.deliver(meeting_id)


@shared_task
def deliver_invitations(meeting_id: int):
    """Tell the invited of a meeting what they do not know yet."""
    letters.deliver(meeting_id)


def wake(meeting_id: int):
    """Send the meeting's message; a broker that is down loses nothing: the daily sweep makes up for it."""
    if not letters.mail_works():
        return
    try:
        deliver_invitations.delay(meeting_id)
    except (OperationalError, OSError):
        logger.warning("The broker is not there; letters about meeting %s wait for the sweep.", meeting_id)
