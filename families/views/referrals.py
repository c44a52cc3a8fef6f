"""The journal of signals: entry, assignment, visit, end."""

from functools import cached_property

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from families.filters import ReferralFilter
from families.finding.likeness import families_named_in
from families.forms.referrals import NEW_FAMILY, NO_FAMILY, AssignForm, CloseForm, ReferralForm, VisitForm
from families.keepers import may_see_address_of, may_see_informant
from families.models import Family, Referral
from families.names import number_key
from sopr import profile
from sopr.accounts.models import User
from sopr.accounts.policy import Perm, Role
from sopr.errors import Refused
from sopr.web.pages import Action, DetailPage, Empty, FormPage, ListPage, record
from sopr.web.tables import Column

State = Referral.State
TONES = {
    State.NEW: "wait",
    State.SCREENING: "work",
    State.ACCEPTED: "done",
    State.REFERRED_ON: "off",
    State.REJECTED: "off",
}
NOT_YOURS = "Сигнал проверяет другой сотрудник. Записать посещение и закрыть сигнал может он или руководитель службы."


def _due(row):
    return row.due_on if row.state == State.SCREENING and row.visited_on is None else None


def _visit(row):
    if row.visited_on:
        return f"посещение {row.visited_on:%d.%m.%Y}"
    return ""


class ReferralList(ListPage):
    permission = Perm.REFERRAL_VIEW
    model = Referral
    title = "Сигналы"
    note = "Журнал сигналов и обращений"
    menu = "referrals"
    filterset_class = ReferralFilter
    default_sort = "-received_at"
    columns = [
        Column(
            "number",
            "№",
            lambda row: f"{row.number}/{row.year}",
            sort="received_at",
            width=12,
        ),
        Column("received_at", "Поступил", "received_at", kind="datetime", sort="received_at", width=18),
        Column(
            "about",
            "О ком",
            "about",
            url=lambda row: row.get_absolute_url(),
            note=lambda row: row.municipality.name,
            width=36,
        ),
        Column("channel", "Откуда", "get_channel_display", width=24),
        Column(
            "threat",
            "Угроза",
            lambda row: "угроза ребёнку" if row.threat_to_life else "срочно" if row.at_once else None,
            tone=lambda row: "danger" if row.threat_to_life or row.at_once else "",
            width=16,
        ),
        Column(
            "state",
            "Состояние",
            "get_state_display",
            kind="state",
            sort="state",
            tone=lambda row: TONES[row.state],
            note=_visit,
            width=22,
        ),
        Column(
            "assigned_to",
            "Проверяет",
            lambda row: row.assigned_to.short_name if row.assigned_to else None,
            sort="assigned_to__last_name",
            width=22,
        ),
        Column("due_on", "Посетить до", _due, kind="due", sort="due_on", width=14),
    ]
    empty = Empty(
        "Сигналов пока нет",
        "Сюда записывают каждое сообщение о семье: звонок, письмо, слова специалиста.",
        "/families/referrals/new/",
        "Записать сигнал",
    )

    @property
    def export_name(self):
        """The journal leaves the system only in the hands of the head."""
        return "zhurnal-signalov" if self.request.user.may(Perm.REFERRAL_ASSIGN) else ""

    def get(self, request, *args, **kwargs):
        if request.GET.get("as") == "xlsx" and not self.export_name:
            record(request.user, "refuse", detail={"page": self.page_name})
            raise PermissionDenied
        return super().get(request, *args, **kwargs)

    def get_queryset(self):
        return super().get_queryset().select_related("municipality", "assigned_to")

    def get_main_action(self):
        return Action("Записать сигнал", reverse("families:referral-new"), "plus-lg")

    def get_actions(self):
        """Where the practices of the region go on from the signals."""
        has, user = profile.current().has, self.request.user
        actions = []
        if has("dispatch") and user.may(Perm.CASE_WORK):
            actions.append(Action("Диспетчерская", reverse("cases:dispatch-list")))
        if has("newborn") and user.may(Perm.HEALTH_VIEW):
            actions.append(Action("Под крылом аиста", reverse("cases:newborn-list")))
        return actions

    def get_context_data(self, **context):
        return super().get_context_data(found="сигнал,сигнала,сигналов", **context)


