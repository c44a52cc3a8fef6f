"""A run of the report task: the truth about it is this row; the broker only wakes a worker (architecture.md §3)."""

import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from reports.models.report import Report
from sopr.accounts.scope import ScopedQuerySet
from sopr.errors import Refused

BEAT_SECONDS = 3  # how often a working run says that it is alive
STALE_SECONDS = 15  # silent for longer: its worker is gone
MOST_ATTEMPTS = 5  # a run that kills its worker every time must not do so for ever


class Lost(Exception):
    """Another worker has taken this run over: leave it without a trace."""


class ReportRunQuerySet(ScopedQuerySet):
    """Road to the owner: `report__organisation`."""

    def for_head(self, user):
        return self.filter(report__organisation=user.organisation_id, report__organisation__isnull=False)

    def for_ministry(self, user):
        return self.all()

    def waiting(self):
        """Runs that need a worker: queued ones, and running ones whose worker is silent."""
        silent_since = timezone.now() - datetime.timedelta(seconds=STALE_SECONDS)
        return self.filter(
            Q(state=ReportRun.State.QUEUED) | Q(state=ReportRun.State.RUNNING, heartbeat_at__lt=silent_since)
        )

    def open(self):
        return self.filter(state__in=(ReportRun.State.QUEUED, ReportRun.State.RUNNING))


class ReportRun(models.Model):
    class State(models.TextChoices):
        QUEUED = "queued", "в очереди"
        RUNNING = "running", "считается"
        DONE = "done", "готово"
        FAILED = "failed", "не удалось"

    report = models.ForeignKey(Report, models.CASCADE, related_name="runs")
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    step = models.CharField(max_length=80, default="Расчёт ждёт очереди")
    percent = models.PositiveSmallIntegerField(default=0)
    attempt = models.PositiveSmallIntegerField(default=0)
    heartbeat_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)
    files = models.JSONField(default=dict)  # {"pdf": path below SOPR_VAR}
    stamp = models.CharField(max_length=80, blank=True)  # Report.stamp of what the files show
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = ReportRunQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["report"], condition=Q(state__in=("queued", "running")), name="one_open_run_per_report"
            ),
            models.CheckConstraint(condition=Q(percent__lte=100), name="run_percent_at_most_100"),
        ]
        # the sweeper: open runs by the last sign of life
        indexes = [models.Index(fields=["state", "heartbeat_at"], name="run_state_heartbeat")]

    def __str__(self):
        return f"Расчёт {self.pk} ({self.state})"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @classmethod
    def start(cls, report, *, by) -> "ReportRun":
        """Queue a run of the report, or return the one already under way; raises Refused once it is signed."""
        with transaction.atomic():
            Report.objects.select_for_update().without_contents().get(pk=report.pk)
            reason = report.why_not_recompute()
            if reason:
                raise Refused(reason)
            run = cls.objects.filter(report=report).open().first()
            return run or cls.objects.create(report=report, by=by)

    @classmethod
    def claim(cls, pk) -> "ReportRun | None":
        """Take a waiting run for this process by compare-and-set; None when it is finished or somebody works on it."""
        claimed = (
            cls.objects.filter(pk=pk)
            .waiting()
            .update(state=cls.State.RUNNING, attempt=F("attempt") + 1, heartbeat_at=timezone.now(), error="")
        )
        run = cls.objects.select_related("report", "by").get(pk=pk) if claimed else None
        if run is not None and run.attempt > MOST_ATTEMPTS:
            run.fail("Расчёт прерывался слишком много раз. Запустите его снова или сообщите администратору.")
            return None
        return run

    def beat(self):
        """Say that the worker is alive; raises Lost when the run is another's by now."""
        self._write(heartbeat_at=timezone.now())

    def progress(self, step: str, percent: int):
        """Show the step's name and the share of the work done before it."""
        self._write(step=step, percent=percent, heartbeat_at=timezone.now())

    def finish(self, files: dict, stamp: str):
        self._write(
            state=self.State.DONE,
            step="Готово",
            percent=100,
            files=files,
            stamp=stamp,
            finished_at=timezone.now(),
        )

    def fail(self, reason: str):
        """End in sight: the person who waits reads the reason."""
        self._write(state=self.State.FAILED, step="Не удалось", error=reason[:500], finished_at=timezone.now())

    def _write(self, **changes):
        mine = ReportRun.objects.filter(pk=self.pk, state=self.State.RUNNING, attempt=self.attempt)
        if not mine.update(**changes):
            raise Lost
        for name, value in changes.items():
            setattr(self, name, value)
