"""Индивидуальный маршрут несовершеннолетнего («Лучшие практики», 1.1.3, section 4.5).

Steps of the practice: 1 interests and inclinations are studied, 2 the route is drawn up with the directions of work
with parents, 3 it is carried out in the services, 4 a final diagnosis with recommendations ends it. Section 9: older
ones have chosen a trade and entered a school; that fact has a date of its own.
"""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from cases import acts
from cases.models.case import Case
from cases.models.enrolment import ADULT
from cases.models.querysets import CasePartQuerySet
from cases.models.service import Service
from families.models import Person
from sopr.errors import Refused
from sopr.web.models import Versioned


class IndividualRouteQuerySet(CasePartQuerySet):
    def going(self):
        """Routes that are neither finished nor broken off."""
        return self.filter(state=IndividualRoute.State.GOING)

    def left_by_transfer(self, case):
        """Routes that the transfer to `case` broke off in the former organisation, not yet drawn up anew here."""
        if case.transferred_from_id is None:
            return self.none()
        broken = self.filter(case=case.transferred_from_id, broken_reason=IndividualRoute.BrokenReason.TRANSFERRED)
        return broken.exclude(person__in=case.routes.values("person"))

    def with_people(self):
        """With the minor, the family and the curator in the same statement, for lists."""
        return self.select_related("person", "case__family", "case__curator", "case__organisation")


