"""Категории семьи и учёты, each by dates."""

from django.db import models
from django.db.models import F, Q

from families.categories import Category


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

    def __str__(self):
        return self.get_category_display()


class RegisterEntry(models.Model):
    """Учёт: the juvenile commission's СОП register and the register of interagency patronage."""

    class Kind(models.TextChoices):
        SOP = "sop", "СОП"
        PATRONAGE = "patronage", "патронат"

    family = models.ForeignKey("families.Family", models.PROTECT, related_name="register_entries")
    kind = models.CharField("вид учёта", max_length=12, choices=Kind)
    placed_on = models.DateField("постановка")
    removed_on = models.DateField("снятие", null=True, blank=True)
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
