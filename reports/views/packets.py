"""Пакет: all reports of a period in one zip, for the ministry: asked for, watched, cancelled, downloaded."""

from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Case, Value, When
from django.http import FileResponse, HttpResponse
from django.urls import reverse

from reports import forms, tasks
from reports.inputs import PacketForm
from reports.models import Packet
from reports.models.job import State
from reports.views.making import crumbs
from sopr.accounts.policy import Perm
from sopr.audit.log import record
from sopr.errors import Refused
from sopr.web.pages import Action, ActionPage, DetailPage, Empty, FormPage, ListPage
from sopr.web.tables import Column

TONES = {
    State.QUEUED: "plan",
    State.RUNNING: "plan",
    State.DONE: "done",
    State.FAILED: "over",
    State.CANCELLED: "off",
}
PAGE_SIZE = 50


def packet_crumbs(*more):
    return crumbs(("Пакеты", reverse("reports:packet-list")), *more)


class PacketList(ListPage):
    """Пакеты: what was asked for, newest first."""

    permission = Perm.REPORT_REVIEW
    model = Packet
    title = "Пакеты отчётов"
    note = "Сводный отчёт и отчёты всех организаций за период одним архивом"
    default_sort = "-created_at"
    empty = Empty(
        "Пакетов ещё не было",
        "Выберите форму и период: файлы всех отчётов соберутся в один архив.",
        "/reports/packets/new/",
        "Собрать пакет",
    )
    columns = [
        Column("period", "Период", lambda packet: packet.span.title, width=26),
        Column("form", "Форма", lambda packet: packet.forms_title, width=26),
        Column(
            "state",
            "Состояние",
            lambda packet: "делается" if packet.is_open else packet.get_state_display(),
            kind="state",
            tone=lambda packet: TONES[packet.state],
        ),
        Column("size", "Размер, МБ", lambda packet: round(packet.size / 1e6, 1) if packet.path else "", width=12),
        Column("by", "Кто", lambda packet: packet.by.short_name if packet.by else "", width=24),
        Column("created", "Когда", lambda packet: packet.created_at, kind="datetime", sort="created_at"),
    ]

    def get_breadcrumbs(self):
        return crumbs()

    def get_queryset(self):
        return super().get_queryset().with_own_names().select_related("by")

    def get_row_url(self, row):
        return reverse("reports:packet-detail", args=[row.pk])

    def get_main_action(self):
        return Action("Собрать пакет", reverse("reports:packet-new"), "plus-lg")


class PacketNew(FormPage):
    """Собрать пакет: a form or all of the region's, and a period."""

    permission = Perm.REPORT_REVIEW
    form_class = PacketForm
    title = "Собрать пакет"
    note = "Сводный отчёт и отчёты всех организаций: Excel, PDF и данные одним архивом"
    submit_title = "Собрать"

    def get_breadcrumbs(self):
        return packet_crumbs()

    def get_form_kwargs(self):
        asked = {name: self.request.GET.get(name, "") for name in ("form", "period")}
        return {"report_forms": forms.of_this_region(), "initial": {k: v for k, v in asked.items() if v}}

    def act(self, form):
        code, period = form.cleaned_data["form"], form.cleaned_data["chosen"]
        packet = Packet.ask(forms.find(code, period) if code else None, period, by=self.request.user)
        transaction.on_commit(lambda: tasks.wake(packet))
        return reverse("reports:packet-detail", args=[packet.pk])


class PacketPage:
    """What the pages of one packet share."""

    permission = Perm.REPORT_REVIEW
    model = Packet

    def get_queryset(self):
        return super().get_queryset().select_related("by")

    def get_breadcrumbs(self):
        return packet_crumbs((f"Пакет № {self.object.pk}", self.get_own_url()))

    def get_own_url(self):
        return reverse("reports:packet-detail", args=[self.object.pk])


