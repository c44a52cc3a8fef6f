"""A job of bringing a register in or taking it out: the truth about it is this row; the broker only wakes a worker.

The same pattern as a run of a report (reports/models/run.py): a worker takes a waiting job by compare-and-set, says
that it is alive, and loses the job when it falls silent. Two things are its own: a person decides between checking and
saving, and may abandon the job at any moment before its commit.
"""

import datetime
import json
import shutil
import time
from pathlib import Path

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.utils import timezone

from sopr.accounts.models import Organisation
from sopr.accounts.scope import ScopedQuerySet
from sopr.audit.log import record
from sopr.audit.models import Action
from sopr.errors import Refused

BEAT_SECONDS = 1  # how often a working job says that it is alive and looks whether it is still wanted
STALE_SECONDS = 15  # silent for longer: its worker is gone
MOST_ATTEMPTS = 5  # a job that kills its worker every time must not do so for ever
FOLDER = "exchange"  # below SOPR_VAR
WORKBOOK = "register.xlsx"  # neutral: the name a person gave the file may name a family


class Lost(Exception):
    """The job is another worker's by now, or was abandoned: leave it without a trace."""


class ExchangeJobQuerySet(ScopedQuerySet):
    """Road to the owner: imports are the administrator's, exports the head's of the organisation."""

    def for_administrator(self, user):
        return self.filter(kind=ExchangeJob.Kind.IMPORT)

    def for_head(self, user):
        return self.filter(kind=ExchangeJob.Kind.EXPORT, organisation=user.organisation_id, organisation__isnull=False)

    def waiting(self):
        """Jobs that need a worker: queued and confirmed ones, and those whose worker is silent."""
        silent_since = timezone.now() - datetime.timedelta(seconds=STALE_SECONDS)
        return self.filter(
            Q(state__in=ExchangeJob.QUEUES) | Q(state__in=ExchangeJob.WORKING, heartbeat_at__lt=silent_since)
        )


