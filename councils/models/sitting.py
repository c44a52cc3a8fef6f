"""Заседание, пока оно идёт: who presides, what is added on the spot, recess, continuation on another day.

Source: issue of councils, «Meeting in progress»; that a continuation is a meeting of its own, with its own membership,
attendance and minutes, is ours [choice]: each decision then stands in the minutes of the day it was taken on.
"""

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from councils.models.membership import CouncilMembership
from councils.models.voting import Tally
from sopr.audit.append_only import AppendOnly
from sopr.errors import Refused

Role = CouncilMembership.Role
PRESIDE = (Role.CHAIR, Role.DEPUTY)  # by right, in this order; in their absence the one who was chosen


class Sitting:
    """The part of a Meeting that is in progress."""

    # --- who takes part ---------------------------------------------------------------------------------------------

    def taking_part(self, rows, position: int, recused=frozenset()) -> list:
        """Attendances, out of `rows`, of those who vote on the item at `position`."""
        return [
            row
            for row in rows
            if row.membership.votes and row.in_room_at(position) and row.membership_id not in recused
        ]

    def voters(self, item) -> list:
        """Attendances of those who vote on `item`."""
        rows = self.attendances.select_related("membership__organisation")
        recused = set(item.recusals.values_list("membership_id", flat=True))
        return self.taking_part(rows, item.position, recused)

    # --- who presides -----------------------------------------------------------------------------------------------

    def presiding(self, rows):
        """The membership of who presides among those of attendances `rows`: chair, deputy, the one chosen; or None."""
        there = [row.membership for row in rows if row.state == row.State.PRESENT]
        for role in PRESIDE:
            found = next((membership for membership in there if membership.role == role), None)
            if found is not None:
                return found
        return next((membership for membership in there if membership.pk == self.chosen_chair_id), None)

    def require_chair(self, voters):
        """Who presides over a question; raises Refused when neither chair nor deputy is there and nobody is chosen."""
        chair = self.presiding(voters)
        if chair is None and not self.is_absentee:
            raise Refused(
                "Ни председателя, ни заместителя в этом вопросе нет. Выберите, кто ведёт заседание (справа, под явкой)."
            )
        return chair

    def choose_chair(self, membership, *, by):
        """A member chosen on the spot presides while neither chair nor deputy is there."""
        with transaction.atomic():
            self.lock_running("Председательствующего выбирают, пока заседание идёт.")
            rows = list(self.attendances.select_related("membership"))
            there = [row.membership for row in rows if row.state == row.State.PRESENT]
            if membership not in there:
                raise Refused("Вести заседание может член совета, который на нём присутствует.")
            if not membership.votes:
                raise Refused("Вести заседание может тот, кто голосует.")
            if membership.role == Role.SECRETARY:
                raise Refused("Секретарь ведёт протокол: выберите другого члена совета.")
            self.chosen_chair = membership
            self.save(update_fields=["chosen_chair"])

    # --- added on the spot ------------------------------------------------------------------------------------------

    def add_urgent(self, item, *, by, reason, votes_for, votes_against=0, abstained=0):
        """Take a queued question onto the running agenda, as the majority of those present agreed.

        The minutes say who agreed and why it could not wait. Raises Refused without a quorum, a reason or a majority.
        """
        if not reason.strip():
            raise Refused("Запишите, почему вопрос не может ждать следующего заседания.")
        if item.council_id != self.council_id:
            raise Refused("Вопрос вынесен на другой совет.")
        with transaction.atomic():
            self.lock_running("Срочный вопрос добавляют, пока заседание идёт.")
            self.require_no_recess()
            position = self.next_position()
            rows = list(self.attendances.select_related("membership__organisation"))
            quorum = self.count_quorum(rows, position)
            if not quorum.reached:
                raise Refused(quorum.reason + " Без кворума повестку не меняют.")
            tally = Tally.counted(votes_for, votes_against, abstained, present=quorum.present)
            if not tally.adopted:
                raise Refused("Большинство не согласилось рассмотреть вопрос сегодня: он остаётся в очереди.")
            item.put_on(self, position)
            return Urgency.objects.create(
                meeting=self, item=item, reason=reason.strip(), by=by, votes_for=votes_for,
                votes_against=votes_against, abstained=abstained,
            )  # fmt: skip

    # --- recess and continuation ------------------------------------------------------------------------------------

    def recess(self):
        """The recess that lasts now, or None."""
        return next((row for row in self.recesses.all() if row.ended_at is None), None)

    def require_no_recess(self):
        if self.recesses.filter(ended_at=None).exists():
            raise Refused("Идёт перерыв. Нажмите «Продолжить заседание», тогда решайте.")

    def take_recess(self, *, by, until=None):
        """A break until the time `until`, if that is known; nothing is decided meanwhile."""
        with transaction.atomic():
            self.lock_running("Перерыв объявляют, пока заседание идёт.")
            if self.recesses.filter(ended_at=None).exists():
                raise Refused("Перерыв уже объявлен.")
            return self.recesses.create(until=until, by=by)

    def resume(self, *, by):
        """The break is over."""
        with transaction.atomic():
            self.lock_running("Продолжить можно заседание, которое идёт.")
            if not self.recesses.filter(ended_at=None).update(ended_at=timezone.now()):
                raise Refused("Перерыва нет: заседание уже продолжается.")

    def adjourn(self, *, by, held_on, starts_at):
        """Go on another day: what is not decided moves to a meeting of that day, what is decided stays here.

        Membership and attendance of that day are taken anew. Raises Refused when nothing is left to decide, and for a
        day that is not later.
        """
        with transaction.atomic():
            row = self.lock_running("Продолжить на другой день можно заседание, которое идёт.")
            if held_on <= row.held_on:
                raise Refused("Укажите день позже дня этого заседания.")
            if self.continuations.exists():
                raise Refused("Продолжение этого заседания уже назначено.")
            waiting = list(self.agenda_items.filter(state="scheduled").order_by("position", "pk"))
            if not waiting:
                raise Refused("Все вопросы решены или отложены: переносить нечего.")
            following = type(self).plan(self.council, by=by, held_on=held_on, starts_at=starts_at, place=row.place)
            following.continues = self
            following.save(update_fields=["continues"])
            for item in waiting:
                item.postpone(by=by, reason=f"Рассмотрение переносится на продолжение заседания {held_on:%d.%m.%Y}")
                item.schedule(following, by=by)
            self.recesses.filter(ended_at=None).update(ended_at=timezone.now())
            return following


