"""Шаблон мероприятия: what is usually done about a difficulty, from which the plan of activities is formed.

Novgorod's «Катарсис. Соцзащита» can «автоматически формировать план мероприятий по социальному сопровождению» («Лучшие
практики», 1.1.2, row 25). The dictionary comes with the product and then belongs to the region.
"""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from cases.models.activity import Activity
from cases.words import Domain, HelpKind, Level
from families.categories import Category
from sopr.accounts.models import Organisation, OrganisationKind
from sopr.accounts.scope import ScopedQuerySet
from sopr.web.models import Versioned

EXECUTORS = [choice for choice in OrganisationKind.choices if choice[0] != OrganisationKind.MINISTRY]


class PlanTemplateQuerySet(ScopedQuerySet):
    """The administrator keeps the region's templates, a head those of his own organisation."""

    def for_administrator(self, user):
        return self.filter(organisation=None)

    def for_head(self, user):
        return self.filter(organisation=user.organisation_id)

    def read_by(self, user):
        """What the page of the dictionary lists: the region's, and those of the user's organisation."""
        return self.filter(Q(organisation=None) | Q(organisation=user.organisation_id))

    def offered_to(self, organisation_id):
        """What a plan of this organisation is formed from."""
        return self.filter(Q(organisation=None) | Q(organisation=organisation_id), retired_on=None)


class PlanTemplate(Versioned):
    """For a domain (from a score, for levels, for categories): the goal with its criterion and one activity."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", editable=False, verbose_name="чей"
    )  # empty: the region's
    code = models.CharField(
        max_length=60, null=True, unique=True, editable=False
    )  # of a row that came with the product
    domain = models.CharField("сфера", max_length=16, choices=Domain)
    score_from = models.PositiveSmallIntegerField(
        "от какой оценки", default=1, validators=[MinValueValidator(1), MaxValueValidator(4)]
    )
    levels = models.JSONField("уровни", default=list, blank=True)  # codes; empty: any
    categories = models.JSONField("категории семьи", default=list, blank=True)  # codes; empty: any
    problem = models.CharField("в чём трудность", max_length=300)
    goal = models.CharField("цель", max_length=300)
    criterion = models.CharField("признак достижения", max_length=300)
    title = models.CharField("мероприятие", max_length=250)
    kind = models.CharField("вид помощи", max_length=16, choices=HelpKind)
    agency_kind = models.CharField("кто исполняет", max_length=24, choices=EXECUTORS)
    within_days = models.PositiveSmallIntegerField(
        "рабочих дней на исполнение", validators=[MinValueValidator(1), MaxValueValidator(250)]
    )
    repeats = models.CharField("повторяется", max_length=12, choices=Activity.Repeat, blank=True)
    times = models.PositiveSmallIntegerField(
        "сколько раз", null=True, blank=True, validators=[MinValueValidator(2), MaxValueValidator(100)]
    )
    retired_on = models.DateField("не предлагается с", null=True, blank=True, editable=False)

    objects = PlanTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = "шаблон мероприятия"
        verbose_name_plural = "шаблоны мероприятий"
        ordering = ["domain", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(score_from__gte=1, score_from__lte=4), name="template_score_from_1_to_4"
            ),
            models.CheckConstraint(condition=Q(within_days__gte=1), name="template_term_above_zero"),
            models.CheckConstraint(
                condition=Q(repeats="", times=None) | ~Q(repeats="") & Q(times__gte=2),
                name="template_repeats_have_times",
            ),
        ]

    def __str__(self):
        return self.title

    def fits(self, score: int, level: str, categories) -> bool:
        """Whether it answers a difficulty of this score in a family on this level, of any of these categories."""
        return (
            score >= self.score_from
            and (not self.levels or level in self.levels)
            and (not self.categories or bool(set(self.categories) & set(categories)))
        )

    @property
    def condition(self) -> str:
        """When it is proposed, in words: «оценка от 2; кризисный, экстренный; многодетная»."""
        parts = [f"оценка от {self.score_from}"] if self.score_from > 1 else []
        parts += [", ".join(Level(code).label for code in self.levels)] if self.levels else []
        parts += [", ".join(Category(code).label for code in self.categories)] if self.categories else []
        return "; ".join(parts) or "всегда"

    @property
    def repetition(self) -> str:
        """«раз в неделю, 8 раз»; empty for what is done once."""
        return f"{self.get_repeats_display()}, {self.times} раз" if self.repeats else ""

    def retire(self, *, by):
        """Offer it no more; plans formed from it stay as they are."""
        self.retired_on = timezone.localdate()
        self.save(update_fields=["retired_on"])

    def bring_back(self, *, by):
        """Offer it again."""
        self.retired_on = None
        self.save(update_fields=["retired_on"])


class TemplateUse(models.Model):
    """From which template an activity came: so that forming the plan again does not add it twice, however reworded."""

    activity = models.OneToOneField(Activity, models.CASCADE, related_name="template_use")
    template = models.ForeignKey(PlanTemplate, models.PROTECT, related_name="uses")

    class Meta:
        verbose_name = "мероприятие по шаблону"
        verbose_name_plural = "мероприятия по шаблонам"

    def __str__(self):
        return f"{self.activity_id}: {self.template_id}"
