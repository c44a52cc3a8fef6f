from celery import shared_task
from django.utils import timezone

from cases.models import QuarterlyWord


@shared_task
def sweep_quarterly_words():
    """Daily: ask agencies for their word of this quarter. Safe to run at any time and any number of times."""
    return QuarterlyWord.open_due(timezone.localdate())
