"""Отчёт: draft → submitted → returned or approved; what is signed never changes, a correction is a new revision."""

import hashlib
import json

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

import sopr
from reports import duties, forms, periods
from reports.differences import differences
from reports.forms import Form
from reports.models.own_form import OwnFormVersion
from reports.models.querysets import ReportQuerySet
from reports.models.refusals import Refusals
from sopr.accounts.models import Organisation
from sopr.calendar import add_working_days, is_overdue
from sopr.errors import Refused
from sopr.web.models import Versioned


class Report(Refusals, Versioned):
    """One revision of one organisation's (or the region's) report on a form for a period.

    `snapshot` is everything that is shown, printed and exported; `checksum` its SHA-256; the ids behind its numbers
    are in `ReportList`. `scope` is the organisation's id, 0 for the region: it makes uniqueness simple.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "черновик"
        SUBMITTED = "submitted", "представлен"
        RETURNED = "returned", "возвращён"
        APPROVED = "approved", "утверждён"

    form = models.CharField("форма", max_length=40)
    # Of a report on a form of the ministry's own: the version in force for its period.
    own_version = models.ForeignKey(OwnFormVersion, models.PROTECT, null=True, related_name="reports", editable=False)
    period = models.CharField("период", max_length=32)
    since = models.DateField(editable=False)
    until = models.DateField(editable=False)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="reports", verbose_name="организация"
    )
    scope = models.BigIntegerField(default=0, editable=False)
    revision = models.PositiveSmallIntegerField("редакция", default=1, editable=False)
    previous = models.OneToOneField("self", models.PROTECT, null=True, related_name="correction", editable=False)
    state = models.CharField("состояние", max_length=12, choices=State, default=State.DRAFT, editable=False)
    snapshot = models.JSONField(null=True, editable=False)
    checksum = models.CharField(max_length=64, blank=True, editable=False)
    computed_at = models.DateTimeField("пересчитан", null=True, editable=False)
    computed_by_run = models.BigIntegerField(null=True, editable=False)
    changes = models.JSONField(default=list, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False)
    signed_at = models.DateTimeField("представлен", null=True, editable=False)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    reviewed_at = models.DateTimeField("рассмотрен", null=True, editable=False)
    remark = models.TextField("замечание", blank=True, editable=False)
    # Of a revision: who made it and why.
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False)
    reason = models.TextField("почему исправлен", blank=True, editable=False)
    # «Сведений нет»: why there is nothing to report; empty for a report with figures.
    nothing = models.TextField("почему нет сведений", blank=True, editable=False)
    # An approved report is closed; the ministry opens it for one revision.
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    reopened_at = models.DateTimeField("открыт для исправления", null=True, editable=False)
    reopen_reason = models.TextField("почему открыт", blank=True, editable=False)
    code_version = models.CharField("версия программы", max_length=20, blank=True, editable=False)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = "отчёт"
        verbose_name_plural = "отчёты"
        ordering = ["-until", "form", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["form", "period", "scope", "revision"], name="one_report_per_revision"),
            models.CheckConstraint(
                condition=Q(organisation=None, scope=0) | Q(organisation=models.F("scope")),
                name="report_scope_is_its_organisation",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | (Q(snapshot__isnull=False) & ~Q(checksum="")),
                name="signed_report_has_snapshot",
            ),
            models.CheckConstraint(condition=Q(nothing="") | ~Q(state="draft"), name="nothing_is_declared_by_signing"),
        ]
        indexes = [
            # list of reports, newest period first; the ministry's overview of one period
            models.Index(fields=["-until", "form", "scope"], name="report_until_form"),
            # «Проверить файл»: the report of a file's checksum; typed by its first signs too, of those that have one
            models.Index(
                fields=["checksum"],
                name="report_checksum",
                condition=~Q(checksum=""),
                opclasses=["varchar_pattern_ops"],
            ),
        ]

    def __str__(self):
        return f"Отчёт {self.form} за {self.period}, редакция {self.revision}"

    def save(self, *args, **kwargs):
        self.scope = self.organisation_id or 0
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("reports:report-detail", args=[self.pk])

    # -- what it is --------------------------------------------------------------------------------------------------

    @property
    def definition(self) -> Form:
        return self.own_version.as_form if self.own_version_id else forms.find(self.form, self.span)

    @property
    def span(self) -> periods.Period:
        return periods.parse(self.period)

    @property
    def number(self) -> str:
        """What stands on paper and in file names: neutral, the same in every print."""
        return str(self.pk)

    @property
    def is_regional(self) -> bool:
        return self.organisation_id is None

    @property
    def due_on(self):
        """The day it is due."""
        return duties.term_of(self.until, regional=self.is_regional)

    @property
    def stamp(self) -> str:
        """Names what a file shows: figures and state. A file with another stamp is out of date."""
        return f"{self.checksum}:{self.state}"

    @property
    def is_frozen(self) -> bool:
        return self.state != self.State.DRAFT

    @property
    def is_closed(self) -> bool:
        """Approved, and not opened again by the ministry: the organisation alone cannot correct it."""
        return self.state == self.State.APPROVED and self.reopened_at is None

    @property
    def is_late(self) -> bool:
        """An organisation's, past its day and still neither signed nor corrected; on a retired form nobody is late."""
        waits = self.state in (self.State.DRAFT, self.State.RETURNED)
        if self.own_version_id and self.own_version.form.retired_at:
            return False
        return waits and not self.is_regional and is_overdue(self.due_on, timezone.localdate())

    @property
    def state_title(self) -> str:
        """The state in words, with what lists must tell apart: «представлен: сведений нет», «не составлен»."""
        if self.state == self.State.DRAFT and not self.checksum:
            return "не составлен"
        if self.nothing:
            return f"{self.get_state_display()}: сведений нет"
        return f"{self.get_state_display()}, открыт снова" if self.reopened_at else self.get_state_display()

    def checked(self, *tones) -> list[dict]:
        """Its checks, of these tones only if any are named; none for a report made before they were kept."""
        found = (self.snapshot or {}).get("checks", [])
        return [check for check in found if check["tone"] in tones] if tones else found

    @property
    def fix_by(self):
        """Until when a returned or reopened report is to be corrected: its own term, or some working days after it."""
        moment = self.reopened_at or self.reviewed_at
        return max(self.due_on, add_working_days(timezone.localdate(moment), duties.FIX_WORKING_DAYS))

    # -- verbs -------------------------------------------------------------------------------------------------------

    @classmethod
    def open_for(cls, form: Form, period: periods.Period, organisation=None) -> "Report":
        """The latest revision of this report, made as a draft when there is none yet."""
        scope = organisation.pk if organisation else 0
        report = cls.objects.filter(form=form.code, period=period.text, scope=scope).order_by("-revision").first()
        if report is not None:
            return report
        report, _made = cls.objects.get_or_create(
            form=form.code,
            period=period.text,
            scope=scope,
            revision=1,
            defaults={
                "own_version_id": form.own,
                "since": period.since,
                "until": period.until,
                "organisation": organisation,
            },
        )
        return report

    def store(self, snapshot: dict, counted: dict, *, run=None):
        """Keep freshly computed figures; raises Refused once it is signed, or on another edition of its form."""
        with transaction.atomic():
            row = self._locked()
            if row.why_not_recompute():
                raise Refused(row.why_not_recompute())
            if row.own_version_id and row.own_version.label != snapshot["definitions_version"]:
                raise Refused("Пока отчёт считался, вступила в силу новая редакция формы. Рассчитайте его снова.")
            self.snapshot, self.checksum = snapshot, checksum_of(snapshot)
            self.computed_at = timezone.now()
            self.computed_by_run = run.pk if run else None
            self.changes = self.differences_from(self.previous, counted) if self.previous else []
            self.save(update_fields=["snapshot", "checksum", "computed_at", "computed_by_run", "changes"])
            ReportList.objects.update_or_create(report=self, defaults={"ids": counted})

    def sign(self, *, by):
        """The head signs what he sees: the figures are frozen and go to the ministry. Raises Refused."""
        self._move(self.State.SUBMITTED, self.why_not_sign, signed_by=by, signed_at=timezone.now())

    def declare_nothing(self, *, by, reason):
        """The head signs that there is nothing to report, and why; handed in like any other. Raises Refused."""
        if not reason.strip():
            raise Refused("Напишите, почему сведений нет.")
        self._move(
            self.State.SUBMITTED,
            self.why_not_nothing,
            signed_by=by,
            signed_at=timezone.now(),
            nothing=reason.strip(),
        )

    def send_back(self, *, by, remark="", cells=()):
        """The ministry returns it with a remark, and remarks at `cells`: (row, column, text). Raises Refused.

        The correction is a new revision, in which each remark at a cell is answered.
        """
        cells = [(row, column, text.strip()) for row, column, text in cells]
        if not remark.strip() and not cells:
            raise Refused("Напишите замечание: что нужно исправить.")
        known = {(cell["row"], cell["column"]) for cell in (self.snapshot or {"cells": []})["cells"]}
        for row, column, text in cells:
            if (row, column) not in known:
                raise Refused(f"Строки {row} с такой графой в отчёте нет. Выберите строку и графу из списка.")
            if not text:
                raise Refused(f"Строка {row}: напишите, что исправить.")
        with transaction.atomic():
            self._move(
                self.State.RETURNED,
                self.why_not_return,
                reviewed_by=by,
                reviewed_at=timezone.now(),
                remark=remark.strip(),
            )
            for row, column, text in cells:
                self.remarks.create(row=row, column=column, text=text)
            duties.ask_to_fix(self)

    def approve(self, *, by):
        """The ministry approves a submitted report, or its own consolidated draft: the figures are frozen."""
        self._move(self.State.APPROVED, self.why_not_approve, reviewed_by=by, reviewed_at=timezone.now())

    def reopen(self, *, by, reason):
        """The ministry opens a closed quarter for one revision of this report, and says why. Raises Refused."""
        if not reason.strip():
            raise Refused("Напишите, почему отчёт открывается.")
        with transaction.atomic():
            row = self._locked()
            self.state, self.reopened_at = row.state, row.reopened_at
            if self.why_not_reopen():
                raise Refused(self.why_not_reopen())
            self.reopened_by, self.reopened_at, self.reopen_reason = by, timezone.now(), reason.strip()
            self.save(update_fields=["reopened_by", "reopened_at", "reopen_reason"])
            duties.ask_to_fix(self)

    def correct(self, *, by, reason="") -> "Report":
        """A new revision as a draft; the list of differences is made when it is computed. Raises Refused.

        `reason` says what is corrected; without it a revision has the ministry's: its remark, or why it was reopened.
        """
        reason = reason.strip() or self.reopen_reason or ("по замечаниям министерства" if self.reviewed_at else "")
        with transaction.atomic():
            self._locked()
            refusal = self.why_not_correct()
            if refusal:
                raise Refused(refusal)
            made = Report.objects.create(
                form=self.form,
                own_version=self.own_version,
                period=self.period,
                since=self.since,
                until=self.until,
                organisation=self.organisation,
                revision=self.revision + 1,
                previous=self,
                opened_by=by,
                reason=reason,
            )
            made._keep_duty()
            return made

    # -- inside ------------------------------------------------------------------------------------------------------

    def _keep_duty(self):
        """What the head and the ministry still have to do about this report."""
        if self.is_regional:
            duties.keep_ministry_duties()
            return
        if self.state in duties.SIGNED:
            duties.fixed(self)
        if duties.is_owed_now(self):
            duties.keep_own_duties(self.organisation)
            duties.keep_ministry_duties()

    def _locked(self) -> "Report":
        return Report.objects.select_for_update().without_contents().get(pk=self.pk)

    def _move(self, state, why_not, **changes):
        """The only writer of `state`: lock, take the newest row, ask, write; one transaction."""
        with transaction.atomic():
            shown = self.checksum
            row = self._locked()
            self.state, self.checksum = row.state, row.checksum
            reason = why_not()
            if reason:
                raise Refused(reason)
            if shown != row.checksum:
                raise Refused("Пока Вы смотрели отчёт, его пересчитали. Обновите страницу и проверьте числа.")
            if not row.is_frozen:
                changes["code_version"] = sopr.__version__
            self.state = state
            for name, value in changes.items():
                setattr(self, name, value)
            self.save(update_fields=["state", *changes])
            self._keep_duty()

    def differences_from(self, earlier, ids: dict | None = None) -> list[dict]:
        """Cells that differ from an earlier revision's; `ids` are behind this one's numbers, when not stored yet."""
        if not earlier.snapshot or not self.snapshot:
            return []
        lists = dict(ReportList.objects.filter(report__in=(self.pk, earlier.pk)).values_list("report", "ids"))
        now = lists.get(self.pk, {}) if ids is None else ids
        return differences(earlier.snapshot, self.snapshot, lists.get(earlier.pk, {}), now, self.definition.categories)


def checksum_of(snapshot: dict) -> str:
    """SHA-256 of the snapshot's canonical JSON."""
    text = json.dumps(snapshot, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class ReportList(models.Model):
    """The ids behind the numbers: {"measure/column": {category or "": [ids]}}; frozen together with the snapshot."""

    report = models.OneToOneField(Report, models.CASCADE, related_name="lists")
    ids = models.JSONField(default=dict)

    def __str__(self):
        return f"Списки отчёта {self.report_id}"
