"""Events with children that reports count, known over the whole territory."""

from django.db import models

from families.models.family import Family
from families.models.person import Person
from sopr.accounts.models import Municipality


class ChildEvent(models.Model):
    """Событие с ребёнком, known over the whole territory, not only for clients."""

    class Kind(models.TextChoices):
        REFUSAL = "refusal", "отказ"
        DEPRIVATION = "deprivation", "лишение прав"
        RETURN = "return", "возврат"
        CRUELTY = "cruelty", "жестокое обращение"

    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+")
    happened_on = models.DateField("дата")
    kind = models.CharField("вид", max_length=16, choices=Kind)
    family = models.ForeignKey(Family, models.PROTECT, null=True, blank=True, related_name="child_events")
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="child_events")
    confirmed = models.BooleanField("подтверждено", default=False)

    class Meta:
        verbose_name = "событие с ребёнком"
        verbose_name_plural = "события с детьми"
        # reports: events of a kind in a period
        indexes = [models.Index(fields=["kind", "happened_on"], name="child_event_kind_date")]

    def __str__(self):
        return f"{self.get_kind_display()} {self.happened_on:%d.%m.%Y}"
