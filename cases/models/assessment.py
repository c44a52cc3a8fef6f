"""Диагностика: problem domains scored 0 (no problem) to 4 (threat), first and repeated side by side."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from cases import acts
from cases.models.case import Case
from cases.models.querysets import CasePartQuerySet
from cases.words import Domain, Level
from sopr.errors import Refused
from sopr.web.models import Versioned


class Assessment(Versioned):
    case = models.ForeignKey(Case, models.PROTECT, related_name="assessments")
    done_on = models.DateField("дата диагностики", default=timezone.localdate)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reasons = models.TextField("причины трудностей", blank=True)
    resources = models.TextField("на что семья может опереться", blank=True)
    proposed_level = models.CharField("предлагаемый уровень", max_length=12, choices=Level)

    objects = CasePartQuerySet.as_manager()

    class Meta:
        verbose_name = "диагностика"
        verbose_name_plural = "диагностики"
        ordering = ["done_on", "pk"]

    def __str__(self):
        return f"Диагностика от {self.done_on:%d.%m.%Y}"

    @classmethod
    def record(cls, case, *, by, done_on, scores, evidence=None, proposed_level, reasons="", resources=""):
        """Record an assessment with a score 0–4 for each domain: `scores` {domain: int}, `evidence` {domain: text}.

        Raises Refused when the case is finished, a domain has no score, or the first assessment finds no problem.
        """
        reason = acts.why_not_assess(case)
        if reason:
            raise Refused(reason)
        without = [Domain(code).label for code in Domain.values if scores.get(code) is None]
        if without:
            raise Refused("Не оценены сферы: " + ", ".join(without) + ". Если трудностей нет, поставьте 0.")
        if done_on > timezone.localdate():
            raise Refused("Дата диагностики ещё не наступила.")
        if not case.assessments.exists() and not any(scores.values()):
            raise Refused("Ни в одной сфере не отмечена трудность: для сопровождения нужна хотя бы одна.")
        with transaction.atomic():
            assessment = cls.objects.create(
                case=case, by=by, done_on=done_on, proposed_level=proposed_level, reasons=reasons, resources=resources
            )
            DomainScore.objects.bulk_create(
                DomainScore(
                    assessment=assessment, domain=code, score=scores[code], evidence=(evidence or {}).get(code, "")
                )
                for code in Domain.values
            )
            case.log("assessed", by=by, happened_on=done_on, assessment=assessment.pk)
        return assessment

    @staticmethod
    def suggest_level(scores) -> str:
        """The level the scores speak for: a 4 → emergency, a 3 → crisis, else basic [choice]. People decide."""
        worst = max((score for score in scores.values() if score is not None), default=0)
        return {4: Level.EMERGENCY, 3: Level.CRISIS}.get(worst, Level.BASIC)

    def problem_domains(self) -> list[str]:
        """Codes of the domains with a score above 0, worst first."""
        return [score.domain for score in sorted(self.scores.all(), key=lambda s: -s.score) if score.score > 0]

    def domains_without_plan(self, revisions) -> list[str]:
        """Phrases naming problem domains that lack a goal or an activity in `revisions` (domain.md §2)."""
        from cases.models.programme import Goal

        goals = Goal.objects.filter(revision__in=revisions).annotate(n=models.Count("activities"))
        planned = {goal.domain for goal in goals if goal.n}
        with_goal = {goal.domain for goal in goals}
        phrases = []
        for code in self.problem_domains():
            if code not in with_goal:
                phrases.append(f"в ИПСС нет цели по сфере «{Domain(code).label}»")
            elif code not in planned:
                phrases.append(f"в ИПСС нет мероприятий по сфере «{Domain(code).label}»")
        return phrases


class DomainScore(models.Model):
    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="scores")
    domain = models.CharField("сфера", max_length=16, choices=Domain)
    score = models.PositiveSmallIntegerField("оценка", validators=[MaxValueValidator(4)])
    evidence = models.TextField("на чём основана оценка", blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "domain"], name="one_score_per_domain"),
            models.CheckConstraint(condition=Q(score__lte=4), name="score_from_0_to_4"),
        ]

    def __str__(self):
        return f"{self.get_domain_display()}: {self.score}"
