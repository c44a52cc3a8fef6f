"""Celery tasks: a message only wakes a worker; the truth about a job is its row (architecture.md §3)."""

import datetime
import logging
import shutil

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import OperationalError

from sopr.exchange import jobs
from sopr.exchange.models import FOLDER, STALE_SECONDS, ExchangeJob

logger = logging.getLogger(__name__)
LONGEST = 3300  # seconds: a register of a whole region; below the broker's visibility timeout


@shared_task(soft_time_limit=LONGEST, time_limit=LONGEST + 100)
def do_exchange(job_id: int):
    """Do one job, unless somebody does or did it."""
    jobs.work(job_id)


def wake(job):
    """Send the job's message; a broker that is down loses nothing: the sweeper finds the queued row."""
    try:
        do_exchange.delay(job.pk)
    except (OperationalError, OSError):
        logger.warning("The broker is not there; exchange job %s waits for the sweeper.", job.pk)


@shared_task
def sweep_exchange():
    """Wake a worker for every job that waits: its message was lost, or its worker was killed."""
    for job in ExchangeJob.objects.waiting():
        if not job.is_heard():
            do_exchange.delay(job.pk)


@shared_task
def clear_exchange():
    """Hourly: exported files after their day, workbooks nobody decided about, rows of old previews."""
    now = timezone.now()
    waited_since = now - datetime.timedelta(days=settings.SOPR_IMPORT_DAYS)
    for job in ExchangeJob.objects.filter(state=ExchangeJob.State.CHECKED, created_at__lt=waited_since):
        job.abandon()
    ready_since = now - datetime.timedelta(hours=settings.SOPR_EXPORT_HOURS)
    ended = ExchangeJob.objects.exclude(state__in=ExchangeJob.OPEN)
    for job in ended.exclude(path="").filter(finished_at__lt=ready_since):
        job.drop_files()
    for job in ended.filter(finished_at__lt=waited_since, result__has_key="errors"):
        kept = job.lasting_result()
        kept.pop("errors", None)
        ExchangeJob.objects.filter(pk=job.pk).update(result=kept)
    _drop_orphans()


def _drop_orphans():
    """Folders of jobs whose rows were never committed, or that ended without clearing up."""
    kept = {job.folder.name for job in ExchangeJob.objects.exclude(path="")}
    for folder in (settings.SOPR_VAR / FOLDER).glob("job-*"):
        old = timezone.now().timestamp() - folder.stat().st_mtime > 24 * 3600
        if old and folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)


@worker_ready.connect
def sweep_at_start(**kwargs):
    """A fresh worker looks for what its predecessor left; once more when a silent job can be told from a busy one."""
    sweep_exchange.delay()
    if ExchangeJob.objects.filter(state__in=ExchangeJob.WORKING).exists():
        sweep_exchange.apply_async(countdown=STALE_SECONDS + 1)
