"""Questions about an activity between its executor and the curator, one open at a time."""

from cases.activity_forms import AnswerForm, QuestionForm
from cases.models import Clarification
from cases.models.clarification import why_not_ask
from cases.views.activity import ActivityFormPage
from sopr.accounts.policy import Perm
from sopr.errors import Refused


class ActivityAsk(ActivityFormPage):
    permission = Perm.ACTIVITY_VIEW
    form_class = QuestionForm
    title = "Вопрос по мероприятию"
    submit_title = "Отправить вопрос"
    adds_row = True

    def check_moment(self):
        super().check_moment()
        reason = why_not_ask(self.object)
        if reason:
            raise Refused(reason)

    def perform(self, form):
        Clarification.ask(self.object, by=self.request.user, question=form.cleaned_data["question"])
        self.success_message = f"Вопрос отправлен: {'куратору' if self.is_executor else 'исполнителю'}."


class ClarificationAnswer(ActivityFormPage):
    permission = Perm.ACTIVITY_VIEW
    model = Clarification
    form_class = AnswerForm
    template_name = "cases/clarification_answer.html"
    title = "Ответ на вопрос"
    submit_title = "Ответить"
    success_message = "Ответ отправлен."

    def get_queryset(self):
        return Clarification.objects.visible_to(self.request.user).select_related(
            "asked_by", "activity__agency", "activity__person", "activity__goal__revision", "activity__case__family",
            "activity__case__curator", "activity__case__organisation",
        )  # fmt: skip

    def get_activity(self):
        return self.object.activity

    def check_moment(self):
        if self.object.closed_at is not None:
            raise Refused("Этот вопрос уже закрыт.")
        if self.object.to_curator == self.is_executor:
            raise Refused("Этот вопрос задала Ваша сторона. Ответит другая.")

    def perform(self, form):
        self.object.reply(by=self.request.user, text=form.cleaned_data["text"])