class IndividualRoute(Versioned):
    class State(models.TextChoices):
        GOING = "going", "идёт"
        FINISHED = "finished", "пройден"
        BROKEN = "broken", "прерван"

    class BrokenReason(models.TextChoices):
        OWN_WISH = "own_wish", "отказ несовершеннолетнего или родителей"
        ABSENT = "absent", "перестал посещать занятия"
        MOVED = "moved", "переезд"
        PLACED = "placed", "помещён в организацию"
        HEALTH = "health", "по состоянию здоровья"
        CASE_ENDED = "case_ended", "сопровождение завершено"
        TRANSFERRED = "transferred", "передача в другую организацию"
        OTHER = "other", "иное"

    class Study(models.TextChoices):
        VOCATIONAL = "vocational", "профессиональное обучение, колледж, техникум"
        HIGHER = "higher", "высшее образование"
        SCHOOL = "school", "школа, вечерняя школа"
        ADDITIONAL = "additional", "дополнительное образование, курсы"

    case = models.ForeignKey(Case, models.PROTECT, related_name="routes")
    person = models.ForeignKey(Person, models.PROTECT, related_name="routes", verbose_name="для кого")
    since = models.DateField("начало", default=timezone.localdate)
    planned_until = models.DateField("окончание по плану")
    interests = models.TextField("интересы и склонности", blank=True)
    goal = models.TextField("цель")
    with_parents = models.TextField("работа с родителями", blank=True)
    services = models.ManyToManyField(Service, blank=True, related_name="+", verbose_name="услуги")
    state = models.CharField("состояние", max_length=8, choices=State, default=State.GOING, editable=False)
    ended_on = models.DateField("завершён", null=True, editable=False)
    broken_reason = models.CharField("почему прерван", max_length=12, choices=BrokenReason, blank=True, editable=False)
    result = models.TextField("результат", blank=True, editable=False)
    recommendations = models.TextField("рекомендации", blank=True, editable=False)
    study = models.CharField("куда поступил", max_length=12, choices=Study, blank=True, editable=False)
    study_place = models.CharField("учебное заведение и профессия", max_length=200, blank=True, editable=False)
    study_on = models.DateField("зачислен", null=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = IndividualRouteQuerySet.as_manager()

    class Meta:
        verbose_name = "индивидуальный маршрут"
        verbose_name_plural = "индивидуальные маршруты"
        ordering = ["-since", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "person"], condition=Q(state="going"), name="one_going_route_of_a_minor"
            ),
            models.CheckConstraint(condition=Q(planned_until__gte=F("since")), name="route_since_before_planned_until"),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("since")), name="route_since_before_ended"
            ),
            models.CheckConstraint(
                condition=Q(state="going", ended_on=None)
                | Q(state="finished", ended_on__isnull=False)
                | (Q(state="broken", ended_on__isnull=False) & ~Q(broken_reason="")),
                name="ended_route_has_date_and_reason",
            ),
            models.CheckConstraint(
                condition=Q(study="", study_on=None) | Q(study_on__isnull=False), name="study_has_date"
            ),
        ]
        indexes = [
            # reports: minors in the programme in a period, routes finished in it
            models.Index(fields=["since", "ended_on"], name="route_since_ended"),
            # reports: minors who entered a school in a period
            models.Index(fields=["study_on"], name="route_study_on"),
        ]

    def __str__(self):
        return f"Индивидуальный маршрут № {self.pk}"

    def get_absolute_url(self):
        return reverse("cases:route-detail", args=[self.pk])

    @classmethod
    def begin(cls, case, *, by, person, services=(), since=None, after=None, **fields) -> "IndividualRoute":
        """Draw up a route of a minor whom the case covers, from `since` (today if None).

        `after` is his route that a transfer of the case broke off: its steps that nobody has settled go on in this one.
        Raises Refused before the family is accepted, for an adult, and while another route of the minor goes on.
        """
        since = since or timezone.localdate()
        reason = acts.why_not_route(case)
        if reason:
            raise Refused(reason)
        with transaction.atomic():
            Case.objects.select_for_update().get(pk=case.pk)
            if not case.members.filter(person=person).exists():
                raise Refused("Сопровождение этого человека не охватывает. Выберите члена семьи из списка.")
            age = person.age_on(since)
            if age is not None and age >= ADULT:
                raise Refused(f"Маршрут составляется несовершеннолетнему, а {person.short_name} уже {age}.")
            if case.routes.going().filter(person=person).exists():
                raise Refused(f"У {person.short_name} уже есть маршрут. Сначала завершите его.")
            route = cls(case=case, person=person, since=since, by=by, **fields)
            route._check()
            route.save()
            route.services.set(services)
            if after is not None:
                route._take_over_steps(after)
            case.log("route_begun", by=by, happened_on=since, route=route.pk, person=person.pk)
        return route

    def change(self, *, by, services, **fields):
        """Correct a route that goes on."""
        with transaction.atomic():
            self.lock_unchanged()
            self._require_going()
            for name, value in fields.items():
                setattr(self, name, value)
            self._check()
            self.save(update_fields=[*fields])
            self.services.set(services)

    def add_step(self, *, by, text, due_on=None, for_parents=False) -> "RouteStep":
        """One more step of a route that goes on."""
        with transaction.atomic():
            self._require_going()
            if due_on is not None and due_on < self.since:
                raise Refused(f"Маршрут начат {self.since:%d.%m.%Y}: срок шага не может быть раньше.")
            return self.steps.create(text=text, due_on=due_on, for_parents=for_parents)

    def finish(self, *, by, day, result, recommendations=""):
        """The route is finished with a result (a final diagnosis, section 4.5, step 4)."""
        if not result.strip():
            raise Refused("Напишите, чего достиг несовершеннолетний: без результата маршрут не завершается.")
        waiting = self.steps.filter(done_on=None, dropped=False).count()
        if waiting:
            raise Refused(f"Не отмечено шагов: {waiting}. Отметьте каждый: выполнен или снят.")
        self._end(self.State.FINISHED, by, day, result=result, recommendations=recommendations)

    def break_off(self, *, by, day, reason, result=""):
        """The route is broken off for a reason; what was reached until then is kept."""
        if reason not in self.BrokenReason.values:
            raise Refused("Укажите, почему маршрут прерван.")
        self._end(self.State.BROKEN, by, day, broken_reason=reason, result=result)

    def end_with_case(self, *, by, day, transferred=False):
        """Support ends here: a route that goes on is broken off with it, on its first day at the earliest."""
        reason = self.BrokenReason.TRANSFERRED if transferred else self.BrokenReason.CASE_ENDED
        self.break_off(by=by, day=max(day, self.since), reason=reason)

    def _take_over_steps(self, former):
        """What is still to be done; a term that had passed before this route began is for the curator to set anew."""
        if former.person_id != self.person_id:
            raise Refused("Прежний маршрут составлен другому несовершеннолетнему. Выберите того же, кому он составлен.")
        for step in former.steps.filter(done_on=None, dropped=False):
            due_on = step.due_on if step.due_on and step.due_on >= self.since else None
            self.steps.create(text=step.text, due_on=due_on, for_parents=step.for_parents)

    def enter_study(self, *, by, study, study_place, study_on):
        """The minor has entered a school on `study_on`: an outcome with its own date, also after the route's end."""
        if study not in self.Study.values:
            raise Refused("Выберите, куда поступил несовершеннолетний.")
        if study_on > timezone.localdate():
            raise Refused("Дата зачисления ещё не наступила.")
        if study_on < self.since:
            raise Refused(f"Маршрут начат {self.since:%d.%m.%Y}: поступление не может быть раньше.")
        with transaction.atomic():
            IndividualRoute.objects.select_for_update().get(pk=self.pk)
            self.study, self.study_place, self.study_on = study, study_place, study_on
            self.save(update_fields=["study", "study_place", "study_on"])
            self.case.log("study_entered", by=by, happened_on=study_on, route=self.pk)

    def _end(self, state, by, day, **values):
        if day > timezone.localdate() and day != self.since:
            raise Refused("Дата завершения ещё не наступила.")
        if day < self.since:
            raise Refused(f"Маршрут начат {self.since:%d.%m.%Y}: завершить его раньше нельзя.")
        with transaction.atomic():
            self._require_going()
            self.state, self.ended_on = state, day
            for name, value in values.items():
                setattr(self, name, value)
            self.save(update_fields=["state", "ended_on", *values])
            self.case.log(f"route_{state}", by=by, happened_on=day, route=self.pk)

    def _require_going(self):
        row = IndividualRoute.objects.select_for_update().get(pk=self.pk)
        if row.state != self.State.GOING:
            raise Refused(f"Маршрут {row.get_state_display()} {row.ended_on:%d.%m.%Y}: изменить его нельзя.")

    def _check(self):
        if self.planned_until < self.since:
            raise Refused("Окончание маршрута раньше его начала. Проверьте даты.")
        if self.since < self.case.opened_on:
            raise Refused(f"Случай открыт {self.case.opened_on:%d.%m.%Y}: маршрут не может начаться раньше.")


