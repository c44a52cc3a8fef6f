"""Services of the single window: picking, giving, taking off, the mobile brigade's trips, the figures of a period."""

import django_filters
from django.urls import reverse

from cases import dispatching
from cases.dispatch_forms import CancelForm, GivenForm, ServiceForm
from cases.models import DispatchService
from cases.period_filters import since_filter, until_filter
from cases.views.dispatch import MODULE, TITLE, DispatchPage, DispatchTrail
from cases.views.periods import PeriodPage
from families import lists
from sopr.accounts.models import Organisation, OrganisationKind
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.pages import Empty, ListPage
from sopr.web.tables import Column


class DispatchPick(DispatchPage):
    """A service for the family: a usual one of its problem group or any other, by the organisation or an agency."""

    title = "Подобрать услугу"
    template_name = "cases/dispatch_pick.html"
    form_class = ServiceForm
    submit_title = "Запланировать"
    success_message = "Услуга запланирована."
    adds_row = True

    def check_moment(self):
        super().check_moment()
        if self.object.group_id is None:
            raise Refused("Сначала определите группу проблем: по ней подбирают услуги.")

    def get_form_kwargs(self):
        agencies = Organisation.objects.exclude(kind=OrganisationKind.MINISTRY).order_by("name", "pk")
        return {
            "agencies": agencies,
            "initial": {"agency": self.object.organisation_id},
        }

    @property
    def usual(self) -> list[str]:
        return self.object.group.services if self.object.group else []

    def get_context_data(self, **context):
        return super().get_context_data(**({"usual": self.usual} | context))

    def perform(self, form):
        DispatchService.plan(self.object, by=self.request.user, **form.cleaned_data)


class DispatchServicePage(DispatchPage):
    """An act on one planned service."""

    model = DispatchService

    def get_queryset(self):
        rows = DispatchService.objects.visible_to(self.request.user)
        return rows.select_related("request__family", "request__organisation", "request__dispatcher", "agency")

    def get_request(self):
        return self.object.request

    def get_note(self):
        return f"{self.object.title}; {self.object.request.family}"

    def check_moment(self):
        super().check_moment()
        if self.object.state != DispatchService.State.PLANNED:
            raise Refused(f"Услуга уже {self.object.get_state_display()}.")


class DispatchGiven(DispatchServicePage):
    title = "Услуга оказана"
    form_class = GivenForm
    submit_title = "Записать"
    success_message = "Услуга отмечена."

    def perform(self, form):
        self.object.give(by=self.request.user, **form.cleaned_data)


class DispatchCancel(DispatchServicePage):
    title = "Снять услугу"
    form_class = CancelForm
    submit_title = "Снять услугу"
    success_message = "Услуга снята."

    def perform(self, form):
        self.object.cancel(by=self.request.user, **form.cleaned_data)


class TripFilter(django_filters.FilterSet):
    since = since_filter("Выезд с", "planned_on")
    until = until_filter("по", "planned_on")

    class Meta:
        model = DispatchService
        fields = ["since", "until"]


class DispatchTrips(DispatchTrail, ListPage):
    """Where the mobile brigade goes: planned trips by day; a hidden address is not shown."""

    model = DispatchService
    filterset_class = TripFilter
    title = "Мобильные выезды"
    note = "Запланированные услуги на дому и в сёлах"
    default_sort = "planned_on"
    export_name = "vyezdy"
    columns = [
        Column("planned_on", "Когда", kind="due", sort="planned_on", export=lambda row: row.planned_on, width=16),
        Column("family", "Семья", "request.family.surname", url=lambda row: row.request.get_absolute_url(), width=24),
        Column("place", "Куда", lambda row: lists.address_of(row.request.family),
               note=lambda row: row.request.family.municipality.name, note_title="Муниципалитет", width=40),
        Column("team", "Кто выезжает", "team", width=32),
        Column("agency", "Кто оказывает", "agency", width=32),
    ]  # fmt: skip
    empty = Empty("Выездов не запланировано", "Отметьте «мобильный выезд», когда подбираете услугу семье.")

    def get_request(self):
        return None

    def get_queryset(self):
        rows = super().get_queryset().filter(mobile=True, state=DispatchService.State.PLANNED)
        return rows.select_related("request__family__municipality", "agency")

    def get_context_data(self, **context):
        return super().get_context_data(found="выезд,выезда,выездов", **context)


class DispatchFigures(PeriodPage):
    """The facts of a period: what the report of the practice is fed with."""

    module = MODULE
    permission = Perm.CASE_WORK
    title = "Итоги за период"
    menu = "referrals"
    template_name = "cases/dispatch_figures.html"

    def get_breadcrumbs(self):
        return [(TITLE, reverse("cases:dispatch-list")), (self.title, None)]

    def count(self, since, until):
        return {"figures": dispatching.figures(self.request.user.organisation, since, until)}
