"""Индивидуальный маршрут несовершеннолетнего: drawn up in a case, carried out by steps, finished or broken off."""

from functools import cached_property

import django_filters
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from cases import acts
from cases.attendance import with_attendance
from cases.documents import ROUTE
from cases.models import Enrolment, IndividualRoute, RouteStep, Service
from cases.route_forms import BreakForm, FinishForm, RouteForm, SettleForm, StepForm, StudyForm
from cases.views.base import CaseTrail, NewRowPage
from cases.views.service import ServiceModule
from families.models import Person
from sopr.accounts.policy import Perm
from sopr.calendar import add_months, is_overdue
from sopr.documents.pdf import pdf_response
from sopr.errors import Refused
from sopr.web.pages import Action, DetailPage, Empty, FormPage, ListPage
from sopr.web.tables import Column

State = IndividualRoute.State
TONES = {State.GOING: "work", State.FINISHED: "done", State.BROKEN: "off"}
MONTHS = 6  # a route is planned for so long unless the curator says otherwise [choice]
ADULT = 18


def minors_of(case):
    """Minors whom the case covers, for a choice."""
    today = timezone.localdate()
    people = Person.objects.filter(case_memberships__case=case)
    return people.filter(Q(birth_on=None) | Q(birth_on__gt=add_months(today, -12 * ADULT)))


def services_of(case):
    """Services of the case's organisation that a route may include."""
    return Service.objects.offered().filter(organisation=case.organisation_id)


class RouteNew(ServiceModule, NewRowPage):
    form_class = RouteForm
    title = "Новый индивидуальный маршрут"
    submit_title = "Составить маршрут"
    success_message = "Маршрут составлен. Добавьте шаги и запишите на занятия."
    why_not = staticmethod(acts.why_not_route)

    @cached_property
    def former(self):
        """The route that the transfer of the case broke off (`?after=`), to be gone on with here; or None."""
        asked = self.request.GET.get("after", "")
        if not asked.isdecimal():
            return None
        return IndividualRoute.objects.left_by_transfer(self.object).filter(pk=asked).first()

    def get_form_kwargs(self):
        people, today = minors_of(self.object), timezone.localdate()
        initial = {
            "since": today,
            "planned_until": add_months(today, MONTHS),
            "person": people.first() if people.count() == 1 else None,
        }
        if self.former:
            initial |= {name: getattr(self.former, name) for name in ("person", "interests", "goal", "with_parents")}
            initial["planned_until"] = max(self.former.planned_until, today)
        return {"people": people, "services": services_of(self.object), "initial": initial}

    def check_moment(self):
        super().check_moment()
        if not minors_of(self.object).exists():
            raise Refused("Сопровождение не охватывает ни одного несовершеннолетнего.")

    def act(self, form):
        route = IndividualRoute.begin(self.object, by=self.request.user, after=self.former, **form.cleaned_data)
        return route.get_absolute_url()


class RouteTrail(ServiceModule, CaseTrail):
    """What pages about one route share."""

    permission = Perm.CASE_WORK
    model = IndividualRoute

    def get_queryset(self):
        return super().get_queryset().with_people()

    def get_route(self):
        return self.object

    def get_case(self):
        return self.get_route().case

    def get_breadcrumbs(self):
        route = self.get_route()
        name = f"Маршрут: {route.person.short_name}"
        return [*super().get_breadcrumbs()[:-1], (name, route.get_absolute_url()), (self.title, None)]

    def get_back_url(self):
        return self.get_route().get_absolute_url()

    def get_note(self):
        route = self.get_route()
        return f"{route.person.full_name}; маршрут {route.get_state_display()}"

    def get_context_data(self, **context):
        return super().get_context_data(**({"route": self.get_route()} | context))


class RouteFormPage(RouteTrail, FormPage):
    """An act on a route that goes on."""

    def check_moment(self):
        route = self.get_route()
        if route.state != State.GOING:
            raise Refused(f"Маршрут {route.get_state_display()} {route.ended_on:%d.%m.%Y}: изменить его нельзя.")

    def act(self, form):
        self.perform(form)
        return self.get_route().get_absolute_url()


