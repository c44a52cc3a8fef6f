"""Заседание, явка и протокол. No quorum, no decision; signed once, then immutable (domain.md §2)."""

import datetime
import hashlib
import json

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from councils.models.council import Council, CouncilMembership
from sopr import profile
from sopr.accounts.scope import ScopedQuerySet
from sopr.documents.numbering import next_number
from sopr.errors import Refused
from sopr.web.models import Versioned


class MeetingQuerySet(ScopedQuerySet):
    def for_secretary(self, user):
        return self.filter(council__in=Council.objects.for_secretary(user))

    def for_member(self, user):
        """Meetings the member is called to, until the pack closes (domain.md §5)."""
        opened_until = timezone.localdate() - datetime.timedelta(days=profile.current().council.pack_open_days)
        return self.filter(council__in=Council.objects.of_member(user), held_on__gte=opened_until)

    def for_head(self, user):
        return self.filter(council__in=Council.objects.for_head(user))

    def for_ministry(self, user):
        return self.all()


class Meeting(Versioned):
    class State(models.TextChoices):
        PLANNED = "planned", "запланировано"
        RUNNING = "running", "идёт"
        SIGNED = "signed", "протокол подписан"
        CANCELLED = "cancelled", "отменено"

    council = models.ForeignKey(Council, models.PROTECT, related_name="meetings")
    held_on = models.DateField("дата")
    starts_at = models.TimeField("время", default=datetime.time(10, 0))
    place = models.CharField("место", max_length=300, blank=True)
    state = models.CharField("состояние", max_length=12, choices=State, default=State.PLANNED, editable=False)
    had_quorum = models.BooleanField("кворум был", null=True, editable=False)
    imported = models.BooleanField(default=False, editable=False)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = "заседание"
        verbose_name_plural = "заседания"
        ordering = ["-held_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="signed") | Q(had_quorum__isnull=False), name="signed_meeting_knows_quorum"
            )
        ]
        indexes = [
            # a council's meetings, newest first; reports: meetings held in a period
            models.Index(fields=["council", "-held_on", "-id"], name="meeting_council_held"),
            models.Index(fields=["state", "held_on"], name="meeting_state_held"),
        ]

    def __str__(self):
        return f"Заседание {self.held_on:%d.%m.%Y}"

    def get_absolute_url(self):
        return reverse("councils:meeting-detail", args=[self.pk])

    @classmethod
    def plan(cls, council, *, by, held_on, starts_at=datetime.time(10, 0), place=""):
        """Plan a meeting; everyone who is a member on that day is expected."""
        if held_on < timezone.localdate():
            raise Refused("Дата заседания уже прошла. Запланируйте его на сегодня или позже.")
        if council.meetings.filter(held_on=held_on, starts_at=starts_at).exclude(state=cls.State.CANCELLED).exists():
            raise Refused("На это время заседание этого совета уже запланировано.")
        return cls.objects.create(council=council, held_on=held_on, starts_at=starts_at, place=place or council.place)

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.PLANNED, self.State.RUNNING)

    def require_open(self):
        if not self.is_open:
            raise Refused(f"{self}: {self.get_state_display()}, изменить его нельзя.")

    def start(self, *, by):
        """Open the meeting: attendance rows are made from the membership as of its day, nobody present yet."""
        with transaction.atomic():
            row = Meeting.objects.select_for_update().get(pk=self.pk)
            if row.state != self.State.PLANNED:
                raise Refused("Заседание уже открыто.")
            if row.held_on > timezone.localdate():
                raise Refused(f"Заседание назначено на {row.held_on:%d.%m.%Y}: открыть его раньше нельзя.")
            Attendance.objects.bulk_create(
                Attendance(meeting=self, membership=member) for member in self.council.members_on(self.held_on)
            )
            self.state = self.State.RUNNING
            self.save(update_fields=["state"])

    def cancel(self, *, by):
        """Cancel a planned meeting; its items go back to the queue."""
        with transaction.atomic():
            row = Meeting.objects.select_for_update().get(pk=self.pk)
            if row.state != self.State.PLANNED:
                raise Refused("Отменить можно только запланированное заседание.")
            self.agenda_items.update(meeting=None, state="queued", position=0)
            self.state = self.State.CANCELLED
            self.save(update_fields=["state"])

    def quorum_for(self, item) -> "Quorum":
        """The quorum as of `item`: present members, not recused, who were in the room then (decisions.md)."""
        rows = list(self.attendances.select_related("membership__organisation"))
        recused = set(item.recusals.values_list("membership_id", flat=True))
        return self.count_quorum(rows, item.position, recused)

    def count_quorum(self, attendances, position: int, recused=frozenset()) -> "Quorum":
        """Quorum of the item at `position` from rows already loaded: for pages that show every item."""
        present = [row for row in attendances if row.in_room_at(position) and row.membership_id not in recused]
        there = {row.membership.organisation_id for row in present}
        missing = [agency for agency in self._required_agencies if agency.pk not in there]
        return Quorum(
            present=len(present), members=len(attendances), share=self.council.quorum_share, missing_agencies=missing
        )

    @property
    def _required_agencies(self):
        if "_required" not in self.__dict__:
            self.__dict__["_required"] = list(self.council.required_agencies.all())
        return self.__dict__["_required"]

    def open_questions(self) -> list[str]:
        """What keeps the minutes from being signed, as Russian phrases; empty when nothing does."""
        phrases = []
        if self.state == self.State.PLANNED:
            phrases.append("заседание ещё не открыто")
        items = list(self.agenda_items.order_by("position"))
        if not items:
            phrases.append("в повестке нет вопросов")
        phrases += [f"вопрос {item.position} не решён" for item in items if item.state == "scheduled"]
        return phrases

    def sign_minutes(self, *, by) -> "Minutes":
        """Sign the minutes once: numbered per council and year without gaps, immutable from then on.

        Raises Refused with the list of what is open.
        """
        with transaction.atomic():
            row = Meeting.objects.select_for_update().get(pk=self.pk)
            if row.state == self.State.SIGNED:
                raise Refused("Протокол уже подписан.")
            still_open = self.open_questions()
            if still_open:
                raise Refused("Подписать протокол нельзя: " + "; ".join(still_open) + ".")
            year = self.held_on.year
            number = next_number(f"minutes:{self.council_id}", year)
            self.had_quorum = self.agenda_items.filter(decision__isnull=False).exists()
            self.state = self.State.SIGNED
            self.save(update_fields=["state", "had_quorum"])
            content = self.describe()
            return Minutes.objects.create(
                meeting=self,
                number=str(number),
                year=year,
                signed_by=by,
                content=content,
                checksum=hashlib.sha256(
                    json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
                ).hexdigest(),
            )

    def describe(self) -> dict:
        """The minutes' content as plain data: what is printed, and frozen at signing."""
        from councils.minutes import describe_meeting

        return describe_meeting(self)


