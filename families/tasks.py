"""Celery tasks of the register."""

from celery import shared_task

from families.quality import kept


@shared_task
def check_cards():
    """Every few minutes: check the cards that changed, and on a new day all of them. Safe to run at any time."""
    kept.keep_up()
