"""Замещение куратора and the handing over of all his cases: the head's pages, the list for curators."""

from django.db import transaction
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from cases import reading
from cases.models import StandIn
from cases.standin_forms import HandOverForm, StandInEndForm, StandInForm
from cases.views.case import curators_of
from sopr.accounts.models import User
from sopr.accounts.policy import Perm, Role
from sopr.errors import Refused
from sopr.web.pages import Action, DetailPage, Empty, FormPage, ListPage
from sopr.web.tables import Column

TONES = {StandIn.State.PLANNED: "wait", StandIn.State.NOW: "work", StandIn.State.ENDED: "off"}
SERVICE = ("Служба", "cases:service")


def _state(row):
    return row.state_on(timezone.localdate())


class StandInList(ListPage):
    """Who stands in for whom: the head sees the organisation's, a curator his own."""

    permission = Perm.CASE_VIEW
    model = StandIn
    title = "Замещения кураторов"
    menu = "cases"
    default_sort = "-since"
    columns = [
        Column(
            "curator", "Кого замещают", "curator.short_name", url=StandIn.get_absolute_url, sort="curator__last_name"
        ),
        Column("user", "Кто замещает", "user.short_name", sort="user__last_name"),
        Column("since", "С", kind="date", sort="since"),
        Column("until", "По", kind="date", sort="until"),
        Column("cases", "Случаев", "cases_count", kind="number"),
        Column(
            "state",
            "Состояние",
            lambda row: _state(row).label,
            kind="state",
            tone=lambda row: TONES[_state(row)],
        ),
    ]
    empty = Empty(
        "Замещений нет", "Руководитель назначает замещение на странице «Служба», в таблице «Нагрузка кураторов»."
    )

    def get_queryset(self):
        return super().get_queryset().with_people().annotate(cases_count=Count("periods"))

    def get_breadcrumbs(self):
        return [("Случаи", reverse("cases:case-list")), (self.title, None)]

    def get_context_data(self, **context):
        return super().get_context_data(**({"found": "замещение,замещения,замещений"} | context))


class StandInTrail:
    """What the pages about one stand-in share."""

    model = StandIn
    menu = "cases"

    def get_queryset(self):
        return super().get_queryset().with_people()

    def get_breadcrumbs(self):
        return [
            ("Случаи", reverse("cases:case-list")),
            ("Замещения кураторов", reverse("cases:standin-list")),
            (self.object.curator.short_name, self.object.get_absolute_url()),
        ]


class StandInDetail(StandInTrail, DetailPage):
    permission = Perm.CASE_VIEW
    template_name = "cases/standin_detail.html"

    def get_title(self):
        return f"Замещение: {self.object.curator.short_name}"

    def get_main_action(self):
        if not self.request.user.may(Perm.CASE_ASSIGN) or _state(self.object) == StandIn.State.ENDED:
            return None
        planned = _state(self.object) == StandIn.State.PLANNED
        title = "Отменить или сократить" if planned else "Завершить раньше"
        return Action(title, reverse("cases:standin-end", args=[self.object.pk]))

    def get_context_data(self, **context):
        user = self.request.user
        periods = self.object.periods.select_related("case__family").order_by("case__number_key", "pk")
        state = _state(self.object)
        base = {
            "periods": list(periods),
            "state": state,
            "tone": TONES[state],
            "may_assign": user.may(Perm.CASE_ASSIGN),
            "seen": set(user_cases(user, periods)),
        }
        return super().get_context_data(**(base | context))


def user_cases(user, periods):
    """Ids of the cases of `periods` that the user may open: a stand-in that is over shows only its numbers."""
    case = periods.model._meta.get_field("case").related_model
    return case.objects.visible_to(user).filter(pk__in=periods.values("case")).values_list("pk", flat=True)


