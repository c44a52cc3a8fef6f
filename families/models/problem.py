"""Замечания: what the check found wrong in cards, and which cards wait to be checked (families/quality)."""

import datetime

from django.db import models

from families.models.family import Family
from sopr.accounts.models import Organisation


class CardProblem(models.Model):
    """The card has the problem `code` (families.quality.catalogue) for an organisation that holds it."""

    family = models.ForeignKey(Family, models.CASCADE, related_name="card_problems")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    code = models.CharField(max_length=32)

    class Meta:
        constraints = [
            # also serves the list: an organisation's cards with one problem, or with any
            models.UniqueConstraint(fields=["organisation", "code", "family"], name="one_row_per_card_problem"),
        ]

    def __str__(self):
        return self.code


class UncheckedCard(models.Model):
    """A card whose facts changed since it was checked. Written by triggers alone (families.quality.watch).

    A queue, not a flag: rows of concurrent changes never wait for one another, as they would for one unique row.
    """

    family_id = models.BigIntegerField(db_index=True)  # no foreign key: the card may be gone

    def __str__(self):
        return str(self.family_id)


class CardCheck(models.Model):
    """One row: the day as of which all cards were checked; whoever checks holds it locked."""

    checked_on = models.DateField(default=datetime.date.min)

    def __str__(self):
        return f"{self.checked_on:%d.%m.%Y}"
