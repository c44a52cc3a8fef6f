"""Поручения: given at a meeting, reported by the agency."""

from django.urls import reverse
from django.utils import timezone

from councils.board import executors_of
from councils.forms import AssignmentForm, AssignmentReportForm
from councils.models import AgendaItem, Assignment, Meeting
from councils.views.queue import MEETINGS, crumbs
from sopr.accounts.policy import Perm, Role
from sopr.errors import Refused
from sopr.web.pages import FormPage


class AssignmentNew(FormPage):
    permission = Perm.MEETING_RUN
    model = AgendaItem
    title = "Поручение совета"
    form_class = AssignmentForm
    submit_title = "Дать поручение"
    adds_row = True
    success_message = "Поручение записано, исполнитель увидит его со сроком."

    def get_queryset(self):
        return super().get_queryset().select_related("case__family", "meeting__council")

    def get_note(self):
        return f"Вопрос {self.object.position}: {self.object.case.family.surname}, {self.object.get_question_display()}"

    def get_breadcrumbs(self):
        meeting = self.object.meeting
        return [*crumbs(MEETINGS), (str(meeting), f"{meeting.get_absolute_url()}?item={self.object.pk}")]

    def check_moment(self):
        if self.object.meeting is None or self.object.meeting.state != Meeting.State.RUNNING:
            raise Refused("Поручение даётся на заседании, пока оно идёт.")

    def get_form_kwargs(self):
        return {"agencies": executors_of(self.object.meeting.council)}

    def act(self, form):
        Assignment.give(self.object, by=self.request.user, **form.cleaned_data)
        return self.get_back_url()


class AssignmentReport(FormPage):
    """Отчёт о поручении: by its agency, or by the secretary who was told of it."""

    permission = Perm.ASSIGNMENT_REPORT
    model = Assignment
    title = "Отчёт о поручении совета"
    form_class = AssignmentReportForm
    template_name = "councils/assignment_report.html"
    submit_title = "Поручение исполнено"
    success_message = "Отчёт записан."

    def get_queryset(self):
        return super().get_queryset().select_related("executor", "item__council", "item__meeting__minutes")

    def get_breadcrumbs(self):
        return [(title, reverse(name)) for title, name in HOME.get(self.request.user.role, [])]

    def check_moment(self):
        if self.object.done_on is not None:
            raise Refused("Поручение уже исполнено.")

    def get_form_kwargs(self):
        return {"initial": {"done_on": timezone.localdate()}}

    def act(self, form):
        self.object.report(by=self.request.user, **form.cleaned_data)
        return self.get_back_url()


HOME = {
    Role.SECRETARY: [MEETINGS],
    Role.EXECUTOR: [("Мои мероприятия", "cases:activity-list")],
    Role.CURATOR: [("Мой день", "cases:my-day")],
    Role.HEAD: [("Служба", "cases:service")],
}
