"""Запланированные визиты и встречи: planned, moved, held, failed, cancelled; the route of a day."""

import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from cases import acts, terms
from cases.models.case import Case
from cases.models.contact import Contact
from cases.models.querysets import CasePartQuerySet, worked_by
from sopr.errors import Refused
from sopr.web.models import Versioned


class VisitQuerySet(CasePartQuerySet):
    def planned(self):
        """Still ahead, or overdue: nobody has written down what came of them."""
        return self.filter(state=Visit.State.PLANNED)

    def on(self, day: datetime.date):
        """Of one day by the region's clock."""
        return self.filter(at__gte=_midnight(day), at__lt=_midnight(day + datetime.timedelta(days=1)))

    def of_curator(self, user):
        """What `user` has to go to: visits of the cases he keeps or stands in for now, whoever planned them."""
        return self.filter(worked_by(user, "case"))

    def drop(self, reason: str):
        """Cancel all that are planned, with the reason: their case has ended."""
        for visit in self.planned():
            visit.state, visit.reason = Visit.State.CANCELLED, reason
            visit.save(update_fields=["state", "reason"])
            terms.end_visit(visit, done_on=None)


def _midnight(day) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time.min, timezone.get_current_timezone())


class Visit(Versioned):
    """Запланированный визит, встреча или звонок: a promise to the family, kept by recording the contact."""

    KINDS = [(kind, kind.label) for kind in (Contact.Kind.VISIT, Contact.Kind.OFFICE, Contact.Kind.PHONE)]

    class State(models.TextChoices):
        PLANNED = "planned", "запланирован"
        HELD = "held", "состоялся"
        FAILED = "failed", "не состоялся"
        CANCELLED = "cancelled", "отменён"

    case = models.ForeignKey(Case, models.PROTECT, related_name="visits")
    at = models.DateTimeField("когда")
    kind = models.CharField("вид", max_length=12, choices=KINDS, default=Contact.Kind.VISIT)
    purpose = models.CharField("цель", max_length=200)
    caution = models.CharField("о чём помнить у дверей", max_length=200, blank=True)
    state = models.CharField("состояние", max_length=12, choices=State, default=State.PLANNED, editable=False)
    first_at = models.DateTimeField("сначала назначен на", null=True, editable=False)  # only when it was moved
    reason = models.CharField("причина переноса или отмены", max_length=300, blank=True)
    place_in_route = models.PositiveSmallIntegerField("место в маршруте", null=True, editable=False)
    contact = models.OneToOneField(Contact, models.PROTECT, null=True, editable=False, related_name="visit")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = "запланированный визит"
        verbose_name_plural = "запланированные визиты"
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "at"], condition=Q(state="planned"), name="one_planned_visit_of_a_case_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("held", "failed"), contact__isnull=False)
                | Q(state__in=("planned", "cancelled"), contact=None),
                name="ended_visit_has_its_contact",
            ),
            models.CheckConstraint(condition=~Q(state="cancelled") | ~Q(reason=""), name="cancelled_visit_has_reason"),
            models.CheckConstraint(condition=Q(first_at=None) | ~Q(reason=""), name="moved_visit_has_reason"),
        ]
        indexes = [
            # plans of a case, on its page
            models.Index(fields=["case", "at", "id"], name="visit_case_at"),
            # the route of a day: the day first, then whose cases they are
            models.Index(fields=["at", "case"], name="visit_at_case"),
        ]

    def __str__(self):
        return f"{self.title} {timezone.localtime(self.at):%d.%m.%Y}"

    @property
    def title(self) -> str:
        """«Визит домой, 14:00»."""
        name = self.get_kind_display()
        return f"{name[:1].upper()}{name[1:]}, {timezone.localtime(self.at):%H:%M}"

    @classmethod
    def plan(cls, case, *, by, at, kind, purpose, caution="") -> "Visit":
        """Promise the family a visit or a meeting; it is due on its day and shown in «Мой день».

        Raises Refused for a past moment, a finished case, and when this very time is promised to the family already.
        """
        reason = acts.why_not_contact(case)
        if reason:
            raise Refused(reason)
        cls._check_ahead(at)
        with transaction.atomic():
            Case.objects.select_for_update().get(pk=case.pk)
            cls._check_free(case, at)
            visit = cls.objects.create(case=case, by=by, at=at, kind=kind, purpose=purpose.strip(), caution=caution)
            case.log("visit_planned", by=by, visit=visit.pk, on=timezone.localdate(at).isoformat())
            terms.open_visit(visit)
        return visit

    def move(self, *, by, at, reason):
        """Promise another time, with the reason; the first promise stays to be seen. Raises Refused as `plan`."""
        if not reason.strip():
            raise Refused("Укажите, почему встреча переносится.")
        self._check_ahead(at)
        with transaction.atomic():
            self._lock()
            if at == self.at:
                raise Refused("Это то же самое время. Выберите другое.")
            self._check_free(self.case, at)
            self.first_at = self.first_at or self.at
            if timezone.localdate(at) != timezone.localdate(self.at):
                self.place_in_route = None  # another day has a route of its own
            self.at, self.reason = at, reason.strip()
            self.save(update_fields=["at", "first_at", "reason", "place_in_route"])
            self.case.log("visit_moved", by=by, visit=self.pk, on=timezone.localdate(at).isoformat())
            terms.open_visit(self)

    def cancel(self, *, by, reason):
        """It will not take place; raises Refused without a reason."""
        if not reason.strip():
            raise Refused("Укажите, почему встреча отменяется.")
        with transaction.atomic():
            self._lock()
            self.state, self.reason = self.State.CANCELLED, reason.strip()
            self.save(update_fields=["state", "reason"])
            self.case.log("visit_cancelled", by=by, visit=self.pk)
            terms.end_visit(self, done_on=None)

    def end_with(self, contact):
        """The contact tells what came of it: held, or failed for an attempt. Called by `Contact.record`."""
        if contact.case_id != self.case_id:
            raise Refused("Эта встреча запланирована с другой семьёй.")
        self._lock()
        self.state = self.State.FAILED if contact.kind == Contact.Kind.ATTEMPT else self.State.HELD
        self.contact = contact
        self.save(update_fields=["state", "contact"])
        terms.end_visit(self, done_on=timezone.localdate(contact.at))

    @staticmethod
    def arrange(visits):
        """Keep the order of a day's route as given; `visits` are those of one curator and day."""
        with transaction.atomic():
            for place, visit in enumerate(visits, start=1):  # no new version: a form on the visit stays good
                Visit.objects.filter(pk=visit.pk).update(place_in_route=place)

    @staticmethod
    def arrange_by_address(visits):
        """Forget the order set by hand: the route goes by address again."""
        Visit.objects.filter(pk__in=[visit.pk for visit in visits]).update(place_in_route=None)

    def _lock(self):
        row = Visit.objects.select_for_update().get(pk=self.pk)
        if row.state != self.State.PLANNED:
            raise Refused(f"Эта встреча уже не в плане: {row.get_state_display()}. Обновите страницу.")

    @staticmethod
    def _check_ahead(at):
        if at <= timezone.now():
            raise Refused("Это время уже прошло. Прошедшую встречу записывают контактом, а планируют будущую.")

    @staticmethod
    def _check_free(case, at):
        if case.visits.planned().filter(at=at).exists():
            raise Refused("На это время с семьёй уже назначена встреча. Выберите другое время или перенесите ту.")
