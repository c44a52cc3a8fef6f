"""Передача случая в другую организацию: offer, list, answer."""

from django.urls import reverse

from cases import acts, reading
from cases.forms import AssignForm
from cases.models import CaseTransfer
from cases.transfer_forms import DeclineForm, OfferForm
from cases.views.base import CaseFormPage
from cases.views.case import curators_of
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.pages import Action, ActionPage, DetailPage, Empty, FormPage, ListPage
from sopr.web.tables import Column

State = CaseTransfer.State
TONES = {State.OFFERED: "wait", State.ACCEPTED: "done", State.DECLINED: "bad", State.WITHDRAWN: "off"}


class TransferOffer(CaseFormPage):
    permission = Perm.CASE_ASSIGN
    form_class = OfferForm
    title = "Передать в другую организацию"
    submit_title = "Предложить передачу"
    success_message = "Предложение отправлено. До ответа случай остаётся у Вас."
    why_not = staticmethod(acts.why_not_transfer)

    def get_form_kwargs(self):
        return {"receivers": CaseTransfer.receivers(self.object)}

    def act(self, form):
        return CaseTransfer.offer(self.object, by=self.request.user, **form.cleaned_data).get_absolute_url()


class TransferList(ListPage):
    permission = Perm.CASE_VIEW
    model = CaseTransfer
    title = "Передачи случаев"
    note = "Между организациями: кто предложил, кто принял"
    menu = "cases"
    default_sort = "-offered_at"
    columns = [
        Column("case", "Случай", "case.number", url=lambda row: row.get_absolute_url(), width=14),
        Column("family", "Семья", "case.family.surname", width=24),
        Column("from", "Откуда", "case.organisation", width=36),
        Column("to", "Куда", "to_organisation", width=36),
        Column("offered_at", "Предложена", kind="datetime", width=18),
        Column("state", "Состояние", "get_state_display", kind="state", tone=lambda row: TONES[row.state], width=16),
    ]
    empty = Empty(
        "Передач нет", "Руководитель предлагает передачу со страницы случая: «Передать в другую организацию»."
    )

    def get_queryset(self):
        return super().get_queryset().with_sides()

    def get_breadcrumbs(self):
        return [("Случаи", reverse("cases:case-list")), (self.title, None)]

    def get_context_data(self, **context):
        return super().get_context_data(found="передача,передачи,передач", **context)


class TransferTrail:
    """What the pages about one offer share."""

    model = CaseTransfer
    menu = "cases"

    def get_queryset(self):
        return super().get_queryset().with_sides()

    @property
    def receives(self) -> bool:
        """Whether the reader is on the side that answers."""
        return self.object.to_organisation_id == self.request.user.organisation_id

    def get_breadcrumbs(self):
        return [
            ("Случаи", reverse("cases:case-list")),
            ("Передачи случаев", reverse("cases:transfer-list")),
            (f"№\u00a0{self.object.case.number}", self.object.get_absolute_url()),
        ]

    def get_note(self):
        return reading.family_title(self.object.case.family)

    def check_moment(self):
        if self.object.state != State.OFFERED:
            raise Refused(f"На предложение уже ответили: {self.object.get_state_display()}.")


class TransferDetail(TransferTrail, DetailPage):
    permission = Perm.CASE_VIEW
    template_name = "cases/transfer_detail.html"

    def get_title(self):
        return f"Передача случая №\u00a0{self.object.case.number}"

    def get_main_action(self):
        if self.object.state != State.OFFERED or not self.receives:
            return None
        return Action("Принять случай", reverse("cases:transfer-accept", args=[self.object.pk]))

    def get_actions(self):
        if self.object.state != State.OFFERED or not self.request.user.may(Perm.CASE_ASSIGN):
            return []
        name, title = ("decline", "Не принимать") if self.receives else ("withdraw", "Отозвать предложение")
        return [Action(title, reverse(f"cases:transfer-{name}", args=[self.object.pk]))]

    def get_context_data(self, **context):
        case, new_case = self.object.case, self.object.new_case
        return super().get_context_data(
            receives=self.receives,
            tone=TONES[self.object.state],
            covered=case.members.count(),
            own_case=new_case if self.receives else case,
            **context,
        )


class TransferAccept(TransferTrail, FormPage):
    """The other head takes the case over and names its curator."""

    permission = Perm.CASE_ASSIGN
    title = "Принять случай"
    submit_title = "Принять"
    success_message = "Случай принят. Возьмите у семьи заявление и согласия для Вашей организации."

    def get_queryset(self):
        return super().get_queryset().filter(to_organisation=self.request.user.organisation_id)

    def get_form(self, data=None, files=None):
        organisation = self.request.user.organisation_id
        loads = {load.curator.pk: reading.say_load(load) for load in reading.load_of_curators(organisation)}
        form = AssignForm(data, curators=curators_of(organisation), loads=loads)
        del form.fields["since"]
        return form

    def act(self, form):
        return self.object.accept(by=self.request.user, curator=form.cleaned_data["curator"]).get_absolute_url()


class TransferDecline(TransferTrail, FormPage):
    permission = Perm.CASE_ASSIGN
    form_class = DeclineForm
    title = "Не принимать случай"
    submit_title = "Отклонить"
    success_message = "Ответ отправлен."

    def get_queryset(self):
        return super().get_queryset().filter(to_organisation=self.request.user.organisation_id)

    def act(self, form):
        self.object.decline(by=self.request.user, remark=form.cleaned_data["remark"])
        return self.object.get_absolute_url()


class TransferWithdraw(TransferTrail, ActionPage):
    permission = Perm.CASE_ASSIGN
    title = "Отозвать предложение"
    question = "Отозвать предложение о передаче? Случай останется у Вас."
    submit_title = "Отозвать"
    success_message = "Предложение отозвано."

    def get_queryset(self):
        return super().get_queryset().filter(case__organisation=self.request.user.organisation_id)

    def act(self, form):
        self.object.withdraw(by=self.request.user)
        return self.object.get_absolute_url()