class PacketDetail(PacketPage, DetailPage):
    """Пакет: steps and percent of the whole while it is made, then the file; every report with its state."""

    template_name = "reports/packet_detail.html"

    @property
    def audit_read(self):
        """Asked every second while it is made; logged when there is something to read."""
        return "" if self.object.is_open else "read"

    def get(self, request, *args, **kwargs):
        if request.htmx and not self.object.is_open:
            return HttpResponse(headers={"HX-Redirect": request.path})
        return super().get(request, *args, **kwargs)

    def get_title(self):
        return f"Пакет отчётов за {self.object.span.title}"

    def get_note(self):
        return f"№ {self.object.pk}, {self.object.forms_title}"

    def get_breadcrumbs(self):
        return packet_crumbs()

    def get_main_action(self):
        packet = self.object
        if packet.is_open:
            return None
        if packet.state == State.DONE and packet.has_file:
            return Action("Скачать архив", reverse("reports:packet-file", args=[packet.pk]), "download")
        return Action("Сделать снова", reverse("reports:packet-again", args=[packet.pk]), "arrow-repeat")

    def get_actions(self):
        if not self.object.is_open:
            return []
        return [Action("Отменить", reverse("reports:packet-cancel", args=[self.object.pk]), "x-lg")]

    def get_context_data(self, **context):
        packet = self.object
        parts = packet.parts.select_related("report__organisation", "report__own_version").defer(
            "report__snapshot", "report__changes"
        )
        first = Case(*(When(state=state, then=Value(n)) for n, state in enumerate(FIRST)), default=Value(9))
        page = Paginator(parts.order_by(first, "pk"), PAGE_SIZE).get_page(self.request.GET.get("page"))
        rows = [{"part": part, "tone": TONES[part.state]} for part in page]
        shown = {"tally": packet.tally(), "rows": rows, "page_obj": page, "is_ready": packet.has_file}
        return super().get_context_data(**(shown | context))


FIRST = (State.FAILED, State.RUNNING, State.CANCELLED)  # what the reader looks for stands above


class PacketCancel(PacketPage, ActionPage):
    """Отменить: reports not begun are dropped, the one in work stops at its next step."""

    audit_read = ""
    title = "Отменить пакет"
    question = "Остановить сбор пакета?"
    submit_title = "Остановить"
    tone = "danger"

    def get_consequences(self):
        return [
            "Отчёты, до которых не дошла очередь, не начнутся; тот, что делается, остановится на ближайшем шаге.",
            "Написанные файлы удалятся. Показатели отчётов останутся как есть.",
        ]

    def check_moment(self):
        if self.object.why_not_cancel():
            raise Refused(self.object.why_not_cancel())

    def act(self, form):
        self.object.cancel()
        return self.get_own_url()


class PacketAgain(PacketPage, ActionPage):
    """Сделать снова: after a failure, a cancellation, or when the file is deleted for its age."""

    audit_read = ""
    title = "Сделать пакет снова"
    question = "Сделать архив снова?"
    submit_title = "Сделать"

    def get_consequences(self):
        return ["Файлы сделаются из сохранённых показателей отчётов; те, что уже есть, останутся."]

    def check_moment(self):
        if self.object.why_not_again():
            raise Refused(self.object.why_not_again())

    def act(self, form):
        self.object.again()
        transaction.on_commit(lambda: tasks.wake(self.object))
        return self.get_own_url()


class PacketFile(PacketPage, DetailPage):
    """Архив: streamed from the disk; every download is logged."""

    audit_read = ""

    def get_title(self):
        return f"Пакет № {self.object.pk}"

    def get(self, request, *args, **kwargs):
        packet = self.object
        try:
            file = packet.file.open("rb") if packet.path else None
        except FileNotFoundError:
            file = None
        if file is None:
            raise Refused("Архива нет: он ещё делается, отменён или удалён по сроку. Откройте пакет и сделайте снова.")
        record(request.user, "export", packet, detail={"page": self.page_name, "reports": packet.parts.count()})
        response = FileResponse(file, as_attachment=True, filename=packet.file_name, content_type="application/zip")
        response["Cache-Control"] = "private, no-store"
        return response