class ReferralNew(FormPage):
    permission = Perm.REFERRAL_ADD
    model = Referral
    menu = "referrals"
    title = "Новый сигнал"
    template_name = "families/referral_new.html"
    submit_title = "Записать сигнал"
    success_message = "Сигнал записан в журнал."

    def get_breadcrumbs(self):
        return [("Сигналы", reverse("families:referral-list")), ("Новый сигнал", None)]

    def get_form(self, data=None, files=None):
        return ReferralForm(data, initial={"municipality": self.request.user.organisation.municipality_id})

    def act(self, form):
        self.object = Referral.register(by=self.request.user, **form.entry())
        return self.object.get_absolute_url()


class ReferralDetail(DetailPage):
    permission = Perm.REFERRAL_VIEW
    model = Referral
    menu = "referrals"
    template_name = "families/referral_detail.html"

    def get_queryset(self):
        return (
            super()
            .get_queryset()
            .select_related("municipality", "assigned_to", "registered_by", "source_agency", "family__municipality")
        )

    def get_title(self):
        return str(self.object)

    def get_breadcrumbs(self):
        return [("Сигналы", reverse("families:referral-list")), (f"№ {self.object.number}/{self.object.year}", None)]

    def link(self, name):
        return reverse(f"families:{name}", args=[self.object.pk])

    def get_main_action(self):
        row, user = self.object, self.request.user
        if row.state == State.NEW:
            reason = "" if user.may(Perm.REFERRAL_ASSIGN) else "Проверяющего назначает руководитель службы."
            return Action("Назначить куратора", self.link("referral-assign"), disabled_reason=reason)
        if row.state != State.SCREENING:
            return None
        if row.visited_on is None:
            reason = "" if works_on(user, row) else NOT_YOURS
            return Action("Записать посещение", self.link("referral-visit"), disabled_reason=reason)
        if row.family is None:
            return Action("Завести карточку семьи", f"{reverse('families:family-new')}?referral={row.pk}")
        return Action("Открыть карточку семьи", reverse("families:family-detail", args=[row.family_id]))

    def get_actions(self):
        row, user = self.object, self.request.user
        if row.state not in (State.NEW, State.SCREENING):
            return []
        reason = "" if works_on(user, row) else NOT_YOURS
        actions = []
        if row.state == State.SCREENING and row.visited_on:
            actions.append(Action("Исправить запись о посещении", self.link("referral-visit"), disabled_reason=reason))
        if row.state == State.SCREENING and user.may(Perm.REFERRAL_ASSIGN):
            actions.append(Action("Сменить куратора", self.link("referral-assign")))
        return [*actions, Action("Закрыть сигнал", self.link("referral-close"), disabled_reason=reason)]

    def get_steps(self):
        row = self.object
        over = row.state in (State.REFERRED_ON, State.REJECTED)
        marks = [
            ("Запись", True, f"{timezone.localtime(row.received_at):%d.%m.%Y}"),
            ("Поручение куратору", row.assigned_to is not None, row.assigned_to.short_name if row.assigned_to else ""),
            ("Посещение семьи", row.visited_on is not None, f"{row.visited_on:%d.%m.%Y}" if row.visited_on else ""),
        ]
        if over:
            marks.append((row.get_state_display().capitalize(), True, ""))
        else:
            marks.append(("Карточка семьи", row.family_id is not None, f"№ {row.family.number}" if row.family else ""))
            marks.append(("Случай", row.state == State.ACCEPTED, ""))
        now = next((index for index, mark in enumerate(marks) if not mark[1]), None)
        return [
            {"title": title, "state": "done" if done else "current" if index == now else "todo", "note": note}
            for index, (title, done, note) in enumerate(marks)
            if done or not over
        ]

    def get_context_data(self, **context):
        return super().get_context_data(
            steps=self.get_steps(),
            informant_open=may_see_informant(self.request.user, self.object),
            address_open=may_see_address_of(self.request.user, self.object),
            works=works_on(self.request.user, self.object),
            **context,
        )


def works_on(user, referral) -> bool:
    """Whether the user checks the signal: the curator it was given to, or the head."""
    return user.role == Role.HEAD or referral.assigned_to_id == user.pk