class RouteDetail(RouteTrail, DetailPage):
    permission = Perm.CASE_VIEW
    template_name = "cases/route_detail.html"

    def get_title(self):
        return f"Маршрут: {self.object.person.short_name}"

    def get_note(self):
        return ""

    def get_breadcrumbs(self):
        return [*super().get_breadcrumbs()[:-2], (self.get_title(), None)]

    def get_main_action(self):
        if not self.request.user.may(Perm.CASE_WORK) or self.object.state != State.GOING:
            return None
        return Action("Добавить шаг", reverse("cases:step-add", args=[self.object.pk]), "plus-lg")

    def get_actions(self):
        route = self.object
        printed = Action("Печать", reverse("cases:route-print", args=[route.pk]), "printer")
        if not self.request.user.may(Perm.CASE_WORK):
            return [printed]
        ended = "" if route.state == State.GOING else f"Маршрут {route.get_state_display()}."
        named = [
            ("Завершить маршрут", "route-finish", ended, False),
            ("Записать поступление", "route-study", "", False),
            ("Изменить", "route-edit", ended, True),
            ("Прервать маршрут", "route-break", ended, True),
        ]
        return [printed] + [
            Action(title, reverse(f"cases:{name}", args=[route.pk]), disabled_reason=reason, rare=rare or bool(reason))
            for title, name, reason, rare in named
        ]

    def get_context_data(self, **context):
        route, today = self.object, timezone.localdate()
        steps = list(route.steps.all())
        for step in steps:
            step.late = not step.dropped and step.done_on is None and is_overdue(step.due_on, today)
        enrolments = Enrolment.objects.filter(
            person=route.person_id, group__service__organisation=route.case.organisation_id
        )
        base = {
            "tone": TONES[route.state],
            "own_steps": [step for step in steps if not step.for_parents],
            "parents_steps": [step for step in steps if step.for_parents],
            "done": sum(step.done_on is not None for step in steps),
            "steps_total": sum(not step.dropped for step in steps),
            "services": list(route.services.all()),
            "enrolments": with_attendance(enrolments.select_related("group__service").order_by("since", "pk")),
            "consultations": route.case.consultations.filter(done_on__gte=route.since).count(),
            "may_work": self.request.user.may(Perm.CASE_WORK) and route.state == State.GOING,
        }
        return super().get_context_data(**(base | context))


class RoutePrint(RouteTrail, DetailPage):
    """The route sheet as a PDF, signed with the minor and the parents."""

    permission = Perm.CASE_VIEW
    audit_read = ""

    def show(self, status=200, **context):
        return pdf_response(ROUTE, self.object, by=self.request.user)


class RouteEdit(RouteFormPage):
    form_class = RouteForm
    title = "Изменить маршрут"
    success_message = "Маршрут изменён."

    def get_form_kwargs(self):
        route = self.object
        names = [name for name in RouteForm.base_fields if name not in ("person", "services")]
        chosen = list(route.services.all())
        services = Service.objects.filter(
            Q(pk__in=services_of(route.case).order_by().values("pk")) | Q(pk__in=[row.pk for row in chosen])
        )
        return {
            "people": None,
            "services": services,
            "initial": {name: getattr(route, name) for name in names} | {"services": chosen},
        }

    def perform(self, form):
        self.object.change(by=self.request.user, **form.cleaned_data)


class RouteFinish(RouteFormPage):
    form_class = FinishForm
    title = "Завершить маршрут"
    submit_title = "Завершить маршрут"
    success_message = "Маршрут пройден, результат записан."

    def perform(self, form):
        self.object.finish(by=self.request.user, **form.cleaned_data)


class RouteBreak(RouteFormPage):
    form_class = BreakForm
    title = "Прервать маршрут"
    submit_title = "Прервать маршрут"
    success_message = "Маршрут прерван."

    def perform(self, form):
        self.object.break_off(by=self.request.user, **form.cleaned_data)

    def get_context_data(self, **context):
        return super().get_context_data(**({"tone": "danger"} | context))


class RouteStudy(RouteFormPage):
    """Enrolment in study is an outcome with its own date, also after the route has ended."""

    form_class = StudyForm
    title = "Поступление на учёбу"
    submit_title = "Записать поступление"
    success_message = "Поступление записано."

    def check_moment(self):
        """Any time: who has finished a route in May enters in August."""

    def get_form_kwargs(self):
        route = self.object
        if not route.study:
            return {}
        return {"initial": {name: getattr(route, name) for name in StudyForm.base_fields}}

    def perform(self, form):
        self.object.enter_study(by=self.request.user, **form.cleaned_data)


