"""One run of the report task, from its claim to its files; safe to be killed at any moment and to be done twice."""

import logging
import shutil
import threading
from pathlib import Path

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import DatabaseError, connection

from reports import files
from reports.compute import compute
from reports.models import ReportRun
from reports.models.run import BEAT_SECONDS, Lost
from sopr.errors import Refused

logger = logging.getLogger(__name__)
FOLDER = "reports"  # below SOPR_VAR
# Each file, the name of its step and the share of the work done before it.
STEPS = (("json", "Записываем JSON", 55), ("xlsx", "Собираем книгу Excel", 60), ("pdf", "Печатаем PDF", 70))


def work(run_id: int) -> bool:
    """Do a waiting run; True when this call finished it. A run in other hands, or finished, is left alone."""
    run = ReportRun.claim(run_id)
    if run is None:
        return False
    try:
        with Heartbeat(run):
            _build(run)
        return True
    except Lost:
        logger.warning("Report run %s was taken over by another worker.", run_id)
    except Refused as refused:
        _fail(run, refused.message)
    except SoftTimeLimitExceeded:
        _fail(run, "Расчёт занял слишком много времени и остановлен. Выберите период короче или одну организацию.")
    except Exception:
        logger.exception("Report run %s failed.", run_id)
        _fail(run, "Внутренняя ошибка расчёта. Запустите его снова; если повторится, сообщите администратору.")
    return False


def _build(run):
    report = run.report
    # A run retaken after its figures were stored goes on with them: one run, one snapshot.
    if report.computed_by_run != run.pk:
        snapshot, counted = compute(report.definition, report.span, report.organisation, run.progress)
        run.progress("Сохраняем показатели", 50)
        report.store(snapshot, counted, run=run)
    folder = folder_of(run)
    for leftover in folder.glob(".*.part"):
        leftover.unlink(missing_ok=True)
    written = {}
    for kind, step, percent in STEPS:
        run.progress(step, percent)
        content = files.render(report, kind, by=run.by)
        run.beat()  # raises when the run is another's by now: then nothing more is written
        path = folder / f"{files.stem(report)}.{kind}"
        files.write_whole(path, content)
        written[kind] = str(path.relative_to(settings.SOPR_VAR))
    run.finish(written, report.stamp)
    _drop_older(run)


def folder_of(run) -> Path:
    """The one folder of a run's files."""
    return settings.SOPR_VAR / FOLDER / f"run-{run.pk}"


def _drop_older(run):
    """The files of earlier runs show figures that are no longer the report's."""
    older = ReportRun.objects.filter(report=run.report_id, pk__lt=run.pk).exclude(files={})
    for each in older:
        shutil.rmtree(folder_of(each), ignore_errors=True)
    older.update(files={})


def _fail(run, reason):
    try:
        run.fail(reason)
    except Lost:
        logger.warning("Report run %s failed after it was taken over.", run.pk)


class Heartbeat:
    """Keeps saying that the worker is alive while one long step (a PDF) says nothing itself."""

    def __init__(self, run):
        self.run = run
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._beat, name=f"heartbeat-{run.pk}", daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.stopped.set()
        self.thread.join()

    def _beat(self):
        try:
            while not self.stopped.wait(BEAT_SECONDS):
                try:
                    self.run.beat()
                except DatabaseError:
                    logger.warning("Report run %s could not write its heartbeat.", self.run.pk)
                except Lost:
                    return  # the work itself finds out at its next step
        finally:
            connection.close()
