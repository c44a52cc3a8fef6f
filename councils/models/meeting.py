"""Заседание. No quorum, no decision; with the minutes signed nothing changes any more (domain.md §2)."""

import datetime

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from councils.models.absentee import ByCorrespondence
from councils.models.attendance import Attendance, Quorum
from councils.models.convening import Convening
from councils.models.council import Council
from councils.models.membership import CouncilMembership
from councils.models.sitting import Sitting
from sopr import profile
from sopr.accounts.policy import Role
from sopr.accounts.scope import ScopedQuerySet
from sopr.errors import Refused
from sopr.web.models import Versioned


class MeetingQuerySet(ScopedQuerySet):
    def for_secretary(self, user):
        return self.filter(council__in=Council.objects.for_secretary(user))

    def for_member(self, user):
        """Meetings the member is called to, until the pack closes (domain.md §5)."""
        return self.called(user)

    def called(self, user):
        """Meetings whose pack is open to the user: he sits now and on their day; closed some days after it."""
        opened_until = timezone.localdate() - datetime.timedelta(days=profile.current().council.pack_open_days)
        return self.invited(user).filter(held_on__gte=opened_until).exclude(state=Meeting.State.CANCELLED)

    def in_calendar(self, user):
        """What stands in the user's calendar: of a member day and place of every meeting he is invited to."""
        return self.invited(user) if user.role == Role.MEMBER else self.visible_to(user)

    def invited(self, user):
        """Meetings of councils in which the user sits now and on the meeting's day, whatever became of them."""
        sits = CouncilMembership.objects.filter(
            Q(until=None) | Q(until__gte=OuterRef("held_on")),
            council=OuterRef("council"),
            user=user,
            since__lte=OuterRef("held_on"),
        )
        return self.filter(Exists(sits), council__in=Council.objects.of_member(user))

    def for_head(self, user):
        return self.filter(council__in=Council.objects.for_head(user))

    def for_ministry(self, user):
        return self.all()

    def to_sign(self):
        return self.filter(state=Meeting.State.RUNNING)


