from celery import shared_task
from django.utils import timezone

from sopr.obligations.engine import escalate


@shared_task
def sweep():
    """Daily: tell the heads of service what has become overdue. Safe to run at any time and any number of times."""
    return escalate(timezone.localdate())