class RouteStepQuerySet(CasePartQuerySet):
    road = "route__case"


class RouteStep(models.Model):
    """Шаг маршрута: with the minor, or with the parents."""

    route = models.ForeignKey(IndividualRoute, models.PROTECT, related_name="steps")
    text = models.CharField("шаг", max_length=300)
    for_parents = models.BooleanField("работа с родителями", default=False)
    due_on = models.DateField("срок", null=True, blank=True)
    done_on = models.DateField("выполнен", null=True, blank=True)
    dropped = models.BooleanField("снят", default=False)
    result = models.CharField("что получилось", max_length=500, blank=True)

    objects = RouteStepQuerySet.as_manager()

    class Meta:
        verbose_name = "шаг маршрута"
        verbose_name_plural = "шаги маршрута"
        ordering = ["for_parents", F("due_on").asc(nulls_last=True), "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(dropped=False) | Q(done_on=None), name="dropped_step_is_not_done")
        ]

    def __str__(self):
        return self.text

    def settle(self, *, by, done_on=None, result=""):
        """Mark the step as done on `done_on`, or as dropped when no day is given (then `result` says why)."""
        if done_on is None and not result.strip():
            raise Refused("Напишите, почему шаг снят.")
        if done_on is not None and done_on > timezone.localdate():
            raise Refused("Дата выполнения ещё не наступила.")
        if done_on is not None and done_on < self.route.since:
            raise Refused(f"Маршрут начат {self.route.since:%d.%m.%Y}: шаг не мог быть выполнен раньше.")
        with transaction.atomic():
            self.route._require_going()
            self.done_on, self.dropped, self.result = done_on, done_on is None, result
            self.save(update_fields=["done_on", "dropped", "result"])