class ReferralPage(FormPage):
    """A form about one signal."""

    permission = Perm.REFERRAL_WORK
    model = Referral
    menu = "referrals"

    def get_breadcrumbs(self):
        return [
            ("Сигналы", reverse("families:referral-list")),
            (f"№ {self.object.number}/{self.object.year}", self.object.get_absolute_url()),
        ]

    def get_note(self):
        return f"{self.object}, {self.object.about}"

    def check_moment(self):
        if not works_on(self.request.user, self.object):
            raise Refused(NOT_YOURS)
        if self.object.state not in (State.NEW, State.SCREENING):
            raise Refused(f"{self.object}: работа по нему завершена, состояние «{self.object.get_state_display()}».")


class ReferralAssign(ReferralPage):
    permission = Perm.REFERRAL_ASSIGN
    title = "Назначить куратора"
    form_class = AssignForm
    submit_title = "Назначить"
    success_message = "Куратор назначен, срок посещения поставлен."

    def get_form_kwargs(self):
        return {"curators": [(user.pk, _with_load(user)) for user in self.curators]}

    @cached_property
    def curators(self):
        """Working curators of the organisation with what they have in hand, the least loaded first."""
        today = timezone.localdate()
        open_work = Q(obligations__closed_at=None)
        return list(
            User.objects.filter(organisation=self.request.user.organisation_id, role=Role.CURATOR, is_active=True)
            .annotate(
                signals=Count("referrals", filter=Q(referrals__state=State.SCREENING), distinct=True),
                due=Count("obligations", filter=open_work, distinct=True),
                late=Count("obligations", filter=open_work & Q(obligations__due_on__lt=today), distinct=True),
            )
            .order_by("late", "due", "last_name", "pk")
        )

    def act(self, form):
        curator = next(user for user in self.curators if user.pk == form.cleaned_data["curator"])
        self.object.assign(by=self.request.user, curator=curator)
        return self.object.get_absolute_url()


def _with_load(user) -> str:
    return f"{user.full_name} — сигналов в работе: {user.signals}, дел со сроком: {user.due}, просрочено: {user.late}"


class ReferralVisit(ReferralPage):
    title = "Посещение семьи"
    submit_title = "Записать посещение"
    success_message = "Посещение записано."

    def check_moment(self):
        super().check_moment()
        if self.object.state == State.NEW:
            raise Refused("Сначала руководитель назначает куратора: посещение записывает он.")

    @cached_property
    def families(self):
        found = families_named_in(self.object.about, self.object.address, by=self.request.user)
        linked = self.object.family
        return found if linked is None or linked in found else [linked, *found]

    def get_form(self, data=None, files=None):
        row = self.object
        initial = {"result": row.result} | ({"visited_on": row.visited_on} if row.visited_on else {})
        return VisitForm(data, initial=initial, families=self.families, linked=row.family_id)

    def act(self, form):
        values = form.cleaned_data
        self.object.record_visit(
            by=self.request.user,
            visited_on=values["visited_on"],
            result=values["result"],
            family=self._chosen(values),
        )
        if values["family"] == NEW_FAMILY and not values["number"]:
            return f"{reverse('families:family-new')}?referral={self.object.pk}"
        return self.object.get_absolute_url()

    def _chosen(self, values):
        if values["number"]:
            key = number_key(values["number"].lstrip("№# "))
            found = Family.objects.visible_to(self.request.user).filter(number_key=key).first()
            if found is None:
                raise Refused(f"Карточки № {values['number']} в Вашей организации нет. Проверьте номер.")
            return found
        if values["family"] in (NEW_FAMILY, NO_FAMILY):
            return None
        return next(family for family in self.families if str(family.pk) == values["family"])


class ReferralClose(ReferralPage):
    title = "Закрыть сигнал"
    form_class = CloseForm
    submit_title = "Закрыть сигнал"
    success_message = "Сигнал закрыт."

    def act(self, form):
        verb = self.object.refer_on if form.cleaned_data["way"] == "refer_on" else self.object.reject
        verb(by=self.request.user, result=form.cleaned_data["result"])
        return self.object.get_absolute_url()
