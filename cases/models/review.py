"""Промежуточный мониторинг: how the programme goes and what is to be done about it (domain.md §3)."""

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from cases import acts, terms
from cases.models.case import Case
from cases.models.querysets import CasePartQuerySet
from cases.words import Level
from sopr.errors import Refused
from sopr.web.models import Versioned


class Review(Versioned):
    """Промежуточный мониторинг."""

    class Conclusion(models.TextChoices):
        CONTINUE = "continue", "продолжить сопровождение"
        CHANGE_LEVEL = "change_level", "изменить уровень"
        AMEND = "amend", "изменить программу"
        REMOVE = "remove", "снять с сопровождения"

    case = models.ForeignKey(Case, models.PROTECT, related_name="reviews")
    done_on = models.DateField("дата", default=timezone.localdate)
    progress = models.TextField("что сделано по программе")
    changes = models.TextField("что изменилось в семье")
    conclusion = models.CharField("вывод", max_length=16, choices=Conclusion)
    proposed_level = models.CharField("предлагаемый уровень", max_length=12, choices=Level, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = CasePartQuerySet.as_manager()

    class Meta:
        verbose_name = "промежуточный мониторинг"
        verbose_name_plural = "промежуточный мониторинг"
        ordering = ["-done_on", "-pk"]
        # last review of a case; cases without a review in a period
        indexes = [models.Index(fields=["case", "-done_on"], name="review_case_done")]

    def __str__(self):
        return f"Мониторинг от {self.done_on:%d.%m.%Y}"

    @classmethod
    def record(cls, case, *, by, done_on, progress, changes, conclusion, proposed_level=""):
        """Record a review of a supported case; raises Refused on a wrong stage or a level not named."""
        reason = acts.why_not_review(case)
        if reason:
            raise Refused(reason)
        if done_on > timezone.localdate():
            raise Refused("Дата мониторинга ещё не наступила.")
        if case.accepted_on and done_on < case.accepted_on:
            raise Refused(f"Мониторинг не может быть раньше начала сопровождения ({case.accepted_on:%d.%m.%Y}).")
        if conclusion == cls.Conclusion.CHANGE_LEVEL and proposed_level in ("", case.level):
            raise Refused("Вывод — изменить уровень: выберите новый уровень, отличный от нынешнего.")
        with transaction.atomic():
            review = cls.objects.create(
                case=case,
                by=by,
                done_on=done_on,
                progress=progress,
                changes=changes,
                conclusion=conclusion,
                proposed_level=proposed_level,
            )
            case.log("reviewed", by=by, happened_on=done_on, review=review.pk, conclusion=conclusion)
            terms.reset(case)
        return review
