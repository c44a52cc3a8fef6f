"""Своя форма министерства: made from the catalogue on a page; its versions are in force from a day on.

A published version never changes: a new one, made from a copy, comes into force later. A report is on the version in
force on the first day of its period, so that what is signed is repeated by the rows it was signed with.
"""

import datetime
import re
from functools import cached_property

from django.conf import settings
from django.db import models, transaction
from django.db.models import CharField, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils import timezone

from reports import periods
from reports.forms.base import Form
from reports.own_forms import MOST_ROWS, PERIODS, make_form, problem_of
from sopr.accounts.scope import ScopedQuerySet
from sopr.errors import Refused
from sopr.web.models import Versioned

PREFIX = "own-"
EMPTY = {"columns": ["period"], "rows": [], "notes": "", "decimals": 0}


class OwnFormQuerySet(ScopedQuerySet):
    """The region's own: the ministry makes them; others meet them in the lists of forms."""

    def for_ministry(self, user):
        return self.all()


class OwnForm(Versioned):
    """A form the ministry has made: what it asks stands in its versions. A retired one is asked for no more."""

    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто завёл")
    made_at = models.DateTimeField("заведена", default=timezone.now, editable=False)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    retired_at = models.DateTimeField("снята с учёта", null=True, editable=False)

    objects = OwnFormQuerySet.as_manager()

    class Meta:
        verbose_name = "своя форма"
        verbose_name_plural = "свои формы"
        ordering = ["-pk"]

    def __str__(self):
        return f"Форма {self.code}"

    def get_absolute_url(self):
        return reverse("reports:own-form-detail", args=[self.pk])

    @property
    def code(self) -> str:
        """What reports, files and addresses call it."""
        return f"{PREFIX}{self.pk}"

    @cached_property
    def editions(self) -> list["OwnFormVersion"]:
        """Its versions, the newest first."""
        return sorted(self.versions.all(), key=lambda version: -version.number)

    @property
    def newest(self) -> "OwnFormVersion":
        return self.editions[0]

    @property
    def name(self) -> str:
        return self.newest.name

    @property
    def draft(self) -> "OwnFormVersion | None":
        """The version being made; there is one at most."""
        return next((version for version in self.editions if not version.is_published), None)

    @property
    def published(self) -> "OwnFormVersion | None":
        """The version published last."""
        return next((version for version in self.editions if version.is_published), None)

    def in_force(self, day: datetime.date) -> "OwnFormVersion | None":
        """The version in force on a day."""
        begun = [version for version in self.editions if version.is_published and version.effective_from <= day]
        return begun[0] if begun else None

    @property
    def state_title(self) -> str:
        if self.retired_at:
            return "снята"
        if self.published is None:
            return "черновик"
        return "действует" if self.in_force(timezone.localdate()) else "опубликована"

    # -- verbs ---------------------------------------------------------------------------------------------------------

    @classmethod
    def begin(cls, *, by, name: str, kind: str) -> "OwnForm":
        """A new form with an empty draft."""
        with transaction.atomic():
            form = cls.objects.create(made_by=by)
            form.versions.create(number=1, name=name, kind=kind, made_by=by, definition=EMPTY)
            return form

    def why_not_revise(self) -> str:
        """Why no new version can be begun now; empty when it can."""
        if self.draft:
            return f"Редакция {self.draft.number} уже составляется. Опубликуйте её или удалите черновик."
        return "Форма снята с учёта. Сначала верните её." if self.retired_at else ""

    def revise(self, *, by) -> "OwnFormVersion":
        """A draft of the next version, a copy of the one published last. Raises Refused."""
        with transaction.atomic():
            form = self._locked()
            if form.why_not_revise():
                raise Refused(form.why_not_revise())
            last = form.published
            copied = {name: getattr(last, name) for name in ("name", "title", "kind", "owed", "definition")}
            return form.versions.create(number=last.number + 1, made_by=by, **copied)

    def why_not_retire(self) -> str:
        if self.retired_at:
            return "Форма уже снята с учёта."
        return "" if self.published else "Форма ещё не опубликована: удалите черновик."

    def retire(self, *, by):
        """It is asked for no more; what is signed stays, drafts are left as they are. Raises Refused."""
        self._turn(OwnForm.why_not_retire, retired_by=by, retired_at=timezone.now())

    def why_not_restore(self) -> str:
        return "" if self.retired_at else "Форма и так на учёте."

    def restore(self):
        """It is asked for again. Raises Refused."""
        self._turn(OwnForm.why_not_restore, retired_by=None, retired_at=None)

    def why_not_drop(self) -> str:
        return "" if self.draft else "Черновика у формы нет."

    def drop_draft(self):
        """Delete the draft; with it the form, when nothing of it was ever published. Raises Refused."""
        with transaction.atomic():
            form = self._locked()
            if form.why_not_drop():
                raise Refused(form.why_not_drop())
            form.draft.delete()
            if form.published is None:
                form.delete()

    def _turn(self, why_not, **changes):
        with transaction.atomic():
            form = self._locked()
            if why_not(form):
                raise Refused(why_not(form))
            for name, value in changes.items():
                setattr(form, name, value)
            form.save(update_fields=list(changes))

    def _locked(self) -> "OwnForm":
        return OwnForm.objects.select_for_update().get(pk=self.pk)