class Meeting(ByCorrespondence, Sitting, Convening, Versioned):
    class Form(models.TextChoices):
        IN_PERSON = "in_person", "очное"
        ABSENTEE = "absentee", "заочное голосование"

    class State(models.TextChoices):
        PLANNED = "planned", "запланировано"
        RUNNING = "running", "идёт"
        SIGNED = "signed", "протокол подписан"
        CANCELLED = "cancelled", "отменено"

    council = models.ForeignKey(Council, models.PROTECT, related_name="meetings", verbose_name="совет")
    held_on = models.DateField("дата")
    form = models.CharField("форма", max_length=12, choices=Form, default=Form.IN_PERSON, db_default=Form.IN_PERSON)
    ballots_until = models.DateField("бюллетени принимаются по", null=True, blank=True)
    state = models.CharField("состояние", max_length=12, choices=State, default=State.PLANNED, editable=False)
    had_quorum = models.BooleanField("кворум был", null=True, editable=False)
    imported = models.BooleanField(default=False, editable=False)
    stamp = models.PositiveIntegerField("сколько раз менялось", default=0, db_default=0, editable=False)
    chosen_chair = models.ForeignKey(
        CouncilMembership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="избран вести заседание",
    )
    continues = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="continuations", verbose_name="продолжает"
    )

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = "заседание"
        verbose_name_plural = "заседания"
        ordering = ["-held_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="signed") | Q(had_quorum__isnull=False), name="signed_meeting_knows_quorum"
            ),
            models.CheckConstraint(
                condition=~Q(form="absentee") | Q(ballots_until__isnull=False), name="absentee_meeting_has_deadline"
            ),
        ]
        indexes = [
            # a council's meetings, newest first; reports: meetings held in a period
            models.Index(fields=["council", "-held_on", "-id"], name="meeting_council_held"),
            models.Index(fields=["state", "held_on"], name="meeting_state_held"),
            # a month of the calendar; what else is on that day
            models.Index(fields=["held_on", "id"], name="meeting_held"),
        ]

    def __str__(self):
        return f"{'Заочное голосование' if self.is_absentee else 'Заседание'} {self.held_on:%d.%m.%Y}"

    def get_absolute_url(self):
        if self.is_absentee:
            return reverse("councils:absentee-detail", args=[self.pk])
        return reverse("councils:meeting-detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.PLANNED, self.State.RUNNING)

    def locked(self) -> "Meeting":
        """The row as it is now, locked until the transaction ends: acts on one meeting follow one another.

        The stamp tells the pages of others that something has been done (councils/views/pulse.py).
        """
        row = Meeting.objects.select_for_update().get(pk=self.pk)
        Meeting.objects.filter(pk=self.pk).update(stamp=F("stamp") + 1)
        return row

    def lock_running(self, otherwise: str) -> "Meeting":
        """The locked row of a running meeting; raises Refused with the sentence `otherwise`."""
        row = self.locked()
        if row.state == self.State.SIGNED:
            raise Refused("Протокол подписан: изменить его нельзя.")
        if row.state != self.State.RUNNING:
            raise Refused(otherwise)
        return row

    def start(self, *, by):
        """Open the meeting: attendance rows are made from the membership as of its day, nobody present yet.

        Overdue assignments of the council come back as questions of this agenda (domain.md §2, «Council»).
        """
        with transaction.atomic():
            row = self.locked()
            if row.state != self.State.PLANNED:
                raise Refused("Открыть можно только запланированное заседание.")
            if row.is_absentee:
                raise Refused("Это заочное голосование: вместо открытия разошлите бюллетени.")
            if row.held_on > timezone.localdate():
                raise Refused(f"Заседание назначено на {row.held_on:%d.%m.%Y}: открыть его раньше нельзя.")
            members = list(self.council.members_on(self.held_on))
            if not any(member.votes for member in members):
                raise Refused("В составе совета на день заседания никого нет. Внесите членов совета.")
            Attendance.objects.bulk_create(Attendance(meeting=self, membership=member) for member in members)
            self.state = self.State.RUNNING
            self.save(update_fields=["state"])
            self.take_answers()
            self._bring_back_overdue(by)

    def _bring_back_overdue(self, by):
        from councils.models.assignment import Assignment  # agenda and assignments stand on this module

        overdue = Assignment.objects.filter(item__council=self.council_id).overdue(self.held_on)
        for assignment in overdue.select_related("item__case", "executor"):
            assignment.return_to(self, by=by)

    def mark_all_present(self, *, by, at=1):
        """Everybody not marked yet is here: from the beginning, or from the item at `at` once some are decided."""
        with transaction.atomic():
            if self.lock_running("Явка отмечается, пока заседание идёт.").is_absentee:
                raise Refused("При заочном голосовании явки нет: участие отмечают поступившие бюллетени.")
            unmarked = self.attendances.filter(state=Attendance.State.ABSENT)
            if not self.decided_positions():
                unmarked.update(state=Attendance.State.PRESENT, from_item=None, until_item=None, missed=[])
                return
            for row in unmarked.select_related("meeting"):
                row.arrive(by=by, at=at)

    def next_position(self) -> int:
        """The number of the next question: after all that stand, or stood before being put off, on the agenda."""
        standing = self.agenda_items.aggregate(last=models.Max("position"))["last"] or 0
        put_off = self.postponements.aggregate(last=models.Max("position"))["last"] or 0
        return max(standing, put_off) + 1

    def close_gaps(self):
        """Number the questions of a planned meeting 1, 2, 3…; a running one keeps its numbers."""
        if self.state != self.State.PLANNED:
            return
        for position, item in enumerate(self.agenda_items.order_by("position", "pk"), 1):
            if item.position != position:
                item.position = position
                item.save(update_fields=["position"])

    def decided_positions(self) -> list[int]:
        return list(self.agenda_items.filter(state="decided").values_list("position", flat=True))

    def quorum_for(self, item) -> Quorum:
        """The quorum as of `item`: present members, not recused, who were in the room then (decisions.md)."""
        rows = list(self.attendances.select_related("membership__organisation"))
        recused = set(item.recusals.values_list("membership_id", flat=True))
        return self.count_quorum(rows, item.position, recused)

    def count_quorum(self, attendances, position: int, recused=frozenset()) -> Quorum:
        """Quorum of the item at `position` from rows already loaded: for pages that show every item.

        Its base are those who vote: the invited, and who sits without a vote, stand outside it.
        """
        voting = [row for row in attendances if row.membership.votes]
        present = self.taking_part(voting, position, recused)
        there = {row.membership.organisation_id for row in present}
        missing = [agency for agency in self.required_agencies if agency.pk not in there]
        return Quorum(
            present=len(present), members=len(voting), share=self.council.quorum_share, missing_agencies=missing
        )

    @property
    def required_agencies(self) -> list:
        """Agencies without whose member, taking part in the item, there is no quorum."""
        if "_required" not in self.__dict__:
            self.__dict__["_required"] = list(self.council.required_agencies.all())
        return self.__dict__["_required"]

    def open_questions(self) -> list[str]:
        """What keeps the minutes from being signed, as Russian phrases; empty when nothing does."""
        phrases = []
        if self.state == self.State.PLANNED:
            phrases.append("заседание ещё не открыто")
        items = list(self.agenda_items.order_by("position"))
        if not items and not self.postponements.exists():
            phrases.append("в повестке нет вопросов")
        if self.state == self.State.RUNNING and self.recesses.filter(ended_at=None).exists():
            phrases.append("идёт перерыв")
        waiting = [str(item.position) for item in items if item.state == "scheduled"]
        if waiting:
            phrases.append(f"{'не решены вопросы' if len(waiting) > 1 else 'не решён вопрос'} {', '.join(waiting)}")
        return phrases

    def sign_minutes(self, *, by) -> "Minutes":  # noqa: F821 — minutes stand on meetings
        """The secretary signs the minutes: see `Minutes.sign`."""
        from councils.models.minutes import Minutes

        return Minutes.sign(self, by=by)

    def watch_norm(self):
        """A meeting held may meet the norm of the month."""
        from councils import norm  # stands on this module

        norm.watch(self.council, timezone.localdate())

    def describe(self) -> dict:
        """The minutes' content as plain data: what is printed, and frozen at signing."""
        from councils.minutes import describe_meeting

        return describe_meeting(self)
