"""Сведения организаций: facts declared with a period and a basis; a correction withdraws the former value."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from reports import duties
from reports.indicators.facts import BY_CODE
from reports.periods import Period
from sopr.accounts.models import Organisation
from sopr.accounts.scope import ScopedQuerySet
from sopr.errors import Refused

WITH_COPIES = {"editions"}  # facts that are counted in titles, with the number of copies printed beside


class DeclaredFactQuerySet(ScopedQuerySet):
    def for_head(self, user):
        return self.filter(organisation=user.organisation_id)

    def for_ministry(self, user):
        return self.all()

    def current(self):
        """The values in force: those that no correction replaced."""
        return self.filter(withdrawn_at=None)

    def same_as(self, fact):
        """Every value ever declared of the same fact, organisation and period."""
        return self.filter(
            organisation=fact.organisation_id, indicator=fact.indicator, since=fact.since, until=fact.until
        )


class DeclaredFact(models.Model):
    """One value of one fact for one organisation and period. Values are never overwritten."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="declared_facts", verbose_name="организация"
    )
    indicator = models.CharField("показатель", max_length=40)
    period = models.CharField("период", max_length=32)
    since = models.DateField(editable=False)
    until = models.DateField(editable=False)
    value = models.DecimalField("значение", max_digits=16, decimal_places=4)
    copies = models.PositiveIntegerField("тираж", null=True, blank=True)
    basis = models.CharField("основание", max_length=300, blank=True)
    declared_on = models.DateField("дата", default=timezone.localdate)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField("внесено", null=True, default=timezone.now, editable=False)
    confirms = models.ForeignKey("self", models.PROTECT, null=True, editable=False, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    withdrawn_because = models.CharField("причина отзыва", max_length=300, blank=True, editable=False)

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

    def get_absolute_url(self):
        return reverse("reports:fact-history", args=[self.pk])

    @property
    def fact(self):
        return BY_CODE[self.indicator]

    @property
    def shown(self) -> str:
        """The value in words: «156», «да», «50 %»."""
        return self.fact.show(self.value)

    def why_not_withdraw(self) -> str:
        return "" if self.withdrawn_at is None else "Это значение уже заменено или отозвано."

    def withdraw(self, *, by, reason: str):
        """Take the value back with a reason: the period has no data again. Raises Refused when it is not in force."""
        with transaction.atomic():
            stored = DeclaredFact.objects.select_for_update().get(pk=self.pk)
            if stored.why_not_withdraw():
                raise Refused(stored.why_not_withdraw())
            stored._retire(by, reason)
            duties.keep_own_duties(stored.organisation)

    def _retire(self, by, reason=""):
        self.withdrawn_at, self.withdrawn_by, self.withdrawn_because = timezone.now(), by, reason
        self.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_because"])

    @classmethod
    def declare(cls, organisation, indicator: str, period: Period, value, **more) -> "DeclaredFact":
        """Declare one value; `more` as in `_write`. Raises Refused when the fact cannot have the value."""
        entry = {"indicator": indicator, "period": period, "value": value} | more
        return cls.declare_all(organisation, [entry])[0]

    @classmethod
    def declare_all(cls, organisation, entries: list[dict]) -> list["DeclaredFact"]:
        """Declare several values as one act: what the head has to do is brought in line once."""
        with transaction.atomic():
            facts = [cls._write(organisation, **entry) for entry in entries]
            duties.keep_own_duties(organisation)
        return facts

    @classmethod
    def _write(
        cls,
        organisation,
        indicator,
        period,
        value,
        *,
        by=None,
        basis="",
        declared_on=None,
        copies=None,
        confirms=None,
    ):
        """Keep a value; the former one for the same period is kept as withdrawn. The same value again does nothing.

        `value` is what people write («156», «да», «34,5»); `declared_on` the date of the basis, today by default;
        `copies` stand beside editions; `confirms` is the value of an earlier period that is confirmed for this one.
        Raises Refused when the fact cannot have the value.
        """
        number = BY_CODE[indicator].read(value)
        former = (
            cls.objects.current()
            .select_for_update()
            .filter(organisation=organisation, indicator=indicator, since=period.since, until=period.until)
            .first()
        )
        if former is not None:
            same_day = declared_on is None or declared_on == former.declared_on
            if same_day and (former.value, former.basis, former.copies) == (number, basis, copies):
                return former
            former._retire(by)
        return cls.objects.create(
            organisation=organisation,
            indicator=indicator,
            period=period.text,
            since=period.since,
            until=period.until,
            value=number,
            copies=copies,
            basis=basis,
            by=by,
            confirms=confirms,
            declared_on=declared_on or timezone.localdate(),
        )
