"""Выгрузка реестра: the organisation's register in the format of the import, with a purpose, for a day."""

from django.http import FileResponse, Http404
from django.urls import reverse
from django.utils import timezone

from sopr.accounts.policy import Perm
from sopr.audit.log import record
from sopr.audit.models import Action as Act
from sopr.errors import Refused
from sopr.exchange.forms import ExportForm
from sopr.exchange.models import ExchangeJob
from sopr.exchange.views.jobs import TONES, JobAbandon, JobDetail, State, describe, wake
from sopr.web.pages import Action, DetailPage, Empty, FormPage, ListPage
from sopr.web.tables import Column
from sopr.web.xlsx import CONTENT_TYPE

TITLE = "Выгрузка реестра"


def crumbs(*more):
    return [("Семьи", reverse("families:family-list")), (TITLE, reverse("exchange:export-list")), *more]


def url_of(job) -> str:
    return reverse("exchange:export-detail", args=[job.pk])


class ExportList(ListPage):
    """Who took the organisation's register out, when and what for."""

    permission = Perm.REGISTER_EXPORT
    model = ExchangeJob
    title = TITLE
    note = "Все семьи организации одной книгой Excel. Каждая выгрузка остаётся в журнале с её целью."
    columns = [
        Column("created_at", "Когда", kind="datetime", sort="id", width=18),
        Column("by", "Кто", lambda job: job.by.short_name if job.by else "", width=24),
        Column("purpose", "Основание", lambda job: job.get_purpose_display(), width=30),
        Column("reason", "Для чего", width=40),
        Column(
            "state", "Состояние", lambda job: job.get_state_display(), kind="state", tone=lambda job: TONES[job.state]
        ),
        Column("result", "Итог", describe, width=20),
    ]
    empty = Empty(
        "Реестр ещё не выгружали",
        "Выгрузка нужна, чтобы передать реестр в другую систему или ответить на запрос.",
        "/export/new/",
        "Выгрузить реестр",
    )

    def get_queryset(self):
        return super().get_queryset().select_related("by")

    def get_breadcrumbs(self):
        return [("Семьи", reverse("families:family-list"))]

    def get_row_url(self, row):
        return url_of(row)

    def get_main_action(self):
        return Action("Выгрузить реестр", reverse("exchange:export-new"), "download")


class ExportNew(FormPage):
    """Ask for the file: on what ground and what for."""

    permission = Perm.REGISTER_EXPORT
    title = "Выгрузить реестр"
    form_class = ExportForm
    submit_title = "Выгрузить"
    template_name = "exchange/export_new.html"

    def get_breadcrumbs(self):
        return crumbs()

    def act(self, form):
        job = ExchangeJob.ask_export(by=self.request.user, **form.cleaned_data)
        wake(job)
        return url_of(job)


class ExportDetail(JobDetail):
    """Ход выгрузки и её файл."""

    permission = Perm.REGISTER_EXPORT
    template_name = "exchange/export_detail.html"

    def get_title(self):
        return {
            State.DONE: "Выгрузка готова",
            State.FAILED: "Выгрузка не удалась",
            State.ABANDONED: "Выгрузка отменена",
        }.get(self.object.state, "Реестр выгружается")

    def get_note(self):
        job = self.object
        return f"{job.organisation}. {job.get_purpose_display().capitalize()}: {job.reason}"

    def get_breadcrumbs(self):
        return crumbs()

    def get_main_action(self):
        if self.object.state == State.DONE:
            reason = why_not_download(self.object, self.request.user)
            url = reverse("exchange:export-file", args=[self.object.pk])
            return Action("Скачать книгу", url, "download", disabled_reason=reason)
        if self.object.state in (State.FAILED, State.ABANDONED):
            return Action("Выгрузить снова", reverse("exchange:export-new"), "download")
        return None

    def get_actions(self):
        if not self.object.is_open:
            return []
        return [Action("Отменить", reverse("exchange:export-abandon", args=[self.object.pk]), "x-lg")]

    def get_context_data(self, **context):
        return super().get_context_data(**({"why_not": why_not_download(self.object, self.request.user)} | context))


def why_not_download(job, user) -> str:
    """Why `user` cannot download the file now; empty when he can."""
    if job.state != State.DONE:
        return "Файл ещё не готов."
    if job.by_id != user.pk:
        return "Файл может скачать только тот, кто его запросил."
    if not job.path or timezone.now() >= job.expires_at:
        return "Срок файла истёк, он удалён. Сделайте новую выгрузку."
    return ""


class ExportAbandon(JobAbandon):
    """Отказаться от выгрузки."""

    permission = Perm.REGISTER_EXPORT
    title = "Отменить выгрузку"
    submit_title = "Отменить выгрузку"
    question = "Отменить выгрузку реестра?"

    def get_consequences(self):
        return ["Файл не появится.", "В журнале останется, что выгрузку запрашивали."]

    def get_breadcrumbs(self):
        return crumbs(("Выгрузка", url_of(self.object)))


class ExportFile(DetailPage):
    """The file, for the one who asked, within its day."""

    permission = Perm.REGISTER_EXPORT
    model = ExchangeJob
    audit_read = ""

    def get_queryset(self):
        return super().get_queryset().filter(by=self.request.user)

    def get_breadcrumbs(self):
        return crumbs(("Выгрузка", url_of(self.object)))

    def get(self, request, *args, **kwargs):
        reason = why_not_download(self.object, request.user)
        if reason:
            raise Refused(reason)
        if not self.object.file.exists():
            raise Http404
        record(request.user, Act.EXPORT, self.object, detail={"page": self.page_name})
        name = f"reestr-{self.object.finished_at.astimezone():%Y-%m-%d}.xlsx"
        return FileResponse(self.object.file.open("rb"), as_attachment=True, filename=name, content_type=CONTENT_TYPE)
