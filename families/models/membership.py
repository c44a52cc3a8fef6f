"""Состав семьи на даты: who was in the family, from which day to which, and who represents the children by law."""

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from families.corrections import correct
from families.models.person import Person
from sopr.errors import Refused


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

    class Left(models.TextChoices):
        """Почему человек выбыл из семьи."""

        APART = "apart", "живёт отдельно"
        ADULT = "adult", "начал самостоятельную жизнь"
        PLACED = "placed", "помещён в организацию"
        OTHER_FAMILY = "other_family", "передан в другую семью"
        DEATH = "death", "смерть"
        OTHER = "other", "иное"

    REPRESENTATIVES = (Relation.MOTHER, Relation.FATHER, Relation.GUARDIAN, Relation.FOSTER_PARENT)

    family = models.ForeignKey("families.Family", models.PROTECT, related_name="memberships")
    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    relation = models.CharField("кем приходится", max_length=16, choices=Relation)
    is_representative = models.BooleanField("законный представитель", default=False)
    ground = models.CharField("основание", max_length=300, blank=True)
    since = models.DateField("в семье с", null=True, blank=True)
    until = models.DateField("по", null=True, blank=True)
    # None: nobody said. Nullable, so that SQLite adds the column without rebuilding the table and losing its triggers.
    left_because = models.CharField("почему выбыл", max_length=12, choices=Left, null=True, blank=True)

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

    def correct(self, *, by, reason, **values):
        """Put right a wrong relation, date, mark or ground; `reason` is a code of families.corrections.Reason.

        Raises Refused for dates in the wrong order, for a period that meets another one of the same person in this
        family, and when nothing differs.
        """
        since, until = values.get("since", self.since), values.get("until", self.until)
        if since and until and until < since:
            raise Refused("Дата выбытия раньше даты вхождения в семью. Проверьте даты.")
        others = FamilyMembership.objects.filter(family=self.family_id, person=self.person_id).exclude(pk=self.pk)
        if since:
            others = others.filter(Q(until=None) | Q(until__gte=since))
        if until:
            others = others.filter(Q(since=None) | Q(since__lte=until))
        if others.exists():
            raise Refused("В эти дни человек уже числится в составе семьи по другой записи. Проверьте даты.")
        told = ("relation", "since", "until", "is_representative")
        correct(
            self,
            self.family,
            by=by,
            kind="member_corrected",
            reason=reason,
            values=values,
            told=told,
            person=self.person_id,
        )

    def represent(self, *, by, ground, document_name, document_number="", document_on=None, children=(), **dates):
        """Name the member a legal representative by a document: of each of `children`, or of all when none is named.

        `dates` are `since` (today if left out) and `until` (None = until further notice). Returns the new
        `Representation` rows. Raises Refused for somebody who left, for himself, or for a child not in the family.
        """
        since, until = dates.get("since") or timezone.localdate(), dates.get("until")
        if self.until and self.until < since:
            raise Refused(f"{self.person.full_name} не в составе семьи с {self.until:%d.%m.%Y}. Проверьте дату.")
        if until and until < since:
            raise Refused("Полномочия не могут закончиться раньше, чем начались. Проверьте даты.")
        if document_on and document_on > timezone.localdate():
            raise Refused("Дата документа ещё не наступила. Проверьте её.")
        with transaction.atomic():
            self.family.lock()
            self._check_children(children, since)
            if not self.is_representative:
                self.is_representative = True
                self.save(update_fields=["is_representative"])
            rows = [
                self.representations.create(
                    ground=ground,
                    document_name=document_name,
                    document_number=document_number,
                    document_on=document_on,
                    child=child,
                    since=since,
                    until=until,
                )
                for child in children or [None]
            ]
            self.family.log("representative_named", by=by, happened_on=since, person=self.person_id, ground=str(ground))
        return rows

    def _check_children(self, children, since):
        there = set(self.family.memberships.filter(relation=self.Relation.CHILD).values_list("person", flat=True))
        for child in children:
            if child.pk not in there or child.pk == self.person_id:
                raise Refused(f"{child.full_name} не числится ребёнком в этой семье. Сначала исправьте состав.")
        going_on = self.representations.filter(Q(until=None) | Q(until__gte=since))
        for child in children or [None]:
            # One who represents all the children represents each of them.
            if going_on.filter(Q(child=child) | Q(child=None)).exists() or (child is None and going_on.exists()):
                raise Refused(
                    "Такие полномочия у этого человека уже записаны. Закончите прежнюю запись, затем внесите новую."
                )


class Representation(models.Model):
    """Законное представительство: by what ground and document a member acts for a child, or for all of them."""

    class Ground(models.TextChoices):
        PARENTS = "parents", "родитель"
        ADOPTION = "adoption", "усыновление"
        GUARDIANSHIP = "guardianship", "опека"
        TRUSTEESHIP = "trusteeship", "попечительство"
        FOSTER_FAMILY = "foster_family", "приёмная семья"
        OTHER = "other", "иное"

    membership = models.ForeignKey(FamilyMembership, models.PROTECT, related_name="representations")
    ground = models.CharField("основание", max_length=16, choices=Ground)
    document_name = models.CharField("документ", max_length=200)
    document_number = models.CharField("номер документа", max_length=60, blank=True)
    document_on = models.DateField("дата документа", null=True, blank=True)
    child = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="represented_by", verbose_name="за кого"
    )
    since = models.DateField("с", default=timezone.localdate)
    until = models.DateField("по", null=True, blank=True)

    class Meta:
        verbose_name = "законное представительство"
        verbose_name_plural = "законное представительство"
        ordering = ["-since", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="representation_since_before_until"
            )
        ]
        # hints: representations that are about to end
        indexes = [models.Index(fields=["until"], name="representation_until")]

    def __str__(self):
        return f"{self.get_ground_display()} с {self.since:%d.%m.%Y}"

    @property
    def document(self) -> str:
        """«свидетельство о рождении № 512-АК от 03.09.2016»."""
        number = f" № {self.document_number}" if self.document_number else ""
        day = f" от {self.document_on:%d.%m.%Y}" if self.document_on else ""
        return f"{self.document_name}{number}{day}"

    def end(self, *, by, until):
        """The person represents no longer after `until`; the mark goes with the last of his representations."""
        if until < self.since:
            raise Refused(f"Полномочия начались {self.since:%d.%m.%Y}: закончиться раньше они не могли.")
        family = self.membership.family
        with transaction.atomic():
            family.lock()
            self.until = until
            self.save(update_fields=["until"])
            today = timezone.localdate()
            if (
                until <= today
                and not self.membership.representations.filter(Q(until=None) | Q(until__gt=until)).exists()
            ):
                self.membership.is_representative = False
                self.membership.save(update_fields=["is_representative"])
            family.log("representative_ended", by=by, happened_on=until, person=self.membership.person_id)
