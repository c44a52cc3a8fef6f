"""Объединение: two cards found to be one family, or two records found to be one human being."""

import datetime

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from families.models.family import Family
from families.models.person import Person
from sopr.accounts.models import Organisation
from sopr.accounts.scope import ScopedQuerySet

UNDO_DAYS = 30  # calendar days after the merge in which it can be undone (issue 3, «Merge»)


class MergeQuerySet(ScopedQuerySet):
    """Road to the owner: the organisation whose head merged."""

    def for_head(self, user):
        return self.filter(organisation=user.organisation_id)

    def standing(self):
        """Merges that were not undone."""
        return self.filter(undone_at=None)

    def undoable(self):
        """Standing ones whose thirty days are not over."""
        return self.standing().filter(at__gte=timezone.now() - datetime.timedelta(days=UNDO_DAYS))

    def of_families(self):
        return self.exclude(kept_family=None)


class Merge(models.Model):
    """What was merged into what, and how to put it back.

    `journal` is the list of steps in the order they were taken (merging/journal.py): rows that moved, values that
    changed, rows that stood twice and were removed. It holds personal data, and no page shows it.
    """

    class Reason(models.TextChoices):
        TWICE = "twice", "заведена дважды: сверено по документам"
        JOURNALS = "journals", "перенесена из двух прежних журналов"
        RENAMED = "renamed", "сменилась фамилия, завели заново"
        MOVED = "moved", "сменился адрес, завели заново"
        SERVICES = "services", "сверено с другой службой или ведомством"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="merges", verbose_name="организация")
    kept_family = models.ForeignKey(Family, models.PROTECT, null=True, related_name="merges")
    absorbed_family = models.ForeignKey(Family, models.PROTECT, null=True, related_name="+")
    kept_person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="merges")
    absorbed_person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    # People found to be one while their two families were merged: undone together with the families.
    part_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="parts")
    reason = models.CharField("причина", max_length=12, choices=Reason)
    at = models.DateTimeField("когда", default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто объединил")
    journal = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    undone_at = models.DateTimeField("отменено", null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = MergeQuerySet.as_manager()

    class Meta:
        verbose_name = "объединение"
        verbose_name_plural = "объединения"
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kept_family=None, absorbed_family=None, kept_person__isnull=False)
                & Q(absorbed_person__isnull=False)
                | Q(kept_person=None, absorbed_person=None, kept_family__isnull=False)
                & Q(absorbed_family__isnull=False),
                name="merge_is_of_families_or_of_people",
            ),
            models.UniqueConstraint(
                fields=["absorbed_family"], condition=Q(undone_at=None), name="family_is_merged_once"
            ),
            models.UniqueConstraint(
                fields=["absorbed_person"], condition=Q(undone_at=None), name="person_is_merged_once"
            ),
        ]
        # «Объединения» of an organisation, newest first
        indexes = [models.Index(fields=["organisation", "-at", "-id"], name="merge_organisation")]

    def __str__(self):
        return f"{self.absorbed_title} и {self.kept_title}"

    @property
    def is_of_families(self) -> bool:
        return self.kept_family_id is not None

    @property
    def kept(self):
        return self.kept_family if self.is_of_families else self.kept_person

    @property
    def absorbed(self):
        return self.absorbed_family if self.is_of_families else self.absorbed_person

    @property
    def kept_title(self) -> str:
        return _title(self.kept)

    @property
    def absorbed_title(self) -> str:
        return _title(self.absorbed)

    @property
    def undo_until(self) -> datetime.date:
        """The last day on which it can be undone."""
        return timezone.localdate(self.at) + datetime.timedelta(days=UNDO_DAYS)

    @property
    def state(self) -> str:
        if self.undone_at:
            return f"отменено {timezone.localdate(self.undone_at):%d.%m.%Y}"
        if self.undo_until < timezone.localdate():
            return "срок отмены прошёл"
        if self.part_of_id:
            return f"вместе с карточкой №\u00a0{self.part_of.absorbed_family.number}"
        return f"можно отменить до {self.undo_until:%d.%m.%Y}"

    def why_not_undo(self) -> str:
        """Why it cannot be undone now, in Russian; empty when it can."""
        if self.undone_at:
            return "Это объединение уже отменено."
        if self.undo_until < timezone.localdate():
            return f"Отменить объединение можно было до {self.undo_until:%d.%m.%Y}."
        if self.part_of_id and self.part_of.undone_at is None:
            number = self.part_of.absorbed_family.number
            return f"Эти люди объединены вместе с карточкой №\u00a0{number}: отмените объединение карточек."
        if self.kept.merged_into_id:
            return (
                f"Запись № {self.kept.number} с тех пор сама объединена с № {self.kept.merged_into.number}: "
                "сначала отмените то объединение."
            )
        return ""


def _title(row) -> str:
    return f"{row.surname if isinstance(row, Family) else row.full_name}, № {row.number}"
