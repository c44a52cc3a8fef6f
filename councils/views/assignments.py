"""Поручения: given at a meeting, reported by the agency, accepted by the secretary; the register of execution."""

import django_filters
from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone

from councils.board import executors_of
from councils.forms import AssignmentForm, AssignmentProlongForm, AssignmentReportForm, AssignmentReturnForm
from councils.models import AgendaItem, Assignment, AssignmentEvent, Council, Meeting
from councils.models.assignment import IN_TIME, judged
from councils.views.queue import MEETINGS, crumbs
from sopr.accounts.models import Organisation
from sopr.accounts.policy import Perm, Role
from sopr.documents.attachments import attachment_response
from sopr.errors import Refused
from sopr.web.pages import Action, ActionPage, DetailPage, Empty, FormPage, ListPage
from sopr.web.tables import Column

REGISTER = ("Поручения", "councils:assignment-list")
HOME = {
    Role.SECRETARY: [MEETINGS],
    Role.EXECUTOR: [("Мои мероприятия", "cases:activity-list")],
    Role.CURATOR: [("Мой день", "cases:my-day")],
    Role.HEAD: [("Служба", "cases:service")],
    Role.MINISTRY: [MEETINGS],
}


def home_of(user) -> list:
    return [(title, reverse(name)) for title, name in HOME.get(user.role, [])]


class _AtMeeting(FormPage):
    """An act of the council on a question of the meeting that runs."""

    permission = Perm.MEETING_RUN
    model = AgendaItem
    adds_row = True

    def get_queryset(self):
        return super().get_queryset().select_related("case__family", "meeting__council", "decision")

    def get_note(self):
        return f"Вопрос {self.object.position}: {self.object.case.family.surname}, {self.object.get_question_display()}"

    def get_breadcrumbs(self):
        meeting = self.object.meeting
        if meeting is None:
            return crumbs(MEETINGS)
        return [*crumbs(MEETINGS), (str(meeting), f"{meeting.get_absolute_url()}?item={self.object.pk}")]

    def check_moment(self):
        if self.object.meeting is None or self.object.meeting.state != Meeting.State.RUNNING:
            raise Refused(f"{self.title}: на заседании, пока оно идёт.")


class AssignmentNew(_AtMeeting):
    title = "Поручение совета"
    form_class = AssignmentForm
    submit_title = "Дать поручение"
    success_message = "Поручение записано, исполнитель увидит его со сроком."

    def get_form_kwargs(self):
        return {"agencies": executors_of(self.object.meeting.council)}

    def act(self, form):
        Assignment.give(self.object, by=self.request.user, **form.cleaned_data)
        return self.get_back_url()


class AssignmentProlong(_AtMeeting):
    """A later term of an assignment, by the decision on this question."""

    title = "Продление срока поручения"
    form_class = AssignmentProlongForm
    submit_title = "Продлить срок"
    success_message = "Новый срок записан и войдёт в протокол."

    def check_moment(self):
        super().check_moment()
        if not hasattr(self.object, "decision"):
            raise Refused("Сначала запишите решение по этому вопросу: срок продлевается решением совета.")
        if not self.tasks().exists():
            raise Refused("У этого совета нет неисполненных поручений по этой семье.")

    def tasks(self):
        return Assignment.objects.open().filter(item__council=self.object.council_id, item__case=self.object.case_id)

    def get_form_kwargs(self):
        return {"tasks": self.tasks()}

    def act(self, form):
        form.cleaned_data["assignment"].prolong(
            by=self.request.user, item=self.object, due_on=form.cleaned_data["due_on"]
        )
        return self.get_back_url()


class _OnAssignment:
    model = Assignment

    def get_queryset(self):
        return (
            super().get_queryset().select_related("executor", "item__council", "item__meeting__minutes", "item__case")
        )

    def get_breadcrumbs(self):
        return [
            *home_of(self.request.user),
            (REGISTER[0], reverse(REGISTER[1])),
            (str(self.object), self.object.get_absolute_url()),
        ]


