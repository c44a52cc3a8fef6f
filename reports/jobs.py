"""Carrying out a job, from its claim to its end; safe to be killed at any moment and to be done twice."""

import errno
import logging
import threading

from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, InterfaceError, connection

from reports.models.job import BEAT_SECONDS, Lost
from sopr.errors import Refused

logger = logging.getLogger(__name__)
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def carry_out(model, pk: int, act) -> bool:
    """Claim the waiting job `pk` of `model` and do `act(job)`; True when this call took it to its end.

    A job in other hands, or finished, is left alone. Whatever goes wrong ends in sight, with a reason in Russian; of
    a cancelled job nothing stays on the disk.
    """
    job = model.claim(pk)
    if job is None:
        return False
    try:
        with Heartbeat(job):
            act(job)
        return True
    except Lost:
        _leave(job)
    except Refused as refused:
        _fail(job, refused.message)
    except SoftTimeLimitExceeded:
        _fail(job, "Расчёт занял слишком много времени и остановлен. Выберите период короче или одну организацию.")
    except (DatabaseError, InterfaceError):
        logger.exception("%s lost its database.", job)
        if not connection.in_atomic_block:
            connection.close()  # a broken one is of no use any more: the reason is written through a new one
        _fail(job, "Прервалась связь с базой данных. Запустите снова; если повторится, сообщите администратору.")
    except OSError as error:
        logger.exception("%s could not write its files.", job)
        full = "На диске сервера нет места" if error.errno in FULL else "Файл не записался на диск сервера"
        _fail(job, f"{full}. Сообщите администратору, затем запустите снова.")
    except Exception:
        logger.exception("%s failed.", job)
        _fail(job, "Внутренняя ошибка расчёта. Запустите его снова; если повторится, сообщите администратору.")
    return False


def _fail(job, reason):
    try:
        job.fail(reason)
    except Lost:
        _leave(job)
    except (DatabaseError, InterfaceError):
        logger.warning("%s: the database is not there; the sweeper finds its row when it is back.", job)


def _leave(job):
    """Not ours any more: another worker's, or cancelled; then what was written after the cancelling goes too."""
    logger.warning("%s is not this worker's any more.", job)
    if job.was_cancelled():
        job.drop_files()


class Heartbeat:
    """Keeps saying that the worker is alive while one long step (a PDF) says nothing itself."""

    def __init__(self, job):
        self.job = job
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._beat, name=f"heartbeat-{job.pk}", daemon=True)

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
                    self.job.beat()
                except (DatabaseError, InterfaceError):
                    logger.warning("%s could not write its heartbeat.", self.job)
                    connection.close()
                except Lost:
                    return  # the work itself finds out at its next step
        finally:
            connection.close()
