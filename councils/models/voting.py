"""Голосование: majority of those taking part, the casting vote, roll call; what found no majority, and who dissents.

Sources: domain.md §2 («Council»), decisions.md («Quorum base»). A tie is exactly half of those taking part [choice]:
the casting vote then decides, where the regulation gives the chair one.
"""

from collections import Counter
from dataclasses import dataclass, field

from django.conf import settings
from django.db import models
from django.utils import timezone

from councils.models.membership import CouncilMembership
from sopr.audit.append_only import AppendOnly
from sopr.errors import Refused


class Vote(models.TextChoices):
    FOR = "for", "за"
    AGAINST = "against", "против"
    ABSTAINED = "abstained", "воздержался"


@dataclass(frozen=True)
class Tally:
    """Votes on one question. `names`: [{"id", "short", "vote"}] of a roll call, empty when hands were counted."""

    votes_for: int
    votes_against: int
    abstained: int
    present: int
    casting: bool = False  # the chair of a council that gives him the casting vote was for it
    names: list = field(default_factory=list)

    @classmethod
    def counted(cls, votes_for, votes_against, abstained, *, present, casting=False):
        """Three totals; raises Refused when they do not add up to those who take part."""
        if min(votes_for, votes_against, abstained) < 0:
            raise Refused("Число голосов не бывает отрицательным.")
        votes = votes_for + votes_against + abstained
        if votes != present:
            raise Refused(f"Голоса не сходятся: всего {votes}, а голосуют {present}.")
        return cls(votes_for, votes_against, abstained, present, casting)

    @classmethod
    def by_roll(cls, roll, rows, *, chair=None):
        """A roll call: `roll` is {membership id: Vote}, `rows` attendances of those who take part.

        `chair`: who has the casting vote, or None. Raises Refused when somebody has not voted, or who votes is not
        taking part.
        """
        here = {row.membership_id: row for row in rows}
        if strangers := set(roll) - set(here):
            raise Refused(f"Голосовать может только участник вопроса; лишних голосов: {len(strangers)}.")
        silent = [str(row.membership) for pk, row in here.items() if roll.get(pk) not in Vote.values]
        if silent:
            raise Refused("Отметьте, как голосуют: " + ", ".join(silent) + ".")
        counts = Counter(roll.values())
        names = [{"id": pk, "short": str(row.membership), "vote": roll[pk]} for pk, row in here.items()]
        return cls(
            counts[Vote.FOR],
            counts[Vote.AGAINST],
            counts[Vote.ABSTAINED],
            len(here),
            chair is not None and roll.get(chair.pk) == Vote.FOR,
            names,
        )

    @property
    def is_tie(self) -> bool:
        return self.present > 0 and self.votes_for * 2 == self.present

    @property
    def by_casting_vote(self) -> bool:
        """Adopted only because the chair was for it."""
        return self.is_tie and self.casting

    @property
    def adopted(self) -> bool:
        return self.votes_for * 2 > self.present or self.by_casting_vote

    def require_majority(self):
        """Raises Refused when the question found no majority."""
        if not self.adopted:
            raise Refused(
                "За решение не проголосовало большинство присутствующих: оно не принято. Исправьте голоса или нажмите "
                "«Большинства нет»: голосование попадёт в протокол, а вопрос можно голосовать снова или отложить."
            )

    def as_columns(self) -> dict:
        """The columns a decision, or a vote that failed, keeps."""
        return {
            "votes_for": self.votes_for,
            "votes_against": self.votes_against,
            "abstained": self.abstained,
            "present": self.present,
            "roll_call": self.names,
        }


class Voted(models.Model):
    """How a question was voted: written once."""

    votes_for = models.PositiveSmallIntegerField("за", default=0)
    votes_against = models.PositiveSmallIntegerField("против", default=0)
    abstained = models.PositiveSmallIntegerField("воздержались", default=0)
    present = models.PositiveSmallIntegerField(default=0)
    members = models.PositiveSmallIntegerField(default=0)
    roll_call = models.JSONField("поимённо", default=list, blank=True, editable=False)
    chaired_by = models.ForeignKey(
        CouncilMembership, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="председательствовал"
    )

    class Meta:
        abstract = True

    def describe_votes(self) -> dict:
        """The votes as the minutes print them: totals, and the names of a roll call."""
        names = {vote: [row["short"] for row in self.roll_call if row["vote"] == vote] for vote in Vote.values}
        return {
            "for": self.votes_for,
            "against": self.votes_against,
            "abstained": self.abstained,
            "for_names": names[Vote.FOR],
            "against_names": names[Vote.AGAINST],
            "abstained_names": names[Vote.ABSTAINED],
        }


class FailedVote(AppendOnly, Voted):
    """«Решение не принято»: a draft that found no majority; the question stays open."""

    meeting = models.ForeignKey("councils.Meeting", models.PROTECT, related_name="failed_votes")
    item = models.ForeignKey("councils.AgendaItem", models.PROTECT, related_name="failed_votes")
    text = models.TextField("проект решения")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField("когда", default=timezone.now)

    class Meta:
        verbose_name = "голосование без большинства"
        verbose_name_plural = "голосования без большинства"
        ordering = ["pk"]

    def __str__(self):
        return f"Решение не принято: за {self.votes_for}, против {self.votes_against}"

    def describe(self) -> dict:
        return {"text": self.text, "votes": self.describe_votes()}


class Dissent(models.Model):
    """Особое мнение члена совета по вопросу: its text stands in the minutes."""

    item = models.ForeignKey("councils.AgendaItem", models.PROTECT, related_name="dissents")
    membership = models.ForeignKey(CouncilMembership, models.PROTECT, related_name="+")
    text = models.TextField("особое мнение")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField("когда", default=timezone.now)

    class Meta:
        verbose_name = "особое мнение"
        verbose_name_plural = "особые мнения"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["item", "membership"], name="one_dissent_per_item")]

    def __str__(self):
        return f"Особое мнение: {self.membership}"
