"""Занятие (или выезд) группы и отметки посещения.

«Ежемесячный мониторинг активности посещения воспитанниками действующих сервисов, индивидуальных консультаций
родителями» («Лучшие практики», 1.1.3, section 7).
"""

import datetime
from calendar import monthrange
from dataclasses import dataclass

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from cases.models.enrolment import Enrolment
from cases.models.service import ServiceGroup
from sopr.accounts.scope import ScopedQuerySet
from sopr.errors import Refused
from sopr.web.models import Versioned

MINUTES = 60  # a lesson that says nothing else
TOO_MANY_A_DAY = "Занятие в этот день и час у группы уже есть. Укажите другое время."


class GroupSessionQuerySet(ScopedQuerySet):
    """Roads: the organisation of the service; the agency whose specialist leads the group."""

    def of_organisation(self, user):
        return self.filter(group__service__organisation=user.organisation_id)

    for_curator = for_head = of_organisation

    def for_executor(self, user):
        return self.filter(group__in=ServiceGroup.objects.for_executor(user))

    def of_month(self, month):
        """Those of the month in which the day `month` lies."""
        return self.filter(held_on__range=month_of(month))

    def held(self):
        """Those that were not cancelled."""
        return self.filter(cancelled=False)

    def untouched(self):
        """Nobody has marked, moved or cancelled them."""
        return self.filter(cancelled=False, moved_from=None, marks__isnull=True)


def month_of(day) -> tuple[datetime.date, datetime.date]:
    """First and last day of the month of `day`."""
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


class GroupSession(Versioned):
    """One date of a group; of a mobile brigade, one trip with its settlements and crew."""

    group = models.ForeignKey(ServiceGroup, models.PROTECT, related_name="sessions", verbose_name="группа")
    held_on = models.DateField("дата")
    starts_at = models.TimeField("начало")
    minutes = models.PositiveSmallIntegerField("минут", default=MINUTES)
    place = models.CharField("где", max_length=300, blank=True)
    crew = models.CharField("состав бригады", max_length=300, blank=True)
    outsiders = models.PositiveSmallIntegerField(
        "обратилось человек не из списка", null=True, blank=True, help_text="Жители, которым помогли на месте."
    )
    by_schedule = models.BooleanField(default=False, editable=False)
    moved_from = models.DateField("перенесено с", null=True, editable=False)
    cancelled = models.BooleanField("отменено", default=False, editable=False)
    cancel_reason = models.CharField("почему отменено", max_length=200, blank=True, editable=False)

    objects = GroupSessionQuerySet.as_manager()

    class Meta:
        verbose_name = "занятие"
        verbose_name_plural = "занятия"
        ordering = ["held_on", "starts_at", "pk"]
        constraints = [
            # also serves the month of a group: its grid and sheet
            models.UniqueConstraint(fields=["group", "held_on", "starts_at"], name="one_session_of_a_group_at_a_time"),
            models.CheckConstraint(
                condition=Q(cancelled=False) | ~Q(cancel_reason=""), name="cancelled_session_has_reason"
            ),
        ]
        # reports and the register: what was held in a month
        indexes = [models.Index(fields=["held_on", "group"], name="session_held_on")]

    def __str__(self):
        return f"Занятие {self.held_on:%d.%m.%Y}"

    @property
    def where(self) -> str:
        """The place of this date, else of the group."""
        return self.place or self.group.place

    @classmethod
    def generate(cls, group, month, *, by) -> int:
        """Make the dates of the schedule for the month of the day `month`; returns how many are new.

        Dates that stand, moved and cancelled ones among them, are left as they are; so the act may be repeated.
        Raises Refused when the group has no schedule for the month.
        """
        first, last = month_of(month)
        with transaction.atomic():
            row = group.lock()
            days = [first + datetime.timedelta(days=n) for n in range((last - first).days + 1)]
            days = [day for day in days if row.since <= day and (row.until is None or day <= row.until)]
            slots = list(row.slots.all())
            planned = [(day, slot) for day in days for slot in slots if slot.is_on(day)]
            if not planned:
                raise Refused("На этот месяц у группы нет расписания. Сначала задайте дни и часы.")
            standing = set(group.sessions.of_month(month).values_list("held_on", "starts_at"))
            gone = set(group.sessions.filter(moved_from__range=(first, last)).values_list("moved_from", flat=True))
            new = [
                cls(group=group, held_on=day, starts_at=slot.starts_at, minutes=slot.minutes, by_schedule=True)
                for day, slot in planned
                if (day, slot.starts_at) not in standing and day not in gone
            ]
            cls.objects.bulk_create(new)
        return len(new)

    @classmethod
    def add(cls, group, *, by, held_on, starts_at, **fields) -> "GroupSession":
        """One more date beside the schedule, or a trip; raises Refused outside the group's own dates."""
        with transaction.atomic():
            session = cls(group=group, held_on=held_on, starts_at=starts_at, **fields)
            session._check(group.lock())
            session.save()
        return session

    def change(self, *, by, **fields):
        """Move the date or hour, or correct the rest. A marked session keeps its date: clear the marks first."""
        with transaction.atomic():
            row = self.group.lock()
            self.lock_unchanged()
            self._require_going_on()
            former = self.held_on
            for name, value in fields.items():
                setattr(self, name, value)
            if self.held_on != former:
                if self.marks.exists():
                    raise Refused("Посещение уже отмечено: перенести занятие нельзя. Сначала снимите отметки.")
                self.moved_from = self.moved_from or former
            self._check(row)
            self.save(update_fields=[*fields, "moved_from"])

    def cancel(self, *, by, reason):
        """The session does not take place; raises Refused when somebody is marked as present."""
        if not reason.strip():
            raise Refused("Напишите, почему занятие не состоялось.")
        with transaction.atomic():
            self.group.lock()
            self._require_going_on()
            if self.marks.exists():
                raise Refused("Посещение уже отмечено: отменить занятие нельзя. Сначала снимите отметки.")
            self.cancelled, self.cancel_reason = True, reason.strip()
            self.save(update_fields=["cancelled", "cancel_reason"])

    def restore(self, *, by):
        """The session takes place after all."""
        with transaction.atomic():
            self.group.lock()
            if not GroupSession.objects.filter(pk=self.pk, cancelled=True).exists():
                raise Refused("Это занятие не отменено.")
            self.cancelled, self.cancel_reason = False, ""
            self.save(update_fields=["cancelled", "cancel_reason"])

    def _require_going_on(self):
        if GroupSession.objects.filter(pk=self.pk, cancelled=True).exists():
            raise Refused("Занятие отменено. Если оно всё-таки состоится, сначала верните его.")

    def _check(self, group):
        if self.held_on < group.since or (group.until is not None and self.held_on > group.until):
            period = f"с {group.since:%d.%m.%Y}" + (f" по {group.until:%d.%m.%Y}" if group.until else "")
            raise Refused(f"Группа занимается {period}: укажите день из этого времени.")
        same = GroupSession.objects.filter(group=group, held_on=self.held_on, starts_at=self.starts_at)
        if same.exclude(pk=self.pk).exists():
            raise Refused(TOO_MANY_A_DAY)