class OwnFormVersionQuerySet(models.QuerySet):
    def published(self):
        return self.filter(state=OwnFormVersion.State.PUBLISHED)

    def find(self, code: str, day: datetime.date) -> "OwnFormVersion":
        """The version of this form in force on a day; raises Refused when there is no such form or none yet."""
        number = re.fullmatch(rf"{PREFIX}(\d{{1,18}})", code, re.ASCII)
        own = self.published().filter(form=int(number[1])).order_by("effective_from") if number else self.none()
        found = list(own)
        if not found:
            raise Refused(f"Формы «{code[:60]}» нет. Коды есть в списке форм и в docs/indicators.md.")
        begun = [version for version in found if version.effective_from <= day]
        if not begun:
            first = found[0]
            raise Refused(
                f"Форма {first.name} действует с {first.effective_from:%d.%m.%Y}: отчёта за этот период по ней нет."
            )
        return begun[-1]

    def in_use(self, day: datetime.date) -> list["OwnFormVersion"]:
        """Of every form that is asked for, the version in force on a day."""
        begun = self.published().filter(effective_from__lte=day, form__retired_at=None)
        latest = {version.form_id: version for version in begun.order_by("form", "effective_from")}
        return list(latest.values())

    def names(self) -> dict[str, str]:
        """{code: latest name} of every form ever published."""
        rows = self.published().order_by("form", "effective_from").values_list("form", "name")
        return {f"{PREFIX}{form}": name for form, name in rows}

    def name_of(self, field: str):
        """The latest name of the form whose code is in `field` of the outer query; one value, for a Subquery."""
        code = Concat(Value(PREFIX), Cast("form_id", CharField()))
        own = self.published().alias(own_code=code).filter(own_code=OuterRef(field))
        return own.order_by("-effective_from").values("name")[:1]


