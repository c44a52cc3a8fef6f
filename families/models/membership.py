"""Состав семьи на даты: who was in the family, from which day to which."""

from django.db import models
from django.db.models import F, Q

from families.models.person import Person


class FamilyMembershipQuerySet(models.QuerySet):
    def valid_on(self, day):
        return self.filter(Q(since=None) | Q(since__lte=day), Q(until=None) | Q(until__gte=day))


class FamilyMembership(models.Model):
    """Состав семьи на даты."""

    class Relation(models.TextChoices):
        MOTHER = "mother", "мать"
        FATHER = "father", "отец"
        CHILD = "child", "ребёнок"
        GUARDIAN = "guardian", "опекун"
        FOSTER_PARENT = "foster_parent", "приёмный родитель"
        OTHER = "other", "иное"

    REPRESENTATIVES = (Relation.MOTHER, Relation.FATHER, Relation.GUARDIAN, Relation.FOSTER_PARENT)

    family = models.ForeignKey("families.Family", models.PROTECT, related_name="memberships")
    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    relation = models.CharField("кем приходится", max_length=16, choices=Relation)
    is_representative = models.BooleanField("законный представитель", default=False)
    ground = models.CharField("основание", max_length=300, blank=True)
    since = models.DateField("в семье с", null=True, blank=True)
    until = models.DateField("по", null=True, blank=True)

    objects = FamilyMembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "член семьи"
        verbose_name_plural = "состав семьи"
        ordering = ["relation", "person__birth_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(since=None) | Q(until__gte=F("since")), name="membership_since_before_until"
            )
        ]

    def __str__(self):
        return f"{self.person} — {self.get_relation_display()}"