class AttendanceMark(models.Model):
    """Отметка посещения: one enrolled person (or family) at one session."""

    class State(models.TextChoices):
        PRESENT = "present", "был"
        ABSENT = "absent", "не был"
        EXCUSED = "excused", "уважительная причина"

    session = models.ForeignKey(GroupSession, models.PROTECT, related_name="marks")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="marks")
    state = models.CharField("отметка", max_length=8, choices=State)
    marked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    marked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "отметка посещения"
        verbose_name_plural = "отметки посещения"
        constraints = [models.UniqueConstraint(fields=["session", "enrolment"], name="one_mark_of_a_person_at_session")]

    def __str__(self):
        return self.get_state_display()


@dataclass(frozen=True)
class Cell:
    """What one person set in the grid: `state` is the new mark ("" clears it), `seen` the one he was shown."""

    session_id: int
    enrolment_id: int
    state: str
    seen: str


@dataclass(frozen=True)
class Clash:
    """A cell that a colleague has marked otherwise meanwhile; his mark stands."""

    session: GroupSession
    enrolment: Enrolment
    mark: AttendanceMark | None


def mark_attendance(group, cells, *, by) -> tuple[int, list[Clash]]:
    """Write what has changed in the grid of `group`: (how many cells, the cells that a colleague marked otherwise).

    Only cells that differ from what the marker saw are written, so two people may mark one group at once: the
    columns and rows of the other stay. Raises Refused for a future or cancelled session, and for a day on which
    the person was not enrolled.
    """
    changed = [cell for cell in cells if cell.state != cell.seen]
    if not changed:
        return 0, []
    today = timezone.localdate()
    with transaction.atomic():
        group.lock()
        sessions = group.sessions.in_bulk({cell.session_id for cell in changed})
        enrolments = group.enrolments.select_related("person", "family").in_bulk(
            {cell.enrolment_id for cell in changed}
        )
        standing = {
            (mark.session_id, mark.enrolment_id): mark
            for mark in AttendanceMark.objects.filter(session__in=sessions, enrolment__in=enrolments)
        }
        written, clashes, new = 0, [], []
        for cell in changed:
            session, enrolment = sessions.get(cell.session_id), enrolments.get(cell.enrolment_id)
            if session is None or enrolment is None:
                raise Refused("Список группы изменился. Обновите страницу и отметьте посещение ещё раз.")
            _require_markable(session, enrolment, today)
            mark = standing.get((session.pk, enrolment.pk))
            now = mark.state if mark else ""
            if now == cell.state:
                continue
            if now != cell.seen:
                clashes.append(Clash(session, enrolment, mark))
                continue
            if mark is None:
                new.append(AttendanceMark(session=session, enrolment=enrolment, state=cell.state, marked_by=by))
            else:
                _rewrite(mark, cell.state, by)
            written += 1
        AttendanceMark.objects.bulk_create(new)
    return written, clashes


def _require_markable(session, enrolment, today):
    day = f"{session.held_on:%d.%m.%Y}"
    if session.cancelled:
        raise Refused(f"Занятие {day} отменено: посещение не отмечается.")
    if session.held_on > today:
        raise Refused(f"Занятие {day} ещё не состоялось: отметьте его в тот день.")
    if not enrolment.covers(session.held_on):
        raise Refused(f"Один из отмеченных {day} в группе не числится. Обновите страницу и отметьте ещё раз.")


def _rewrite(mark, state, by):
    if not state:
        mark.delete()
    else:
        mark.state, mark.marked_by, mark.marked_at = state, by, timezone.now()
        mark.save(update_fields=["state", "marked_by", "marked_at"])
