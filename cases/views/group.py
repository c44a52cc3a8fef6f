"""Группа: who is in it, when it meets, its schedule and dates; a mobile brigade with its trips."""

import django_filters
from django.contrib import messages
from django.db.models import Case as Choose
from django.db.models import Count, Q, When
from django.urls import reverse
from django.utils import timezone

from cases.attendance import loads_of, with_attendance
from cases.models import Enrolment, GroupSession, Service, ServiceGroup
from cases.models.service import WEEKDAYS_SHORT
from cases.models.session import month_of
from cases.service_forms import (
    CancelForm,
    DayForm,
    GroupForm,
    ScheduleForm,
    SessionForm,
    SlotRows,
    month_asked,
)
from cases.views.service import ServiceModule, ServiceTrail
from sopr.accounts.models import User
from sopr.accounts.policy import Perm, Role
from sopr.calendar import add_months
from sopr.web.pages import Action, ActionPage, DetailPage, Empty, FormPage, ListPage
from sopr.web.tables import Column
from sopr.web.words import counted, ru_month

SESSIONS = "занятие,занятия,занятий"
TRIPS = "выезд,выезда,выездов"


def leaders_of(organisation):
    """Who may lead a group: active staff of the organisation first, then specialists of agencies near it."""
    near = Q(organisation__municipality=None) | Q(organisation__municipality=organisation.municipality_id)
    who = Q(organisation=organisation) | Q(near, role=Role.EXECUTOR)
    own_first = Choose(When(organisation=organisation, then=0), default=1)
    people = User.objects.filter(who, is_active=True).select_related("organisation")
    return people.order_by(own_first, "organisation__name", "last_name", "first_name", "pk")


class GroupTrail(ServiceTrail):
    """What pages about one group share."""

    model = ServiceGroup

    def get_queryset(self):
        return super().get_queryset().with_service()

    def get_group(self):
        return self.object

    def get_service(self):
        return self.get_group().service

    def get_breadcrumbs(self):
        group = self.get_group()
        if self.request.user.role == Role.EXECUTOR:
            return [("Мои группы", reverse("cases:led-list")), (group.title, None)]
        return [*super().get_breadcrumbs()[:-1], (group.title, group.get_absolute_url()), (self.title, None)]

    def get_note(self):
        return str(self.get_group())

    def get_context_data(self, **context):
        return super().get_context_data(**({"group": self.get_group()} | context))


def month_links(url, month) -> dict:
    """The month shown and the links to its neighbours."""
    return {
        "month": month,
        "month_title": ru_month(month),
        "month_code": f"{month:%Y-%m}",
        "month_before": f"{url}?month={add_months(month, -1):%Y-%m}",
        "month_after": f"{url}?month={add_months(month, 1):%Y-%m}",
    }


class GroupDetail(GroupTrail, DetailPage):
    permission = Perm.CASE_VIEW
    template_name = "cases/group_detail.html"

    def get_title(self):
        return self.object.title

    def get_note(self):
        return self.object.service.title

    def get_breadcrumbs(self):
        return [*super().get_breadcrumbs()[:-2], (self.object.title, None)]

    def get_main_action(self):
        return Action("Отметить посещение", reverse("cases:attendance-month", args=[self.object.pk]), "check-lg")

    def get_actions(self):
        group = self.object
        closed = f"Группа закрыта с {group.until:%d.%m.%Y}." if group.until else ""
        trip = group.service.is_trip
        named = [
            ("Записать человека", "enrolment-new", False),
            ("Добавить выезд" if trip else "Добавить занятие", "session-new", not trip),
            ("Расписание", "group-schedule", False),
            ("Изменить группу", "group-edit", True),
            ("Закрыть группу", "group-close", True),
        ]
        return [
            Action(title, reverse(f"cases:{name}", args=[group.pk]), disabled_reason=closed, rare=rare or bool(closed))
            for title, name, rare in named
        ]

    def get_context_data(self, **context):
        group, today = self.object, timezone.localdate()
        month = month_asked(self.request)
        sessions = group.sessions.of_month(month).annotate(
            present=Count("marks", filter=Q(marks__state="present")), marked=Count("marks")
        )
        sessions = list(sessions)
        for session in sessions:
            session.group = group
            session.state_words, session.tone = state_of(session), tone_of(session)
        enrolments = with_attendance(group.enrolments.named())
        in_group = [row for row in enrolments if row.state == Enrolment.State.ENROLLED]
        base = {
            "load": loads_of([group], month_of(month)[0], month_of(month)[1])[group.pk],
            "slots": [slot for slot in group.slots.all() if slot.until is None or slot.until >= today],
            "sessions": sessions,
            "in_group": in_group,
            "waiting": sorted(
                (row for row in enrolments if row.state == Enrolment.State.WAITING),
                key=lambda row: (row.asked_on, row.pk),
            ),
            "former": [row for row in enrolments if row.state == Enrolment.State.LEFT],
            "today": today,
            "may_work": self.request.user.may(Perm.CASE_WORK),
            "words": TRIPS if group.service.is_trip else SESSIONS,
        } | month_links(group.get_absolute_url(), month)
        return super().get_context_data(**(base | context))


