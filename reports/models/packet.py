"""Пакет: the consolidated report and every organisation's as files in one zip; a parent row and a row per report."""

import datetime
import shutil
from pathlib import Path

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery

from reports import files, forms, periods
from reports.models.job import OPEN, Job, JobQuerySet, State
from reports.models.own_form import OwnFormVersion
from reports.models.report import Report
from sopr.errors import Refused

PREPARED, RENDERED = 20, 90  # percent of the whole: figures counted, files of all reports written


class PacketQuerySet(JobQuerySet):
    """The region's own: the ministry's alone."""

    def for_ministry(self, user):
        return self.all()

    def with_own_names(self):
        """For lists: the name of a form of the ministry's own beside each packet of one."""
        return self.annotate(own_name=Subquery(OwnFormVersion.objects.name_of("form")))

    def waiting(self):
        """As every job; but between counting and packing a packet waits for its parts, not for a worker."""
        return super().waiting().exclude(Exists(PacketPart.objects.open().filter(packet=OuterRef("pk"))))


class Packet(Job):
    """All reports of a period on one form, or on every form of the region (`form` is empty).

    Its worker counts the figures of all of them in one pass and makes a part for each report; when no part is open
    any more, it packs their files. Both acts are one job, told apart by `prepared`.
    """

    CLAIMED_WITH = ("by",)

    form = models.CharField("форма", max_length=40, blank=True)
    period = models.CharField("период", max_length=32)
    prepared = models.BooleanField(default=False)
    path = models.CharField(max_length=120, blank=True)  # of the zip, below SOPR_VAR; empty once it is deleted
    size = models.BigIntegerField("размер, байт", default=0)
    checksum = models.CharField("SHA-256", max_length=64, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто")

    objects = PacketQuerySet.as_manager()

    class Meta:
        verbose_name = "пакет отчётов"
        verbose_name_plural = "пакеты отчётов"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["form", "period"], condition=Q(state__in=OPEN), name="one_open_packet_per_form_and_period"
            ),
            models.CheckConstraint(condition=Q(percent__lte=100), name="packet_percent_at_most_100"),
        ]
        # the sweeper: open packets by the last sign of life
        indexes = [models.Index(fields=["state", "heartbeat_at"], name="packet_state_heartbeat")]

    def __str__(self):
        return f"Пакет {self.pk} ({self.state})"

    @property
    def span(self) -> periods.Period:
        return periods.parse(self.period)

    @property
    def forms(self) -> list:
        """The one, or all of the region's that are due for such a period."""
        if self.form:
            return [forms.find(self.form, self.span)]
        first = self.span.since
        return forms.of_this_region(self.span.kind, first) or forms.of_this_region(on=first)

    @property
    def forms_title(self) -> str:
        if not self.form:
            return "все формы региона"
        return f"«{self.own_name}»" if getattr(self, "own_name", None) else forms.find(self.form, self.span).name

    @property
    def file_name(self) -> str:
        """Neutral: form, period, number."""
        return f"paket-{self.form or 'vse'}-{self.period.lower().replace('..', '-')}-{self.pk}.zip"

    @property
    def file(self) -> Path:
        return settings.SOPR_VAR / self.path

    @property
    def has_file(self) -> bool:
        return bool(self.path) and self.file.is_file()

    @property
    def expires_at(self) -> datetime.datetime | None:
        """Until when the zip is kept."""
        return self.finished_at and self.finished_at + datetime.timedelta(days=settings.SOPR_REPORT_DAYS)

    # -- verbs of people -----------------------------------------------------------------------------------------------

    @classmethod
    def ask(cls, form, period: periods.Period, *, by) -> "Packet":
        """Queue a packet of one form or of all (None), or return the same one already under way."""
        code = form.code if form else ""
        found = cls.objects.filter(form=code, period=period.text).open().first()
        if found is not None:
            return found
        packet, _made = cls.objects.get_or_create(
            form=code, period=period.text, state__in=OPEN, defaults={"by": by, "step": "Пакет ждёт очереди"}
        )
        return packet

    def cancel(self):
        """Drop the packet and its parts: those not begun are never begun, those in work stop at their next step."""
        with transaction.atomic():
            super().cancel()
            self.parts.open().update(state=State.CANCELLED, step="Отменено")
        transaction.on_commit(self.drop_files)

    def why_not_again(self) -> str:
        """Why it cannot be made again as it is; empty when it can."""
        if self.is_open:
            return "Пакет уже делается."
        if self.state == State.DONE and self.has_file:
            return "Файл пакета цел, скачайте его."
        return ""

    def again(self):
        """Make the zip once more from the stored figures: after a failure, a cancellation, or the file's expiry.

        The parts whose files are still there keep them. Raises Refused.
        """
        with transaction.atomic():
            packet = Packet.objects.select_for_update().get(pk=self.pk)
            reason = packet.why_not_again()
            if reason:
                raise Refused(reason)
            if Packet.objects.filter(form=packet.form, period=packet.period).open().exists():
                raise Refused("Такой же пакет уже делается. Откройте его в списке пакетов.")
            fresh = {
                "state": State.QUEUED,
                "attempts_before": F("attempt"),
                "percent": 0,
                "error": "",
                "heartbeat_at": None,
            }
            for part in packet.parts.all():
                if part.state != State.DONE or not part.has_files:
                    PacketPart.objects.filter(pk=part.pk).update(**fresh, step="", files={})
            Packet.objects.filter(pk=self.pk).update(**fresh, step="Пакет ждёт очереди", path="", finished_at=None)

    def drop_files(self):
        """Delete the zip and what was written for it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        Packet.objects.filter(pk=self.pk).exclude(path="").update(path="")

    # -- verbs of the worker -------------------------------------------------------------------------------------------

    def hand_to_parts(self):
        """The figures are stored and the parts made: the packet waits until the last of them ends."""
        self._write(
            state=State.QUEUED,
            prepared=True,
            step="Пишем файлы отчётов",
            percent=PREPARED,
            attempts_before=self.attempt,
        )

    # -- what the page shows -------------------------------------------------------------------------------------------

    def tally(self) -> dict:
        """Parts by state, and the share of the whole that is done, in percent."""
        counts = dict(self.parts.order_by().values_list("state").annotate(models.Count("pk")))
        total, done = sum(counts.values()), counts.get(State.DONE, 0)
        percent = self.percent
        if self.is_open and self.prepared and percent < RENDERED and total:
            percent = PREPARED + (RENDERED - PREPARED) * done // total
        return {"total": total, "done": done, "failed": counts.get(State.FAILED, 0), "percent": percent}


class PacketPartQuerySet(JobQuerySet):
    def for_ministry(self, user):
        return self.all()


class PacketPart(Job):
    """The files of one report in a packet."""

    CLAIMED_WITH = (
        "packet__by",
        "report__organisation",
        "report__own_version",
        "report__signed_by",
        "report__reviewed_by",
    )

    packet = models.ForeignKey(Packet, models.CASCADE, related_name="parts")
    report = models.ForeignKey(Report, models.CASCADE, related_name="+")
    files = models.JSONField(default=dict)  # {"pdf": path below SOPR_VAR}

    objects = PacketPartQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["packet", "report"], name="one_part_per_report_of_packet"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="part_percent_at_most_100"),
        ]
        # the sweeper: open parts by the last sign of life
        indexes = [models.Index(fields=["state", "heartbeat_at"], name="part_state_heartbeat")]

    def __str__(self):
        return f"Часть {self.pk} пакета {self.packet_id} ({self.state})"

    @property
    def folder(self) -> Path:
        return self.packet.folder

    @property
    def asked_by(self):
        return self.packet.by

    @property
    def has_files(self) -> bool:
        return bool(self.files) and all((settings.SOPR_VAR / path).is_file() for path in self.files.values())

    def drop_files(self):
        """Delete what was written for its report."""
        for path in self.folder.glob(f"{files.stem(self.report)}.*"):
            path.unlink(missing_ok=True)
