"""Услуги организации: what is held for children and parents, in which groups, on which days.

Novosibirsk's social services for minors and consultations of parents («Лучшие практики», 1.1.3, sections 4.1 and 4.5);
the same tables carry Tatarstan's «Школа родительского всеобуча» and mobile brigade (order 414, measures 3.6 and 6.2)
and a school of foster parents.
"""

import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from families.names import normalise
from sopr.accounts.models import Organisation
from sopr.accounts.policy import Role
from sopr.accounts.scope import ScopedQuerySet
from sopr.errors import Refused
from sopr.web.models import Versioned

WEEKDAYS = [
    (0, "понедельник"),
    (1, "вторник"),
    (2, "среда"),
    (3, "четверг"),
    (4, "пятница"),
    (5, "суббота"),
    (6, "воскресенье"),
]
LED_DAYS = 31  # calendar days for which an agency still sees a closed group that it led [choice]
WEEKDAYS_SHORT = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")


class ServiceQuerySet(ScopedQuerySet):
    """Road to the owner: the organisation that gives the service."""

    def of_organisation(self, user):
        return self.filter(organisation=user.organisation_id)

    for_curator = for_head = of_organisation

    def offered(self):
        """Those that go on: nobody is written into a retired one."""
        return self.filter(retired_on=None)


class Service(Versioned):
    """One service of the organisation's own dictionary."""

    class Kind(models.TextChoices):
        CLUB = "club", "кружок, занятие"
        CONSULTATION = "consultation", "консультация родителей"
        FOSTER_SCHOOL = "foster_school", "школа приёмных родителей"
        PARENT_SCHOOL = "parent_school", "родительский всеобуч"
        TRIP = "trip", "выезд мобильной бригады"
        OTHER = "other", "иное"

    class ForWhom(models.TextChoices):
        MINORS = "minors", "несовершеннолетним"
        PARENTS = "parents", "родителям"
        FOSTER = "foster", "замещающим родителям и кандидатам"
        FAMILIES = "families", "семьям"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="services")
    title = models.CharField("название", max_length=200)
    kind = models.CharField("вид", max_length=16, choices=Kind, default=Kind.CLUB)
    for_whom = models.CharField("кому", max_length=12, choices=ForWhom, default=ForWhom.MINORS)
    places = models.PositiveSmallIntegerField(
        "мест в группе", null=True, blank=True, help_text="Сколько человек обычно берут в группу. Пусто — без предела."
    )
    about = models.TextField("о чём занятия", blank=True)
    retired_on = models.DateField("не оказывается с", null=True, editable=False)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        verbose_name = "услуга"
        verbose_name_plural = "услуги"
        ordering = ["title", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "title"],
                condition=Q(retired_on=None),
                name="one_offered_service_of_a_title",
            ),
            models.CheckConstraint(condition=Q(places=None) | Q(places__gt=0), name="service_has_places"),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("cases:service-detail", args=[self.pk])

    @property
    def is_trip(self) -> bool:
        """Whether each of its dates is a trip with settlements and a crew of its own."""
        return self.kind == self.Kind.TRIP

    @classmethod
    def add(cls, *, by, **fields) -> "Service":
        """Put a service into the dictionary of the actor's organisation; raises Refused for a title that stands."""
        with transaction.atomic():
            service = cls(organisation=by.organisation, **fields)
            service._require_own_title()
            service.save()
        return service

    def change(self, *, by, **fields):
        """Correct the dictionary; groups that go on keep their own number of places."""
        with transaction.atomic():
            self.lock_unchanged()
            for name, value in fields.items():
                setattr(self, name, value)
            self._require_own_title()
            self.save(update_fields=[*fields])

    def retire(self, *, by):
        """From today the service is not offered; raises Refused while a group of it goes on."""
        with transaction.atomic():
            row = Service.objects.select_for_update().get(pk=self.pk)
            if row.retired_on is not None:
                raise Refused(f"Услуга не оказывается с {row.retired_on:%d.%m.%Y}.")
            going = self.groups.going_on(timezone.localdate()).first()
            if going is not None:
                raise Refused(f"Группа «{going.title}» ещё занимается. Сначала закройте группы этой услуги.")
            self.retired_on = timezone.localdate()
            self.save(update_fields=["retired_on"])

    def restore(self, *, by):
        """The service is offered again."""
        with transaction.atomic():
            row = Service.objects.select_for_update().get(pk=self.pk)
            if row.retired_on is None:
                raise Refused("Эта услуга и так оказывается.")
            self._require_own_title()
            self.retired_on = None
            self.save(update_fields=["retired_on"])

    def _require_own_title(self):
        others = Service.objects.offered().filter(organisation=self.organisation_id).exclude(pk=self.pk)
        if _stands_in(others, self.title):
            raise Refused(f"Услуга «{self.title}» уже есть. Добавьте в неё группу или назовите новую иначе.")


