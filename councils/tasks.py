from celery import shared_task
from django.utils import timezone

from councils import level_terms


@shared_task
def sweep_levels():
    """Daily: put to the councils the levels whose longest term comes near. Safe to run any number of times."""
    return level_terms.sweep(timezone.localdate())
