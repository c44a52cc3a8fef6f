"""«Правовой навигатор семьи»: rights and benefits with their norm, in dated versions, and what a family made of them.

Source: Tatarstan, set of measures of 2016, item 3.4: «создание системы эффективного информационного обеспечения семей
об их основных правах и гарантиях». A version is never overwritten: a change of the law is a new version from its day,
so that what was told to a family on a day can be read again.
"""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from cases.models.dictionary import DictionaryQuerySet, owner_for
from families.categories import Category
from families.models import Family
from sopr.accounts.models import Organisation
from sopr.accounts.scope import ScopedQuerySet
from sopr.calendar import DAY
from sopr.errors import Refused

OLDEST_CHILD = 18  # years: benefits are matched by children who are not of age


class Trait(models.TextChoices):
    """Beside the categories: what else makes a family one to be told of a measure."""

    DISABLED_CHILD = "has_disabled_child", "есть ребёнок-инвалид (по записи об инвалидности)"
    CHILD_WITH_OVZ = "has_child_with_ovz", "есть ребёнок с ОВЗ (по записи об ОВЗ)"
    DISABLED_ADULT = "has_disabled_adult", "есть взрослый с инвалидностью"
    SOP = "on_sop", "семья на учёте СОП"
    PATRONAGE = "on_patronage", "семья на межведомственном патронате"


WHOM = {code: str(title) for code, title in [*Category.choices, *Trait.choices]}


