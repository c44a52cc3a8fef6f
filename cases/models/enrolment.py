"""Запись в группу на даты, с листом ожидания, и консультация одной семьи."""

import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from cases import acts
from cases.models.case import Case
from cases.models.querysets import CasePartQuerySet
from cases.models.service import Service, ServiceGroup
from cases.words import Stage
from families.models import Family, Person
from sopr.accounts.scope import ScopedQuerySet
from sopr.errors import Refused

ADULT = 18  # years


class EnrolmentQuerySet(ScopedQuerySet):
    """Road to the owner: the organisation of the service."""

    def of_organisation(self, user):
        return self.filter(group__service__organisation=user.organisation_id)

    for_curator = for_head = of_organisation

    def during(self, since, until):
        """Those who were in the group on some day of the period."""
        return self.filter(since__lte=until).filter(Q(until=None) | Q(until__gte=since))

    def waiting(self):
        """The waiting list, who asked first comes first."""
        return self.filter(state=Enrolment.State.WAITING).order_by("asked_on", "pk")

    def named(self):
        """With whom it names, in the same statement."""
        return self.select_related("person", "family")


class Enrolment(models.Model):
    """Who goes to a group, on dates: a person, or a whole family where `person` is empty."""

    class State(models.TextChoices):
        WAITING = "waiting", "ждёт места"
        ENROLLED = "enrolled", "занимается"
        LEFT = "left", "выбыл"

    class LeftReason(models.TextChoices):
        COMPLETED = "completed", "программа пройдена"
        OWN_WISH = "own_wish", "по желанию семьи"
        ABSENT = "absent", "перестал посещать"
        OTHER_GROUP = "other_group", "перешёл в другую группу"
        HEALTH = "health", "по состоянию здоровья"
        MOVED = "moved", "переезд"
        GROWN_UP = "grown_up", "исполнилось 18 лет"
        GROUP_CLOSED = "group_closed", "группа закрыта"
        TRANSFERRED = "transferred", "передача в другую организацию"
        OTHER = "other", "иное"

    group = models.ForeignKey(ServiceGroup, models.PROTECT, related_name="enrolments", verbose_name="группа")
    family = models.ForeignKey(Family, models.PROTECT, related_name="enrolments", verbose_name="семья")
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="enrolments", verbose_name="кто"
    )
    # The support it belongs to; empty for a family that comes without a case.
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="enrolments")
    state = models.CharField("состояние", max_length=8, choices=State)
    asked_on = models.DateField("записан", default=timezone.localdate)
    since = models.DateField("занимается с", null=True, blank=True)
    until = models.DateField("по", null=True, blank=True)
    left_reason = models.CharField("причина выбытия", max_length=12, choices=LeftReason, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = "запись в группу"
        verbose_name_plural = "записи в группы"
        ordering = ["person__last_name", "person__first_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "person"],
                condition=Q(until=None, person__isnull=False),
                name="one_open_enrolment_of_a_person",
            ),
            models.UniqueConstraint(
                fields=["group", "family"],
                condition=Q(until=None, person=None),
                name="one_open_enrolment_of_a_family",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(since=None) | Q(until__gte=F("since")), name="enrolment_since_before_until"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", since=None, until=None)
                | Q(state="enrolled", since__isnull=False, until=None)
                | (Q(state="left", until__isnull=False) & ~Q(left_reason="")),
                name="enrolment_state_has_its_dates",
            ),
        ]
        # list of a group, its load, its waiting list
        indexes = [models.Index(fields=["group", "state", "asked_on"], name="enrolment_group_state")]

    def __str__(self):
        return f"Запись в группу № {self.group_id}"

    @property
    def name(self) -> str:
        """Whom the list names: «Ковалёв Илья Петрович», «семья Ковалёвых»."""
        return self.person.full_name if self.person else f"семья {self.family.surname_in('gen')}"

    @property
    def short_name(self) -> str:
        """The same for a narrow column: «Ковалёв И.П.»."""
        return self.person.short_name if self.person else f"семья {self.family.surname_in('gen')}"

    def covers(self, day) -> bool:
        """Whether the person was in the group on `day`."""
        return self.since is not None and self.since <= day and (self.until is None or day <= self.until)

    @classmethod
    def enrol(cls, group, family, *, by, person=None, since=None) -> "Enrolment":
        """Write a person (or the whole family) into a group from `since`, today if None; when full, let them wait.

        Raises Refused for a closed group, for who is in it or waits already, for an adult in a service for minors,
        and for somebody who is no member of the family.
        """
        today = timezone.localdate()
        since = since or today
        if since > today + datetime.timedelta(days=366):
            raise Refused("Дата начала занятий слишком далека. Проверьте год.")
        with transaction.atomic():
            row = group.lock()
            _require_open(row, since)
            _require_right_person(group.service, family, person, since)
            open_rows = group.enrolments.filter(person=person, until=None)
            standing = (open_rows if person else open_rows.filter(family=family)).first()
            if standing is not None:
                raise Refused(f"{standing.name}: уже в списке этой группы ({standing.get_state_display()}).")
            former = group.enrolments.filter(person=person, until__gte=since, since__isnull=False)
            former = (former if person else former.filter(family=family)).order_by("-until").first()
            if former is not None:
                raise Refused(
                    f"{former.name}: занятия в этой группе шли по {former.until:%d.%m.%Y}. Укажите более поздний день."
                )
            full = row.places is not None and row.places_left() == 0
            enrolment = cls.objects.create(
                group=group,
                family=family,
                person=person,
                case=_case_of(family, group.service.organisation_id),
                state=cls.State.WAITING if full else cls.State.ENROLLED,
                since=None if full else since,
                by=by,
            )
            enrolment._log("queued" if full else "enrolled", by=by, day=today if full else min(since, today))
        return enrolment

    def admit(self, *, by, since=None):
        """The next of the waiting list takes a place that has become free; raises Refused while there is none."""
        since = since or timezone.localdate()
        with transaction.atomic():
            group = self.group.lock()
            row = Enrolment.objects.select_for_update().get(pk=self.pk)
            if row.state != self.State.WAITING:
                raise Refused("Этот человек уже не ждёт места. Обновите страницу.")
            _require_open(group, since)
            if group.places_left() == 0:
                raise Refused("Свободных мест в группе нет. Сначала отметьте выбытие или увеличьте число мест.")
            self.state, self.since = self.State.ENROLLED, since
            self.save(update_fields=["state", "since"])
            self._log("enrolled", by=by, day=min(since, timezone.localdate()))

    def leave(self, *, by, day, reason):
        """The person leaves with `day` (its last day); raises Refused when he is marked on a later one."""
        if reason not in self.LeftReason.values:
            raise Refused("Укажите причину выбытия.")
        if day > timezone.localdate():
            raise Refused("Дата выбытия ещё не наступила.")
        with transaction.atomic():
            self.group.lock()
            row = Enrolment.objects.select_for_update().get(pk=self.pk)
            if row.state == self.State.LEFT:
                raise Refused(f"Выбытие уже записано: {row.until:%d.%m.%Y}.")
            if row.since is not None and day < row.since:
                raise Refused(f"Занимается с {row.since:%d.%m.%Y}: выбыть раньше нельзя.")
            later = row.marks.filter(session__held_on__gt=day).order_by("-session__held_on").first()
            if later is not None:
                raise Refused(
                    f"Есть отметка посещения за {later.session.held_on:%d.%m.%Y}: укажите этот день или более поздний."
                )
            self._end(by, day, reason)

    def end_with_group(self, *, by, day):
        """The group closes with `day`; who would only have begun later, or still waits, leaves on that day too."""
        self._end(by, day, self.LeftReason.GROUP_CLOSED)

    @classmethod
    def hold_groups(cls, case):
        """Lock the groups that people of the case are in, before the case itself: as every act on a group does."""
        groups = cls.objects.filter(case=case, until=None).values("group")
        list(ServiceGroup.objects.select_for_update().filter(pk__in=groups).order_by("pk"))

    @classmethod
    def end_with_transfer(cls, case, *, by, day):
        """The case goes to another organisation: its people leave the groups here, and their places are free."""
        for enrolment in case.enrolments.filter(until=None):
            enrolment.case = case
            enrolment._end(by, day, cls.LeftReason.TRANSFERRED)

    def _end(self, by, day, reason):
        if self.since is not None and self.since > day:
            self.since = None
        self.state, self.until, self.left_reason = self.State.LEFT, day, reason
        self.save(update_fields=["state", "since", "until", "left_reason"])
        self._log("unenrolled", by=by, day=day)

    def _log(self, kind, *, by, day):
        if self.case is not None:
            self.case.log(kind, by=by, happened_on=day, enrolment=self.pk, group=self.group_id)