class GroupNew(ServiceTrail, FormPage):
    form_class = GroupForm
    submit_title = "Создать"
    success_message = "Группа создана. Задайте расписание и запишите людей."
    adds_row = True

    @property
    def title(self):
        return "Новая бригада" if self.object and self.object.is_trip else "Новая группа"

    def get_form_kwargs(self):
        service = self.object
        return {
            "service": service,
            "leaders": leaders_of(service.organisation),
            "initial": {"places": service.places, "since": timezone.localdate()},
        }

    def act(self, form):
        return ServiceGroup.start(self.object, by=self.request.user, **form.cleaned_data).get_absolute_url()


class GroupEdit(GroupTrail, FormPage):
    form_class = GroupForm
    title = "Изменить группу"
    success_message = "Группа изменена."

    def get_form_kwargs(self):
        group = self.object
        return {
            "service": group.service,
            "leaders": leaders_of(group.service.organisation),
            "initial": {
                name: getattr(group, f"{name}_id" if name == "leader" else name) for name in GroupForm.base_fields
            },
        }

    def act(self, form):
        self.object.change(by=self.request.user, **form.cleaned_data)
        return self.object.get_absolute_url()


class GroupClose(GroupTrail, FormPage):
    form_class = DayForm
    title = "Закрыть группу"
    submit_title = "Закрыть группу"
    success_message = "Группа закрыта, выбытие записано."
    template_name = "cases/group_close.html"

    def act(self, form):
        self.object.close(by=self.request.user, day=form.cleaned_data["day"])
        return self.object.get_absolute_url()

    def get_context_data(self, **context):
        states = self.object.enrolments.filter(until=None).values_list("state", flat=True)
        base = {"tone": "danger", "leaving": list(states).count("enrolled"), "waiting": list(states).count("waiting")}
        return super().get_context_data(**(base | context))


class GroupSchedule(GroupTrail, FormPage):
    """Days of the week and hours, from a date on."""

    form_class = ScheduleForm
    title = "Расписание"
    submit_title = "Сохранить расписание"

    def get_formsets(self, data=None, files=None):
        today = timezone.localdate()
        slots = [slot for slot in self.object.slots.all() if slot.until is None or slot.until >= today]
        initial = [{"weekday": slot.weekday, "starts_at": slot.starts_at, "minutes": slot.minutes} for slot in slots]
        return {"slots": SlotRows(data, prefix="slots", initial=initial)}

    def act(self, form):
        slots = self.formsets["slots"].slots()
        self.object.set_schedule(by=self.request.user, since=form.cleaned_data["since"], slots=slots)
        if slots:
            made = GroupSession.generate(self.object, form.cleaned_data["since"], by=self.request.user)
            month = ru_month(form.cleaned_data["since"]).lower()
            messages.success(self.request, f"Расписание сохранено, на {month} добавлено: {counted(made, SESSIONS)}.")
        else:
            messages.success(self.request, "Расписания больше нет: занятия добавляйте по одному.")
        return f"{self.object.get_absolute_url()}?month={form.cleaned_data['since']:%Y-%m}"


class SessionGenerate(GroupTrail, ActionPage):
    """Dates of a month by the schedule; may be repeated."""

    title = "Составить занятия на месяц"
    submit_title = "Составить"
    adds_row = True

    def get_question(self):
        return f"Составить занятия по расписанию: {ru_month(month_asked(self.request)).lower()}?"

    def get_consequences(self):
        return ["Уже составленные, перенесённые и отменённые занятия этого месяца не изменятся."]

    def act(self, form):
        month = month_asked(self.request)
        made = GroupSession.generate(self.object, month, by=self.request.user)
        messages.success(self.request, f"Добавлено: {counted(made, SESSIONS)}.")
        return f"{self.object.get_absolute_url()}?month={month:%Y-%m}"


class SessionNew(GroupTrail, FormPage):
    form_class = SessionForm
    success_message = "Дата добавлена."
    adds_row = True

    @property
    def title(self):
        return "Новый выезд" if self.object and self.object.service.is_trip else "Новое занятие"

    def get_form_kwargs(self):
        slot = self.object.slots.filter(until=None).first()
        usual = {"starts_at": slot.starts_at, "minutes": slot.minutes} if slot else {"minutes": 60}
        return {"group": self.object, "is_new": True, "initial": {"held_on": timezone.localdate()} | usual}

    def act(self, form):
        session = GroupSession.add(self.object, by=self.request.user, **form.cleaned_data)
        return f"{self.object.get_absolute_url()}?month={session.held_on:%Y-%m}"


class SessionTrail(GroupTrail):
    """What pages about one date share."""

    model = GroupSession

    def get_queryset(self):
        return GroupSession.objects.visible_to(self.request.user).select_related(
            "group__service__organisation", "group__leader"
        )

    def get_group(self):
        return self.object.group

    def get_note(self):
        return f"{self.object.group}, {WEEKDAYS_SHORT[self.object.held_on.weekday()]} {self.object.held_on:%d.%m.%Y}"

    def get_month_url(self):
        return f"{self.object.group.get_absolute_url()}?month={self.object.held_on:%Y-%m}"


