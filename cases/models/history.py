"""История случая: who and what on which dates; periods end, rows stay (domain.md §6)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from cases.words import Level
from families.models import Person
from sopr.audit.append_only import AppendOnly


class CaseMember(models.Model):
    """Кого охватывает случай: the persons of «семей/человек»."""

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="members")
    person = models.ForeignKey(Person, models.PROTECT, related_name="case_memberships")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "person"], name="one_case_membership_per_person")]

    def __str__(self):
        return str(self.person)


class CuratorAssignment(models.Model):
    """Закрепление куратора на даты."""

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="curator_assignments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="curator_assignments")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["since", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="curator_since_before_until"
            ),
            models.UniqueConstraint(fields=["case"], condition=Q(until=None), name="one_current_curator"),
        ]

    def __str__(self):
        return f"{self.user} с {self.since:%d.%m.%Y}"


class Suspension(models.Model):
    """Приостановление на даты, with the head's reason; `until` is the day support went on."""

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="suspensions")
    since = models.DateField("с")
    until = models.DateField("по", null=True, blank=True)
    reason = models.CharField("причина", max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "приостановление"
        verbose_name_plural = "приостановления"
        ordering = ["since", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="suspension_since_before_until"
            ),
            models.UniqueConstraint(fields=["case"], condition=Q(until=None), name="one_open_suspension"),
        ]

    def __str__(self):
        return f"Приостановлено с {self.since:%d.%m.%Y}"


class LevelPeriod(models.Model):
    """Уровень сопровождения на даты. `until` is the last day; `term_on` the longest term the level allows."""

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="level_periods")
    level = models.CharField("уровень", max_length=12, choices=Level)
    since = models.DateField("с")
    until = models.DateField("по", null=True, blank=True)
    term_on = models.DateField("срок", null=True, blank=True)
    decision = models.BigIntegerField(null=True, blank=True)  # id of councils.Decision, which stands above this app
    basis = models.CharField("основание", max_length=200, blank=True)

    class Meta:
        ordering = ["since", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="level_since_before_until"),
            models.UniqueConstraint(fields=["case"], condition=Q(until=None), name="one_open_level"),
        ]
        # reports: level changes that start in a period
        indexes = [models.Index(fields=["since", "case"], name="level_since_case")]

    def __str__(self):
        return f"{self.get_level_display()} с {self.since:%d.%m.%Y}"


class CaseEvent(AppendOnly):
    """История случая: ids, codes and dates only."""

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="events")
    kind = models.CharField(max_length=32)
    at = models.DateTimeField(default=timezone.now, editable=False)
    happened_on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    refs = models.JSONField(default=dict)

    class Meta:
        ordering = ["-happened_on", "-pk"]
        # timeline of a case, newest first
        indexes = [models.Index(fields=["case", "-happened_on", "-id"], name="case_event_timeline")]

    def __str__(self):
        return f"{self.kind} {self.happened_on}"
