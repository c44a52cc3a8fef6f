"""Промежуточный мониторинг: how the programme goes and what is to be done about it (domain.md §3)."""

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from cases import acts, terms
from cases.models.activity import Activity
from cases.models.assessment import Assessment
from cases.models.case import Case
from cases.models.querysets import CasePartQuerySet
from cases.words import Level
from sopr import profile
from sopr.errors import Refused
from sopr.web.models import Versioned


class Review(Versioned):
    """Промежуточный мониторинг; the activities are counted on its day and stay so."""

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
    next_on = models.DateField("следующий мониторинг", null=True, blank=True)
    # The last assessment by that day: what the change of risk is judged by.
    assessment = models.ForeignKey(Assessment, models.PROTECT, null=True, editable=False, related_name="+")
    activities_total = models.PositiveSmallIntegerField(null=True, editable=False)
    activities_done = models.PositiveSmallIntegerField(null=True, editable=False)
    activities_overdue = models.PositiveSmallIntegerField(null=True, editable=False)
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
    def record(cls, case, *, by, done_on, progress, changes, conclusion, proposed_level="", next_on=None):
        """Record a review of a supported case; raises Refused on a wrong stage or a level not named.

        `next_on` may bring the next review nearer, never put it off beyond the level's interval.
        """
        _check(case, done_on, next_on)
        if conclusion == cls.Conclusion.CHANGE_LEVEL and proposed_level in ("", case.level):
            raise Refused("Вывод — изменить уровень: выберите новый уровень, отличный от нынешнего.")
        counted = list(case.activities.counted())
        with transaction.atomic():
            review = cls.objects.create(
                case=case,
                by=by,
                done_on=done_on,
                progress=progress,
                changes=changes,
                conclusion=conclusion,
                proposed_level=proposed_level,
                next_on=next_on,
                assessment=case.assessments.filter(done_on__lte=done_on).order_by("done_on", "pk").last(),
                activities_total=len(counted),
                activities_done=sum(row.state == Activity.State.DONE for row in counted),
                activities_overdue=sum(row.is_overdue(done_on) for row in counted),
            )
            case.log("reviewed", by=by, happened_on=done_on, review=review.pk, conclusion=conclusion)
            terms.reset(case)
        return review


def latest_next(case, done_on):
    """The last day for the next review by the level's interval; None without a level."""
    level = profile.current().levels.get(case.level)
    return level.review.after(done_on) if level else None


def _check(case, done_on, next_on):
    reason = acts.why_not_review(case)
    if reason:
        raise Refused(reason)
    if done_on > timezone.localdate():
        raise Refused("Дата мониторинга ещё не наступила.")
    if case.accepted_on and done_on < case.accepted_on:
        raise Refused(f"Мониторинг не может быть раньше начала сопровождения ({case.accepted_on:%d.%m.%Y}).")
    if next_on is None:
        return
    if next_on <= done_on:
        raise Refused("Следующий мониторинг назначьте на день после этого.")
    latest = latest_next(case, done_on)
    if latest and next_on > latest:
        raise Refused(f"По уровню сопровождения следующий мониторинг нужен не позже {latest:%d.%m.%Y}.")
