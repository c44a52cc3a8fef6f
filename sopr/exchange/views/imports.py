"""Загрузка реестра: upload, check with progress, preview, saving in Celery; the list of what was done."""

from django.urls import reverse

from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.exchange.forms import WorkbookForm
from sopr.exchange.models import ExchangeJob
from sopr.exchange.views.jobs import TONES, JobAbandon, JobDetail, State, describe, wake
from sopr.web.pages import Action, ActionPage, Empty, FormPage, ListPage
from sopr.web.tables import Column

TITLE = "Загрузка реестра"


def crumbs(*more):
    return [(TITLE, reverse("exchange:import-list")), *more]


def url_of(job) -> str:
    return reverse("exchange:import-detail", args=[job.pk])


class ImportList(ListPage):
    """Who brought what in, and when; the present one on top."""

    permission = Perm.REGISTER_IMPORT
    model = ExchangeJob
    title = TITLE
    note = "Книга Excel: сначала проверка и просмотр, потом запись. Пока Вы не подтвердите, реестр не меняется."
    columns = [
        Column("created_at", "Когда", kind="datetime", sort="id", width=18),
        Column("by", "Кто", lambda job: job.by.short_name if job.by else "", width=24),
        Column(
            "state",
            "Состояние",
            lambda job: job.get_state_display(),
            kind="state",
            tone=lambda job: TONES[job.state],
        ),
        Column("result", "Итог", describe, width=60),
    ]
    empty = Empty(
        "Реестр ещё не загружали",
        "Подготовьте книгу Excel по листам из руководства администратора и загрузите её.",
        "/import/new/",
        "Загрузить книгу",
    )

    def get_queryset(self):
        return super().get_queryset().select_related("by")

    def get_row_url(self, row):
        return url_of(row)

    def get_main_action(self):
        return Action("Загрузить книгу", reverse("exchange:import-new"), "upload")


class ImportNew(FormPage):
    """Upload a workbook; a worker checks it."""

    permission = Perm.REGISTER_IMPORT
    title = "Загрузить книгу"
    form_class = WorkbookForm
    submit_title = "Проверить"
    kept_by_browser = False

    def get_breadcrumbs(self):
        return crumbs()

    def act(self, form):
        file, holder = form.cleaned_data["file"], form.cleaned_data["holder"]
        job = ExchangeJob.take_in(file.chunks(), by=self.request.user, holder=holder)
        wake(job)
        return url_of(job)


class ImportDetail(JobDetail):
    """Ход проверки, просмотр, ход записи, итог."""

    permission = Perm.REGISTER_IMPORT
    template_name = "exchange/import_detail.html"

    def get_title(self):
        return {
            State.CHECKED: "Просмотр перед загрузкой",
            State.DONE: "Реестр загружен",
            State.FAILED: "Загрузка не выполнена",
            State.ABANDONED: "Загрузка отменена",
            State.CONFIRMED: "Запись в реестр",
            State.SAVING: "Запись в реестр",
        }.get(self.object.state, "Проверка книги")

    def get_note(self):
        job = self.object
        who = f", {job.by.short_name}" if job.by else ""
        return f"Книга от {job.created_at.astimezone():%d.%m.%Y %H:%M}{who}"

    def get_breadcrumbs(self):
        return crumbs()

    def get_main_action(self):
        if self.object.state == State.CHECKED:
            return Action("Загрузить", reverse("exchange:import-confirm", args=[self.object.pk]), "check-lg")
        if self.object.state in (State.FAILED, State.ABANDONED):
            return Action("Загрузить другую книгу", reverse("exchange:import-new"), "upload")
        return None

    def get_actions(self):
        if not self.object.is_open:
            return []
        return [Action("Отменить", reverse("exchange:import-abandon", args=[self.object.pk]), "x-lg")]


class ImportConfirm(ActionPage):
    """Записать в реестр: all or nothing, by a worker."""

    permission = Perm.REGISTER_IMPORT
    model = ExchangeJob
    title = "Загрузить в реестр"
    question = "Записать книгу в реестр?"
    submit_title = "Загрузить"

    def get_breadcrumbs(self):
        return crumbs(("Просмотр", url_of(self.object)))

    def check_moment(self):
        if self.object.state != State.CHECKED:
            raise Refused("Эта загрузка уже не ждёт решения: посмотрите её состояние на странице.")

    def get_consequences(self):
        lines = []
        if described := describe(self.object):
            lines.append(f"Строки книги {described}.")
        if likes := self.object.result.get("likes_total"):
            lines.append(f"Похожих на уже известных: {likes}. Они будут записаны как новые.")
        return [
            *lines,
            "Запишется всё или ничего. Пока запись идёт, её можно отменить.",
            "Отменить после окончания нельзя: сделайте резервную копию, если сомневаетесь.",
        ]

    def act(self, form):
        self.object.confirm()
        wake(self.object)
        return url_of(self.object)


class ImportAbandon(JobAbandon):
    """Отказаться от загрузки: nothing of it is saved."""

    permission = Perm.REGISTER_IMPORT
    title = "Отменить загрузку"
    submit_title = "Отменить загрузку"
    question = "Отменить загрузку книги?"

    def get_consequences(self):
        return ["В реестре ничего не изменится: то, что уже записано в этой загрузке, отменится.", "Книга удалится."]

    def get_breadcrumbs(self):
        return crumbs(("Загрузка", url_of(self.object)))
