"""Факторы риска и ресурсы семьи: the region's list to choose from in an assessment (domain.md §3, «Assessment»)."""

from django.db import models
from django.utils import timezone


class FactorQuerySet(models.QuerySet):
    def in_use(self):
        """What may be chosen in a new assessment."""
        return self.filter(retired_on=None)


class Factor(models.Model):
    """One line of the list. It is not deleted but retired: assessments that name it stay readable."""

    class Kind(models.TextChoices):
        RISK = "risk", "фактор риска"
        RESOURCE = "resource", "ресурс семьи"

    kind = models.CharField("вид", max_length=8, choices=Kind)
    title = models.CharField("название", max_length=120)
    code = models.CharField(
        max_length=40, null=True, unique=True, editable=False
    )  # of a row that came with the product
    retired_on = models.DateField("не предлагается с", null=True, blank=True, editable=False)

    objects = FactorQuerySet.as_manager()

    class Meta:
        verbose_name = "фактор диагностики"
        verbose_name_plural = "факторы диагностики"
        ordering = ["kind", "title", "pk"]
        constraints = [models.UniqueConstraint(fields=["kind", "title"], name="one_factor_per_title")]

    def __str__(self):
        return self.title

    def retire(self):
        """Offer it no more in new assessments."""
        self.retired_on = timezone.localdate()
        self.save(update_fields=["retired_on"])

    def bring_back(self):
        """Offer it again."""
        self.retired_on = None
        self.save(update_fields=["retired_on"])