class ExchangeJob(models.Model):
    class Kind(models.TextChoices):
        IMPORT = "import", "загрузка"
        EXPORT = "export", "выгрузка"

    class State(models.TextChoices):
        QUEUED = "queued", "в очереди"
        CHECKING = "checking", "проверяется"
        CHECKED = "checked", "ждёт решения"
        CONFIRMED = "confirmed", "ждёт загрузки"
        SAVING = "saving", "записывается"
        DONE = "done", "готово"
        FAILED = "failed", "не удалось"
        ABANDONED = "abandoned", "отменено"

    class Purpose(models.TextChoices):
        REQUEST = "request", "запрос министерства или надзора"
        TRANSFER = "transfer", "передача в другую систему"
        CHECK = "check", "сверка данных"
        OTHER = "other", "другое"

    QUEUES = (State.QUEUED, State.CONFIRMED)
    WORKING = (State.CHECKING, State.SAVING)
    OPEN = (*QUEUES, *WORKING, State.CHECKED)

    kind = models.CharField("вид", max_length=8, choices=Kind)
    state = models.CharField("состояние", max_length=12, choices=State, default=State.QUEUED)
    step = models.CharField(max_length=120, default="Ждёт очереди")
    percent = models.PositiveSmallIntegerField(default=0)
    rows = models.PositiveIntegerField(default=0)  # of the present step
    attempt = models.PositiveSmallIntegerField(default=0)
    heartbeat_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)
    result = models.JSONField(default=dict)  # counts by sheet; samples and errors while they are needed
    path = models.CharField(max_length=120, blank=True)  # of the workbook, below SOPR_VAR; empty once it is deleted
    purpose = models.CharField("основание выгрузки", max_length=12, choices=Purpose, blank=True)
    reason = models.CharField("цель выгрузки", max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто")
    # Export: whose register. Import: who holds the cards of families without a case.
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="организация"
    )
    created_at = models.DateTimeField("когда", default=timezone.now)
    finished_at = models.DateTimeField("закончено", null=True)

    objects = ExchangeJobQuerySet.as_manager()

    class Meta:
        verbose_name = "загрузка или выгрузка"
        verbose_name_plural = "загрузки и выгрузки"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(kind="import", state__in=("confirmed", "saving")),
                name="one_import_saves_at_a_time",
            ),
            models.CheckConstraint(condition=Q(percent__lte=100), name="exchange_percent_at_most_100"),
        ]
        indexes = [
            # the sweeper: open jobs by the last sign of life
            models.Index(fields=["state", "heartbeat_at"], name="exchange_state_heartbeat"),
            # the lists: imports; exports of an organisation, newest first
            models.Index(fields=["kind", "organisation", "-id"], name="exchange_kind_organisation"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.pk} ({self.state})"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def is_moving(self) -> bool:
        """Whether it goes on by itself: a page that shows it asks again."""
        return self.state in (*self.QUEUES, *self.WORKING)

    @property
    def folder(self) -> Path:
        return settings.SOPR_VAR / FOLDER / f"job-{self.pk}"

    @property
    def file(self) -> Path:
        return settings.SOPR_VAR / self.path

    @property
    def expires_at(self):
        """Until when the exported file can be downloaded."""
        return self.finished_at + datetime.timedelta(hours=settings.SOPR_EXPORT_HOURS) if self.finished_at else None

    # -- verbs of people -----------------------------------------------------------------------------------------------

    @classmethod
    def take_in(cls, chunks, *, by, holder=None) -> "ExchangeJob":
        """Keep an uploaded workbook and queue its check."""
        with transaction.atomic():
            job = cls.objects.create(kind=cls.Kind.IMPORT, by=by, organisation=holder)
            job.folder.mkdir(parents=True, exist_ok=True)
            path = job.folder / WORKBOOK
            with path.open("wb") as target:
                for chunk in chunks:
                    target.write(chunk)
            job.path = str(path.relative_to(settings.SOPR_VAR))
            job.save(update_fields=["path"])
        return job

    @classmethod
    def ask_export(cls, *, by, purpose, reason) -> "ExchangeJob":
        """Queue the export of the asker's organisation; the log keeps who asked and on what ground."""
        if by.organisation is None:
            raise Refused("У Вас не указана организация. Обратитесь к администратору.")
        if not reason.strip():
            raise Refused("Напишите, для чего нужна выгрузка: это остаётся в журнале.")
        with transaction.atomic():
            job = cls.objects.create(
                kind=cls.Kind.EXPORT, by=by, organisation=by.organisation, purpose=purpose, reason=reason.strip()
            )
            record(by, Action.EXPORT, job, detail={"purpose": purpose, "asked": True})
        return job

    def confirm(self):
        """The person has seen what would change: queue the saving. Raises Refused when another one is being saved."""
        if self.result.get("errors_total"):
            raise Refused("В книге есть ошибки. Исправьте их и загрузите книгу снова.")
        busy = ExchangeJob.objects.filter(
            kind=self.Kind.IMPORT, state__in=(self.State.CONFIRMED, self.State.SAVING)
        ).exclude(pk=self.pk)
        if busy.exists():
            raise Refused("Сейчас записывается другая книга. Дождитесь её окончания и нажмите «Загрузить» снова.")
        moved = ExchangeJob.objects.filter(pk=self.pk, state=self.State.CHECKED).update(
            state=self.State.CONFIRMED, step="Ждёт очереди", percent=0, rows=0, attempt=0, heartbeat_at=None
        )
        if not moved:
            raise Refused("Эта загрузка уже не ждёт решения: посмотрите её состояние на странице.")

    def ask_to_stop(self):
        """Leave word for a worker that nobody may write to the database beside (SQLite has one writer)."""
        if self.is_open:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._flag.touch()

    def abandon(self):
        """Give the job up; nothing of it is saved. Raises Refused when it has ended already."""
        moved = ExchangeJob.objects.filter(pk=self.pk, state__in=self.OPEN).update(
            state=self.State.ABANDONED, step="Отменено", finished_at=timezone.now(), result=self.lasting_result()
        )
        if not moved and not ExchangeJob.objects.filter(pk=self.pk, state=self.State.ABANDONED).exists():
            raise Refused("Отменить уже нельзя: работа закончилась раньше. Посмотрите её итог.")
        transaction.on_commit(self.drop_files)

    # -- verbs of the worker -------------------------------------------------------------------------------------------

    @classmethod
    def claim(cls, pk) -> "ExchangeJob | None":
        """Take a waiting job for this process by compare-and-set; None when nothing is to be done or somebody does."""
        job = cls.objects.waiting().filter(pk=pk).first()
        if job is None or job.is_heard():
            return None
        state = cls.State.CHECKING
        if job.kind == cls.Kind.EXPORT or job.state in (cls.State.CONFIRMED, cls.State.SAVING):
            state = cls.State.SAVING
        claimed = (
            cls.objects.waiting()
            .filter(pk=pk, state=job.state, attempt=job.attempt)
            .update(state=state, attempt=F("attempt") + 1, heartbeat_at=timezone.now(), error="")
        )
        job = cls.objects.select_related("by", "organisation").get(pk=pk) if claimed else None
        if job is not None and job.attempt > MOST_ATTEMPTS:
            job.fail("Работа прерывалась слишком много раз. Начните её снова или сообщите администратору.")
            return None
        return job

    def beat(self, step, rows, percent):
        """Say that the worker is alive and how far it is; raises Lost when the job is not its any more."""
        if self._flag.exists() or self.state not in self.WORKING:
            raise Lost
        if self._writes_alone:
            self.folder.mkdir(parents=True, exist_ok=True)
            shown = json.dumps({"step": step, "rows": rows, "percent": percent, "attempt": self.attempt})
            part = self._pulse.with_suffix(".part")
            part.write_text(shown, encoding="utf-8")
            part.replace(self._pulse)
        else:
            self._write(step=step, rows=rows, percent=percent, heartbeat_at=timezone.now())

    def hand_over(self, result: dict):
        """The check is through: a person decides; with errors there is nothing to decide."""
        self._write(state=self.State.CHECKED, step="Проверена", percent=100, result=result)

    def finish(self, result: dict, path=""):
        """The work is done; for an import this stands in the transaction of its rows."""
        self._write(
            state=self.State.DONE, step="Готово", percent=100, result=result, path=path, finished_at=timezone.now()
        )

    def fail(self, reason: str, result: dict | None = None):
        """End in sight: the person who waits reads the reason."""
        self._write(
            state=self.State.FAILED,
            step="Не удалось",
            error=reason[:500],
            result=self.result if result is None else result,
            finished_at=timezone.now(),
        )
        self.drop_files()

    def give_up(self):
        """The worker has found the word that nobody waits for it."""
        if self._flag.exists():
            ExchangeJob.objects.filter(pk=self.pk, state=self.state, attempt=self.attempt).update(
                state=self.State.ABANDONED, step="Отменено", finished_at=timezone.now(), result=self.lasting_result()
            )

    def drop_files(self):
        """The workbook has served: rows of people do not lie about longer than they are needed."""
        shutil.rmtree(self.folder, ignore_errors=True)
        ExchangeJob.objects.filter(pk=self.pk).exclude(path="").update(path="")

    def lasting_result(self) -> dict:
        """Counts without the rows behind them."""
        kept = dict(self.result)
        kept.pop("likes", None)
        kept["sheets"] = [
            {name: value for name, value in sheet.items() if name != "samples"} for sheet in kept.get("sheets", [])
        ]
        return kept

    # -- signs of life beside the row ----------------------------------------------------------------------------------

    @property
    def _writes_alone(self) -> bool:
        """On SQLite the one transaction that saves shuts every other writer out, its own signs of life too."""
        return connection.vendor == "sqlite" and self.kind == self.Kind.IMPORT and self.state == self.State.SAVING

    @property
    def _pulse(self) -> Path:
        return self.folder / "pulse.json"

    @property
    def _flag(self) -> Path:
        return self.folder / "stop"

    def is_heard(self) -> bool:
        """Whether a worker has lately said beside the row that it is alive."""
        try:
            return self._writes_alone and time.time() - self._pulse.stat().st_mtime < STALE_SECONDS
        except FileNotFoundError:
            return False

    def look(self):
        """Show how far the worker is where it could not write so into the row."""
        if not self._writes_alone:
            return
        try:
            shown = json.loads(self._pulse.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return
        if shown.pop("attempt") == self.attempt:
            for name, value in shown.items():
                setattr(self, name, value)

    def _write(self, **changes):
        mine = ExchangeJob.objects.filter(pk=self.pk, state=self.state, attempt=self.attempt, finished_at=None)
        if not mine.update(**changes):
            raise Lost
        for name, value in changes.items():
            setattr(self, name, value)
