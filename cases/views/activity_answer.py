"""The curator's side of an activity: the answer to a report, another executor, the paper for who has no login."""

from django.urls import reverse
from django.utils import timezone

from cases.activity_forms import ActivityRecordForm, ActivityReturnForm, HandOnForm
from cases.activity_sessions import report_of_sessions
from cases.activity_words import for_whom
from cases.documents import ACTIVITY_REQUEST
from cases.models import Activity, ActivityRequest
from cases.models.request import why_not_request
from cases.views.activity import ActivityFormPage
from cases.views.programme import agencies_for
from sopr.accounts.policy import Perm
from sopr.documents.pdf import pdf_response
from sopr.errors import Refused
from sopr.web.pages import ActionPage, DetailPage

State = Activity.State


class ReportedActivityPage(ActivityFormPage):
    """The curator's answer to a report; back to the programme after it."""

    permission = Perm.CASE_WORK
    moment = (State.REPORTED,)

    def act(self, form):
        self.perform(form)
        return f"{self.object.case.get_absolute_url()}?tab=programme"

    def get_context_data(self, **context):
        return super().get_context_data(**({"files": list(self.object.files.select_related("attachment"))} | context))


class ActivityAccept(ReportedActivityPage, ActionPage):
    template_name = "cases/activity_accept.html"
    title = "Отчёт исполнителя"
    submit_title = "Принять отчёт"
    success_message = "Отчёт принят, мероприятие исполнено."

    def perform(self, form):
        self.object.accept_report(by=self.request.user)


class ActivityReturn(ReportedActivityPage):
    form_class = ActivityReturnForm
    template_name = "cases/activity_return.html"
    title = "Вернуть отчёт"
    submit_title = "Вернуть исполнителю"
    success_message = "Отчёт возвращён исполнителю с замечанием."

    def perform(self, form):
        self.object.return_report(by=self.request.user, remark=form.cleaned_data["remark"])


class ActivityRecord(ReportedActivityPage):
    """The curator writes the result down himself: his own organisation did it, or the agency told him."""

    form_class = ActivityRecordForm
    template_name = "cases/activity_record.html"
    title = "Результат мероприятия"
    submit_title = "Записать результат"
    success_message = "Результат записан."
    moment = (*Activity.TO_DO_STATES, State.DECLINED)

    def get_form_kwargs(self):
        initial = {"done": "no" if self.object.state == State.DECLINED else "yes", "told_on": timezone.localdate()}
        return {"ours": self.object.is_ours, "initial": initial | report_of_sessions(self.object, for_whom)}

    def perform(self, form):
        data, user = form.cleaned_data, self.request.user
        if data["done"] == "declined":
            self.object.record_refusal(by=user, reason=data["decline_reason"], note=data["result"], told=form.told)
        else:
            self.object.record_result(
                by=user,
                done_on=data["done_on"],
                result=data["result"],
                not_done_reason=data["not_done_reason"],
                told=form.told,
            )
        self.object.requests.filter(answered_on=None).update(answered_on=form.told.get("told_on", timezone.localdate()))
        self.keep_file(form)


class ActivityHandOn(ReportedActivityPage):
    """A declined activity goes to another agency; the council's plan itself stays as approved."""

    form_class = HandOnForm
    title = "Передать другому исполнителю"
    submit_title = "Передать"
    success_message = "Мероприятие передано. Новый исполнитель увидит его на своей странице."
    moment = (State.DECLINED,)

    def get_form_kwargs(self):
        return {"agencies": agencies_for(self.object.case).exclude(pk=self.object.agency_id)}

    def act(self, form):
        return self.object.hand_on(by=self.request.user, agency=form.cleaned_data["agency"]).get_absolute_url()


class ActivityRequestNew(ActivityFormPage, ActionPage):
    """Number the paper for an agency without a login; it opens for printing."""

    permission = Perm.CASE_WORK
    template_name = "base_confirm.html"
    title = "Запрос исполнителю"
    submit_title = "Присвоить номер и распечатать"
    moment = Activity.TO_DO_STATES

    def get_question(self):
        return f"Направить запрос об исполнении мероприятия «{self.object.title}»: {self.object.agency}?"

    def get_consequences(self):
        return [
            "Запросу присваивается номер. Напечатается письмо с формой ответа на втором листе.",
            "В письме: для кого, что и к какому сроку, Ваш телефон. Ни сведений о здоровье, ни доходов, ни адреса.",
            "Когда ответ придёт, запишите его: «Записать результат», скан можно приложить.",
        ]

    def check_moment(self):
        reason = why_not_request(self.object)
        if reason:
            raise Refused(reason)

    def act(self, form):
        return reverse("cases:request-print", args=[ActivityRequest.issue(self.object, by=self.request.user).pk])


class RequestPrint(DetailPage):
    """The request as a PDF, as often as it is needed."""

    permission = Perm.CASE_WORK
    model = ActivityRequest
    audit_read = ""

    def get_queryset(self):
        return (
            super()
            .get_queryset()
            .select_related("activity__agency", "activity__person", "activity__case__family",
                            "activity__case__organisation", "activity__case__curator", "by")
        )  # fmt: skip

    def show(self, status=200, **context):
        return pdf_response(ACTIVITY_REQUEST, self.object, by=self.request.user)
