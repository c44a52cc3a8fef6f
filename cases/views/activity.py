"""Activities in work: the executor's own page with the least data, one activity, the executor's word and report."""

import django_filters
from django.db.models import Case as Choose
from django.db.models import Count, Q, When
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from cases.activity_forms import ActivityDeclineForm, ActivityReportForm, TakeForm
from cases.activity_sessions import attendance_of, report_of_sessions
from cases.activity_words import curator_of, curators_phone, for_whom, state_of, tone_of
from cases.models import Activity, ActivityFile
from cases.models.clarification import why_not_ask
from cases.models.request import why_not_request
from sopr.accounts.policy import Perm, Role
from sopr.documents.attachments import attach, attachment_response
from sopr.errors import Refused
from sopr.web.pages import Action, DetailPage, Empty, FormPage, ListPage
from sopr.web.tables import Column

State = Activity.State

# Tabs of the executor's page: code → (title, condition as of `today`).
TABS = {
    "new": ("Новые", lambda today: Q(state=State.PLANNED, case__closed_on=None)),
    "work": ("В работе", lambda today: Q(state=State.ACCEPTED, case__closed_on=None)),
    "overdue": ("Просрочено", lambda today: Q(state__in=Activity.TO_DO_STATES, case__closed_on=None, due_on__lt=today)),
    "wait": ("Ждут куратора", lambda today: Q(state__in=(State.REPORTED, State.DECLINED), case__closed_on=None)),
    "done": (
        "Завершены",
        lambda today: Q(state__in=(State.DONE, State.NOT_DONE, State.HANDED_ON)) | Q(case__closed_on__isnull=False),
    ),
}


class ActivityFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        label="Показать",
        choices=[(code, title.lower()) for code, (title, _where) in TABS.items()],
        method="filter_state",
        empty_label="все",
    )
    kind = django_filters.ChoiceFilter(
        label="Вид помощи", choices=Activity._meta.get_field("kind").choices, empty_label="любой"
    )

    class Meta:
        model = Activity
        fields = ["state", "kind"]

    def filter_state(self, rows, _name, value):
        return rows.filter(TABS[value][1](timezone.localdate()))


class ActivityList(ListPage):
    """«Мои мероприятия» of an agency: what, for whom, by when; nothing else about the family."""

    permission = Perm.ACTIVITY_REPORT
    model = Activity
    filterset_class = ActivityFilter
    title = "Мои мероприятия"
    template_name = "cases/activity_list.html"
    empty = Empty("Мероприятий пока нет", "Они появятся, когда совет утвердит программу с участием Вашей организации.")
    columns = [
        Column("title", "Мероприятие", "title", url=lambda row: row.get_absolute_url(), note=lambda row: _note(row)),
        Column("kind", "Вид помощи", "get_kind_display", sort="kind"),
        Column("whom", "Для кого", for_whom),
        Column("due_on", "Срок", "due_on", kind="date", sort="due_on"),
        Column("state", "Состояние", state_of, kind="state", tone=tone_of),
        Column("curator", "Куратор", curator_of, note=curators_phone),
        Column("act", "Действие", lambda row: _act(row)[0], kind="act", url=lambda row: _act(row)[1]),
    ]

    def get_queryset(self):
        rows = super().get_queryset().exclude(state=State.REPLACED).with_sessions()
        to_do_first = Choose(
            When(case__closed_on__isnull=False, then=3),
            When(state=State.PLANNED, then=0),
            When(state=State.ACCEPTED, then=0),
            When(state__in=(State.REPORTED, State.DECLINED), then=1),
            default=2,
        )
        rows = rows.select_related("person", "case__curator", "case__organisation").annotate(rank=to_do_first)
        return rows.annotate(asked=Count("clarifications", filter=Q(clarifications__closed_at=None)))

    def get_ordering(self):
        return super().get_ordering() if self.sort else ["rank", "due_on", "pk"]

    def get_context_data(self, **context):
        return super().get_context_data(
            **({"found": "мероприятие,мероприятия,мероприятий", "tabs_of_list": self.get_tabs()} | context)
        )

    def get_tabs(self) -> list[dict]:
        """«Все» and the five states with their numbers, one statement for all."""
        today = timezone.localdate()
        own = Activity.objects.visible_to(self.request.user).exclude(state=State.REPLACED).order_by()
        numbers = own.aggregate(
            all=Count("pk"), **{code: Count("pk", filter=w(today)) for code, (_t, w) in TABS.items()}
        )
        now = self.request.GET.get("state", "")
        tabs = [{"title": "Все", "url": self.url_with(state=None), "active": now not in TABS, "count": numbers["all"]}]
        for code, (title, _where) in TABS.items():
            tabs.append(
                {"title": title, "url": self.url_with(state=code), "active": now == code, "count": numbers[code]}
            )
        return tabs


