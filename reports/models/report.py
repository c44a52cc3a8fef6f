"""Отчёт: draft → submitted → returned or approved; what is signed never changes, a correction is a new revision."""

import hashlib
import json

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from reports import duties, periods
from reports.forms import CATALOGUE, Form
from sopr import profile
from sopr.accounts.models import Organisation
from sopr.accounts.policy import Role
from sopr.accounts.scope import ScopedQuerySet
from sopr.calendar import add_months
from sopr.errors import Refused
from sopr.web.models import Versioned


class ReportQuerySet(ScopedQuerySet):
    """Road to the owner: `organisation`; the region's own reports have none and are the ministry's."""

    def for_head(self, user):
        return self.filter(organisation=user.organisation_id, organisation__isnull=False)

    def for_ministry(self, user):
        return self.all()

    def latest(self):
        """Of each report, the last revision only."""
        later = Report.objects.filter(
            form=OuterRef("form"), period=OuterRef("period"), scope=OuterRef("scope"), revision__gt=OuterRef("revision")
        )
        return self.filter(~Exists(later))

    def without_contents(self):
        """For lists: leave the snapshot in the database."""
        return self.defer("snapshot", "changes")


class Report(Versioned):
    """One revision of one organisation's (or the region's) report on a form for a period.

    `snapshot` is everything that is shown, printed and exported; `checksum` its SHA-256; the ids behind its numbers
    are in `ReportList`. `scope` is the organisation's id, 0 for the region: it makes uniqueness simple.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "черновик"
        SUBMITTED = "submitted", "представлен"
        RETURNED = "returned", "возвращён"
        APPROVED = "approved", "утверждён"

    form = models.CharField("форма", max_length=40, choices=[(form.code, form.name) for form in CATALOGUE.values()])
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
        ]
        indexes = [
            # list of reports, newest period first; the ministry's overview of one period
            models.Index(fields=["-until", "form", "scope"], name="report_until_form"),
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
        return CATALOGUE[self.form]

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
        """The day it is due: the region's profile says which day of the month after the period."""
        deadlines = profile.current().deadlines
        day = deadlines.report_due_region if self.is_regional else deadlines.report_due_organisation
        return add_months(self.until.replace(day=1), 1).replace(day=day)

    @property
    def stamp(self) -> str:
        """Names what a file shows: figures and state. A file with another stamp is out of date."""
        return f"{self.checksum}:{self.state}"

    @property
    def is_frozen(self) -> bool:
        return self.state != self.State.DRAFT

    def why_not_own(self, user) -> str:
        """Why this user may look but not compute or correct: a report is made by whose it is."""
        if self.is_regional and user.role != Role.MINISTRY:
            return "Сводный отчёт составляет министерство."
        if not self.is_regional and self.organisation_id != user.organisation_id:
            return "Отчёт организации пересчитывает и исправляет сама организация."
        return ""

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
            defaults={"since": period.since, "until": period.until, "organisation": organisation},
        )
        return report

    def why_not_recompute(self) -> str:
        """Why it cannot be computed now, in Russian; empty when it can."""
        if self.is_frozen:
            return "Отчёт подписан, его числа не меняются. Чтобы исправить, создайте новую редакцию."
        return ""

    def store(self, snapshot: dict, counted: dict, *, run=None):
        """Keep freshly computed figures; raises Refused once the report is signed."""
        with transaction.atomic():
            row = self._locked()
            if row.why_not_recompute():
                raise Refused(row.why_not_recompute())
            self.snapshot, self.checksum = snapshot, checksum_of(snapshot)
            self.computed_at = timezone.now()
            self.computed_by_run = run.pk if run else None
            self.changes = self._differences(snapshot)
            self.save(update_fields=["snapshot", "checksum", "computed_at", "computed_by_run", "changes"])
            ReportList.objects.update_or_create(report=self, defaults={"ids": counted})

    def why_not_sign(self) -> str:
        """Why the head cannot sign now; empty when he can."""
        if self.is_regional:
            return "Сводный отчёт утверждает министерство."
        return self._why_not_freeze()

    def sign(self, *, by):
        """The head signs what he sees: the figures are frozen and go to the ministry. Raises Refused."""
        self._move(self.State.SUBMITTED, self.why_not_sign, signed_by=by, signed_at=timezone.now())

    def why_not_return(self) -> str:
        if self.state != self.State.SUBMITTED:
            return f"Вернуть можно представленный отчёт, а этот — {self.get_state_display()}."
        return ""

    def send_back(self, *, by, remark):
        """The ministry returns it with a remark; the correction is a new revision."""
        if not remark.strip():
            raise Refused("Напишите замечание: что нужно исправить.")
        self._move(
            self.State.RETURNED, self.why_not_return, reviewed_by=by, reviewed_at=timezone.now(), remark=remark.strip()
        )

    def why_not_approve(self) -> str:
        if self.is_regional:
            return self._why_not_freeze()
        if self.state == self.State.APPROVED:
            return "Отчёт уже утверждён."
        if self.state != self.State.SUBMITTED:
            return f"Утвердить можно представленный отчёт, а этот — {self.get_state_display()}."
        return ""

    def approve(self, *, by):
        """The ministry approves a submitted report, or its own consolidated draft: the figures are frozen."""
        self._move(self.State.APPROVED, self.why_not_approve, reviewed_by=by, reviewed_at=timezone.now())

    def why_not_correct(self) -> str:
        if self.state not in (self.State.RETURNED, self.State.APPROVED):
            return "Новая редакция создаётся, когда отчёт возвращён или утверждён."
        if Report.objects.filter(previous=self).exists():
            return "Новая редакция уже создана."
        return ""

    def correct(self, *, by) -> "Report":
        """A new revision as a draft; the list of differences is made when it is computed. Raises Refused."""
        with transaction.atomic():
            self._locked()
            reason = self.why_not_correct()
            if reason:
                raise Refused(reason)
            made = Report.objects.create(
                form=self.form,
                period=self.period,
                since=self.since,
                until=self.until,
                organisation=self.organisation,
                revision=self.revision + 1,
                previous=self,
            )
            made._keep_duty()
            return made

    # -- inside ------------------------------------------------------------------------------------------------------

    def _why_not_freeze(self) -> str:
        if self.is_frozen:
            return f"Отчёт уже {self.get_state_display()}."
        if not self.checksum:
            return "Отчёт ещё не рассчитан. Нажмите «Пересчитать»."
        if self.until >= timezone.localdate():
            return f"Период закончится {self.until:%d.%m.%Y}: подписать отчёт можно на следующий день."
        return ""

    def _keep_duty(self):
        """Whether the head still has something to sign for the quarter that is due now."""
        if not self.is_regional and self.period == duties.last_quarter().text:
            duties.keep_signing_duty(self.organisation)

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
            self.state = state
            for name, value in changes.items():
                setattr(self, name, value)
            self.save(update_fields=["state", *changes])
            self._keep_duty()

    def _differences(self, snapshot) -> list[dict]:
        """Cells that differ from the previous revision's: row, column, was, now."""
        if self.previous is None or self.previous.snapshot is None:
            return []
        before = {(cell["row"], cell["column"]): cell for cell in self.previous.snapshot["cells"]}
        changed = []
        for cell in snapshot["cells"]:
            was = before.get((cell["row"], cell["column"]))
            if was is None or was["text"] != cell["text"]:
                changed.append(
                    {
                        "row": cell["row"],
                        "column": cell["column"],
                        "was": was["text"] if was else "",
                        "now": cell["text"],
                    }
                )
        return changed


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
