"""Услуги организации: the register with its load, one service with its groups and months, the dictionary's acts."""

import django_filters
from django.urls import reverse
from django.utils import timezone

from cases.attendance import loads_of, loads_of_services, months_of_service, percent
from cases.models import Service
from cases.models.session import month_of
from cases.service_forms import ServiceForm
from sopr.accounts.policy import Perm
from sopr.web.pages import Action, ActionPage, DetailPage, Empty, FormPage, ListPage
from sopr.web.tables import Column


class ServiceModule:
    """Pages of a region whose organisations hold groups and lessons; elsewhere they do not exist."""

    menu = "cases"
    module = "services"


class ServiceFilter(django_filters.FilterSet):
    STATES = [("offered", "оказываются"), ("retired", "больше не оказываются")]

    kind = django_filters.ChoiceFilter(label="Вид", choices=Service.Kind, empty_label="любой")
    for_whom = django_filters.ChoiceFilter(label="Кому", choices=Service.ForWhom, empty_label="всем")
    state = django_filters.ChoiceFilter(
        label="Состояние", choices=STATES, method="filter_state", empty_label="все услуги"
    )

    class Meta:
        model = Service
        fields = ["kind", "for_whom", "state"]

    def filter_state(self, rows, _name, value):
        return rows.filter(retired_on__isnull=value == "offered")


class ServiceList(ServiceModule, ListPage):
    permission = Perm.CASE_VIEW
    model = Service
    filterset_class = ServiceFilter
    title = "Услуги и занятия"
    export_name = "uslugi"
    default_sort = "title"
    empty = Empty(
        "Услуг пока нет",
        "Внесите кружки, консультации родителей, школу приёмных родителей, выезды мобильной бригады.",
        "/cases/services/new/",
        "Добавить услугу",
    )
    columns = [
        Column("title", "Услуга", sort="title", url=Service.get_absolute_url, width=40),
        Column("kind", "Вид", "get_kind_display", sort="kind", width=26),
        Column("for_whom", "Кому", "get_for_whom_display", sort="for_whom", width=24),
        Column("groups", "Групп", "load.groups", kind="number", width=10),
        Column("taken", "Занято мест", "load.taken", css="num", width=14),
        Column("waiting", "Ждут места", "load.waiting", kind="number", width=12),
        Column(
            "share",
            "Посещение за месяц",
            lambda service: percent(service.load.share),
            note=lambda service: f"отметок {service.load.marked}" if service.load.marked else "",
            note_title="Отметок",
            css="num",
            width=18,
        ),
        Column(
            "state",
            "Состояние",
            lambda service: f"до {service.retired_on:%d.%m.%Y}" if service.retired_on else "оказывается",
            kind="state",
            tone=lambda service: "off" if service.retired_on else "good",
            sort="retired_on",
            width=18,
        ),
    ]

    def get_note(self):
        return f"{self.request.user.organisation}. Занятость на сегодня, посещение за текущий месяц."

    def decorate(self, rows):
        today = timezone.localdate()
        loads = loads_of_services(rows, month_of(today)[0], today)
        for service in rows:
            service.load = loads[service.pk]
        return rows

    def get_breadcrumbs(self):
        return [("Случаи", reverse("cases:case-list")), (self.title, None)]

    def get_main_action(self):
        if not self.request.user.may(Perm.CASE_WORK):
            return None
        return Action("Добавить услугу", reverse("cases:service-new"), "plus-lg")

    def get_actions(self):
        return [
            Action("Занятия по дням", reverse("cases:session-list"), "calendar-event"),
            Action("Консультации", reverse("cases:consultation-list"), "chat-left-text"),
            Action("Индивидуальные маршруты", reverse("cases:route-list"), "flag"),
        ]

    def get_context_data(self, **context):
        return super().get_context_data(**({"found": "услуга,услуги,услуг"} | context))


