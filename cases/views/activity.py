"""Activities: the executor's own page with the least data, and the curator's answer to a report."""

import django_filters
from django.db.models import Case as Choose
from django.db.models import When
from django.urls import reverse
from django.utils import timezone

from cases.forms import ActivityReportForm, ActivityReturnForm
from cases.models import Activity
from cases.views.base import CaseFormPage
from sopr.accounts.models import short_name
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.pages import ActionPage, Empty, FormPage, ListPage
from sopr.web.tables import Column

STATE_WORDS = {"planned": "надо сделать", "reported": "отчёт у куратора", "done": "исполнено, отчёт принят"}
STATE_TONES = {"planned": "work", "reported": "wait", "done": "done", "not_done": "off", "replaced": "off"}


def for_whom(activity) -> str:
    """The least that tells the executor whom it is for: «Илья К.» or «семья» (domain.md §5)."""
    person = activity.person
    if person is None:
        return "семья"
    return f"{person.first_name}\u00a0{person.last_name[:1]}." if person.first_name else f"{person.last_name[:1]}."


def _curator(activity) -> str:
    curator = activity.case.curator
    return short_name(curator.last_name, curator.first_name, curator.patronymic) if curator else ""


def _curator_phone(activity) -> str:
    curator = activity.case.curator
    return (curator.phone if curator else "") or activity.case.organisation.phone


def _state(activity) -> str:
    if activity.is_overdue(timezone.localdate()):
        return "просрочено"
    if activity.state == Activity.State.PLANNED and activity.remark:
        return "возвращено куратором"
    return STATE_WORDS.get(activity.state) or activity.get_state_display()


def _state_tone(activity) -> str:
    if activity.is_overdue(timezone.localdate()):
        return "over"
    return "back" if activity.state == Activity.State.PLANNED and activity.remark else STATE_TONES[activity.state]


class ActivityFilter(django_filters.FilterSet):
    STATES = [("todo", "надо сделать"), ("wait", "отчёт у куратора"), ("ended", "завершённые")]

    state = django_filters.ChoiceFilter(label="Показать", choices=STATES, method="filter_state", empty_label="все")

    class Meta:
        model = Activity
        fields = ["state"]

    def filter_state(self, rows, _name, value):
        states = {"todo": ["planned"], "wait": ["reported"]}.get(value, ["done", "not_done"])
        return rows.filter(state__in=states)


class ActivityList(ListPage):
    """«Мои мероприятия» of an agency: what, for whom, by when; nothing else about the family."""

    permission = Perm.ACTIVITY_REPORT
    model = Activity
    filterset_class = ActivityFilter
    title = "Мои мероприятия"
    template_name = "cases/activity_list.html"
    empty = Empty("Мероприятий пока нет", "Они появятся, когда совет утвердит программу с участием Вашей организации.")
    columns = [
        Column(
            "title",
            "Мероприятие",
            "title",
            url=lambda row: _report_url(row),
            note=lambda row: f"Замечание куратора: {row.remark}" if row.remark and row.state == "planned" else "",
        ),
        Column("kind", "Вид помощи", "get_kind_display", sort="kind"),
        Column("whom", "Для кого", for_whom),
        Column("due_on", "Срок", "due_on", kind="date", sort="due_on"),
        Column("state", "Состояние", _state, kind="state", tone=_state_tone),
        Column("curator", "Куратор", _curator, note=_curator_phone),
        Column(
            "act",
            "Действие",
            lambda row: "Отчитаться" if _report_url(row) else "",
            kind="act",
            url=lambda row: _report_url(row),
        ),
    ]

    def get_queryset(self):
        rows = super().get_queryset().exclude(state=Activity.State.REPLACED)
        to_do_first = Choose(When(state="planned", then=0), When(state="reported", then=1), default=2)
        return rows.select_related("person", "case__curator", "case__organisation").annotate(rank=to_do_first)

    def get_ordering(self):
        return super().get_ordering() if self.sort else ["rank", "due_on", "pk"]

    def get_context_data(self, **context):
        return super().get_context_data(**({"found": "мероприятие,мероприятия,мероприятий"} | context))


def _report_url(activity) -> str:
    if activity.state != Activity.State.PLANNED:
        return ""
    return reverse("cases:activity-report", args=[activity.pk])


class ActivityReport(FormPage):
    """The executor says what came of it."""

    permission = Perm.ACTIVITY_REPORT
    model = Activity
    form_class = ActivityReportForm
    template_name = "cases/activity_report.html"
    title = "Отчёт о мероприятии"
    submit_title = "Отправить куратору"
    success_message = "Отчёт отправлен куратору."

    def get_queryset(self):
        return super().get_queryset().select_related("person", "case__curator", "case__organisation")

    def get_breadcrumbs(self):
        return [("Мои мероприятия", reverse("cases:activity-list")), (self.title, None)]

    def check_moment(self):
        if self.object.state != Activity.State.PLANNED:
            state = self.object.get_state_display()
            raise Refused(f"Мероприятие сейчас в состоянии «{state}»: отчёт уже отправлен.")

    def get_form_kwargs(self):
        return {"initial": {"done": "yes", "done_on": timezone.localdate()}}

    def act(self, form):
        data = form.cleaned_data
        if data["done"] == "yes":
            self.object.report_done(by=self.request.user, done_on=data["done_on"], result=data["result"])
        else:
            self.object.report_not_done(by=self.request.user, reason=data["not_done_reason"], result=data["result"])
        return reverse("cases:activity-list")

    def get_context_data(self, **context):
        activity = self.object
        base = {"whom": for_whom(activity), "curator": _curator(activity), "phone": _curator_phone(activity)}
        return super().get_context_data(**(base | context))


class ReportedActivityPage(CaseFormPage):
    """The curator's answer to a report."""

    model = Activity
    tab = "programme"

    def get_queryset(self):
        return (
            super()
            .get_queryset()
            .select_related(
                "agency",
                "person",
                "reported_by",
                "goal__revision",
                "case__family",
                "case__curator",
                "case__organisation",
            )
        )

    def get_case(self):
        return self.object.case

    def get_back_url(self):
        return self.get_case_url("programme")

    def check_moment(self):
        if self.object.state != Activity.State.REPORTED:
            state = self.object.get_state_display()
            raise Refused(f"Мероприятие сейчас в состоянии «{state}»: отчёта, который ждёт Вас, нет.")


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

    form_class = ActivityReportForm
    template_name = "cases/activity_record.html"
    title = "Результат мероприятия"
    submit_title = "Записать результат"
    success_message = "Результат записан."

    def get_form_kwargs(self):
        return {"initial": {"done": "yes", "done_on": timezone.localdate()}}

    def check_moment(self):
        if self.object.state != Activity.State.PLANNED:
            raise Refused(f"Мероприятие сейчас в состоянии «{self.object.get_state_display()}».")
        if self.object.goal_id and self.object.goal.revision.state == "draft":
            raise Refused("Программа ещё не утверждена советом: результаты записываются после решения.")

    def perform(self, form):
        data = form.cleaned_data
        self.object.record_result(
            by=self.request.user,
            done_on=data["done_on"],
            result=data["result"],
            not_done_reason=data["not_done_reason"],
        )