def _note(activity) -> str:
    """Under the title: what waits for the executor, how a repeated one goes."""
    notes = []
    if activity.asked:
        notes.append("есть вопрос без ответа")
    if activity.remark and activity.is_to_do:
        notes.append(f"Замечание куратора: {activity.remark}")
    if activity.repeats:
        notes.append(f"{activity.get_repeats_display()}: проведено {activity.sessions_held} из {activity.times}")
    return "; ".join(notes)


def _act(activity) -> tuple[str, str]:
    """The one act the executor's list offers for the activity, with its page."""
    if activity.case.closed_on is not None or not activity.is_to_do:
        return "", ""
    if activity.state == State.PLANNED:
        return "Ответить", activity.get_absolute_url()
    if activity.repeats and activity.sessions_held < activity.times:
        return "Отметить явку", activity.get_absolute_url()
    return "Отчитаться", reverse("cases:activity-report", args=[activity.pk])


class ActivityTrail:
    """What pages about one activity share: its people read at once, the way back of whoever looks."""

    model = Activity

    def get_queryset(self):
        return (
            super()
            .get_queryset()
            .with_sessions()
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

    def get_activity(self):
        return self.object

    @property
    def is_executor(self) -> bool:
        return self.request.user.role == Role.EXECUTOR

    def get_breadcrumbs(self):
        activity = self.get_activity()
        if self.is_executor:
            crumbs = [("Мои мероприятия", reverse("cases:activity-list"))]
        else:
            case = activity.case
            crumbs = [
                ("Случаи", reverse("cases:case-list")),
                (f"№\u00a0{case.number}", f"{case.get_absolute_url()}?tab=programme"),
            ]
        if not isinstance(self, ActivityDetail):
            crumbs.append((f"Мероприятие №\u00a0{activity.pk}", activity.get_absolute_url()))
        return [*crumbs, (self.title, None)]

    def get_context_data(self, **context):
        activity = self.get_activity()
        base = {
            "activity": activity,
            "is_executor": self.is_executor,
            "whom": for_whom(activity) if self.is_executor else _whom_in_full(activity),
            "who_title": "Куратор" if self.is_executor else "Исполнитель",
            "who": curator_of(activity) if self.is_executor else str(activity.agency),
            "who_note": curators_phone(activity) if self.is_executor else activity.agency.phone,
        }
        return super().get_context_data(**(base | context))


def _whom_in_full(activity) -> str:
    return activity.person.short_name if activity.person else "вся семья"


class ActivityDetail(ActivityTrail, DetailPage):
    """One activity: its state and what may be done now, sessions with attendance, questions, files, papers."""

    permission = Perm.ACTIVITY_VIEW
    template_name = "cases/activity_detail.html"
    title = "Мероприятие"

    def get(self, request, *args, **kwargs):
        if self.object.state in Activity.GONE_STATES:
            following = self.get_queryset().filter(continues=self.object).exclude(goal__revision__state="draft").first()
            if following is not None:
                return HttpResponseRedirect(following.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def get_title(self):
        return f"Мероприятие №\u00a0{self.object.pk}"

    @property
    def is_over(self) -> bool:
        return self.object.case.closed_on is not None

    def get_main_action(self):
        activity = self.object
        if self.is_over:
            return None
        if self.is_executor:
            if activity.state in (State.PLANNED, State.DECLINED):
                return self._action("Принять в работу", "cases:activity-take")
            return self._action("Отчитаться", "cases:activity-report") if activity.is_to_do else None
        if activity.state == State.REPORTED:
            return self._action("Посмотреть отчёт", "cases:activity-accept")
        if activity.state == State.DECLINED:
            return self._action("Передать другому исполнителю", "cases:activity-hand-on")
        return self._action("Записать результат", "cases:activity-record") if activity.is_to_do else None

    def get_actions(self):
        activity = self.object
        if self.is_over or activity.state not in Activity.OPEN_STATES:
            return []
        ask = self._action("Задать вопрос", "cases:activity-ask", why_not_ask(activity))
        if self.is_executor:
            decline = self._action("Отклонить", "cases:activity-decline")
            report = self._action("Отчитаться", "cases:activity-report")
            first = {State.PLANNED: [decline, report], State.ACCEPTED: [decline]}.get(activity.state, [])
            return [ask, *first]
        if activity.is_ours:
            return []
        if activity.state == State.DECLINED:
            return [
                self._action("Записать, что не исполнено", "cases:activity-record"),
                self._amend(),
                ask,
            ]
        return [ask, self._action("Направить запрос", "cases:activity-request", why_not_request(activity))]

    def _amend(self) -> Action:
        """Another activity in its place is the council's matter: a new revision of the programme."""
        revision = self.object.goal.revision if self.object.goal_id else None
        reason = "" if revision and revision.state == "approved" else "Мероприятие не из действующей редакции ИПСС."
        url = reverse("cases:programme-amend", args=[revision.pk]) if revision else ""
        return Action("Вынести изменение на совет", url, disabled_reason=reason, rare=True)

    def _action(self, title, name, reason="") -> Action:
        return Action(title, reverse(name, args=[self.object.pk]), disabled_reason=reason)

    def get_context_data(self, **context):
        activity, user = self.object, self.request.user
        questions = list(activity.clarifications.select_related("asked_by", "answered_by"))
        base = {
            "state_word": state_of(activity),
            "state_tone": tone_of(activity),
            "sessions": attendance_of(activity) if activity.repeats else [],
            "questions": [(row, row.closed_at is None and row.to_curator != self.is_executor) for row in questions],
            "files": list(activity.files.select_related("attachment__by")),
            "requests": [] if self.is_executor else list(activity.requests.select_related("by")),
            "may_mark": activity.is_to_do and not self.is_over,
            "today": timezone.localdate(),
            "may_work": user.may(Perm.CASE_WORK),
        }
        return super().get_context_data(**(base | context))


class ActivityFormPage(ActivityTrail, FormPage):
    """An act on an activity; `moment` says in which states it makes sense."""

    template_name = "cases/activity_form.html"
    moment = Activity.OPEN_STATES

    def check_moment(self):
        activity = self.get_activity()
        if activity.state not in self.moment:
            raise Refused(f"Мероприятие сейчас в состоянии «{activity.get_state_display()}»: это действие невозможно.")
        if activity.case.closed_on is not None:
            raise Refused("Сопровождение семьи завершено: с мероприятиями больше ничего не делают.")
        if activity.goal_id and activity.goal.revision.state == "draft":
            raise Refused("Программа ещё не утверждена советом.")

    def act(self, form):
        self.perform(form)
        return self.get_activity().get_absolute_url()

    def perform(self, form):
        """Call the verb."""
        raise NotImplementedError

    def keep_file(self, form):
        """Attach the form's file, if there is one."""
        if form.cleaned_data.get("file"):
            attachment = attach(form.cleaned_data["file"], by=self.request.user)
            ActivityFile.objects.create(activity=self.get_activity(), attachment=attachment)


class ActivityTake(ActivityFormPage):
    """The executor accepts; of a repeated activity he says when it begins."""

    permission = Perm.ACTIVITY_REPORT
    form_class = TakeForm
    title = "Принять в работу"
    submit_title = "Принять"
    success_message = "Мероприятие принято в работу. Куратор это видит."
    moment = (State.PLANNED, State.DECLINED)

    def get_form_kwargs(self):
        return {"repeats": self.object.repeats}

    def perform(self, form):
        self.object.take_on(by=self.request.user, first_on=form.cleaned_data.get("first_on"))


class ActivityDecline(ActivityFormPage):
    """The executor says no and why; the curator looks for another way."""

    permission = Perm.ACTIVITY_REPORT
    form_class = ActivityDeclineForm
    title = "Отклонить мероприятие"
    submit_title = "Отклонить"
    success_message = "Отказ с причиной отправлен куратору."
    moment = Activity.TO_DO_STATES

    def perform(self, form):
        data = form.cleaned_data
        self.object.decline(by=self.request.user, reason=data["decline_reason"], note=data["decline_note"])


class ActivityReport(ActivityFormPage):
    """The executor says what came of it; of a repeated activity the attendance speaks first."""

    permission = Perm.ACTIVITY_REPORT
    form_class = ActivityReportForm
    title = "Отчёт о мероприятии"
    submit_title = "Отправить куратору"
    success_message = "Отчёт отправлен куратору."

    moment = Activity.TO_DO_STATES

    def check_moment(self):
        if self.object.state == State.REPORTED:
            raise Refused("Отчёт уже отправлен и ждёт куратора.")
        super().check_moment()

    def get_form_kwargs(self):
        return {"initial": {"done": "yes"} | report_of_sessions(self.object, for_whom)}

    def act(self, form):
        data = form.cleaned_data
        if data["done"] == "yes":
            self.object.report_done(by=self.request.user, done_on=data["done_on"], result=data["result"])
        else:
            self.object.report_not_done(by=self.request.user, reason=data["not_done_reason"], result=data["result"])
        self.keep_file(form)
        return reverse("cases:activity-list")


class ActivityFileDownload(DetailPage):
    """A file of a report, as a download; the log says who took it."""

    permission = Perm.ACTIVITY_VIEW
    model = ActivityFile
    title = "Файл к мероприятию"
    audit_read = ""

    def get_queryset(self):
        return super().get_queryset().select_related("attachment")

    def show(self, status=200, **context):
        return attachment_response(self.object.attachment, self.object, by=self.request.user)