class Quorum:
    """Quorum of one item: strictly more than `share` percent of all members, and every required agency."""

    def __init__(self, *, present, members, share, missing_agencies):
        self.present, self.members, self.share, self.missing_agencies = present, members, share, missing_agencies

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
    """Явка одного члена: present from one item to another; both empty = the whole meeting."""

    class State(models.TextChoices):
        ABSENT = "absent", "отсутствует"
        PRESENT = "present", "присутствует"
        EXCUSED = "excused", "отсутствует по уважительной причине"

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="attendances")
    membership = models.ForeignKey(CouncilMembership, models.PROTECT, related_name="attendances")
    state = models.CharField("явка", max_length=12, choices=State, default=State.ABSENT)
    from_item = models.PositiveSmallIntegerField("с вопроса", null=True, blank=True)
    until_item = models.PositiveSmallIntegerField("по вопрос", null=True, blank=True)

    class Meta:
        verbose_name = "явка"
        verbose_name_plural = "явка"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["meeting", "membership"], name="one_attendance_per_member")]

    def __str__(self):
        return f"{self.membership}: {self.get_state_display()}"

    def in_room_at(self, position: int) -> bool:
        """Whether the member was in the room during the item at `position`."""
        if self.state != self.State.PRESENT:
            return False
        return (self.from_item is None or position >= self.from_item) and (
            self.until_item is None or position <= self.until_item
        )

    def mark(self, *, by, state, from_item=None, until_item=None):
        """Write down who is there; impossible once the minutes are signed."""
        with transaction.atomic():
            meeting = Meeting.objects.select_for_update().get(pk=self.meeting_id)
            if meeting.state != Meeting.State.RUNNING:
                raise Refused("Явка отмечается, пока заседание идёт.")
            if from_item and until_item and until_item < from_item:
                raise Refused("Вопрос ухода раньше вопроса прихода. Проверьте номера.")
            self.state, self.from_item, self.until_item = state, from_item, until_item
            self.save(update_fields=["state", "from_item", "until_item"])


class Minutes(models.Model):
    """Протокол: written once at signing; `content` is what every print reads."""

    meeting = models.OneToOneField(Meeting, models.PROTECT, related_name="minutes")
    number = models.CharField("номер", max_length=40)
    year = models.PositiveSmallIntegerField("год")
    signed_at = models.DateTimeField("подписан", default=timezone.now)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    content = models.JSONField(default=dict)
    checksum = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = "протокол"
        verbose_name_plural = "протоколы"
        # numbered per council and year: the counter of sopr.documents gives no number twice

    def __str__(self):
        return f"Протокол № {self.number} от {self.meeting.held_on:%d.%m.%Y}"
