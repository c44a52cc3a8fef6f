"""Planned visits and meetings: plan, move, cancel; the route of a day on the screen and on paper."""

import datetime
from functools import cached_property

from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from cases import acts, day_route
from cases.contact_forms import (
    AGAIN_PURPOSE,
    CancelForm,
    MoveForm,
    RouteFilter,
    RouteForm,
    VisitForm,
    cases_to_choose,
    title_of_case,
    tomorrow_at_ten,
)
from cases.documents import VISIT_LIST
from cases.models import Case, Contact, Visit
from cases.views.base import CaseFormPage, NewRowPage
from cases.views.case import curators_of
from cases.words import OPEN_STAGES, Stage
from sopr.accounts.policy import Perm
from sopr.documents.pdf import pdf_response
from sopr.errors import Refused
from sopr.web.pages import Action, FormPage, Page, record


class VisitPlan(NewRowPage):
    form_class = VisitForm
    template_name = "cases/visit_plan.html"
    title = "Запланировать встречу"
    submit_title = "Запланировать"
    success_message = "Встреча запланирована. В её день она будет в «Моём дне» и в маршруте."
    why_not = staticmethod(acts.why_not_contact)
    tab = "contacts"

    def get_form_kwargs(self):
        again = "again" in self.request.GET
        return {
            "initial": {
                "at": tomorrow_at_ten(),
                "purpose": AGAIN_PURPOSE if again else "",
                "caution": day_route.caution_of(self.object),
            }
        }

    def perform(self, form):
        Visit.plan(self.object, by=self.request.user, **form.cleaned_data)

    def get_context_data(self, **context):
        return super().get_context_data(**({"planned": list(self.object.visits.planned())} | context))


class VisitAdd(FormPage):
    """The same from the route of a day: the family is chosen on the form."""

    permission = Perm.CASE_WORK
    form_class = VisitForm
    template_name = "cases/visit_plan.html"
    title = "Запланировать встречу"
    submit_title = "Запланировать"
    success_message = "Встреча запланирована."

    def get_breadcrumbs(self):
        return [("Маршрут дня", reverse("cases:visit-list")), (self.title, None)]

    def get_form_kwargs(self):
        own = Case.objects.visible_to(self.request.user).filter(stage__in=(*OPEN_STAGES, Stage.AFTERCARE))
        return {"cases": cases_to_choose(own), "title_of": title_of_case, "initial": {"at": tomorrow_at_ten()}}

    def act(self, form):
        visit = Visit.plan(by=self.request.user, **form.cleaned_data)
        return f"{reverse('cases:visit-list')}?day={timezone.localdate(visit.at).isoformat()}" + (
            f"&curator={visit.case.curator_id}" if self.request.user.may(Perm.CASE_ASSIGN) else ""
        )


class VisitPage(CaseFormPage):
    """An act on a planned visit, refused once it is planned no more."""

    model = Visit
    tab = "contacts"

    def get_queryset(self):
        return super().get_queryset().select_related("case__family", "case__curator", "case__organisation")

    def get_case(self):
        return self.object.case

    def check_moment(self):
        if self.object.state != Visit.State.PLANNED:
            raise Refused(f"Эта встреча уже не в плане: {self.object.get_state_display()}.")

    def get_note(self):
        return f"{super().get_note()}. {self.object.title}, {timezone.localdate(self.object.at):%d.%m.%Y}"


class VisitMove(VisitPage):
    form_class = MoveForm
    title = "Перенести встречу"
    submit_title = "Перенести"
    success_message = "Встреча перенесена."

    def get_form_kwargs(self):
        return {"initial": {"at": max(self.object.at, tomorrow_at_ten())}}

    def perform(self, form):
        self.object.move(by=self.request.user, **form.cleaned_data)


class VisitCancel(VisitPage):
    form_class = CancelForm
    title = "Отменить встречу"
    submit_title = "Отменить встречу"
    success_message = "Встреча отменена. Срок контакта по норме уровня остаётся."

    def perform(self, form):
        self.object.cancel(by=self.request.user, **form.cleaned_data)

    def get_context_data(self, **context):
        return super().get_context_data(**({"tone": "danger"} | context))


