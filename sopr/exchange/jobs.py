"""One job, from its claim to its end; safe to be killed at any moment, to be done twice and to be abandoned."""

import logging
import threading

from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, connection

from sopr.errors import Refused
from sopr.exchange.export import export_register
from sopr.exchange.importer import import_register, preview_register
from sopr.exchange.models import BEAT_SECONDS, ExchangeJob, Lost
from sopr.exchange.workbook import NotAWorkbook

logger = logging.getLogger(__name__)


def work(job_id: int) -> bool:
    """Do a waiting job; True when this call took it to its next stop. One in other hands, or ended, is left alone."""
    job = ExchangeJob.claim(job_id)
    if job is None:
        return False
    try:
        with Pulse(job) as pulse:
            _act_of(job)(job, pulse)
        return True
    except Lost:
        logger.warning("Exchange job %s is not this worker's any more.", job_id)
        job.give_up()
    except (Refused, NotAWorkbook) as refused:
        _fail(job, str(refused))
    except SoftTimeLimitExceeded:
        _fail(job, "Работа заняла слишком много времени и остановлена. Разделите книгу на части.")
    except Exception:
        logger.exception("Exchange job %s failed.", job_id)
        _fail(job, "Внутренняя ошибка. Начните снова; если повторится, сообщите тем, кто ведёт систему.")
    return False


def _act_of(job):
    if job.kind == ExchangeJob.Kind.EXPORT:
        return _export
    return _check if job.state == ExchangeJob.State.CHECKING else _save


def _check(job, pulse):
    summary = preview_register(job.file, progress=pulse)
    result = result_of(summary)
    if summary.errors:
        job.fail("В книге есть ошибки. Ничего не сохранено: исправьте книгу и загрузите её снова.", result)
    else:
        job.hand_over(result)


def _save(job, pulse):
    summary = import_register(
        job.file,
        by=job.by,
        holder=job.organisation,
        progress=pulse,
        finish=lambda summary: job.finish(result_of(summary, lasting=True), job.path),
    )
    if summary.errors:
        result = result_of(summary, lasting=True)
        job.fail("Реестр изменился, пока Вы смотрели. Ничего не сохранено: загрузите книгу снова.", result)
    else:
        job.drop_files()


def _export(job, pulse):
    export_register(job, progress=pulse)


def result_of(summary, *, lasting=False) -> dict:
    """What the page shows of a summary; `lasting` leaves out the rows, which are not kept."""
    sheets = []
    for title, rows in summary.rows.items():
        outcome = summary.outcomes.get(title)
        sheet = {"title": title, "rows": rows, "refused": summary.errors.count_rows(title)}
        sheet["counts"] = dict(outcome.counts) if outcome else {}
        if outcome and not lasting:
            sheet["samples"] = outcome.samples
        sheets.append(sheet)
    result = {"sheets": sheets, "errors": summary.errors.lines, "errors_total": summary.errors.total}
    if not lasting:
        result |= {"likes": summary.likes.found, "likes_total": summary.likes.total}
    return result


def _fail(job, reason):
    try:
        job.fail(reason)
    except Lost:
        job.give_up()


class Pulse:
    """Publishes how far the work is from a thread of its own, and finds out when nobody waits for it any more.

    The work calls it as `pulse(step, rows, percent)`, which raises Lost then: the work's transaction is rolled back.
    """

    def __init__(self, job):
        self.job = job
        self.shown = ("Начинаем", 0, 0)
        self.lost = False
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._beat, name=f"pulse-{job.pk}", daemon=True)

    def __enter__(self):
        if not connection.in_atomic_block:  # inside somebody's transaction the row is nobody else's to see
            self.thread.start()
        return self

    def __exit__(self, *error):
        self.stopped.set()
        if self.thread.ident is not None:
            self.thread.join()

    def __call__(self, step, rows, percent):
        self.shown = (step[:120], rows, percent)
        if self.lost:
            raise Lost

    def _beat(self):
        try:
            while not self.stopped.wait(BEAT_SECONDS):
                try:
                    self.job.beat(*self.shown)
                except DatabaseError:
                    logger.warning("Exchange job %s could not write its pulse.", self.job.pk)
                except Lost:
                    self.lost = True
                    return
        finally:
            connection.close()
