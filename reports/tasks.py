"""Celery tasks: a message only wakes a worker; the truth about a run is its row (architecture.md §3)."""

import logging

from celery import shared_task
from celery.signals import worker_ready
from kombu.exceptions import OperationalError

from reports import duties, runs
from reports.compute import reporting_organisations
from reports.models import ReportRun
from reports.models.run import STALE_SECONDS

logger = logging.getLogger(__name__)


@shared_task
def build_report(run_id: int):
    """Do one run, unless somebody does or did it."""
    runs.work(run_id)


def wake(run):
    """Send the run's message; a broker that is down loses nothing: the sweeper finds the queued row."""
    try:
        build_report.delay(run.pk)
    except (OperationalError, OSError):
        logger.warning("The broker is not there; report run %s waits for the sweeper.", run.pk)


@shared_task
def sweep_reports():
    """Wake a worker for every run that waits: its message was lost, or its worker was killed."""
    for run_id in ReportRun.objects.waiting().values_list("pk", flat=True):
        build_report.delay(run_id)


@shared_task
def sweep_signing():
    """Daily: who owes reports for the last ended quarter has drafts and the duty to sign, the ministry its own."""
    quarter = duties.last_quarter()
    owing = list(reporting_organisations(quarter.since, quarter.until))
    duties.open_drafts(owing)
    for organisation in owing:
        duties.keep_signing_duty(organisation)
    duties.keep_ministry_duties()


@worker_ready.connect
def sweep_at_start(**kwargs):
    """A fresh worker looks for what its predecessor left; once more when a silent run can be told from a busy one."""
    sweep_reports.delay()
    sweep_signing.delay()  # makes up for a night without a worker
    if ReportRun.objects.open().filter(state=ReportRun.State.RUNNING).exists():
        sweep_reports.apply_async(countdown=STALE_SECONDS + 1)