class AssignmentReport(_OnAssignment, FormPage):
    """Отчёт о поручении: by its agency, or by the secretary who was told of it."""

    permission = Perm.ASSIGNMENT_REPORT
    title = "Отчёт о поручении совета"
    form_class = AssignmentReportForm
    template_name = "councils/assignment_report.html"
    submit_title = "Поручение исполнено"
    success_message = "Отчёт записан."

    def get_breadcrumbs(self):
        return home_of(self.request.user)

    def check_moment(self):
        if self.object.done_on is not None:
            raise Refused("Поручение уже исполнено.")

    def get_form_kwargs(self):
        return {"initial": {"done_on": timezone.localdate()}}

    def act(self, form):
        self.object.report(by=self.request.user, **form.cleaned_data)
        return self.get_back_url()


class AssignmentDetail(_OnAssignment, DetailPage):
    """An assignment with the course of its control."""

    permission = Perm.ASSIGNMENT_REPORT
    template_name = "councils/assignment_detail.html"

    def get_breadcrumbs(self):
        return super().get_breadcrumbs()[:-1]

    def get_title(self):
        return str(self.object)

    @property
    def runs(self):
        return self.request.user.may(Perm.MEETING_RUN)

    def get_main_action(self):
        task = self.object
        if task.done_on is None:
            title = "Записать исполнение" if self.runs else "Отчитаться"
            return Action(title, reverse("councils:assignment-report", args=[task.pk]))
        if task.accepted_on is None and self.runs:
            return Action("Принять отчёт", reverse("councils:assignment-accept", args=[task.pk]))
        return None

    def get_actions(self):
        task = self.object
        if task.done_on is None or task.accepted_on or not self.runs:
            return []
        return [Action("Вернуть с замечанием", reverse("councils:assignment-return", args=[task.pk]))]

    def get_context_data(self, **context):
        events = self.object.events.select_related("by", "attachment", "item__meeting")
        return super().get_context_data(**({"events": events, "state": self.object.state} | context))


class AssignmentAccept(_OnAssignment, ActionPage):
    permission = Perm.MEETING_RUN
    title = "Принять отчёт"
    submit_title = "Принять отчёт"
    success_message = "Отчёт принят, поручение снято с контроля."

    def check_moment(self):
        if self.object.done_on is None:
            raise Refused("Исполнитель ещё не отчитался.")
        if self.object.accepted_on is not None:
            raise Refused("Отчёт уже принят.")

    def get_question(self):
        task = self.object
        if task.done_on is None:
            return ""
        return f"{task.executor} сообщает: «{task.result}» Исполнено {task.done_on:%d.%m.%Y}. Принять?"

    def act(self, form):
        self.object.accept(by=self.request.user)
        return self.object.get_absolute_url()


class AssignmentReturn(_OnAssignment, FormPage):
    permission = Perm.MEETING_RUN
    title = "Вернуть отчёт исполнителю"
    form_class = AssignmentReturnForm
    submit_title = "Вернуть"
    success_message = "Отчёт возвращён, исполнитель увидит замечание."
    check_moment = AssignmentAccept.check_moment

    def get_note(self):
        return f"{self.object.executor}: {self.object.result}"

    def act(self, form):
        self.object.send_back(by=self.request.user, remark=form.cleaned_data["remark"])
        return self.object.get_absolute_url()


class AssignmentFile(DetailPage):
    """A file of a report on an assignment, as a download."""

    permission = Perm.ASSIGNMENT_REPORT
    model = AssignmentEvent
    title = "Файл к отчёту о поручении"
    audit_read = ""

    def get_queryset(self):
        return super().get_queryset().exclude(attachment=None).select_related("attachment")

    def show(self, status=200, **context):
        return attachment_response(self.object.attachment, self.object, by=self.request.user)


