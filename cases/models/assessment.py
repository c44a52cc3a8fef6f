"""Диагностика: problem domains scored 0 (no problem) to 4 (threat), first and repeated side by side."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from cases import acts, levels_rule
from cases.models.case import Case
from cases.models.factor import Factor
from cases.models.querysets import CasePartQuerySet
from cases.words import Domain, Level
from families.categories import Category
from sopr.errors import Refused
from sopr.web.models import Versioned


class Assessment(Versioned):
    case = models.ForeignKey(Case, models.PROTECT, related_name="assessments")
    done_on = models.DateField("дата диагностики", default=timezone.localdate)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reasons = models.TextField("причины трудностей", blank=True)
    resources = models.TextField("на что семья может опереться", blank=True)
    factors = models.ManyToManyField(Factor, blank=True, related_name="+", verbose_name="факторы")
    proposed_level = models.CharField("предлагаемый уровень", max_length=12, choices=Level)
    # What the rule proposed and why, as it stood on that day; empty for assessments older than the rule.
    rule_level = models.CharField("уровень по правилу", max_length=12, choices=Level, blank=True, editable=False)
    rule = models.CharField("правило", max_length=500, blank=True, editable=False)
    level_reason = models.TextField("почему куратор предлагает иной уровень", blank=True)

    objects = CasePartQuerySet.as_manager()

    class Meta:
        verbose_name = "диагностика"
        verbose_name_plural = "диагностики"
        ordering = ["done_on", "pk"]

    def __str__(self):
        return f"Диагностика от {self.done_on:%d.%m.%Y}"

    def get_absolute_url(self):
        return reverse("cases:assessment-detail", args=[self.pk])

    @classmethod
    def record(
        cls, case, *, by, done_on, scores, evidence=None, proposed_level, level_reason="", reasons="", resources="",
        factors=(),
    ):  # fmt: skip
        """Record an assessment with a score 0–4 for each domain: `scores` {domain: int}, `evidence` {domain: text}.

        `factors` are those of the region's list that were seen, `reasons` and `resources` the same in free words.
        Raises Refused when the case is finished, a domain has no score, the first assessment finds no problem, or the
        curator departs from the level that the rule proposes and does not say why (`level_reason`).
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
        proposal = cls.propose_level(case, scores)
        departs = proposed_level != proposal.level
        if departs and not level_reason.strip():
            raise Refused(
                f"По правилу предлагается уровень «{Level(proposal.level).label}»: {proposal.reason}. "
                "Если Вы предлагаете другой, напишите почему."
            )
        with transaction.atomic():
            assessment = cls.objects.create(
                case=case,
                by=by,
                done_on=done_on,
                proposed_level=proposed_level,
                rule_level=proposal.level,
                rule=proposal.reason,
                level_reason=level_reason.strip() if departs else "",
                reasons=reasons,
                resources=resources,
            )
            assessment.factors.set(factors)
            DomainScore.objects.bulk_create(
                DomainScore(
                    assessment=assessment, domain=code, score=scores[code], evidence=(evidence or {}).get(code, "")
                )
                for code in Domain.values
            )
            case.log("assessed", by=by, happened_on=done_on, assessment=assessment.pk)
        return assessment

    @staticmethod
    def propose_level(case, scores) -> levels_rule.Proposal:
        """The level the scores speak for and the rule that says so (cases.levels_rule). People decide.

        The level of entry is for a substitute family that has no other level yet.
        """
        entering = case.level in ("", Level.ADAPTATION)
        return levels_rule.propose(scores, newly_placed=entering and case.primary_category == Category.FOSTER)

    @property
    def departs(self) -> bool:
        """Whether the curator proposed another level than the rule."""
        return bool(self.rule_level) and self.rule_level != self.proposed_level

    def problem_domains(self) -> list[str]:
        """Codes of the domains with a score above 0, worst first."""
        return [score.domain for score in sorted(self.scores.all(), key=lambda s: -s.score) if score.score > 0]

    def domains_without_plan(self, revisions) -> list[str]:
        """Phrases naming what `revisions` lack: problem domains without a goal or an activity (domain.md §2).

        Where each member has a programme of his own, a domain is answered by any of them, but none may be empty.
        """
        from cases.models.programme import Goal

        goals = list(Goal.objects.filter(revision__in=revisions).annotate(n=models.Count("activities")))
        planned = {goal.domain for goal in goals if goal.n}
        with_goal = {goal.domain for goal in goals}
        phrases = []
        for code in self.problem_domains():
            if code not in with_goal:
                phrases.append(f"в ИПСС нет цели по сфере «{Domain(code).label}»")
            elif code not in planned:
                phrases.append(f"в ИПСС нет мероприятий по сфере «{Domain(code).label}»")
        answered = self.problem_domains()
        phrases += [
            f"у цели «{goal.text}» нет мероприятий"
            for goal in goals
            if not goal.n and (goal.domain in planned or goal.domain not in answered)
        ]
        filled = {goal.revision_id for goal in goals}
        phrases += [
            f"в ИПСС нет ни одной цели (для кого: {revision.programme.person.first_name})"
            for revision in revisions
            if revision.programme.person_id and revision.pk not in filled
        ]
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