class SessionEdit(SessionTrail, FormPage):
    form_class = SessionForm
    title = "Перенести или изменить занятие"
    success_message = "Изменено."

    def get_form_kwargs(self):
        session = self.object
        return {
            "group": session.group,
            "is_new": False,
            "initial": {name: getattr(session, name) for name in SessionForm.base_fields},
        }

    def act(self, form):
        self.object.change(by=self.request.user, **form.cleaned_data)
        return self.get_month_url()


class SessionCancel(SessionTrail, FormPage):
    form_class = CancelForm
    title = "Отменить занятие"
    submit_title = "Отменить занятие"
    success_message = "Занятие отменено."

    def act(self, form):
        self.object.cancel(by=self.request.user, reason=form.cleaned_data["reason"])
        return self.get_month_url()


class SessionRestore(SessionTrail, ActionPage):
    title = "Вернуть занятие"
    submit_title = "Вернуть"
    question = "Занятие всё-таки состоится?"
    success_message = "Занятие снова в расписании."

    def act(self, form):
        self.object.restore(by=self.request.user)
        return self.get_month_url()


class SessionFilter(django_filters.FilterSet):
    STATES = [("unmarked", "не отмечены"), ("cancelled", "отменены"), ("moved", "перенесены")]

    month = django_filters.CharFilter(label="Месяц", method="filter_month")
    kind = django_filters.ChoiceFilter(
        label="Вид", field_name="group__service__kind", choices=Service.Kind, empty_label="любой"
    )
    service = django_filters.ModelChoiceFilter(
        label="Услуга", field_name="group__service", queryset=None, empty_label="все"
    )
    state = django_filters.ChoiceFilter(label="Показать", choices=STATES, method="filter_state", empty_label="все")

    class Meta:
        model = GroupSession
        fields = ["month", "kind", "service", "state"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.filters["service"].queryset = Service.objects.visible_to(self.request.user)
        self.filters["month"].field.widget.input_type = "month"

    def filter_month(self, rows, _name, _value):
        return rows.of_month(month_asked(self.request))

    def filter_state(self, rows, _name, value):
        if value == "unmarked":
            return rows.held().filter(marked=0, held_on__lte=timezone.localdate())
        return rows.filter(cancelled=True) if value == "cancelled" else rows.exclude(moved_from=None)


def state_of(session) -> str:
    """«отмечено 8 из 9», «отменено: болезнь педагога», «ещё не отмечено», «предстоит»."""
    if session.cancelled:
        return f"отменено: {session.cancel_reason}"
    if session.marked:
        return f"были {session.present} из {session.marked}"
    return "предстоит" if session.held_on > timezone.localdate() else "не отмечено"


def tone_of(session) -> str:
    if session.cancelled:
        return "off"
    if session.marked:
        return "done"
    return "plan" if session.held_on > timezone.localdate() else "warn"


class SessionList(ServiceModule, ListPage):
    """All dates of the organisation: what is held today and this month, what nobody has marked."""

    permission = Perm.CASE_VIEW
    model = GroupSession
    filterset_class = SessionFilter
    title = "Занятия по дням"
    export_name = "zanyatiya"
    default_sort = "-held_on"
    empty = Empty("Занятий пока нет", "Задайте расписание на странице группы: занятия составятся на месяц.")
    columns = [
        Column("held_on", "Дата", kind="date", sort="held_on", width=14),
        Column(
            "starts_at",
            "Начало",
            lambda row: f"{WEEKDAYS_SHORT[row.held_on.weekday()]}\u00a0{row.starts_at:%H:%M}",
            width=12,
        ),
        Column("service", "Услуга", "group.service.title", sort="group__service__title", width=36),
        Column("group", "Группа", "group.title", url=lambda row: row.group.get_absolute_url(), width=26),
        Column("where", "Где", "where", width=36),
        Column("leader", "Ведёт", "group.leader_name", width=24),
        Column(
            "state",
            "Посещение",
            state_of,
            kind="state",
            tone=tone_of,
            note=lambda row: f"перенесено с {row.moved_from:%d.%m.%Y}" if row.moved_from else "",
            width=28,
        ),
        Column(
            "act",
            "Действие",
            lambda row: ("Отметки" if row.marked else "Отметить") if _mark_url(row) else "",
            kind="act",
            url=lambda row: _mark_url(row),
        ),
    ]

    def get_queryset(self):
        rows = super().get_queryset().select_related("group__service", "group__leader")
        return rows.annotate(present=Count("marks", filter=Q(marks__state="present")), marked=Count("marks"))

    def get_breadcrumbs(self):
        return [
            ("Случаи", reverse("cases:case-list")),
            ("Услуги и занятия", reverse("cases:service-list")),
            (self.title, None),
        ]

    def get_context_data(self, **context):
        return super().get_context_data(**({"found": SESSIONS} | context))


def _mark_url(session) -> str:
    if session.cancelled or session.held_on > timezone.localdate():
        return ""
    return reverse("cases:attendance-day", args=[session.pk])
