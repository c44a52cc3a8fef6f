"""Протокол: signed in turn, printed from what was frozen then; before that a draft. The register of minutes."""

import django_filters
from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse

from councils.documents import MINUTES
from councils.minutes import revive
from councils.minutes_forms import CorrectionForm, PaperSignatureForm, ScanForm
from councils.models import ChairSignature, Correction, Council, Meeting, Minutes, Scan
from councils.views.meetings import _MeetingAct
from councils.views.queue import MEETINGS, crumbs
from sopr.accounts.policy import Perm
from sopr.documents.attachments import attachment_response
from sopr.documents.pdf import pdf_response
from sopr.documents.word import docx_response
from sopr.errors import Refused
from sopr.web.pages import Action, ActionPage, DetailPage, Empty, FormPage, ListPage
from sopr.web.tables import Column

REGISTER = ("Протоколы", "councils:minutes-list")


def printed(page, document, row):
    """The document of `row` as a PDF, or (`?as=docx`) as a Word file."""
    respond = docx_response if page.request.GET.get("as") == "docx" else pdf_response
    return respond(document, row, by=page.request.user)


class MinutesSign(_MeetingAct):
    title = "Подписать протокол"
    submit_title = "Подписать протокол"
    success_message = "Протокол подписан. Теперь его подписывает председатель."

    def check_moment(self):
        if self.object.state == Meeting.State.SIGNED:
            raise Refused("Протокол уже подписан.")
        still_open = self.object.open_questions()
        if still_open:
            raise Refused("Подписать протокол нельзя: " + "; ".join(still_open) + ".")

    def get_question(self):
        decided = self.object.agenda_items.filter(state="decided").count()
        return f"Подписать протокол заседания {self.object.held_on:%d.%m.%Y}? Решений: {decided}."

    def get_consequences(self):
        return [
            "Протокол получит следующий номер совета в этом году.",
            "Явка, самоотводы, решения и поручения больше не изменятся. Ошибку исправляет отдельный акт.",
            "На протокол сошлются программы и уровни, в дела семей лягут выписки.",
            "После Вас протокол подписывает тот, кто председательствовал: сам в системе или на бумаге.",
        ]

    def act(self, form):
        self.object.sign_minutes(by=self.request.user)
        return self.object.get_absolute_url()


class MinutesPrint(DetailPage):
    """The protocol of a meeting as the secretary prints it: the draft while it runs, then what was signed."""

    permission = Perm.MEETING_RUN
    model = Meeting

    def get_queryset(self):
        return super().get_queryset().select_related("council__municipality", "minutes__signed_by")

    def get_breadcrumbs(self):
        return [*crumbs(MEETINGS), (str(self.object), reverse("councils:meeting-detail", args=[self.object.pk]))]

    def get(self, request, *args, **kwargs):
        meeting = self.object
        if meeting.state == Meeting.State.CANCELLED:
            raise Refused("Заседание отменено: протокола у него нет.")
        return printed(self, MINUTES, meeting)