class OwnFormVersion(Versioned):
    """One edition of a form. `owed`: organisations owe a report for each period of its `kind`, else it is the
    ministry's consolidated one only. `definition` is plain data, see reports/own_forms.py."""

    class State(models.TextChoices):
        DRAFT = "draft", "черновик"
        PUBLISHED = "published", "опубликована"

    form = models.ForeignKey(OwnForm, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField("редакция", editable=False)
    state = models.CharField("состояние", max_length=10, choices=State, default=State.DRAFT, editable=False)
    name = models.CharField("название", max_length=60)
    title = models.CharField("заголовок", max_length=200, blank=True)
    kind = models.CharField("период", max_length=10, choices=list(PERIODS.items()))
    owed = models.BooleanField("представляют организации", default=False)
    definition = models.JSONField(default=dict)
    effective_from = models.DateField("действует с", null=True, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    made_at = models.DateTimeField("составлена", default=timezone.now, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    published_at = models.DateTimeField("опубликована", null=True, editable=False)

    objects = OwnFormVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "редакция своей формы"
        verbose_name_plural = "редакции своих форм"
        ordering = ["form", "number"]
        constraints = [
            models.UniqueConstraint(fields=["form", "number"], name="one_own_form_version_per_number"),
            models.UniqueConstraint(fields=["form", "effective_from"], name="one_own_form_version_per_day"),
            models.UniqueConstraint(fields=["form"], condition=Q(state="draft"), name="one_draft_per_own_form"),
            models.CheckConstraint(
                condition=Q(state="draft", effective_from=None)
                | Q(state="published", effective_from__isnull=False, published_at__isnull=False),
                name="published_own_form_has_its_day",
            ),
        ]

    def __str__(self):
        return f"{self.label} ({self.state})"

    @property
    def label(self) -> str:
        """What a snapshot names as its definitions: «own-7/2»."""
        return f"{PREFIX}{self.form_id}/{self.number}"

    @property
    def is_published(self) -> bool:
        return self.state == self.State.PUBLISHED

    @property
    def rows(self) -> list[dict]:
        return self.definition["rows"]

    @property
    def columns(self) -> list[str]:
        return self.definition["columns"]

    @property
    def notes(self) -> str:
        return self.definition["notes"]

    @property
    def decimals(self) -> int:
        return self.definition["decimals"]

    @property
    def owed_title(self) -> str:
        """Who gives it, in words."""
        return f"организации, за {PERIODS[self.kind]}" if self.owed else "только сводный министерства"

    @property
    def as_form(self) -> Form:
        """What reports are made by: a form like any of the catalogue."""
        begins = f", действует с {self.effective_from:%d.%m.%Y}" if self.effective_from else ""
        return make_form(
            f"{PREFIX}{self.form_id}",
            self.label,
            self.definition,
            name=f"«{self.name}»",
            title=self.title or f"по форме «{self.name}»",
            act=f"форма министерства, редакция {self.number}{begins}",
            periodicity=(self.kind,) if self.owed else (),
            own=self.pk,
        )

    def period_of(self, day: datetime.date, kind: str = "") -> periods.Period:
        """The period of its kind (or of another) that a day belongs to."""
        return periods.containing(day, kind or self.kind)

    # -- verbs ---------------------------------------------------------------------------------------------------------

    def rewrite(self, **fields):
        """Keep what was typed into the draft: name, title, kind, definition. Raises Refused once it is published."""
        with transaction.atomic():
            stored = OwnFormVersion.objects.select_for_update().get(pk=self.pk)
            if stored.is_published:
                raise Refused("Эта редакция опубликована и не меняется. Составьте новую редакцию.")
            for name, value in fields.items():
                setattr(self, name, value)
            self.save(update_fields=list(fields))

    def why_not_publish(self) -> str:
        """Why it cannot be published whatever the day; empty when it can."""
        if self.is_published:
            return "Редакция уже опубликована."
        if self.form.retired_at:
            return "Форма снята с учёта. Сначала верните её."
        if not self.rows:
            return "В форме нет строк. Добавьте показатели из каталога."
        wrong = [number for number, row in enumerate(self.rows, start=1) if problem_of(row)]
        if wrong:
            return f"Строка {wrong[0]}: {problem_of(self.rows[wrong[0] - 1])}"
        return f"В форме больше {MOST_ROWS} строк." if len(self.rows) > MOST_ROWS else ""

    def why_not_from(self, day: datetime.date) -> str:
        """Why it cannot come into force on this day; empty when it can."""
        from reports.models import Report  # which is on one of these

        last = self.form.published
        if last and day <= last.effective_from:
            return (
                f"Редакция {last.number} действует с {last.effective_from:%d.%m.%Y}: новая вступает в силу позже. "
                f"Укажите день после этого."
            )
        signed = Report.objects.filter(own_version__form=self.form, until__gte=day).exclude(state=Report.State.DRAFT)
        latest = signed.order_by("-until").without_contents().first()
        if latest:
            return (
                f"За {latest.span.title} отчёт по этой форме уже подписан. Укажите день после {latest.until:%d.%m.%Y}."
            )
        return ""

    def publish(self, *, by, effective_from: datetime.date, owed: bool):
        """Bring it into force; drafts of reports from that day on are counted anew by it. Raises Refused."""
        from reports.models import Report

        with transaction.atomic():
            self.form = self.form._locked()
            drafts = Report.objects.filter(own_version__form=self.form, since__gte=effective_from)
            list(drafts.select_for_update(of=("self",)).values_list("pk"))  # nobody signs one of them meanwhile
            stored = OwnFormVersion.objects.select_related("form").get(pk=self.pk)
            stored.form = self.form
            reason = stored.why_not_publish() or stored.why_not_from(effective_from)
            if reason:
                raise Refused(reason)
            self.state, self.effective_from, self.owed = self.State.PUBLISHED, effective_from, owed
            self.published_by, self.published_at = by, timezone.now()
            self.save(update_fields=["state", "effective_from", "owed", "published_by", "published_at"])
            drafts.update(own_version=self, snapshot=None, checksum="", computed_at=None)