class Recess(models.Model):
    """Перерыв: what the minutes say of it."""

    meeting = models.ForeignKey("councils.Meeting", models.PROTECT, related_name="recesses")
    began_at = models.DateTimeField("начат", default=timezone.now)
    until = models.TimeField("до", null=True, blank=True)
    ended_at = models.DateTimeField("окончен", null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "перерыв"
        verbose_name_plural = "перерывы"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting"], condition=models.Q(ended_at=None), name="one_recess_at_a_time")
        ]

    def __str__(self):
        return f"Перерыв с {timezone.localtime(self.began_at):%H:%M}"

    def describe(self) -> dict:
        """Times as the minutes print them."""
        ended = f"{timezone.localtime(self.ended_at):%H:%M}" if self.ended_at else ""
        return {"began": f"{timezone.localtime(self.began_at):%H:%M}", "ended": ended}


class Urgency(AppendOnly):
    """Вопрос включён в повестку на заседании: why, and who agreed."""

    meeting = models.ForeignKey("councils.Meeting", models.PROTECT, related_name="urgencies")
    item = models.ForeignKey("councils.AgendaItem", models.PROTECT, related_name="urgencies")
    reason = models.TextField("почему не ждёт")
    votes_for = models.PositiveSmallIntegerField("за")
    votes_against = models.PositiveSmallIntegerField("против", default=0)
    abstained = models.PositiveSmallIntegerField("воздержались", default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField("когда", default=timezone.now)

    class Meta:
        verbose_name = "срочный вопрос"
        verbose_name_plural = "срочные вопросы"
        ordering = ["pk"]

    def __str__(self):
        return f"Срочный вопрос: {self.reason}"

    def describe(self) -> dict:
        return {
            "reason": self.reason,
            "for": self.votes_for,
            "against": self.votes_against,
            "abstained": self.abstained,
        }