class MinutesFilter(django_filters.FilterSet):
    STATES = [("awaited", "ждут подписи председателя"), ("complete", "подписаны обоими"), ("imported", "перенесены")]
    SCANS = [("yes", "приложен"), ("no", "нет")]

    number = django_filters.CharFilter(label="Номер", lookup_expr="iexact")
    council = django_filters.ModelChoiceFilter(label="Совет", queryset=Council.objects.none(), empty_label="все")
    year = django_filters.NumberFilter(label="Год")
    state = django_filters.ChoiceFilter(label="Подписи", choices=STATES, method="filter_state", empty_label="любые")
    scan = django_filters.ChoiceFilter(label="Скан", choices=SCANS, method="filter_scan", empty_label="не важно")

    class Meta:
        model = Minutes
        fields = ["number", "council", "year", "state", "scan"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.filters["council"].queryset = Council.objects.visible_to(self.request.user).order_by("name", "pk")

    def filter_state(self, rows, _name, value):
        if value == "awaited":
            return rows.awaiting_chair()
        if value == "imported":
            return rows.filter(meeting__imported=True)
        return rows.filter(Exists(_chair_of(OuterRef("pk"))))

    def filter_scan(self, rows, _name, value):
        return rows.filter(scan_count__gt=0) if value == "yes" else rows.filter(scan_count=0)


def _chair_of(minutes):
    return ChairSignature.objects.filter(minutes=minutes, correction=None)


class MinutesList(ListPage):
    """Протоколы: what the councils have signed; the secretary opens a row, others see that it is there."""

    permission = Perm.COUNCIL_VIEW
    model = Minutes
    filterset_class = MinutesFilter
    title = REGISTER[0]
    export_name = "protokoly"
    default_sort = "-meeting__held_on"
    empty = Empty("Протоколов ещё нет", "Протокол появляется здесь, когда секретарь его подписал.")
    columns = [
        Column("number", "Номер", lambda row: f"№ {row.number}", url=lambda row: row.url, width=12),
        Column("held_on", "Дата", "meeting.held_on", kind="date", sort="meeting__held_on", width=14),
        Column("council", "Совет", "council", sort="council__name", width=48),
        Column("items", "Решений", "decided", kind="number", width=10),
        Column("state", "Подписи", lambda row: row.signatures_said[0], kind="state",
               tone=lambda row: row.signatures_said[1], width=30),
        Column("acts", "Исправления", lambda row: row.act_count or "", kind="number", width=14, css="hide-s"),
        Column("scan", "Скан", lambda row: "приложен" if row.scan_count else "", width=12, css="hide-s"),
    ]  # fmt: skip

    def get_breadcrumbs(self):
        return crumbs(MEETINGS)

    def get_queryset(self):
        rows = super().get_queryset().select_related("meeting", "council", "presided")
        return rows.defer("content").annotate(
            decided=Count("meeting__agenda_items", filter=Q(meeting__agenda_items__state="decided"), distinct=True),
            act_count=Count("corrections", distinct=True),
            scan_count=Count("scans", filter=Q(scans__item=None), distinct=True),
            is_complete=Exists(_chair_of(OuterRef("pk"))),
        )

    def decorate(self, rows):
        readable = set(
            Minutes.objects.readable_by(self.request.user)
            .filter(pk__in=[row.pk for row in rows])
            .values_list("pk", flat=True)
        )
        for row in rows:
            row.url = row.get_absolute_url() if row.pk in readable else ""
            row.signatures_said = _signatures(row)
        return rows

    def get_context_data(self, **context):
        return super().get_context_data(found="протокол,протокола,протоколов", **context)


def _signatures(row):
    if row.meeting.imported:
        return "перенесён", "off"
    return ("подписан обоими", "good") if row.is_complete else (f"ждёт: {row.chair_name}", "warn")


class _OnMinutes:
    """A page about signed minutes: of the secretary, and of who presided."""

    permission = Perm.MINUTES_CONFIRM
    model = Minutes

    def get_queryset(self):
        rows = Minutes.objects.readable_by(self.request.user)
        return rows.select_related("meeting", "council__municipality", "signed_by", "presided__user")

    def get_minutes(self) -> Minutes:
        return self.object

    def get_breadcrumbs(self):
        start = [*crumbs(MEETINGS), *crumbs(REGISTER)] if self.request.user.may(Perm.MEETING_RUN) else []
        minutes = self.get_minutes()
        return [*start, (str(minutes), minutes.get_absolute_url())]


class MinutesDetail(_OnMinutes, DetailPage):
    """The minutes with their signatures, acts of correction and scans."""

    template_name = "councils/minutes_detail.html"

    def get_breadcrumbs(self):
        return super().get_breadcrumbs()[:-1]

    def get_title(self):
        return str(self.object)

    def get_note(self):
        return str(self.object.council)

    @property
    def runs(self) -> bool:
        return self.request.user.may(Perm.MEETING_RUN)

    def get_main_action(self):
        if self.object.awaited and self.object.may_confirm(self.request.user):
            return Action("Подписать протокол", reverse("councils:minutes-confirm", args=[self.object.pk]))
        if self.object.awaited and self.runs and self.object.needs_paper():
            return Action("Записать подпись на бумаге", reverse("councils:minutes-paper", args=[self.object.pk]))
        return None

    def get_actions(self):
        if self.object.is_imported:
            return [self._action("Приложить скан", "minutes-scan")] if self.runs else []
        read = reverse("councils:minutes-read", args=[self.object.pk])
        actions = [Action("PDF", read), Action("Word", f"{read}?as=docx")]
        if self.runs:
            actions += [
                self._action("Приложить скан", "minutes-scan"),
                self._action("Исправить актом", "correction-new"),
            ]
        return actions

    def _action(self, title, page):
        return Action(title, reverse(f"councils:{page}", args=[self.object.pk]))

    def get_context_data(self, **context):
        user, minutes = self.request.user, self.object
        acts = list(minutes.corrections.select_related("signature__by", "signed_by"))
        for act in acts:
            act.minutes = minutes
        return super().get_context_data(
            **{
                "content": revive(minutes.content) if minutes.content else None,
                "chair": minutes.chair_signature,
                "acts": acts,
                "may_confirm": minutes.may_confirm(user),
                "by_paper": self.runs and not minutes.is_imported and minutes.needs_paper(),
                "scans": minutes.scans.filter(item=None).select_related("attachment__by"),
                "runs": self.runs,
            }
            | context
        )


class MinutesRead(_OnMinutes, DetailPage):
    """The signed minutes as a paper, for who signs them."""

    def get(self, request, *args, **kwargs):
        return printed(self, MINUTES, self.object.meeting)


class MinutesConfirm(_OnMinutes, ActionPage):
    """Who presided signs with his own login."""

    title = "Подписать протокол"
    submit_title = "Подписать"
    success_message = "Протокол подписан."

    def check_moment(self):
        if not self.object.may_confirm(self.request.user):
            raise Refused(f"Подписывает тот, кто председательствовал: {self.object.chair_name}.")
        if not self.object.awaited:
            raise Refused("Председательствовавший уже подписал.")

    def get_question(self):
        return f"{self.object}: Вы председательствовали на этом заседании и подтверждаете протокол?"

    def get_consequences(self):
        return ["Текст протокола не меняется: ошибку исправляет отдельный акт, его готовит секретарь."]

    def act(self, form):
        self.object.confirm(by=self.request.user)
        return self.object.get_absolute_url()


class _Paper(_OnMinutes, FormPage):
    """The secretary writes down a signature put on paper, the scan beside it."""

    permission = Perm.MEETING_RUN
    form_class = PaperSignatureForm
    title = "Подпись на бумаге"
    submit_title = "Записать подпись"
    success_message = "Подпись записана."

    def get_note(self):
        return f"Подписывает {self.get_minutes().chair_name}"

    def check_moment(self):
        if not self.object.awaited:
            raise Refused("Председательствовавший уже подписал.")
        if not self.get_minutes().needs_paper():
            raise Refused(f"{self.get_minutes().chair_name}: подписывает сам, войдя в систему.")

    def act(self, form):
        self.object.record_paper(by=self.request.user, signed_on=form.cleaned_data["signed_on"])
        if form.cleaned_data["file"]:
            Scan.add(self.get_minutes(), form.cleaned_data["file"], by=self.request.user)
        return self.get_minutes().get_absolute_url()


class MinutesPaper(_Paper):
    pass


class MinutesScan(_OnMinutes, FormPage):
    permission = Perm.MEETING_RUN
    form_class = ScanForm
    title = "Скан подписанного протокола"
    submit_title = "Приложить"
    adds_row = True
    success_message = "Скан приложен."

    def act(self, form):
        Scan.add(self.object, form.cleaned_data["file"], by=self.request.user)
        return self.object.get_absolute_url()


class ScanFile(DetailPage):
    """A scan as a download; the log says who took it."""

    permission = Perm.MINUTES_CONFIRM
    model = Scan
    title = "Скан протокола или выписки"
    audit_read = ""

    def get_queryset(self):
        readable = Minutes.objects.readable_by(self.request.user)
        mine = Q(pk__in=super().get_queryset().values("pk")) | Q(item=None, minutes__in=readable.values("pk"))
        return Scan.objects.filter(mine).select_related("attachment")

    def show(self, status=200, **context):
        return attachment_response(self.object.attachment, self.object, by=self.request.user)


class CorrectionNew(_OnMinutes, FormPage):
    """Акт об исправлении: what stood, what should stand, why; signed in turn as the minutes are."""

    permission = Perm.MEETING_RUN
    form_class = CorrectionForm
    title = "Акт об исправлении протокола"
    submit_title = "Подписать акт"
    adds_row = True
    success_message = "Акт подписан Вами. Теперь его подписывает председательствовавший."

    def get_note(self):
        return "Протокол остаётся каким был. Акт печатается вместе с ним и с выпиской по этому вопросу."

    def check_moment(self):
        if self.object.is_imported:
            raise Refused("Протокол перенесён без текста: исправление оформляют на бумаге.")

    def get_form_kwargs(self):
        return {
            "questions": [(point["n"], f"{point['n']}. {point['about']}") for point in self.object.content["items"]]
        }

    def act(self, form):
        self.object.correct(by=self.request.user, **form.cleaned_data)
        return self.object.get_absolute_url()


class _OnCorrection(_OnMinutes):
    model = Correction

    def get_queryset(self):
        rows = Correction.objects.readable_by(self.request.user)
        return rows.select_related("signature", "minutes__meeting", "minutes__presided__user")

    def get_minutes(self):
        return self.object.minutes


class CorrectionConfirm(_OnCorrection, ActionPage):
    title = "Подписать акт об исправлении"
    submit_title = "Подписать"
    success_message = "Акт подписан."

    def check_moment(self):
        if not self.get_minutes().may_confirm(self.request.user):
            raise Refused(f"Подписывает тот, кто председательствовал: {self.get_minutes().chair_name}.")
        if not self.object.awaited:
            raise Refused("Председательствовавший уже подписал.")

    def get_question(self):
        return f"{self.object}. Записано: {self.object.stood} Следует читать: {self.object.should}"

    def get_consequences(self):
        return ["Акт печатается вместе с протоколом; сам протокол остаётся каким был."]

    def act(self, form):
        self.object.confirm(by=self.request.user)
        return self.get_minutes().get_absolute_url()


class CorrectionPaper(_OnCorrection, _Paper):
    permission = Perm.MEETING_RUN