class ServiceGroupQuerySet(ScopedQuerySet):
    """Roads: the organisation of the service; the agency whose specialist leads the group."""

    def of_organisation(self, user):
        return self.filter(service__organisation=user.organisation_id)

    for_curator = for_head = of_organisation

    def for_executor(self, user):
        """Groups that the executor's agency leads, and has led until lately: a mark may still have to be mended."""
        lately = timezone.localdate() - datetime.timedelta(days=LED_DAYS)
        return self.filter(leader__organisation=user.organisation_id).going_on(lately)

    def going_on(self, day):
        """Groups that have not been closed by `day`."""
        return self.filter(Q(until=None) | Q(until__gte=day))

    def with_service(self):
        """With the service and the leader in the same statement."""
        return self.select_related("service__organisation", "leader__organisation")


class ServiceGroup(Versioned):
    """A group of a service: who leads it, how many it takes, when it meets. A brigade is a group that travels."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="groups", verbose_name="услуга")
    title = models.CharField("название группы", max_length=120)
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="ведёт"
    )
    led_by = models.CharField("ведёт, если нет в системе", max_length=150, blank=True)
    places = models.PositiveSmallIntegerField("мест", null=True, blank=True)
    place = models.CharField("где проходит", max_length=200, blank=True)
    crew = models.CharField("состав бригады", max_length=300, blank=True)
    since = models.DateField("занимается с", default=timezone.localdate)
    until = models.DateField("занимается по", null=True, blank=True)

    objects = ServiceGroupQuerySet.as_manager()

    class Meta:
        verbose_name = "группа"
        verbose_name_plural = "группы"
        ordering = ["title", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["service", "title"], name="one_group_of_a_title_in_a_service"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="group_since_before_until"),
            models.CheckConstraint(condition=Q(places=None) | Q(places__gt=0), name="group_has_places"),
        ]

    def __str__(self):
        return f"{self.service.title}: {self.title}"

    def get_absolute_url(self):
        return reverse("cases:group-detail", args=[self.pk])

    @property
    def leader_name(self) -> str:
        """Who leads the group, by a login or in words."""
        return self.leader.short_name if self.leader else self.led_by

    @property
    def leading_agency(self):
        """The other organisation whose specialist leads the group, or None."""
        if self.leader is None or self.leader.organisation_id == self.service.organisation_id:
            return None
        return self.leader.organisation

    def may_be_led_by(self, user) -> bool:
        """The organisation's own staff lead its groups, and specialists of agencies and NGOs who sign in here."""
        return user.organisation_id == self.service.organisation_id or user.role == Role.EXECUTOR

    @classmethod
    def start(cls, service, *, by, **fields) -> "ServiceGroup":
        """A new group; raises Refused for a retired service and for a title that stands."""
        with transaction.atomic():
            row = Service.objects.select_for_update().get(pk=service.pk)
            if row.retired_on is not None:
                raise Refused("Услуга больше не оказывается. Сначала возобновите её.")
            group = cls(service=service, **fields)
            group._check()
            group.save()
        return group

    def change(self, *, by, **fields):
        """Correct the group. Places may fall below the number enrolled: nobody is sent away, nobody new comes in."""
        with transaction.atomic():
            self.lock_unchanged()
            for name, value in fields.items():
                setattr(self, name, value)
            self._check()
            self.save(update_fields=[*fields])

    def close(self, *, by, day):
        """The group ends with `day`: who is still in it leaves that day, who waits is let go, later dates are dropped.

        Raises Refused when something is marked after `day`.
        """
        with transaction.atomic():
            row = self.lock()
            if row.until is not None:
                raise Refused(f"Группа уже закрыта с {row.until:%d.%m.%Y}.")
            if day < row.since:
                raise Refused(f"Группа занимается с {row.since:%d.%m.%Y}: закрыть её раньше нельзя.")
            marked = self.sessions.filter(held_on__gt=day, marks__isnull=False).first()
            if marked is not None:
                raise Refused(f"Занятие {marked.held_on:%d.%m.%Y} уже отмечено. Укажите этот день или более поздний.")
            for enrolment in self.enrolments.filter(until=None).select_related("case", "person", "family"):
                enrolment.end_with_group(by=by, day=day)
            self.sessions.filter(held_on__gt=day).delete()
            self.slots.filter(until=None).update(until=day)
            self.until = day
            self.save(update_fields=["until"])

    def set_schedule(self, *, by, since, slots):
        """From `since` the group meets on `slots`: [{"weekday", "starts_at", "minutes"}]; what was before stays before.

        Dates from `since` on that nobody has marked or cancelled are dropped: they are made anew for the new days.
        """
        with transaction.atomic():
            row = self.lock()
            if row.until is not None and since > row.until:
                raise Refused(f"Группа закрыта с {row.until:%d.%m.%Y}.")
            times = [(slot["weekday"], slot["starts_at"]) for slot in slots]
            if len(set(times)) < len(times):
                raise Refused("Один и тот же день и час стоят дважды. Оставьте одну строку.")
            self.slots.filter(since__gte=since).delete()
            self.slots.filter(Q(until=None) | Q(until__gte=since)).update(until=since - datetime.timedelta(days=1))
            for slot in slots:
                self.slots.create(since=since, **slot)
            self.sessions.untouched().filter(held_on__gte=since, by_schedule=True).delete()

    def places_left(self) -> int | None:
        """How many may still be enrolled; None where there is no limit."""
        if self.places is None:
            return None
        return max(self.places - self.enrolments.filter(state="enrolled").count(), 0)

    def lock(self) -> "ServiceGroup":
        """Acts on one group follow one another until the transaction ends; returns the row as it is now."""
        return ServiceGroup.objects.select_for_update().get(pk=self.pk)

    def _check(self):
        if _stands_in(ServiceGroup.objects.filter(service=self.service_id).exclude(pk=self.pk), self.title):
            raise Refused(f"Группа «{self.title}» в этой услуге уже есть. Назовите новую иначе.")
        if self.leader is not None and not self.may_be_led_by(self.leader):
            raise Refused(
                "Вести группу может сотрудник Вашей организации или исполнитель, у которого есть вход в систему. "
                "Других впишите словами."
            )


