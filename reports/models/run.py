"""A run of the report task: computes one report and writes its files."""

import shutil

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q

from reports.models.job import BEAT_SECONDS, MOST_ATTEMPTS, OPEN, STALE_SECONDS, Job, JobQuerySet, Lost
from reports.models.report import Report
from sopr.errors import Refused

__all__ = ["BEAT_SECONDS", "MOST_ATTEMPTS", "STALE_SECONDS", "Lost", "ReportRun"]


class ReportRunQuerySet(JobQuerySet):
    """Road to the owner: `report__organisation`."""

    def for_head(self, user):
        return self.filter(report__organisation=user.organisation_id, report__organisation__isnull=False)

    def for_ministry(self, user):
        return self.all()


class ReportRun(Job):
    CLAIMED_WITH = ("report", "by")

    report = models.ForeignKey(Report, models.CASCADE, related_name="runs")
    files = models.JSONField(default=dict)  # {"pdf": path below SOPR_VAR}; empty again once they are deleted
    stamp = models.CharField(max_length=80, blank=True)  # Report.stamp of what the files show
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = ReportRunQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["report"], condition=Q(state__in=OPEN), name="one_open_run_per_report"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="run_percent_at_most_100"),
        ]
        # the sweeper: open runs by the last sign of life
        indexes = [models.Index(fields=["state", "heartbeat_at"], name="run_state_heartbeat")]

    def __str__(self):
        return f"Расчёт {self.pk} ({self.state})"

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

    def cancel(self):
        """Drop the run and what it has written so far; the report keeps the figures it had or has got meanwhile."""
        super().cancel()
        transaction.on_commit(self.drop_files)

    def drop_files(self):
        """Delete the run's files; they are made again from the snapshot when somebody asks for one."""
        shutil.rmtree(self.folder, ignore_errors=True)
        ReportRun.objects.filter(pk=self.pk).exclude(files={}).update(files={})

    @classmethod
    def ready(cls, report, kind: str):
        """The file of this kind that shows the report's very figures in its very state, opened; None without one."""
        run = cls.objects.filter(report=report, state=cls.State.DONE, stamp=report.stamp).order_by("-pk").first()
        try:
            return (settings.SOPR_VAR / run.files[kind]).open("rb") if run and kind in run.files else None
        except FileNotFoundError:  # deleted meanwhile: too old, or of an older run
            return None
