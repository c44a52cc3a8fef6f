"""Facts about families and children that reports count: child events, social contracts, informing."""

from django.db import models
from django.db.models import Q

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


class SocialContract(models.Model):
    """Социальный контракт семьи."""

    family = models.ForeignKey(Family, models.PROTECT, related_name="social_contracts")
    signed_on = models.DateField("дата")
    improved = models.BooleanField("положение улучшилось", null=True, blank=True)

    class Meta:
        verbose_name = "социальный контракт"
        verbose_name_plural = "социальные контракты"
        constraints = [models.UniqueConstraint(fields=["family", "signed_on"], name="one_social_contract_per_day")]

    def __str__(self):
        return f"Социальный контракт от {self.signed_on:%d.%m.%Y}"


class InformingEvent(models.Model):
    """Информирование: one family, or a number of families not known by name."""

    family = models.ForeignKey(Family, models.PROTECT, null=True, blank=True, related_name="informing_events")
    informed_on = models.DateField("дата")
    topic = models.CharField("тема", max_length=300)
    families_count = models.PositiveIntegerField("число семей", default=1)

    class Meta:
        verbose_name = "информирование"
        verbose_name_plural = "информирование"
        constraints = [
            models.CheckConstraint(
                condition=Q(family=None) | Q(families_count=1), name="informing_named_family_counts_once"
            )
        ]

    def __str__(self):
        return f"{self.topic} {self.informed_on:%d.%m.%Y}"
