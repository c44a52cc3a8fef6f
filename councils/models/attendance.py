"""Явка и кворум: who was in the room at each item (decisions.md, «Quorum base»)."""

from dataclasses import dataclass, field

from django.db import models, transaction

from councils.models.membership import CouncilMembership
from sopr.errors import Refused


@dataclass(frozen=True)
class Quorum:
    """Quorum of one item: strictly more than `share` percent of the members who vote, and every required agency."""

    present: int
    members: int
    share: int  # percent
    missing_agencies: list = field(default_factory=list)

    @property
    def needed(self) -> int:
        """The least number of present members that makes the quorum."""
        return self.members * self.share // 100 + 1

    @property
    def percent(self) -> int:
        return round(100 * self.present / self.members) if self.members else 0

    @property
    def reached(self) -> bool:
        return self.members > 0 and self.present >= self.needed and not self.missing_agencies

    @property
    def reason(self) -> str:
        """Why there is none, in Russian; empty when there is."""
        if self.reached:
            return ""
        if self.present < self.needed:
            return f"Нет кворума: присутствуют {self.present} из {self.members}, нужно не меньше {self.needed}."
        return "Нет кворума: отсутствует " + ", ".join(str(agency) for agency in self.missing_agencies) + "."


class Attendance(models.Model):
    """Явка одного члена: present from one item to another, but for those missed; all empty = the whole meeting."""

    class State(models.TextChoices):
        ABSENT = "absent", "отсутствует"
        PRESENT = "present", "присутствует"
        EXCUSED = "excused", "отсутствует по уважительной причине"

    meeting = models.ForeignKey("councils.Meeting", models.PROTECT, related_name="attendances")
    membership = models.ForeignKey(CouncilMembership, models.PROTECT, related_name="attendances")
    state = models.CharField("явка", max_length=12, choices=State, default=State.ABSENT)
    from_item = models.PositiveSmallIntegerField("с вопроса", null=True, blank=True)
    until_item = models.PositiveSmallIntegerField("по вопрос", null=True, blank=True)
    missed = models.JSONField("выходил на вопросы", default=list, blank=True, editable=False)
    substitute = models.CharField("кто замещает", max_length=120, blank=True)

    class Meta:
        verbose_name = "явка"
        verbose_name_plural = "явка"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["meeting", "membership"], name="one_attendance_per_member")]

    def __str__(self):
        return f"{self.membership}: {self.get_state_display()}"

    def in_room_at(self, position: int) -> bool:
        """Whether the member was in the room during the item at `position`."""
        if self.state != self.State.PRESENT or position in self.missed:
            return False
        return (self.from_item is None or position >= self.from_item) and (
            self.until_item is None or position <= self.until_item
        )

    def mark(self, *, by, state, from_item=None, until_item=None, missed=(), substitute=""):
        """Write down who is there; raises Refused once the minutes are signed.

        Nor may it change who took part in an item already decided: the votes were counted with those present then.
        """
        if from_item and until_item and until_item < from_item:
            raise Refused("Вопрос ухода раньше вопроса прихода. Проверьте номера.")
        if substitute and not self.meeting.council.substitutes:
            raise Refused("По регламенту этого совета его члены участвуют лично: замещение не отмечается.")
        with transaction.atomic():
            meeting = self.meeting.lock_running("Явка отмечается, пока заседание идёт.")
            if meeting.is_absentee:
                raise Refused("При заочном голосовании явки нет: участие отмечают поступившие бюллетени.")
            before = Attendance.objects.get(pk=self.pk)
            self.state, self.from_item, self.until_item = state, from_item, until_item
            self.missed, self.substitute = sorted(missed), substitute
            for position in meeting.decided_positions():
                if before.in_room_at(position) != self.in_room_at(position):
                    self.refresh_from_db()
                    raise Refused(
                        f"По вопросу {position} решение уже принято при другой явке. Отметьте, с какого вопроса "
                        "член совета пришёл или после какого ушёл."
                    )
            self.save()

    def arrive(self, *, by, at: int):
        """The member came in (or came back) at the item at position `at`; earlier decided items stay without him."""
        if self.state == self.State.PRESENT and self.until_item is not None:
            missed = {*self.missed, *range(self.until_item + 1, at)}
            return self.mark(
                by=by, state=self.State.PRESENT, from_item=self.from_item, missed=missed, substitute=self.substitute
            )
        late = any(position < at for position in self.meeting.decided_positions())
        return self.mark(by=by, state=self.State.PRESENT, from_item=at if late else None, substitute=self.substitute)

    def leave(self, *, by, at: int):
        """The member left before the item at position `at` was decided."""
        if at <= (self.from_item or 1):
            return self.mark(by=by, state=self.State.ABSENT)
        return self.mark(
            by=by,
            state=self.State.PRESENT,
            from_item=self.from_item,
            until_item=at - 1,
            missed=[position for position in self.missed if position < at],
            substitute=self.substitute,
        )
