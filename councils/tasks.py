from celery import shared_task
from django.utils import timezone

from councils import level_terms, system_questions


@shared_task
def sweep_levels():
    """Daily: put to the councils the levels whose longest term comes near. Safe to run any number of times."""
    return level_terms.sweep(timezone.localdate())


@shared_task
def sweep_questions():
    """Daily: put to the councils overdue assignments and relapses after support. Safe to run any number of times."""
    return system_questions.sweep(timezone.localdate())
