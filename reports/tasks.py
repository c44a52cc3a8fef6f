"""Celery tasks: a message only wakes a worker; the truth about a job is its row (architecture.md §3)."""

import datetime
import logging
import shutil

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import OperationalError

from reports import dashboards, duties, forms, packing, runs, together
from reports.models import Packet, PacketPart, Report, ReportRun
from reports.models.job import STALE_SECONDS, State

logger = logging.getLogger(__name__)


@shared_task
def build_report(run_id: int):
    """Do one run, unless somebody does or did it."""
    runs.work(run_id)


@shared_task
def build_packet(packet_id: int):
    """Count a packet's figures and wake a worker for each of its reports; or pack it, once they are written."""
    packing.work(packet_id)
    for part_id in PacketPart.objects.filter(packet=packet_id).waiting().values_list("pk", flat=True):
        _send(build_packet_part, part_id)


@shared_task
def build_packet_part(part_id: int):
    """Write the files of one report of a packet; the last one wakes the packing."""
    packing.work_part(part_id)
    packet = Packet.objects.waiting().filter(parts=part_id, prepared=True).first()
    if packet is not None:
        wake(packet)


TASKS = {ReportRun: build_report, Packet: build_packet, PacketPart: build_packet_part}


def wake(job):
    """Send the job's message; a broker that is down loses nothing: the sweeper finds the queued row."""
    _send(TASKS[type(job)], job.pk)


def wake_signing():
    """What is due has changed by a form: drafts and duties follow now, not at night."""
    _send(sweep_signing)


def _send(task, *pk):
    try:
        task.delay(*pk)
    except (OperationalError, OSError):
        logger.warning("The broker is not there; %s of %s waits for the sweeper.", task.name, pk)


@shared_task
def sweep_reports():
    """Wake a worker for every job that waits: its message was lost, or its worker was killed."""
    for model, task in TASKS.items():
        for pk in model.objects.waiting().values_list("pk", flat=True):
            task.delay(pk)


@shared_task
def sweep_signing():
    """Daily: who owes reports for ended periods has drafts and the duties to declare and sign, the ministry its own."""
    due = duties.due_now()
    for organisation in duties.open_drafts(due):
        duties.keep_own_duties(organisation, due)
    duties.keep_ministry_duties(due)


@shared_task
def refresh_figures():
    """Hourly: the running quarter's figures as the heads see them on their first page."""
    dashboards.figures_of(duties.last_quarter().following())


@shared_task
def refresh_drafts():
    """Nightly: drafts of the last ended month, quarter and year and of the running ones show casework as it is.

    Each form is counted in one pass; a draft whose figures come out the same is left alone. Drafts of older periods
    are refreshed when somebody asks.
    """
    for kind in ("month", "quarter", "year"):
        last = duties.last_ended(kind)
        for period in (last, last.following()):
            if kind == "quarter":
                dashboards.figures_of(period)  # the first to look in the morning waits for nothing
            _refresh(period)


def _refresh(period):
    for form in forms.for_period(period):
        drafts = Report.objects.filter(form=form.code, period=period.text, state=Report.State.DRAFT)
        together.refresh(form, period, drafts.exclude(checksum="").select_related("organisation", "previous"))


@shared_task
def clear_report_files():
    """Nightly: files older than SOPR_REPORT_DAYS go; a file asked for later is made from the same snapshot."""
    before = timezone.now() - datetime.timedelta(days=settings.SOPR_REPORT_DAYS)
    for run in ReportRun.objects.filter(finished_at__lt=before).exclude(files={}):
        run.drop_files()
    for packet in Packet.objects.filter(finished_at__lt=before).exclude(path=""):
        packet.drop_files()
    for packet in Packet.objects.filter(state=State.DONE).exclude(path=""):
        if packet.has_file:
            packing.drop_packed(packet)
    _drop_orphans()


def _drop_orphans():
    """Folders that no job needs any more: of rows deleted since, and of jobs that failed or were cancelled."""
    kept = {run.folder.name for run in ReportRun.objects.exclude(files={}) | ReportRun.objects.open()}
    unfinished = Packet.objects.filter(state__in=(State.FAILED, State.QUEUED, State.RUNNING))
    kept |= {packet.folder.name for packet in Packet.objects.exclude(path="") | unfinished}
    yesterday = timezone.now().timestamp() - 24 * 3600
    for folder in (settings.SOPR_VAR / "reports").glob("*-*"):
        if folder.name not in kept and folder.stat().st_mtime < yesterday:
            shutil.rmtree(folder, ignore_errors=True)


@worker_ready.connect
def sweep_at_start(**kwargs):
    """A fresh worker looks for what its predecessor left; once more when a silent job can be told from a busy one."""
    sweep_reports.delay()
    sweep_signing.delay()  # makes up for a night without a worker
    refresh_figures.delay()
    if any(model.objects.filter(state=State.RUNNING).exists() for model in TASKS):
        sweep_reports.apply_async(countdown=STALE_SECONDS + 1)