def _stands_in(rows, title) -> bool:
    """Whether one of the rows has this title, whatever the case of its letters (SQLite folds Latin ones only)."""
    return any(normalise(other) == normalise(title) for other in rows.values_list("title", flat=True))


class ScheduleSlot(models.Model):
    """A day of the week and an hour, from a date to a date."""

    group = models.ForeignKey(ServiceGroup, models.CASCADE, related_name="slots")
    weekday = models.PositiveSmallIntegerField("день недели", choices=WEEKDAYS)
    starts_at = models.TimeField("начало")
    minutes = models.PositiveSmallIntegerField("минут", default=60)
    since = models.DateField("с")
    until = models.DateField("по", null=True, blank=True)

    class Meta:
        verbose_name = "занятие по расписанию"
        verbose_name_plural = "расписание"
        ordering = ["weekday", "starts_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="slot_on_a_day_of_the_week"),
            models.UniqueConstraint(
                fields=["group", "weekday", "starts_at"],
                condition=Q(until=None),
                name="one_slot_of_a_group_at_a_time",
            ),
        ]

    def __str__(self):
        return f"{WEEKDAYS_SHORT[self.weekday]} {self.starts_at:%H:%M}"

    def is_on(self, day) -> bool:
        """Whether the group meets at this hour on `day`."""
        return self.weekday == day.weekday() and self.since <= day and (self.until is None or day <= self.until)
