"""«Семейная диспетчерская»: the board, one request, and the acts on it."""

import django_filters
from django.urls import reverse
from django.utils import timezone

from cases import dispatching
from cases.dispatch_forms import AppealForm, AttemptForm, CloseForm, DispatcherForm, GroupForm
from cases.models import Case, DispatchAttempt, DispatchRequest, ProblemGroup
from cases.period_filters import since_filter, until_filter
from cases.views.case import curators_of
from families.keepers import keeps, may_see
from families.models import Application, Family, Person, Referral
from sopr.accounts.policy import Perm, Role
from sopr.errors import Refused
from sopr.obligations.kinds import kind_of
from sopr.obligations.models import Obligation
from sopr.web.pages import Action, ActionPage, DetailPage, Empty, FormPage, ListPage
from sopr.web.tables import Column

MODULE = "dispatch"
TITLE = "Диспетчерская"
NOT_YOURS = "Обращение ведёт другой диспетчер. Записывать по нему может он или руководитель службы."
State = DispatchRequest.State
TONES = {State.NEW: "inbox", State.GROUPED: "wait", State.PICKED: "work", State.IN_HELP: "work", State.CLOSED: "done"}


class DispatchTrail:
    """The module, the right and the road of every page of the single window."""

    module = MODULE
    permission = Perm.CASE_WORK
    menu = "referrals"
    model = DispatchRequest

    def get_request(self):
        return self.object

    def get_breadcrumbs(self):
        crumbs = [(TITLE, reverse("cases:dispatch-list"))]
        row = self.get_request()
        if row is not None:
            crumbs.append((f"№\u00a0{row.number}/{row.year}", row.get_absolute_url()))
        return [*crumbs, (self.get_title(), None)]