class AsksRoute:
    """Whose route and of which day, from the address: a curator's own, for the head of any of his curators."""

    @cached_property
    def curators(self):
        """Those the reader may choose from; None for a curator, who has his own route only."""
        user = self.request.user
        return curators_of(user.organisation_id) if user.may(Perm.CASE_ASSIGN) else None

    @cached_property
    def filter_form(self):
        form = RouteFilter(self.request.GET, curators=self.curators)
        form.is_valid()
        return form

    @cached_property
    def day(self):
        return self.filter_form.cleaned_data.get("day") or timezone.localdate()

    @cached_property
    def curator(self):
        """Whose route it is, None while the service has no curator; somebody else's is 404."""
        asked = self.request.GET.get("curator", "")
        if self.curators is None:
            if asked not in ("", str(self.request.user.pk)):
                raise Http404
            return self.request.user
        if not asked:
            return day_route.first_with_visits(self.curators, self.day) or self.curators.first()
        chosen = self.filter_form.cleaned_data.get("curator")
        if chosen is None:
            raise Http404
        return chosen

    @cached_property
    def visits(self):
        return list(day_route.visits_of_day(self.curator, self.day, self.request.user)) if self.curator else []

    @cached_property
    def stops(self):
        """The way: home visits that are still planned."""
        ahead = [visit for visit in self.visits if visit.state == Visit.State.PLANNED]
        return day_route.stops_of_day(
            [visit for visit in ahead if visit.kind == Contact.Kind.VISIT], self.day, self.request.user
        )

    @cached_property
    def elsewhere(self):
        """Meetings in the service and calls of the day, by the hour."""
        ahead = [visit for visit in self.visits if visit.state == Visit.State.PLANNED]
        others = [visit for visit in ahead if visit.kind != Contact.Kind.VISIT]
        return sorted(
            day_route.stops_of_day(others, self.day, self.request.user), key=lambda stop: (stop.visit.at, stop.visit.pk)
        )

    def address_of(self, page, day=None) -> str:
        """The address of a page about the same curator, on the same or another day."""
        query = f"?day={(day or self.day).isoformat()}"
        if self.curators is not None and self.curator is not None:
            query += f"&curator={self.curator.pk}"
        return reverse(page) + query


class VisitList(AsksRoute, FormPage):
    """The route of a day: by address, or in the order set by hand."""

    permission = Perm.CASE_WORK
    form_class = RouteForm
    template_name = "cases/visit_list.html"
    title = "Маршрут дня"
    keeps_draft = False  # nothing is typed
    kept_by_browser = False

    def get(self, request, *args, **kwargs):
        self.curator  # noqa: B018 — found or 404 before the read is logged
        record(request.user, "search", detail={"page": self.page_name, "day": self.day})
        return self.show(form=self.get_form())

    def get_note(self):
        return f"{self.curator.full_name}" if self.curators is not None and self.curator else ""

    def get_breadcrumbs(self):
        return [("Мой день", reverse("cases:my-day")), (self.title, None)]

    def get_main_action(self):
        return Action("Запланировать встречу", reverse("cases:visit-add"), "calendar-plus")

    def get_actions(self):
        reason = "" if self.stops or self.elsewhere else "На этот день ничего не запланировано."
        return [Action("Маршрутный лист (PDF)", self.address_of("cases:visit-print"), "printer", reason)]

    def act(self, form):
        move = form.cleaned_data["move"]
        visits = [stop.visit for stop in self.stops]
        if move == "address":
            Visit.arrange_by_address(visits)
        else:
            pk, way = move.split(":")
            Visit.arrange(day_route.moved(self.stops, int(pk), -1 if way == "up" else 1))
        return self.address_of("cases:visit-list")

    def get_context_data(self, **context):
        step = datetime.timedelta(days=1)
        base = {
            "filter_form": self.filter_form,
            "day": self.day,
            "today": timezone.localdate(),
            "stops": self.stops,
            "elsewhere": self.elsewhere,
            "ended": [visit for visit in self.visits if visit.state != Visit.State.PLANNED],
            "by_hand": any(stop.visit.place_in_route for stop in self.stops),
            "ahead": [
                (day, number, self.address_of("cases:visit-list", day), day == self.day)
                for day, number in (day_route.days_ahead(self.curator, self.request.user) if self.curator else [])
            ],
            "before_url": self.address_of("cases:visit-list", self.day - step),
            "after_url": self.address_of("cases:visit-list", self.day + step),
        }
        return super().get_context_data(**(base | context))


class VisitPrint(AsksRoute, Page):
    """The same on paper, with a column for notes; the print is logged as the curator's route."""

    permission = Perm.CASE_WORK
    title = "Маршрутный лист"
    audit_read = ""

    def get_back_url(self):
        return self.address_of("cases:visit-list")

    def show(self, status=200, **context):
        if not self.stops and not self.elsewhere:
            raise Refused("На этот день ничего не запланировано: печатать нечего.")
        return pdf_response(
            VISIT_LIST,
            self.curator,
            by=self.request.user,
            day=self.day,
            stops=self.stops,
            elsewhere=self.elsewhere,
            reader=self.request.user,
        )
