"""A job of the report workers: the truth about it is its row; the broker only wakes a worker (architecture.md §3)."""

import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from sopr.accounts.scope import ScopedQuerySet
from sopr.errors import Refused

BEAT_SECONDS = 3  # how often a working job says that it is alive
STALE_SECONDS = 15  # silent for longer: its worker is gone
MOST_ATTEMPTS = 5  # a job that kills its worker every time must not do so for ever


class Lost(Exception):
    """The job is another worker's by now, or was cancelled: leave it without a trace."""


class State(models.TextChoices):
    QUEUED = "queued", "в очереди"
    RUNNING = "running", "считается"
    DONE = "done", "готово"
    FAILED = "failed", "не удалось"
    CANCELLED = "cancelled", "отменено"


OPEN = (State.QUEUED, State.RUNNING)


class JobQuerySet(ScopedQuerySet):
    def waiting(self):
        """Jobs that need a worker: queued ones, and running ones whose worker is silent."""
        silent_since = timezone.now() - datetime.timedelta(seconds=STALE_SECONDS)
        return self.filter(Q(state=State.QUEUED) | Q(state=State.RUNNING, heartbeat_at__lt=silent_since))

    def open(self):
        return self.filter(state__in=OPEN)


class Job(models.Model):
    """Claimed by compare-and-set, alive by its heartbeat, ended in sight.

    A subclass names in `CLAIMED_WITH` the rows its worker needs, in `STARTING` what is shown before it begins.
    """

    State = State
    CLAIMED_WITH = ()

    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    step = models.CharField(max_length=80, default="Расчёт ждёт очереди")
    percent = models.PositiveSmallIntegerField(default=0)
    attempt = models.PositiveSmallIntegerField(default=0)  # never goes back: it tells one worker's claim from another's
    attempts_before = models.PositiveSmallIntegerField(default=0)  # of earlier rounds, each asked for by a person
    heartbeat_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField("когда", default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def folder(self):
        """The one folder of its files."""
        return settings.SOPR_VAR / "reports" / f"{self._meta.model_name.removeprefix('report')}-{self.pk}"

    @property
    def asked_by(self):
        """Whom its files are made for; None for the system itself."""
        return self.by

    # -- verbs of people -----------------------------------------------------------------------------------------------

    def why_not_cancel(self) -> str:
        return "" if self.is_open else "Отменять нечего: работа уже закончилась."

    def cancel(self):
        """Drop the job: one that waits is never begun, one in work stops at its next step. Raises Refused."""
        dropped = {"state": State.CANCELLED, "step": "Отменено", "finished_at": timezone.now()}
        if not type(self).objects.filter(pk=self.pk).open().update(**dropped):
            raise Refused("Отменить уже нельзя: работа закончилась раньше.")

    # -- verbs of the worker -------------------------------------------------------------------------------------------

    @classmethod
    def claim(cls, pk):
        """Take a waiting job for this process by compare-and-set; None when it is finished or somebody works on it."""
        claimed = (
            cls.objects.filter(pk=pk)
            .waiting()
            .update(state=State.RUNNING, attempt=F("attempt") + 1, heartbeat_at=timezone.now(), error="")
        )
        job = cls.objects.select_related(*cls.CLAIMED_WITH).get(pk=pk) if claimed else None
        if job is not None and job.attempt - job.attempts_before > MOST_ATTEMPTS:
            job.fail("Расчёт прерывался слишком много раз. Запустите его снова или сообщите администратору.")
            return None
        return job

    def beat(self):
        """Say that the worker is alive; raises Lost when the job is not its any more."""
        self._write(heartbeat_at=timezone.now())

    def progress(self, step: str, percent: int):
        """Show the step's name and the share of the work done before it; raises Lost as `beat` does."""
        self._write(step=step, percent=percent, heartbeat_at=timezone.now())

    def finish(self, **results):
        self._write(state=State.DONE, step="Готово", percent=100, finished_at=timezone.now(), **results)

    def fail(self, reason: str):
        """End in sight: the person who waits reads the reason."""
        self._write(state=State.FAILED, step="Не удалось", error=reason[:500], finished_at=timezone.now())

    def was_cancelled(self) -> bool:
        """Whether somebody dropped it, asked anew."""
        return type(self).objects.filter(pk=self.pk, state=State.CANCELLED).exists()

    def _write(self, **changes):
        mine = type(self).objects.filter(pk=self.pk, state=State.RUNNING, attempt=self.attempt)
        if not mine.update(**changes):
            raise Lost
        for name, value in changes.items():
            setattr(self, name, value)
