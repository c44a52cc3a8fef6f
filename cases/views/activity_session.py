"""Sessions of a repeated activity: dates, attendance, another day, a day without."""

from django.utils import timezone

from cases.activity_forms import ScheduleForm, SessionCancelForm, SessionMarkForm, SessionMoveForm
from cases.activity_sessions import participants
from cases.activity_words import name_for_agency
from cases.models import Activity, ActivitySession
from cases.views.activity import ActivityFormPage
from sopr.accounts.policy import Perm
from sopr.errors import Refused


class ActivitySchedule(ActivityFormPage):
    """Set the dates: what is not marked yet is laid out anew from the day given."""

    permission = Perm.ACTIVITY_VIEW
    form_class = ScheduleForm
    title = "Даты занятий"
    submit_title = "Расставить даты"
    success_message = "Даты занятий расставлены."
    moment = Activity.TO_DO_STATES

    def get_form_kwargs(self):
        return {"initial": {"first_on": timezone.localdate()}}

    def perform(self, form):
        self.object.plan_sessions(by=self.request.user, first_on=form.cleaned_data["first_on"])


class SessionPage(ActivityFormPage):
    """An act on one session."""

    permission = Perm.ACTIVITY_VIEW
    model = ActivitySession
    moment = Activity.TO_DO_STATES

    def get_queryset(self):
        return ActivitySession.objects.visible_to(self.request.user).select_related(
            "activity__agency", "activity__person", "activity__goal__revision", "activity__case__family",
            "activity__case__curator", "activity__case__organisation",
        )  # fmt: skip

    def get_activity(self):
        return self.object.activity

    def get_title(self):
        return f"{self.title} {self.object.planned_on:%d.%m.%Y}"


class SessionMark(SessionPage):
    """Who came: one tap for each participant."""

    form_class = SessionMarkForm
    title = "Явка на занятии"
    submit_title = "Записать явку"
    success_message = "Явка записана."

    def check_moment(self):
        super().check_moment()
        if self.object.planned_on > timezone.localdate():
            raise Refused("Занятие ещё не состоялось. Отметьте явку в его день или позже.")

    def get_form_kwargs(self):
        activity = self.object.activity
        marks = {row.person_id: row for row in self.object.attendances.all()}
        initial = {f"person_{pk}": "came" if row.came else "missed" for pk, row in marks.items()}
        initial |= {
            "topic": self.object.topic,
            "minutes": next((row.minutes for row in marks.values() if row.minutes), None),
        }
        return {"people": participants(activity), "label_of": name_for_agency, "initial": initial}

    def perform(self, form):
        came, missed = form.sort_out()
        data = form.cleaned_data
        self.object.mark(by=self.request.user, came=came, missed=missed, minutes=data["minutes"], topic=data["topic"])


class SessionMove(SessionPage):
    form_class = SessionMoveForm
    title = "Перенести занятие"
    submit_title = "Перенести"
    success_message = "Занятие перенесено."

    def perform(self, form):
        self.object.move(by=self.request.user, to=form.cleaned_data["to"])


class SessionCancel(SessionPage):
    form_class = SessionCancelForm
    title = "Отменить занятие"
    submit_title = "Отменить занятие"
    success_message = "Занятие отменено."

    def perform(self, form):
        self.object.cancel(by=self.request.user, reason=form.cleaned_data["reason"])
