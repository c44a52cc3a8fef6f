"""Категории семьи и учёты, each by dates."""

from django.db import models, transaction
from django.db.models import F, Q

from families.categories import Category
from families.corrections import correct
from sopr.errors import Refused


class CategoryPeriod(models.Model):
    """Категория семьи на даты; one primary at a time."""

    family = models.ForeignKey("families.Family", models.PROTECT, related_name="category_periods")
    category = models.CharField("категория", max_length=32, choices=Category)
    is_primary = models.BooleanField("основная", default=False)
    ground = models.CharField("основание", max_length=300, blank=True)
    since = models.DateField("с")
    until = models.DateField("по", null=True, blank=True)

    class Meta:
        verbose_name = "категория семьи"
        verbose_name_plural = "категории семьи"
        ordering = ["-since", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="category_since_before_until"
            ),
            models.UniqueConstraint(
                fields=["family"], condition=Q(is_primary=True, until=None), name="one_open_primary_category"
            ),
        ]
        # families list filtered by the primary category of now
        indexes = [
            models.Index(
                fields=["category", "family"], condition=Q(is_primary=True, until=None), name="category_primary_now"
            )
        ]

    def __str__(self):
        return self.get_category_display()

    def correct(self, *, by, reason, **values):
        """Put right the dates or the ground of a category; `reason` is a code of families.corrections.Reason.

        Raises Refused when the dates are in the wrong order, when an open primary category would get an end (it is
        only replaced), or when the days belong to another period of the kind.
        """
        since, until = values.get("since", self.since), values.get("until", self.until)
        if until and until < since:
            raise Refused("Последний день раньше первого. Проверьте даты.")
        if self.is_primary and self.until is None and until:
            raise Refused("Основную категорию нельзя снять, её можно только заменить: укажите новую основную.")
        others = self.family.category_periods.exclude(pk=self.pk).filter(Q(until=None) | Q(until__gte=since))
        others = others.filter(is_primary=True) if self.is_primary else others.filter(category=self.category)
        if until:
            others = others.filter(since__lte=until)
        met = others.order_by("since").first()
        if met is not None:
            raise Refused(
                f"Эти дни уже заняты записью «{met.get_category_display()}» с {met.since:%d.%m.%Y}. "
                "Сначала исправьте её даты."
            )
        correct(
            self,
            self.family,
            by=by,
            kind="category_corrected",
            reason=reason,
            values=values,
            told=("since", "until"),
            category=self.category,
        )


class RegisterEntry(models.Model):
    """Учёт: the juvenile commission's СОП register and the register of interagency patronage."""

    class Kind(models.TextChoices):
        SOP = "sop", "СОП"
        PATRONAGE = "patronage", "патронат"

    family = models.ForeignKey("families.Family", models.PROTECT, related_name="register_entries")
    kind = models.CharField("вид учёта", max_length=12, choices=Kind)
    placed_on = models.DateField("постановка")
    placed_by = models.CharField("основание постановки", max_length=300, blank=True)
    removed_on = models.DateField("снятие", null=True, blank=True)
    removed_by = models.CharField("основание снятия", max_length=300, blank=True)
    positive_rehabilitation = models.BooleanField("положительная реабилитация", null=True, blank=True)

    class Meta:
        verbose_name = "учёт"
        verbose_name_plural = "учёты"
        ordering = ["-placed_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(removed_on=None) | Q(removed_on__gte=F("placed_on")), name="register_placed_before_removed"
            ),
            models.UniqueConstraint(fields=["family", "kind", "placed_on"], name="one_register_entry_per_placing"),
        ]
        # row 12 of table VII and Irkutsk 1.3: entries of a kind by dates
        indexes = [models.Index(fields=["kind", "removed_on", "placed_on"], name="register_kind_dates")]

    def __str__(self):
        return f"{self.get_kind_display()} с {self.placed_on:%d.%m.%Y}"

    @classmethod
    def place(cls, family, kind, *, by, placed_on, ground="") -> "RegisterEntry":
        """The family is taken onto the register `kind` on `placed_on`, by the document `ground`.

        Raises Refused while it is on that register, or when the day lies before its last removal.
        """
        title = cls.Kind(kind).label
        with transaction.atomic():
            family.lock()
            entries = family.register_entries.filter(kind=kind)
            if entries.filter(removed_on=None).exists():
                raise Refused(f"Семья уже состоит на учёте ({title}). Запишите снятие, когда оно решено.")
            last = entries.order_by("removed_on").last()
            if last is not None and placed_on < last.removed_on:
                raise Refused(
                    f"Семья снята с прошлого учёта {last.removed_on:%d.%m.%Y}: постановка не может быть раньше."
                )
            entry = family.register_entries.create(kind=kind, placed_on=placed_on, placed_by=ground)
            family.log(f"{kind}_placed", by=by, happened_on=placed_on)
        return entry

    def remove(self, *, by, removed_on, ground="", positive_rehabilitation=None):
        """The family is taken off on `removed_on`; `positive_rehabilitation` None = the reason was not said."""
        if removed_on < self.placed_on:
            raise Refused(f"Семья поставлена на учёт {self.placed_on:%d.%m.%Y}: снятие не может быть раньше.")
        with transaction.atomic():
            self.family.lock()
            self.removed_on, self.removed_by = removed_on, ground
            self.positive_rehabilitation = positive_rehabilitation
            self.save(update_fields=["removed_on", "removed_by", "positive_rehabilitation"])
            self.family.log(f"{self.kind}_removed", by=by, happened_on=removed_on)

    def correct(self, *, by, reason, **values):
        """Put right a date, a ground or the mark of rehabilitation; `reason` as in families.corrections.Reason."""
        placed_on, removed_on = values.get("placed_on", self.placed_on), values.get("removed_on", self.removed_on)
        if removed_on and removed_on < placed_on:
            raise Refused("Снятие раньше постановки. Проверьте даты.")
        others = self.family.register_entries.filter(kind=self.kind).exclude(pk=self.pk)
        others = others.filter(Q(removed_on=None) | Q(removed_on__gt=placed_on) | Q(placed_on=placed_on))
        if removed_on:
            others = others.filter(placed_on__lt=removed_on)
        if others.exists():
            raise Refused("В эти дни семья состояла на том же учёте по другой записи. Проверьте даты.")
        told = ("placed_on", "removed_on", "positive_rehabilitation")
        correct(
            self,
            self.family,
            by=by,
            kind="register_corrected",
            reason=reason,
            values=values,
            told=told,
            register=self.kind,
        )