class ServiceTrail(ServiceModule):
    """What pages about one service share."""

    permission = Perm.CASE_WORK
    model = Service

    def get_service(self):
        return self.object

    def get_breadcrumbs(self):
        service = self.get_service()
        return [
            ("Случаи", reverse("cases:case-list")),
            ("Услуги и занятия", reverse("cases:service-list")),
            (service.title, service.get_absolute_url()),
            (self.title, None),
        ]

    def get_note(self):
        return str(self.get_service())


class ServiceDetail(ServiceTrail, DetailPage):
    permission = Perm.CASE_VIEW
    template_name = "cases/service_detail.html"

    def get_title(self):
        return self.object.title

    def get_note(self):
        return ""

    def get_breadcrumbs(self):
        return [*super().get_breadcrumbs()[:-2], (self.object.title, None)]

    def get_main_action(self):
        if not self.request.user.may(Perm.CASE_WORK):
            return None
        return Action(
            "Новая бригада" if self.object.is_trip else "Новая группа",
            reverse("cases:group-new", args=[self.object.pk]),
            "plus-lg",
            disabled_reason="Услуга больше не оказывается." if self.object.retired_on else "",
        )

    def get_actions(self):
        if not self.request.user.may(Perm.CASE_WORK):
            return []
        pk = self.object.pk
        last = (
            Action("Возобновить услугу", reverse("cases:service-restore", args=[pk]))
            if self.object.retired_on
            else Action("Прекратить услугу", reverse("cases:service-retire", args=[pk]), rare=True)
        )
        return [Action("Изменить", reverse("cases:service-edit", args=[pk])), last]

    def get_context_data(self, **context):
        today = timezone.localdate()
        groups = list(self.object.groups.with_service())
        loads = loads_of(groups, month_of(today)[0], today)
        for group in groups:
            group.load = loads[group.pk]
        months = months_of_service(self.object, today)
        base = {
            "going": [group for group in groups if group.until is None or group.until >= today],
            "closed": [group for group in groups if group.until is not None and group.until < today],
            "months": [month for month in reversed(months) if month.sessions],
            "consultations": self.object.consultations.count(),
            "today": today,
        }
        return super().get_context_data(**(base | context))


class ServiceNew(ServiceModule, FormPage):
    permission = Perm.CASE_WORK
    form_class = ServiceForm
    title = "Новая услуга"
    submit_title = "Добавить услугу"
    success_message = "Услуга добавлена. Теперь создайте группу и её расписание."

    def get_breadcrumbs(self):
        return [
            ("Случаи", reverse("cases:case-list")),
            ("Услуги и занятия", reverse("cases:service-list")),
            (self.title, None),
        ]

    def act(self, form):
        return Service.add(by=self.request.user, **form.cleaned_data).get_absolute_url()


class ServiceEdit(ServiceTrail, FormPage):
    form_class = ServiceForm
    title = "Изменить услугу"
    success_message = "Услуга изменена."

    def get_form_kwargs(self):
        return {"initial": {name: getattr(self.object, name) for name in ServiceForm.base_fields}}

    def act(self, form):
        self.object.change(by=self.request.user, **form.cleaned_data)
        return self.object.get_absolute_url()


class ServiceRetire(ServiceTrail, ActionPage):
    title = "Прекратить услугу"
    submit_title = "Прекратить"
    success_message = "Услуга больше не оказывается."

    def get_question(self):
        return f"Прекратить услугу «{self.object.title}» с сегодняшнего дня?"

    def get_consequences(self):
        return [
            "Записать на неё больше нельзя. Прошлые занятия, отметки и консультации останутся.",
            "Группы услуги должны быть уже закрыты. Услугу можно будет возобновить.",
        ]

    def act(self, form):
        self.object.retire(by=self.request.user)
        return self.object.get_absolute_url()


class ServiceRestore(ServiceTrail, ActionPage):
    title = "Возобновить услугу"
    submit_title = "Возобновить"
    success_message = "Услуга снова оказывается."

    def get_question(self):
        return f"Возобновить услугу «{self.object.title}»?"

    def act(self, form):
        self.object.restore(by=self.request.user)
        return self.object.get_absolute_url()