class AssignmentFilter(django_filters.FilterSet):
    STATES = [
        ("open", "в работе"), ("overdue", "просрочены"), ("reported", "отчёт у секретаря"),
        ("in_time", "исполнены в срок"), ("late", "исполнены с опозданием"),
    ]  # fmt: skip

    state = django_filters.ChoiceFilter(label="Состояние", choices=STATES, method="filter_state", empty_label="любое")
    council = django_filters.ModelChoiceFilter(
        label="Совет", field_name="item__council", queryset=Council.objects.none(), empty_label="все"
    )
    executor = django_filters.ModelChoiceFilter(
        label="Ведомство", queryset=Organisation.objects.none(), empty_label="все"
    )

    class Meta:
        model = Assignment
        fields = ["state", "council", "executor"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        seen = Assignment.objects.visible_to(self.request.user)
        councils = Council.objects.filter(pk__in=seen.order_by().values("item__council"))
        agencies = Organisation.objects.filter(pk__in=seen.order_by().values("executor"))
        self.filters["council"].queryset = councils.order_by("name", "pk")
        self.filters["executor"].queryset = agencies.order_by("name", "pk")

    def filter_state(self, rows, _name, value):
        today = timezone.localdate()
        return {
            "open": rows.open,
            "overdue": lambda: rows.overdue(today),
            "reported": rows.reported,
            "in_time": lambda: rows.filter(IN_TIME),
            "late": lambda: rows.accepted().exclude(done_on__lte=F("due_on")),
        }[value]()


class AssignmentList(ListPage):
    """Журнал исполнения поручений: under it the share done in time, agency by agency, of the rows found."""

    permission = Perm.ASSIGNMENT_VIEW
    model = Assignment
    filterset_class = AssignmentFilter
    title = "Поручения советов"
    template_name = "councils/assignment_list.html"
    export_name = "porucheniya"
    default_sort = "-due_on"
    empty = Empty("Поручений нет", "Совет даёт их на заседании, и они появляются здесь со сроком.")
    columns = [
        Column("number", "№", "pk", width=8),
        Column("text", "Поручение", "text", width=60),
        Column("executor", "Исполнитель", "executor", sort="executor__name", width=34),
        Column("given", "Дано", "item.meeting.held_on", kind="date", sort="item__meeting__held_on", width=14),
        Column("council", "Совет", "item.council", width=40, optional=True),
        Column("due_on", "Срок", "due_on", kind="date", sort="due_on", width=14),
        Column("done_on", "Исполнено", "done_on", kind="date", sort="done_on", width=14),
        Column("state", "Состояние", lambda row: row.state[0], kind="state", tone=lambda row: row.state[1], width=24),
        Column("case", "Случай", lambda row: f"№ {row.item.case.number}", width=16, optional=True),
    ]

    def get_breadcrumbs(self):
        return home_of(self.request.user)

    @property
    def choosable_columns(self):
        """Without what an assignment says where the reader may not read it: it may name a child."""
        return [column for column in super().choosable_columns if self.may_read or column.key != "text"]

    @property
    def shown_columns(self):
        return [column for column in super().shown_columns if self.may_read or column.key != "text"]

    @property
    def may_read(self) -> bool:
        return self.request.user.may(Perm.ASSIGNMENT_REPORT)

    def get_queryset(self):
        return super().get_queryset().select_related("executor", "item__council", "item__meeting", "item__case")

    def get_row_url(self, row):
        return row.get_absolute_url() if self.may_read else ""

    def get_context_data(self, **context):
        found = self.get_queryset() if self.filter is None else self.filter.qs
        return super().get_context_data(
            found="поручение,поручения,поручений", agencies=shares(found, timezone.localdate()), **context
        )


def shares(rows, today) -> list[dict]:
    """How each agency keeps its terms: given, judged, in time, late, overdue now, share of the judged in percent."""
    counted = (
        rows.order_by()
        .values("executor", name=F("executor__name"), short=F("executor__short_name"))
        .annotate(
            given=Count("pk"),
            judged=Count("pk", filter=judged(today)),
            in_time=Count("pk", filter=IN_TIME),
            late=Count("pk", filter=Q(accepted_on__isnull=False) & ~Q(done_on__lte=F("due_on"))),
            overdue=Count("pk", filter=Q(done_on=None, due_on__lt=today)),
        )
    )
    agencies = [row | {"title": row["short"] or row["name"]} for row in counted.order_by("executor__name", "executor")]
    for row in agencies:
        row["share"] = round(100 * row["in_time"] / row["judged"]) if row["judged"] else None
    return agencies