class Benefit(models.Model):
    """Мера поддержки или право: the thread of its versions. Of the whole region, or of one organisation's place."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    code = models.CharField(max_length=60, unique=True, null=True, editable=False)  # of the set that comes along

    objects = DictionaryQuerySet.as_manager()

    class Meta:
        verbose_name = "мера поддержки"
        verbose_name_plural = "меры поддержки"
        ordering = ["pk"]

    def __str__(self):
        return f"Мера № {self.pk}"

    def get_absolute_url(self):
        return reverse("cases:benefit-detail", args=[self.pk])

    @property
    def owner(self) -> str:
        return str(self.organisation) if self.organisation_id else "весь регион"

    @property
    def last(self) -> "BenefitVersion":
        return self.versions.order_by("since").last()

    def version_on(self, day) -> "BenefitVersion | None":
        """What was in force on `day`."""
        return self.versions.valid_on(day).first()

    @classmethod
    def add(cls, *, by, since, code=None, **fields) -> "Benefit":
        """A new measure with its first version from `since`; raises Refused for conditions that contradict."""
        _check_conditions(fields)
        with transaction.atomic():
            benefit = cls.objects.create(organisation=owner_for(by), code=code)
            benefit.versions.create(since=since, by=by, **fields)
        return benefit

    def revise(self, *, by, since, **fields) -> "BenefitVersion":
        """A new version from `since`; the former one ends the day before and stays as it was.

        Raises Refused when the day is not after the beginning of the last version.
        """
        _check_conditions(fields)
        with transaction.atomic():
            last = self._locked_last()
            if since <= last.since:
                raise Refused(
                    f"Последняя редакция действует с {last.since:%d.%m.%Y}. Новая начинается позже: прежнюю не "
                    "переписывают."
                )
            if last.until is None or last.until >= since:
                last.until = since - DAY
                last.save(update_fields=["until"])
            return self.versions.create(since=since, by=by, **fields)

    def end(self, *, by, until):
        """The measure is no longer given after `until`; raises Refused when it ends earlier than it began."""
        with transaction.atomic():
            last = self._locked_last()
            if until < last.since:
                raise Refused(f"Последняя редакция действует с {last.since:%d.%m.%Y}: раньше мера не кончается.")
            if last.until is not None and last.until <= until:
                raise Refused(f"Мера уже прекращается {last.until:%d.%m.%Y}.")
            last.until = until
            last.save(update_fields=["until"])

    def confirm(self, *, by):
        """A lawyer has checked the version in force: its text is given to families without a reservation."""
        with transaction.atomic():
            version = self.versions.select_for_update().valid_on(timezone.localdate()).first()
            if version is None:
                raise Refused("Сейчас мера не действует: проверять нечего.")
            if version.confirmed:
                raise Refused("Эта редакция уже проверена.")
            version.confirmed, version.confirmed_on, version.confirmed_by = True, timezone.localdate(), by
            version.save(update_fields=["confirmed", "confirmed_on", "confirmed_by"])

    def _locked_last(self) -> "BenefitVersion":
        Benefit.objects.select_for_update().get(pk=self.pk)
        return self.last


def _check_conditions(fields):
    since, until = fields.get("child_from"), fields.get("child_under")
    if since is not None and until is not None and since >= until:
        raise Refused("Возраст ребёнка: «от» должно быть меньше, чем «младше».")
    unknown = set(fields.get("whom", ())) - set(WHOM)
    if unknown:
        raise Refused("Неизвестная категория: " + ", ".join(sorted(unknown)) + ".")


class BenefitVersionQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self.filter(benefit__in=Benefit.objects.visible_to(user))

    def valid_on(self, day):
        return self.filter(since__lte=day).filter(Q(until=None) | Q(until__gte=day))


class BenefitVersion(models.Model):
    """Редакция: what the measure gives, to whom, by which norm, from day to day."""

    class Level(models.TextChoices):
        FEDERAL = "federal", "федеральная"
        REGIONAL = "regional", "региональная"
        LOCAL = "local", "местная"

    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="versions")
    since = models.DateField("действует с")
    until = models.DateField("по", null=True, blank=True)
    title = models.CharField("название", max_length=160)
    level = models.CharField("уровень", max_length=12, choices=Level, default=Level.FEDERAL)
    norm = models.CharField("норма", max_length=300)
    gives = models.TextField("что даёт")
    terms = models.TextField("кому положено")
    papers = models.TextField("какие документы", blank=True)
    apply_at = models.CharField("куда обращаться", max_length=300)
    phone = models.CharField("телефон", max_length=40, blank=True)
    whom = models.JSONField("каким семьям", default=list, blank=True)  # codes of WHOM, any of them; empty = all
    child_from = models.PositiveSmallIntegerField("ребёнку исполнилось, лет", null=True, blank=True)
    child_under = models.PositiveSmallIntegerField("ребёнок младше, лет", null=True, blank=True)
    children_min = models.PositiveSmallIntegerField("детей не меньше", null=True, blank=True)
    confirmed = models.BooleanField("проверена юристом", default=False, editable=False)
    confirmed_on = models.DateField("проверена", null=True, editable=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("записана", default=timezone.now, editable=False)

    objects = BenefitVersionQuerySet.as_manager()

    CONTENT = (
        "title", "level", "norm", "gives", "terms", "papers", "apply_at", "phone",
        "whom", "child_from", "child_under", "children_min",
    )  # fmt: skip

    class Meta:
        verbose_name = "редакция меры поддержки"
        verbose_name_plural = "редакции мер поддержки"
        ordering = ["-since", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="benefit_version_since_before_until"
            ),
            models.UniqueConstraint(fields=["benefit"], condition=Q(until=None), name="one_open_version_of_a_benefit"),
        ]
        # what is in force on a day
        indexes = [models.Index(fields=["since", "until"], name="benefit_version_dates")]

    def __str__(self):
        return self.title

    @property
    def state(self) -> tuple[str, str]:
        """(words, tone) for `state_label`, as of today."""
        today = timezone.localdate()
        if self.since > today:
            return f"начнёт действовать {self.since:%d.%m.%Y}", "plan"
        if self.until is not None and self.until < today:
            return "не действует", "off"
        return ("проверена юристом", "good") if self.confirmed else ("проверьте у юриста", "warn")

    @property
    def whom_titles(self) -> list[str]:
        return [WHOM[code] for code in self.whom if code in WHOM]

    @property
    def ages(self) -> str:
        """«от 3 до 7 лет», «младше 3 лет», empty."""
        parts = [
            f"от {self.child_from}" if self.child_from else "",
            f"младше {self.child_under}" if self.child_under else "",
        ]
        named = " и ".join(filter(None, parts))
        return f"{named} лет" if named else ""


class BenefitNoteQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self.filter(family__in=Family.objects.visible_to(user))


class BenefitNote(models.Model):
    """What became of a measure for a family: appended, the newest holds."""

    class State(models.TextChoices):
        TOLD = "told", "рассказали"
        APPLIED = "applied", "подали заявление"
        RECEIVES = "receives", "получает"
        REFUSED = "refused", "отказано"
        NOT_NEEDED = "not_needed", "семье не нужно"
        STOPPED = "stopped", "больше не получает"

    TONES = {
        State.TOLD: "work",
        State.APPLIED: "wait",
        State.RECEIVES: "good",
        State.REFUSED: "bad",
        State.NOT_NEEDED: "off",
        State.STOPPED: "off",
    }

    family = models.ForeignKey(Family, models.PROTECT, related_name="benefit_notes")
    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="notes")
    state = models.CharField("что с ней", max_length=12, choices=State)
    happened_on = models.DateField("дата")
    result = models.CharField("чем закончилось, номер, срок", max_length=300, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("записано", default=timezone.now, editable=False)

    objects = BenefitNoteQuerySet.as_manager()

    class Meta:
        verbose_name = "запись о мере поддержки"
        verbose_name_plural = "записи о мерах поддержки"
        ordering = ["-happened_on", "-pk"]
        # the newest note on each measure of a family
        indexes = [models.Index(fields=["family", "-happened_on", "-id"], name="benefit_note_family")]

    def __str__(self):
        return self.get_state_display()

    @property
    def tone(self) -> str:
        return self.TONES[self.State(self.state)]

    @classmethod
    def write(cls, family, benefit, *, by, state, happened_on, result="") -> "BenefitNote":
        """Note on `happened_on` what became of the measure; raises Refused for the future and for «отказано» unsaid."""
        if happened_on > timezone.localdate():
            raise Refused("Этот день ещё не наступил. Проверьте дату.")
        if state == cls.State.REFUSED and not result.strip():
            raise Refused("Напишите, почему отказали: от этого зависит, что делать дальше.")
        with transaction.atomic():
            family.lock()
            note = cls.objects.create(
                family=family,
                benefit=benefit,
                state=state,
                happened_on=happened_on,
                result=result.strip(),
                organisation=by.organisation,
                by=by,
            )
            family.log("benefit_noted", by=by, happened_on=happened_on, benefit=benefit.pk, state=str(state))
        return note
