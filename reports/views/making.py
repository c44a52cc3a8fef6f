"""Making a report: the list of reports, choosing what to build, watching it being built."""

import django_filters
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from reports import forms, periods, tasks
from reports.inputs import BuildForm
from reports.models import Report, ReportRun
from sopr.accounts.models import Organisation
from sopr.accounts.policy import Perm, Role
from sopr.errors import Refused
from sopr.web.pages import Action, ActionPage, DetailPage, Empty, FormPage, ListPage
from sopr.web.tables import Column

TONES = {
    Report.State.DRAFT: "plan",
    Report.State.SUBMITTED: "inbox",
    Report.State.RETURNED: "back",
    Report.State.APPROVED: "done",
}

MOST_PERIODS = 60  # offered by the filter, the latest ones


def crumbs(*more):
    """Breadcrumbs of reports: the list, then what is given as (title, url)."""
    return [("Отчёты", reverse("reports:report-list")), *more]


class ReportFilter(django_filters.FilterSet):
    """By period, form, whose, and state; «не представлен» is whatever is late, «сведений нет» one without figures."""

    LATE, NOTHING, REOPENED = "late", "nothing", "reopened"
    STATES = [
        *Report.State.choices,
        (LATE, "не представлен"),
        (NOTHING, "сведений нет"),
        (REOPENED, "открыт для исправления"),
    ]

    period = django_filters.ChoiceFilter(label="Период", empty_label="все")
    form = django_filters.ChoiceFilter(label="Форма", choices=forms.choices, empty_label="все")
    organisation = django_filters.ModelChoiceFilter(label="Организация", queryset=None, empty_label="все")
    state = django_filters.ChoiceFilter(label="Состояние", choices=STATES, empty_label="все", method="in_state")

    class Meta:
        model = Report
        fields = ["period", "form", "organisation", "state"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        known = self.queryset.order_by("-until", "period").values_list("until", "period").distinct()[:MOST_PERIODS]
        self.filters["period"].extra["choices"] = [(text, periods.parse(text).short) for _until, text in known]
        if self.request.user.role == Role.MINISTRY:
            reporting = Organisation.objects.filter(reports__isnull=False)
            self.filters["organisation"].queryset = reporting.distinct().order_by("name")
        else:
            del self.filters["organisation"]

    def in_state(self, rows, _name, state):
        if state == self.LATE:
            return rows.not_handed_in(timezone.localdate())
        if state == self.NOTHING:
            return rows.exclude(nothing="")
        return rows.exclude(reopened_at=None) if state == self.REOPENED else rows.filter(state=state)


class ReportList(ListPage):
    """Отчёты: the last revision of each; a head sees his organisation's, the ministry all."""

    permission = Perm.REPORT_VIEW
    model = Report
    title = "Отчёты"
    filterset_class = ReportFilter
    default_sort = "-until"
    export_name = "otchety"
    empty = Empty(
        "Отчётов пока нет",
        "Выберите форму и период: показатели посчитаются по случаям, а Вы проверите и подпишете.",
        "/reports/new/",
        "Составить отчёт",
    )
    columns = [
        Column("period", "Период", lambda report: report.span.title, sort="until", width=26),
        Column("form", "Форма", lambda report: report.definition.name, sort="form", width=20),
        Column("organisation", "Чей", lambda r: str(r.organisation or "Регион, сводный"), sort="organisation__name"),
        Column("revision", "Редакция", kind="number", width=10),
        Column(
            "state",
            "Состояние",
            lambda report: report.state_title,
            kind="state",
            sort="state",
            tone=lambda report: TONES[report.state],
            note=lambda report: "срок вышел" if report.is_late else "",
            note_title="Опоздание",
        ),
        Column("due", "Срок", lambda report: report.due_on, kind="date", width=12),
        Column("computed", "Рассчитан", lambda report: report.computed_at, kind="datetime", sort="computed_at"),
    ]

    def get_queryset(self):
        return super().get_queryset().latest().without_contents().select_related("organisation", "own_version__form")

    def get_row_url(self, row):
        return row.get_absolute_url()

    def get_main_action(self):
        return Action("Составить отчёт", reverse("reports:report-build"), "plus-lg")

    def get_actions(self):
        actions = [
            Action("Книга отчётов", reverse("reports:report-book"), "file-earmark-excel"),
            Action("Проверить файл", reverse("reports:report-verify"), "check-circle"),
        ]
        if self.request.user.may(Perm.REPORT_REVIEW):
            actions.insert(0, Action("Пакеты", reverse("reports:packet-list"), "files"))
        if self.request.user.may(Perm.FORM_MAKE):
            actions.append(Action("Свои формы", reverse("reports:own-form-list"), "list-check", rare=True))
        return actions


class ReportBuild(FormPage):
    """Составить отчёт: form and period; a head for his organisation, the ministry for the region."""

    permission = Perm.REPORT_BUILD
    form_class = BuildForm
    title = "Составить отчёт"
    submit_title = "Рассчитать"

    def get_note(self):
        user = self.request.user
        return "Сводный по региону, без повторов" if user.role == Role.MINISTRY else str(user.organisation)

    def get_breadcrumbs(self):
        return crumbs()

    def get_form_kwargs(self):
        asked = {name: self.request.GET.get(name, "") for name in ("form", "period")}
        return {"report_forms": self.get_forms(), "initial": {k: v for k, v in asked.items() if v}}

    def get_forms(self) -> list[forms.Form]:
        """What one may report on: an organisation not on what only the ministry fills."""
        found = forms.of_this_region()
        return found if self.request.user.role == Role.MINISTRY else [form for form in found if form.periodicity]

    def act(self, form):
        user = self.request.user
        if user.role != Role.MINISTRY and user.organisation is None:
            raise Refused("У Вас не указана организация. Обратитесь к администратору.")
        organisation = None if user.role == Role.MINISTRY else user.organisation
        period = form.cleaned_data["chosen"]
        report = Report.open_for(forms.find(form.cleaned_data["form"], period), period, organisation)
        if report.is_frozen:
            return report.get_absolute_url()
        return start(report, by=user)


def start(report, *, by) -> str:
    """Queue a run and wake a worker once this transaction is through; returns the page that shows the progress."""
    run = ReportRun.start(report, by=by)
    transaction.on_commit(lambda: tasks.wake(run))
    return reverse("reports:report-progress", args=[run.pk])


class ReportRecompute(ActionPage):
    """Пересчитать: a new run of a draft by whose it is."""

    permission = Perm.REPORT_BUILD
    model = Report
    title = "Пересчитать отчёт"
    question = "Пересчитать отчёт по данным на сейчас?"
    submit_title = "Пересчитать"

    def get_queryset(self):
        return super().get_queryset().without_contents().select_related("organisation")

    def get_breadcrumbs(self):
        return crumbs((self.object.span.title, self.object.get_absolute_url()))

    def get_consequences(self):
        return ["Числа и списки за ними заменятся новыми.", "Ранее скачанные файлы черновика устареют."]

    def check_moment(self):
        reason = self.object.why_not_own(self.request.user) or self.object.why_not_recompute()
        if reason:
            raise Refused(reason)

    def act(self, form):
        return start(self.object, by=self.request.user)


class ReportProgress(DetailPage):
    """Ход расчёта: read from the run's row, so it survives a reload and a killed worker."""

    permission = Perm.REPORT_BUILD
    model = ReportRun
    template_name = "reports/report_progress.html"
    audit_read = ""  # asked every second while it runs; the report itself is logged when it is read

    def get_queryset(self):
        return super().get_queryset().select_related("report__organisation").defer("report__snapshot")

    def get(self, request, *args, **kwargs):
        if self.object.state != ReportRun.State.DONE:
            return super().get(request, *args, **kwargs)
        there = self.object.report.get_absolute_url()
        if request.htmx:
            return HttpResponse(headers={"HX-Redirect": there})
        return HttpResponseRedirect(there)

    def get_title(self):
        return f"Расчёт отчёта за {self.object.report.span.title}"

    def get_note(self):
        return str(self.object.report.organisation or "Сводный по региону, без повторов")

    def get_breadcrumbs(self):
        return crumbs()

    def get_main_action(self):
        run = self.object
        if run.is_open:
            return None
        return Action("Рассчитать снова", reverse("reports:report-recompute", args=[run.report_id]), "arrow-repeat")

    def get_actions(self):
        run = self.object
        if not run.is_open:
            return []
        return [Action("Отменить расчёт", reverse("reports:report-cancel", args=[run.pk]), "x-lg")]

    def get_context_data(self, **context):
        return super().get_context_data(**({"run": self.object} | context))


class ReportCancel(ActionPage):
    """Отменить расчёт: the run stops at its next step; the report keeps the figures it had."""

    permission = Perm.REPORT_BUILD
    model = ReportRun
    audit_read = ""
    title = "Отменить расчёт"
    question = "Остановить расчёт отчёта?"
    submit_title = "Остановить"
    tone = "danger"

    def get_queryset(self):
        return super().get_queryset().select_related("report__organisation").defer("report__snapshot")

    def get_breadcrumbs(self):
        return crumbs(("Ход расчёта", reverse("reports:report-progress", args=[self.object.pk])))

    def get_consequences(self):
        return ["Расчёт остановится на ближайшем шаге, недописанные файлы удалятся.", "Рассчитать можно снова."]

    def check_moment(self):
        report = self.object.report
        reason = report.why_not_own(self.request.user) or self.object.why_not_cancel()
        if reason:
            raise Refused(reason)

    def act(self, form):
        self.object.cancel()
        return reverse("reports:report-progress", args=[self.object.pk])
