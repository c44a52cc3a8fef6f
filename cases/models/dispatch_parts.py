"""What a request of the single window gathers: services picked for the family, attempts that failed, history."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from cases.models.dispatch import DispatchRequest
from cases.words import HelpKind
from sopr.accounts.models import Organisation
from sopr.accounts.scope import ScopedQuerySet
from sopr.audit.append_only import AppendOnly
from sopr.errors import Refused
from sopr.web.models import Versioned


class DispatchPartQuerySet(ScopedQuerySet):
    """Seen by whoever sees the request."""

    def visible_to(self, user):
        return self.filter(request__in=DispatchRequest.objects.visible_to(user))


class DispatchService(Versioned):
    """Услуга, подобранная семье: by whom, when, at home with the mobile brigade or not."""

    class State(models.TextChoices):
        PLANNED = "planned", "запланирована"
        GIVEN = "given", "оказана"
        CANCELLED = "cancelled", "снята"

    request = models.ForeignKey(DispatchRequest, models.PROTECT, related_name="services")
    title = models.CharField("услуга", max_length=200)
    kind = models.CharField("вид помощи", max_length=16, choices=HelpKind)
    agency = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="кто оказывает")
    planned_on = models.DateField("когда")
    mobile = models.BooleanField("мобильный выезд", default=False)
    team = models.CharField("кто выезжает", max_length=200, blank=True)
    state = models.CharField("состояние", max_length=12, choices=State, default=State.PLANNED, editable=False)
    given_on = models.DateField("оказана", null=True, editable=False)
    result = models.TextField("результат", blank=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = DispatchPartQuerySet.as_manager()

    class Meta:
        verbose_name = "услуга по обращению"
        verbose_name_plural = "услуги по обращениям"
        ordering = ["planned_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="given") | Q(given_on__isnull=False), name="given_service_has_its_day"
            )
        ]
        indexes = [
            # trips of the mobile brigade by day
            models.Index(fields=["planned_on", "id"], condition=Q(mobile=True, state="planned"), name="dispatch_trips"),
            # reports: families that got help in a period
            models.Index(fields=["given_on", "request"], name="dispatch_service_given"),
        ]

    def __str__(self):
        return self.title

    @classmethod
    def plan(cls, request, *, by, title, kind, agency, planned_on, mobile=False, team="") -> "DispatchService":
        """Pick a service for the family; raises Refused before the problem group is named or after closing."""
        if planned_on < request.appealed_on:
            raise Refused(f"Семья обратилась {request.appealed_on:%d.%m.%Y}: услуга не может быть раньше.")
        if mobile and not team.strip():
            raise Refused("Отмечен мобильный выезд: укажите, кто выезжает.")
        with transaction.atomic():
            service = cls.objects.create(
                request=request,
                by=by,
                title=title,
                kind=kind,
                agency=agency,
                planned_on=planned_on,
                mobile=mobile,
                team=team if mobile else "",
            )
            request.note_service(by=by, state=DispatchRequest.State.PICKED)
            request.log("service_planned", by=by, service=service.pk)
        return service

    def give(self, *, by, given_on, result=""):
        """The service was given on `given_on`; the first one dates «days from appeal to first service»."""
        if not self.request.appealed_on <= given_on <= timezone.localdate():
            raise Refused(f"Дата услуги — от дня обращения ({self.request.appealed_on:%d.%m.%Y}) до сегодняшнего дня.")
        with transaction.atomic():
            self._require_planned()
            self.state, self.given_on, self.result = self.State.GIVEN, given_on, result
            self.save(update_fields=["state", "given_on", "result"])
            self.request.note_service(by=by, state=DispatchRequest.State.IN_HELP)
            self.request.log("service_given", by=by, happened_on=given_on, service=self.pk)

    def cancel(self, *, by, reason):
        """The service is no longer needed, or the family or the agency gave it up; the reason is kept."""
        with transaction.atomic():
            self._require_planned()
            self.state, self.result = self.State.CANCELLED, reason
            self.save(update_fields=["state", "result"])
            left = self.request.services.exclude(state=self.State.CANCELLED).exists()
            state = DispatchRequest.State.PICKED if left else DispatchRequest.State.GROUPED
            self.request.note_service(by=by, state=state)
            self.request.log("service_cancelled", by=by, service=self.pk)

    def _require_planned(self):
        row = DispatchService.objects.select_for_update().get(pk=self.pk)
        if row.state != self.State.PLANNED:
            raise Refused(f"Услуга уже {row.get_state_display()}.")


class DispatchAttempt(models.Model):
    """Попытка связаться с семьёй, на которую она не ответила."""

    request = models.ForeignKey(DispatchRequest, models.PROTECT, related_name="attempts")
    made_on = models.DateField("дата", default=timezone.localdate)
    how = models.CharField("как пытались связаться", max_length=12, choices=DispatchRequest.How)
    note = models.CharField("что вышло", max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "попытка связаться"
        verbose_name_plural = "попытки связаться"
        ordering = ["-made_on", "-pk"]

    def __str__(self):
        return f"{self.get_how_display()} {self.made_on:%d.%m.%Y}"

    @classmethod
    def record(cls, request, *, by, made_on, how, note="") -> "DispatchAttempt":
        """Write down an attempt that failed; raises Refused for the future and for a closed request."""
        if not request.appealed_on <= made_on <= timezone.localdate():
            raise Refused(f"Дата попытки — от дня обращения ({request.appealed_on:%d.%m.%Y}) до сегодняшнего дня.")
        with transaction.atomic():
            if request._locked().state == DispatchRequest.State.CLOSED:
                raise Refused(f"{request} закрыто.")
            row = cls.objects.create(request=request, by=by, made_on=made_on, how=how, note=note)
            request.log("attempted", by=by, happened_on=made_on, attempt=row.pk)
        return row


class DispatchEvent(AppendOnly):
    """История обращения: ids, codes and dates only."""

    TITLES = {
        "opened": "Семья обратилась",
        "assigned": "Назначен диспетчер",
        "grouped": "Определена группа проблем",
        "service_planned": "Подобрана услуга",
        "service_given": "Услуга оказана",
        "service_cancelled": "Услуга снята",
        "attempted": "Не удалось связаться с семьёй",
        "closed": "Обращение закрыто",
    }

    request = models.ForeignKey(DispatchRequest, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=20)
    at = models.DateTimeField(default=timezone.now, editable=False)
    happened_on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    refs = models.JSONField(default=dict)

    class Meta:
        ordering = ["-happened_on", "-pk"]
        indexes = [models.Index(fields=["request", "-happened_on", "-id"], name="dispatch_event_of_request")]

    def __str__(self):
        return f"{self.kind} {self.happened_on}"

    @property
    def title(self) -> str:
        return self.TITLES.get(self.kind, "Запись")
