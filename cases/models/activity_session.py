"""Занятие: one date of a repeated activity, and who came (Novosibirsk, «ежемесячный учёт посещения»)."""

import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from cases.models.activity import Activity
from cases.models.querysets import ActivityPartQuerySet
from families.models import Person
from sopr.calendar import add_months, is_working_day
from sopr.errors import Refused

DAY = datetime.timedelta(days=1)
WEEK = 7 * DAY
LONGEST = 480  # minutes: a working day


def dates_of(repeats: str, times: int, first_on: datetime.date) -> list[datetime.date]:
    """Dates of `times` sessions from `first_on`, as often as `repeats` says.

    A date that falls on a day off moves to the next working day, unless the sessions begin on a day off themselves
    (a Saturday class stays on Saturdays).
    """
    Repeat = Activity.Repeat
    steps = {
        Repeat.TWICE_WEEKLY: lambda n: first_on + n // 2 * WEEK + n % 2 * 3 * DAY,
        Repeat.WEEKLY: lambda n: first_on + n * WEEK,
        Repeat.FORTNIGHTLY: lambda n: first_on + 2 * n * WEEK,
        Repeat.MONTHLY: lambda n: add_months(first_on, n),
    }
    dates = []
    for number in range(times):
        day = steps[repeats](number)
        while is_working_day(first_on) and not is_working_day(day):
            day += DAY
        while day in dates:
            day += DAY
        dates.append(day)
    return dates


class ActivitySession(models.Model):
    """Занятие: planned on a day, then held with its attendance, or cancelled with the reason."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="sessions")
    planned_on = models.DateField("дата")
    held_on = models.DateField("проведено", null=True, blank=True)
    cancelled = models.CharField("почему отменено", max_length=200, blank=True)
    topic = models.CharField("чем занимались", max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = ActivityPartQuerySet.as_manager()

    class Meta:
        verbose_name = "занятие"
        verbose_name_plural = "занятия"
        ordering = ["planned_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["activity", "planned_on"], name="one_session_a_day"),
            models.CheckConstraint(condition=Q(held_on=None) | Q(cancelled=""), name="held_session_is_not_cancelled"),
        ]

    def __str__(self):
        return f"Занятие {self.planned_on:%d.%m.%Y}"

    @property
    def is_planned(self) -> bool:
        """Neither held nor cancelled yet."""
        return self.held_on is None and not self.cancelled

    @classmethod
    def plan(cls, activity, *, by, first_on):
        """Set the dates of `activity` anew from `first_on`; held and cancelled ones stay and count.

        Raises Refused for an activity that is not repeated or has been reported, and where the last date would fall
        after the activity's term.
        """
        if not activity.repeats:
            raise Refused("Это мероприятие проводится один раз: расписание ему не нужно.")
        with transaction.atomic():
            cls._require_open(activity)
            kept = activity.sessions.exclude(held_on=None, cancelled="")
            left = activity.times - activity.sessions.exclude(held_on=None).count()
            if left <= 0:
                raise Refused("Все занятия по плану уже проведены.")
            dates = dates_of(activity.repeats, left, first_on)
            if dates[-1] > activity.due_on:
                raise Refused(
                    f"Последнее занятие придётся на {dates[-1]:%d.%m.%Y}, а срок мероприятия — "
                    f"{activity.due_on:%d.%m.%Y}. Начните раньше или договоритесь с куратором."
                )
            taken = set(kept.values_list("planned_on", flat=True))
            if taken & set(dates):
                raise Refused("На одну из этих дат занятие уже записано. Выберите другой первый день.")
            activity.sessions.filter(held_on=None, cancelled="").delete()
            cls.objects.bulk_create(cls(activity=activity, planned_on=day, by=by) for day in dates)
            activity.case.log("sessions_planned", by=by, activity=activity.pk, first_on=f"{first_on}", times=left)

    def mark(self, *, by, came, missed, minutes=None, topic=""):
        """Write down who came (`came`) and who did not (`missed`): persons; `minutes` is how long it took, if known.

        Marked again, the former mark is replaced. Raises Refused for a day that has not come and for a reported
        activity.
        """
        if self.planned_on > timezone.localdate():
            raise Refused("Занятие ещё не состоялось. Отметьте явку в его день или позже.")
        if not came and not missed:
            raise Refused("Отметьте, кто пришёл, а кто нет.")
        with transaction.atomic():
            self._require_open(self.activity)
            self.held_on, self.cancelled, self.topic, self.by = self.planned_on, "", topic, by
            self.save(update_fields=["held_on", "cancelled", "topic", "by"])
            self.attendances.all().delete()
            ActivityAttendance.objects.bulk_create(
                ActivityAttendance(session=self, person=person, came=here, minutes=minutes if here else None)
                for people, here in ((came, True), (missed, False))
                for person in people
            )
            self.activity.case.log("session_marked", by=by, happened_on=self.held_on, activity=self.activity_id)

    def move(self, *, by, to):
        """Hold it on another day; raises Refused once held and past the activity's term."""
        if not self.is_planned:
            raise Refused("Перенести можно занятие, которое ещё не отмечено.")
        if to > self.activity.due_on:
            raise Refused(f"Срок мероприятия — {self.activity.due_on:%d.%m.%Y}: перенести позже нельзя.")
        with transaction.atomic():
            self._require_open(self.activity)
            if self.activity.sessions.exclude(pk=self.pk).filter(planned_on=to).exists():
                raise Refused("На этот день уже есть занятие. Выберите другой.")
            self.planned_on, self.by = to, by
            self.save(update_fields=["planned_on", "by"])

    def cancel(self, *, by, reason):
        """It is not held; the reason is kept. Raises Refused without one and once held."""
        if not reason.strip():
            raise Refused("Укажите, почему занятие отменено.")
        if not self.is_planned:
            raise Refused("Отменить можно занятие, которое ещё не отмечено.")
        with transaction.atomic():
            self._require_open(self.activity)
            self.cancelled, self.by = reason, by
            self.save(update_fields=["cancelled", "by"])

    @staticmethod
    def _require_open(activity):
        row = (
            Activity.objects.select_for_update(of=("self",))
            .select_related("case", "goal__revision")
            .get(pk=activity.pk)
        )
        if not row.is_to_do or row.case.closed_on is not None:
            raise Refused(f"Мероприятие сейчас в состоянии «{row.get_state_display()}»: явка больше не записывается.")
        if row.goal_id and row.goal.revision.state == "draft":
            raise Refused("Программа ещё не утверждена советом.")


class ActivityAttendance(models.Model):
    """Явка: whether a person came to a session."""

    session = models.ForeignKey(ActivitySession, models.CASCADE, related_name="attendances")
    person = models.ForeignKey(Person, models.PROTECT, related_name="activity_attendances")
    came = models.BooleanField("пришёл")
    minutes = models.PositiveSmallIntegerField("сколько минут", null=True, blank=True)

    class Meta:
        verbose_name = "явка на занятие"
        verbose_name_plural = "явка на занятия"
        ordering = ["session", "pk"]
        constraints = [models.UniqueConstraint(fields=["session", "person"], name="one_attendance_per_session")]

    def __str__(self):
        return f"{self.person}: {'пришёл' if self.came else 'не пришёл'}"
