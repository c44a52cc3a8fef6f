"""Снятие с сопровождения и постсопровождение: the conclusion and the checks after it (domain.md §2, §3)."""

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from cases import acts, terms
from cases.models.activity import Activity
from cases.models.case import Case
from cases.models.querysets import CasePartQuerySet
from cases.words import ClosureReason, Outcome
from families.models import FamilyMembership
from sopr.errors import Refused
from sopr.web.models import Versioned


class Closure(Versioned):
    """Заключение о снятии: prepared by the curator, decided by the council."""

    case = models.OneToOneField(Case, models.PROTECT, related_name="closure")
    prepared_on = models.DateField("дата заключения", default=timezone.localdate)
    outcome = models.CharField("результат", max_length=12, choices=Outcome)
    reason = models.CharField("причина снятия", max_length=24, choices=ClosureReason)
    conclusion = models.TextField("заключение")
    recommendations = models.TextField("рекомендации семье", blank=True)
    aftercare = models.BooleanField("назначить постсопровождение", default=True)
    activities_done = models.PositiveSmallIntegerField(default=0, editable=False)
    activities_total = models.PositiveSmallIntegerField(default=0, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = CasePartQuerySet.as_manager()

    class Meta:
        verbose_name = "заключение о снятии"
        verbose_name_plural = "заключения о снятии"

    def __str__(self):
        return f"Заключение от {self.prepared_on:%d.%m.%Y}"

    @classmethod
    def prepare(cls, case, *, by, outcome, reason, conclusion, recommendations="", aftercare=True):
        """Write (or rewrite, until decided) the conclusion the council will hear; counts activities as of now."""
        reason_against = acts.why_not_prepare_closure(case)
        if reason_against:
            raise Refused(reason_against)
        if reason == ClosureReason.DEATH and not _death_is_known(case):
            raise Refused(
                "Причина «смерть» указывается, когда в составе семьи отмечена смерть: откройте состав семьи и запишите "
                "выбытие."
            )
        counted = case.activities.counted()
        with transaction.atomic():
            closure, _created = cls.objects.update_or_create(
                case=case,
                defaults={
                    "by": by,
                    "prepared_on": timezone.localdate(),
                    "outcome": outcome,
                    "reason": reason,
                    "conclusion": conclusion,
                    "recommendations": recommendations,
                    "aftercare": aftercare,
                    "activities_total": counted.count(),
                    "activities_done": counted.filter(state=Activity.State.DONE).count(),
                },
            )
            case.log("closure_prepared", by=by, closure=closure.pk, outcome=outcome)
        return closure


def _death_is_known(case) -> bool:
    """Whether the family's card says that somebody the case covers has died."""
    died = case.family.memberships.filter(left_because=FamilyMembership.Left.DEATH)
    return died.filter(person__in=case.members.values("person")).exists()


class AftercareCheck(Versioned):
    """Проверка постсопровождения."""

    class Outcome(models.TextChoices):
        STABLE = "stable", "стабильно"
        HELP = "help", "нужна помощь"
        RELAPSE = "relapse", "рецидив"

    case = models.ForeignKey(Case, models.PROTECT, related_name="aftercare_checks")
    due_on = models.DateField("срок")
    done_on = models.DateField("проведена", null=True, blank=True)
    outcome = models.CharField("вывод", max_length=8, choices=Outcome, blank=True)
    result = models.TextField("что установлено", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = CasePartQuerySet.as_manager()

    class Meta:
        verbose_name = "проверка постсопровождения"
        verbose_name_plural = "проверки постсопровождения"
        ordering = ["due_on", "pk"]

    def __str__(self):
        return f"Проверка до {self.due_on:%d.%m.%Y}"

    def record(self, *, by, done_on, outcome, result):
        """Write down the check; raises Refused when it is done already, for the future or before the removal."""
        if done_on > timezone.localdate():
            raise Refused("Дата проверки ещё не наступила.")
        if self.case.closed_on and done_on < self.case.closed_on:
            raise Refused(f"Проверка не может быть раньше снятия с сопровождения ({self.case.closed_on:%d.%m.%Y}).")
        if outcome not in self.Outcome.values:
            raise Refused("Выберите вывод проверки.")
        with transaction.atomic():
            if AftercareCheck.objects.select_for_update().get(pk=self.pk).done_on is not None:
                raise Refused("Эта проверка уже записана.")
            self.done_on, self.outcome, self.result, self.by = done_on, outcome, result, by
            self.save(update_fields=["done_on", "outcome", "result", "by"])
            self.case.log("aftercare_check", by=by, happened_on=done_on, check=self.pk, outcome=outcome)
            terms.reset(self.case)
