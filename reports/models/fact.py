"""Сведения организаций: facts declared with a period and a basis; a correction withdraws the former value."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from reports.indicators.facts import BY_CODE, FACTS
from reports.periods import Period
from sopr.accounts.models import Organisation
from sopr.accounts.scope import ScopedQuerySet


class DeclaredFactQuerySet(ScopedQuerySet):
    def for_head(self, user):
        return self.filter(organisation=user.organisation_id)

    def for_ministry(self, user):
        return self.all()

    def current(self):
        """The values in force: those that no correction replaced."""
        return self.filter(withdrawn_at=None)


class DeclaredFact(models.Model):
    """One value of one fact for one organisation and period. Values are never overwritten."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="declared_facts", verbose_name="организация"
    )
    indicator = models.CharField("показатель", max_length=40, choices=[(fact.code, fact.title) for fact in FACTS])
    period = models.CharField("период", max_length=32)
    since = models.DateField(editable=False)
    until = models.DateField(editable=False)
    value = models.DecimalField("значение", max_digits=16, decimal_places=4)
    basis = models.CharField("основание", max_length=300, blank=True)
    declared_on = models.DateField("дата", default=timezone.localdate)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    objects = DeclaredFactQuerySet.as_manager()

    class Meta:
        verbose_name = "сведения организации"
        verbose_name_plural = "сведения организаций"
        ordering = ["-until", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="declared_fact_since_before_until"),
            models.UniqueConstraint(
                fields=["organisation", "indicator", "since", "until"],
                condition=Q(withdrawn_at=None),
                name="one_current_value_per_fact",
            ),
        ]
        # reports: current facts of a form inside a period
        indexes = [models.Index(fields=["indicator", "until", "since"], name="fact_indicator_until")]

    def __str__(self):
        return f"{self.indicator} {self.period}"

    @property
    def fact(self):
        return BY_CODE[self.indicator]

    @property
    def shown(self) -> str:
        """The value in words: «156», «да», «50 %»."""
        return self.fact.show(self.value)

    @classmethod
    def declare(cls, organisation, indicator: str, period: Period, value, *, by=None, basis="", declared_on=None):
        """Declare a value; the former one for the same period is kept as withdrawn. The same value again does nothing.

        `value` is what people write («156», «да», «34,5»); raises Refused when the fact cannot have it.
        """
        number = BY_CODE[indicator].read(value)
        with transaction.atomic():
            former = (
                cls.objects.current()
                .select_for_update()
                .filter(organisation=organisation, indicator=indicator, since=period.since, until=period.until)
                .first()
            )
            if former is not None:
                if (former.value, former.basis) == (number, basis):
                    return former
                former.withdrawn_at = timezone.now()
                former.save(update_fields=["withdrawn_at"])
            return cls.objects.create(
                organisation=organisation,
                indicator=indicator,
                period=period.text,
                since=period.since,
                until=period.until,
                value=number,
                basis=basis,
                by=by,
                declared_on=declared_on or timezone.localdate(),
            )