def _require_open(group, day):
    if group.until is not None and day > group.until:
        raise Refused(f"Группа закрыта с {group.until:%d.%m.%Y}: запись в неё не идёт.")
    if day < group.since:
        raise Refused(f"Группа занимается с {group.since:%d.%m.%Y}: раньше записать нельзя.")


def _require_right_person(service, family, person, day):
    if service.retired_on is not None:
        raise Refused("Услуга больше не оказывается.")
    if person is None:
        return
    if not family.members_on(timezone.localdate()).filter(person=person).exists():
        raise Refused("Этого человека нет в составе семьи. Проверьте карточку семьи.")
    age = person.age_on(day)
    if service.for_whom == Service.ForWhom.MINORS and age is not None and age >= ADULT:
        raise Refused(f"Услуга для несовершеннолетних, а {person.short_name} на {day:%d.%m.%Y} уже {age}.")


def _case_of(family, organisation_id):
    """The family's case in the organisation that goes on, or is in aftercare."""
    cases = family.cases.filter(organisation=organisation_id)
    return cases.open().first() or cases.filter(stage=Stage.AFTERCARE).first()


class Consultation(models.Model):
    """Консультация родителей of one family, at the place or at a distance (1.1.3, section 4.5, step 3)."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="consultations", verbose_name="услуга")
    case = models.ForeignKey(Case, models.PROTECT, related_name="consultations")
    done_on = models.DateField("когда", default=timezone.localdate)
    remote = models.BooleanField("дистанционно", default=False)
    summary = models.TextField("о чём говорили и что решили")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = CasePartQuerySet.as_manager()

    class Meta:
        verbose_name = "консультация"
        verbose_name_plural = "консультации"
        ordering = ["-done_on", "-pk"]
        indexes = [
            # list of consultations, newest first; reports: consultations of a month
            models.Index(fields=["-done_on", "-id"], name="consultation_done"),
        ]

    def __str__(self):
        return f"Консультация {self.done_on:%d.%m.%Y}"

    @classmethod
    def record(cls, case, *, by, service, summary, done_on=None, remote=False) -> "Consultation":
        """Write down a consultation of the family; raises Refused for a finished case or another kind of service."""
        done_on = done_on or timezone.localdate()
        reason = acts.why_not_consult(case)
        if reason:
            raise Refused(reason)
        if done_on > timezone.localdate():
            raise Refused("Дата консультации ещё не наступила.")
        if done_on < case.opened_on:
            raise Refused(f"Случай открыт {case.opened_on:%d.%m.%Y}: консультация не может быть раньше.")
        if service.kind != Service.Kind.CONSULTATION or service.organisation_id != case.organisation_id:
            raise Refused("Выберите услугу вида «консультация родителей» Вашей организации.")
        if service.retired_on is not None:
            raise Refused("Эта услуга больше не оказывается. Выберите другую.")
        with transaction.atomic():
            row = cls.objects.create(service=service, case=case, done_on=done_on, remote=remote, summary=summary, by=by)
            case.log("consulted", by=by, happened_on=done_on, consultation=row.pk)
        return row