class _CuratorPage(FormPage):
    """An act of the head on all the cases of one curator of his organisation, who may have left it already."""

    permission = Perm.CASE_ASSIGN
    model = User
    adds_row = True
    menu = "cases"

    def get_queryset(self):
        return User.objects.filter(organisation=self.request.user.organisation_id, role=Role.CURATOR)

    def get_breadcrumbs(self):
        return [(SERVICE[0], reverse(SERVICE[1])), (self.object.short_name, None)]

    def get_back_url(self):
        return reverse(SERVICE[1])

    def get_cases(self):
        cases = StandIn.cases_of(self.object).filter(organisation=self.request.user.organisation_id)
        return cases.select_related("family").order_by("number_key", "pk")

    def get_colleagues(self):
        return curators_of(self.request.user.organisation_id).exclude(pk=self.object.pk)

    def get_loads(self) -> dict:
        loads = reading.load_of_curators(self.request.user.organisation_id)
        return {load.curator.pk: reading.say_load(load) for load in loads}

    def get_note(self):
        return f"{self.object.full_name}; случаев: {self.get_cases().count()}"

    def check_moment(self):
        if not self.get_cases().exists():
            raise Refused("У этого куратора нет случаев, которые продолжаются.")
        if not self.get_colleagues().exists():
            raise Refused("В организации нет другого действующего куратора. Учётную запись заводит администратор.")


class StandInNew(_CuratorPage):
    form_class = StandInForm
    template_name = "cases/standin_new.html"
    title = "Назначить замещение"
    submit_title = "Назначить"
    success_message = "Замещение назначено. В эти дни случаи видят и ведут оба куратора."

    def get_form_kwargs(self):
        return {"colleagues": self.get_colleagues(), "loads": self.get_loads(), "cases": self.get_cases()}

    def act(self, form):
        return StandIn.name(self.object, by=self.request.user, **form.cleaned_data).get_absolute_url()

    def get_context_data(self, **context):
        others = StandIn.objects.visible_to(self.request.user).filter(until__gte=timezone.localdate())
        base = {
            "planned": list(others.filter(curator=self.object).with_people()),
            "stands_in": list(others.filter(user=self.object).with_people()),
        }
        return super().get_context_data(**(base | context))


class StandInEnd(StandInTrail, FormPage):
    permission = Perm.CASE_ASSIGN
    form_class = StandInEndForm
    title = "Завершить замещение"
    submit_title = "Завершить"
    success_message = "Замещение завершено. Случаи снова ведёт их куратор."

    def get_title(self):
        return "Отменить или сократить замещение" if self.is_planned else self.title

    @property
    def is_planned(self) -> bool:
        return _state(self.object) == StandIn.State.PLANNED

    def get_note(self):
        row = self.object
        note = f"{row.user.short_name} вместо куратора {row.curator.short_name}, по {row.until:%d.%m.%Y}"
        return f"{note}. Чтобы отменить, укажите день до {row.since:%d.%m.%Y}" if self.is_planned else note

    def check_moment(self):
        if _state(self.object) == StandIn.State.ENDED:
            raise Refused(f"Замещение завершилось {self.object.until:%d.%m.%Y}.")

    def act(self, form):
        self.object.end(by=self.request.user, **form.cleaned_data)
        return reverse("cases:standin-list")


class CuratorHandOver(_CuratorPage):
    """All cases of a curator who leaves, each to its new curator, on one page."""

    form_class = HandOverForm
    template_name = "cases/curator_hand_over.html"
    title = "Передать случаи куратора"
    submit_title = "Передать"

    def get_form_kwargs(self):
        return {"colleagues": self.get_colleagues(), "loads": self.get_loads(), "cases": self.get_cases()}

    def act(self, form):
        chosen = form.chosen()
        with transaction.atomic():
            for case, curator in chosen:
                try:
                    case.assign_curator(curator, by=self.request.user, since=form.cleaned_data["since"])
                except Refused as refused:
                    raise Refused(f"{case}: {str(refused)[:1].lower()}{str(refused)[1:]}") from refused
        self.success_message = f"Передано случаев: {len(chosen)}. Сроки теперь у новых кураторов."
        return reverse(SERVICE[1])
