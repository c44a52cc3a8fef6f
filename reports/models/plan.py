"""Плановые значения: what the annual order wants of each organisation; a new order replaces, the former stays."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from reports.periods import Period
from sopr.accounts.models import Organisation
from sopr.accounts.scope import ScopedQuerySet


class PlanTargetQuerySet(ScopedQuerySet):
    """Road to the owner: `organisation`; the region's own targets have none and are the ministry's."""

    def for_head(self, user):
        return self.filter(organisation=user.organisation_id, organisation__isnull=False)

    def for_ministry(self, user):
        return self.all()

    def current(self):
        """The targets in force: those that no later order replaced."""
        return self.filter(withdrawn_at=None)

    def of(self, form, period: Period):
        return self.filter(form=form.code, since=period.since, until=period.until)


class PlanTarget(models.Model):
    """The target of one row of a form for one organisation (none: the region) over a quarter or a year.

    `scope` is the organisation's id, 0 for the region: it makes uniqueness simple. Values are never overwritten.
    """

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="plan_targets", verbose_name="организация"
    )
    scope = models.BigIntegerField(default=0, editable=False)
    form = models.CharField("форма", max_length=40)
    row = models.CharField("строка", max_length=20)
    period = models.CharField("период", max_length=32)
    since = models.DateField(editable=False)
    until = models.DateField(editable=False)
    value = models.DecimalField("план", max_digits=14, decimal_places=2)
    order_number = models.CharField("номер приказа", max_length=60)
    order_on = models.DateField("дата приказа")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField("внесено", default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = PlanTargetQuerySet.as_manager()

    class Meta:
        verbose_name = "плановое значение"
        verbose_name_plural = "плановые значения"
        ordering = ["-until", "form", "row", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="plan_target_since_before_until"),
            models.CheckConstraint(condition=Q(value__gte=0), name="plan_target_not_negative"),
            # also finds the targets of a form for a period
            models.UniqueConstraint(
                fields=["form", "since", "until", "row", "scope"],
                condition=Q(withdrawn_at=None),
                name="one_current_target_per_row",
            ),
        ]
        # the history of an organisation's targets, newest first
        indexes = [models.Index(fields=["organisation", "-until", "-id"], name="plan_target_organisation")]

    def __str__(self):
        return f"{self.form} {self.row} {self.period}"

    @classmethod
    def set_by_order(cls, form, period: Period, values: dict, *, order_number: str, order_on, by=None) -> int:
        """Set targets by an order; `values` maps (organisation id or 0, row code) to a number, None takes one out.

        Former values of these rows are kept as replaced; what is the same already is left with its order. Returns how
        many targets changed. The number of statements does not depend on the number of values.
        """
        with transaction.atomic():
            stored = cls.objects.current().of(form, period).select_for_update()
            former = {(each.scope, each.row): each for each in stored}
            changed = {
                key: value for key, value in values.items() if value != (former[key].value if key in former else None)
            }
            replaced = [former[key].pk for key in changed if key in former]
            cls.objects.filter(pk__in=replaced).update(withdrawn_at=timezone.now(), withdrawn_by=by)
            cls.objects.bulk_create(
                cls(
                    organisation_id=scope or None,
                    scope=scope,
                    form=form.code,
                    row=row,
                    period=period.text,
                    since=period.since,
                    until=period.until,
                    value=value,
                    order_number=order_number,
                    order_on=order_on,
                    by=by,
                )
                for (scope, row), value in changed.items()
                if value is not None
            )
        return len(changed)