class DispatchFilter(django_filters.FilterSet):
    STATES = [("open", "все открытые"), ("late", "с просроченным"), *State.choices]

    state = django_filters.ChoiceFilter(label="Состояние", choices=STATES, method="by_state", empty_label="любое")
    group = django_filters.ModelChoiceFilter(
        label="Группа проблем", queryset=ProblemGroup.objects.all(), empty_label="любая"
    )
    dispatcher = django_filters.ModelChoiceFilter(label="Диспетчер", queryset=None, empty_label="любой")
    since = since_filter("Обратились с", "appealed_on")
    until = until_filter("по", "appealed_on")
    helped_since = since_filter("Первая услуга с", "first_service_on")
    helped_until = until_filter("Первая услуга по", "first_service_on")

    class Meta:
        model = DispatchRequest
        fields = ["state", "group", "dispatcher"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.filters["dispatcher"].queryset = curators_of(self.request.user.organisation_id)

    def by_state(self, rows, _name, value):
        if value == "late":
            late = Obligation.objects.overdue(timezone.localdate())
            late = late.filter(subject_type=DispatchRequest._meta.label_lower)
            return rows.filter(pk__in=late.values("subject_id"))
        return rows.open() if value == "open" else rows.filter(state=value)


class DispatchList(DispatchTrail, ListPage):
    """The board: every family that has appealed to the organisation, by problem, with what is due next."""

    filterset_class = DispatchFilter
    title = TITLE
    note = "Единое окно: семьи, которые обратились, их проблемы и услуги"
    default_sort = "-appealed_on"
    export_name = "dispetcherskaya"
    template_name = "cases/dispatch_list.html"
    columns = [
        Column("number", "№", lambda row: f"{row.number}/{row.year}", url=DispatchRequest.get_absolute_url, width=10),
        Column("appealed_on", "Обратилась", kind="date", sort="appealed_on", width=14),
        Column("family", "Семья", "family.surname", url=DispatchRequest.get_absolute_url,
               note=lambda row: f"№ {row.family.number}, {row.family.municipality.name}", sort="family__search_text",
               note_title="Карточка", width=28),
        Column("group", "Группа проблем", "group.title", sort="group__title", width=32),
        Column("state", "Состояние", "get_state_display", kind="state", tone=lambda row: TONES[row.state],
               note=lambda row: row.get_result_display(), note_title="Итог", width=22),
        Column("due_on", "Ближайший срок", "due_on", kind="due", width=16),
        Column("days", "Дней до услуги", "days_to_first_service", kind="number",
               note=lambda row: f"{row.first_service_on:%d.%m.%Y}" if row.first_service_on else "",
               note_title="Первая услуга", width=14),
        Column("dispatcher", "Диспетчер", "dispatcher.short_name", sort="dispatcher__last_name", width=20),
    ]  # fmt: skip
    empty = Empty("Обращений пока нет", "Найдите или заведите карточку семьи, затем поставьте обращение на доску.",
                  "/families/", "Найти семью")  # fmt: skip

    def get_breadcrumbs(self):
        return []

    def get_queryset(self):
        return super().get_queryset().select_related("family__municipality", "group", "dispatcher")

    def decorate(self, rows):
        """Set `due_on` of the rows shown; one statement."""
        due = Obligation.objects.open().filter(
            subject_type=DispatchRequest._meta.label_lower, subject_id__in=[row.pk for row in rows]
        )
        by_row = dict(due.values_list("subject_id", "due_on"))
        for row in rows:
            row.due_on = by_row.get(row.pk)
        return rows

    def get_main_action(self):
        return Action("Найти семью", reverse("families:family-list"), "search")

    def get_actions(self):
        return [
            Action("Мобильные выезды", reverse("cases:dispatch-trips")),
            Action("Итоги за период", reverse("cases:dispatch-figures")),
        ]

    def get_context_data(self, **context):
        user = self.request.user
        return super().get_context_data(
            found="обращение,обращения,обращений",
            waiting=dispatching.waiting(user),
            groups=dispatching.groups_on_board(user.organisation_id),
            **context,
        )


class DispatchNew(DispatchTrail, FormPage):
    """Put a family's appeal on the board: by a signal (?referral=), an application (?application=) or its word."""

    model = Family
    form_class = AppealForm
    title = "Обращение в диспетчерскую"
    submit_title = "Поставить на доску"
    success_message = "Обращение на доске. Теперь определите группу проблем."
    adds_row = True

    def get_request(self):
        return None

    def get_back_url(self):
        return reverse("families:family-detail", args=[self.object.pk])

    def get_note(self):
        return str(self.object)

    def _paper(self, name, rows):
        asked = self.request.GET.get(name, "")
        return rows.filter(family=self.object, pk=asked).first() if asked.isdecimal() else None

    def get_papers(self):
        user = self.request.user
        applications = Application.objects.filter(organisation=user.organisation_id)
        return {
            "referral": self._paper("referral", Referral.objects.visible_to(user)),
            "application": self._paper("application", applications),
        }

    def get_form_kwargs(self):
        referral, application = self.get_papers().values()
        if referral is not None:
            return {"initial": {"appealed_on": timezone.localdate(referral.received_at), "asked": referral.substance}}
        if application is not None:
            asked = application.help_asked if keeps(self.request.user, self.object) else ""
            return {"initial": {"appealed_on": application.received_on, "asked": asked}}
        return {}

    def act(self, form):
        row = DispatchRequest.open_for(self.object, by=self.request.user, **self.get_papers(), **form.cleaned_data)
        return row.get_absolute_url()


class DispatchDetail(DispatchTrail, DetailPage):
    """One request: what is due now, the services, attempts, how it was closed. In brief for other dispatchers."""

    template_name = "cases/dispatch_detail.html"

    def get_queryset(self):
        return super().get_queryset().select_related(
            "family__municipality", "group", "dispatcher", "referral", "application", "case", "consent_by"
        )  # fmt: skip

    def get_title(self):
        return f"Обращение №\u00a0{self.object.number}/{self.object.year}"

    def get_breadcrumbs(self):
        return [*super().get_breadcrumbs()[:1], (f"№\u00a0{self.object.number}/{self.object.year}", None)]

    def link(self, name):
        return reverse(f"cases:dispatch-{name}", args=[self.object.pk])

    @property
    def works(self) -> bool:
        return self.object.works_on(self.request.user)

    def get_main_action(self):
        row = self.object
        if row.state == State.CLOSED:
            return None
        reason = "" if self.works else NOT_YOURS
        if row.state == State.NEW:
            return Action("Определить группу", self.link("group"), disabled_reason=reason)
        return Action("Подобрать услугу", self.link("pick"), disabled_reason=reason)

    def get_actions(self):
        row, user = self.object, self.request.user
        if row.state == State.CLOSED or not self.works:
            return []
        planned = "Есть запланированные услуги." if row.services.filter(state="planned").exists() else ""
        actions = [
            Action("Закрыть", self.link("close"), disabled_reason=planned),
            Action("Не удалось связаться", self.link("attempt")),
        ]
        if user.may(Perm.CASE_ASSIGN):
            actions.append(Action("Назначить диспетчера", self.link("assign"), rare=True))
        elif row.dispatcher_id is None:
            actions.insert(0, Action("Взять себе", self.link("take")))
        if row.state in (State.GROUPED, State.PICKED):
            actions.append(Action("Изменить группу", self.link("group"), rare=True))
        reason = "" if self.open_case else "У семьи нет открытого случая: откройте его с карточки семьи."
        actions.append(Action("Передать на сопровождение", self.link("support"), disabled_reason=reason, rare=True))
        return actions

    def get_context_data(self, **context):
        row = self.object
        self.open_case = find_case(row)
        due = Obligation.objects.about(row).open().order_by("due_on").first()
        return super().get_context_data(
            tone=TONES[row.state],
            works=self.works,
            due=due,
            due_title=kind_of(due.kind).title if due else "",
            services=list(row.services.select_related("agency", "by")) if self.works else [],
            attempts=list(row.attempts.select_related("by")) if self.works else [],
            events=list(row.events.select_related("by")),
            open_case=self.open_case,
            address=row.family.address if self._address_open() else "",
            **context,
        )

    def _address_open(self):
        family = self.object.family
        return not family.address_hidden or may_see(self.request.user, family, Perm.HIDDEN_ADDRESS_VIEW)


def find_case(row):
    """The case of the family that goes on in the organisation, or None."""
    return Case.objects.filter(family=row.family_id, organisation=row.organisation_id).open().first()


class DispatchPage(DispatchTrail, FormPage):
    """An act on one request, for who handles it."""

    def get_queryset(self):
        return super().get_queryset().select_related("family", "organisation", "dispatcher", "group")

    def get_back_url(self):
        return self.get_request().get_absolute_url()

    def get_note(self):
        row = self.get_request()
        return f"{row}, {row.family}"

    def check_moment(self):
        row = self.get_request()
        if not row.works_on(self.request.user):
            raise Refused(NOT_YOURS)
        if row.state == State.CLOSED:
            raise Refused(f"{row} закрыто {row.closed_on:%d.%m.%Y}.")

    def act(self, form):
        self.perform(form)
        return self.get_request().get_absolute_url()


class DispatchAssign(DispatchPage):
    permission = Perm.CASE_ASSIGN
    title = "Назначить диспетчера"
    form_class = DispatcherForm
    submit_title = "Назначить"
    success_message = "Диспетчер назначен."

    def get_form_kwargs(self):
        return {
            "dispatchers": curators_of(self.object.organisation_id),
            "initial": {"dispatcher": self.object.dispatcher_id},
        }

    def perform(self, form):
        self.object.assign(by=self.request.user, dispatcher=form.cleaned_data["dispatcher"])


class DispatchTake(DispatchPage, ActionPage):
    title = "Взять обращение"
    question = "Взять обращение себе?"
    submit_title = "Взять себе"
    success_message = "Обращение у Вас."

    def check_moment(self):
        super().check_moment()
        if self.request.user.role != Role.CURATOR:
            raise Refused("Руководитель назначает диспетчера, а не берёт обращение сам.")
        if self.object.dispatcher_id is not None:
            raise Refused("Обращение уже у Вас.")

    def perform(self, form):
        self.object.assign(by=self.request.user, dispatcher=self.request.user)


class DispatchGroup(DispatchPage):
    title = "Группа проблем"
    form_class = GroupForm
    success_message = "Группа определена. Теперь подберите услуги."

    def check_moment(self):
        super().check_moment()
        if self.object.state == State.IN_HELP:
            raise Refused("Помощь уже идёт: группа больше не меняется.")

    def get_form_kwargs(self):
        return {"initial": {"group": self.object.group_id, "problem": self.object.problem}}

    def perform(self, form):
        self.object.put_into_group(by=self.request.user, **form.cleaned_data)


class DispatchAttemptPage(DispatchPage):
    title = "Не удалось связаться"
    form_class = AttemptForm
    submit_title = "Записать"
    success_message = "Попытка записана."
    adds_row = True

    def perform(self, form):
        DispatchAttempt.record(self.object, by=self.request.user, **form.cleaned_data)


class DispatchClose(DispatchPage):
    """Closing with the client's consent, or by the rule of silence."""

    title = "Закрыть обращение"
    form_class = CloseForm
    template_name = "cases/dispatch_close.html"
    submit_title = "Закрыть обращение"
    success_message = "Обращение закрыто."

    def check_moment(self):
        super().check_moment()
        if self.object.services.filter(state="planned").exists():
            raise Refused("Есть запланированные услуги: отметьте, что они оказаны, или снимите их.")

    def get_form_kwargs(self):
        members = self.object.family.members_on(timezone.localdate())
        adults = [row.person_id for row in members if (row.person.age or 18) >= 14]
        return {"people": Person.objects.filter(pk__in=adults)}

    def perform(self, form):
        data = dict(form.cleaned_data)
        if data.pop("ground") == "silence":
            self.object.close_for_silence(by=self.request.user, result=data["result"])
        else:
            self.object.close(by=self.request.user, **data)

    def get_context_data(self, **context):
        return super().get_context_data(**({"why_not_silence": self.object.why_not_silence} | context))


class DispatchSupport(DispatchPage, ActionPage):
    title = "Передать на сопровождение"
    question = "Закрыть обращение и связать его со случаем семьи?"
    submit_title = "Передать"
    success_message = "Обращение связано со случаем. Дальше помощь идёт в случае."

    def check_moment(self):
        super().check_moment()
        if find_case(self.object) is None:
            raise Refused("У семьи нет открытого случая. Сначала откройте его с карточки семьи.")

    def get_consequences(self):
        return ["Запланированные услуги снимаются: их запланируют в ИПСС.", "История обращения остаётся здесь."]

    def perform(self, form):
        self.object.pass_to_support(find_case(self.object), by=self.request.user)