class StepAdd(RouteFormPage):
    form_class = StepForm
    title = "Новый шаг"
    submit_title = "Добавить шаг"
    success_message = "Шаг добавлен."
    adds_row = True

    def perform(self, form):
        self.object.add_step(by=self.request.user, **form.cleaned_data)


class StepSettle(RouteFormPage):
    model = RouteStep
    form_class = SettleForm
    title = "Отметить шаг"
    submit_title = "Сохранить"
    success_message = "Шаг отмечен."

    def get_queryset(self):
        return RouteStep.objects.visible_to(self.request.user).select_related(
            "route__person", "route__case__family", "route__case__organisation", "route__case__curator"
        )

    def get_route(self):
        return self.object.route

    def get_note(self):
        return self.object.text

    def get_form_kwargs(self):
        step = self.object
        if step.done_on is None and not step.dropped:
            return {}
        done = "no" if step.dropped else "yes"
        return {"initial": {"done": done, "done_on": step.done_on, "result": step.result}}

    def perform(self, form):
        values = form.cleaned_data
        self.object.settle(by=self.request.user, done_on=values["done_on"], result=values["result"])


class RouteFilter(django_filters.FilterSet):
    STUDIES = [("yes", "поступили учиться"), ("no", "ещё нет")]

    state = django_filters.ChoiceFilter(label="Состояние", choices=State, empty_label="все")
    study = django_filters.ChoiceFilter(label="Учёба", choices=STUDIES, method="filter_study", empty_label="все")

    class Meta:
        model = IndividualRoute
        fields = ["state", "study"]

    def filter_study(self, rows, _name, value):
        return rows.filter(study_on__isnull=value == "no")


class RouteList(ServiceModule, ListPage):
    permission = Perm.CASE_VIEW
    model = IndividualRoute
    filterset_class = RouteFilter
    title = "Индивидуальные маршруты"
    export_name = "marshruty"
    default_sort = "-since"
    empty = Empty("Маршрутов пока нет", "Маршрут составляют со страницы случая, раздел «Занятия».")
    columns = [
        Column(
            "person",
            "Несовершеннолетний",
            "person.full_name",
            sort="person__search_name",
            url=IndividualRoute.get_absolute_url,
            note=lambda row: f"семья № {row.case.family.number}",
            width=34,
        ),
        Column("since", "Начат", kind="date", sort="since", width=14),
        Column("planned_until", "По плану до", kind="date", sort="planned_until", width=14),
        Column("steps", "Шагов", lambda row: f"{row.steps_done} из {row.steps_all}", css="num", width=12),
        Column(
            "state",
            "Состояние",
            "get_state_display",
            kind="state",
            tone=lambda row: TONES[row.state],
            sort="state",
            note=lambda row: (
                f"{row.get_broken_reason_display()}, {row.ended_on:%d.%m.%Y}"
                if row.broken_reason
                else f"{row.ended_on:%d.%m.%Y}"
                if row.ended_on
                else ""
            ),
            note_title="Когда и почему",
            width=18,
        ),
        Column(
            "study",
            "Учёба",
            lambda row: row.get_study_display() if row.study else "",
            note=lambda row: f"{row.study_place}, {row.study_on:%d.%m.%Y}" if row.study else "",
            note_title="Где и с какого дня",
            sort="study_on",
            width=34,
        ),
        Column("curator", "Куратор", "case.curator.short_name", sort="case__curator__last_name", width=20),
    ]

    def get_queryset(self):
        done = Count("steps", filter=Q(steps__done_on__isnull=False))
        kept = Count("steps", filter=Q(steps__dropped=False))
        return super().get_queryset().with_people().annotate(steps_done=done, steps_all=kept)

    def get_breadcrumbs(self):
        return [
            ("Случаи", reverse("cases:case-list")),
            ("Услуги и занятия", reverse("cases:service-list")),
            (self.title, None),
        ]

    def get_context_data(self, **context):
        return super().get_context_data(**({"found": "маршрут,маршрута,маршрутов"} | context))
