"""Papers of one family out of signed minutes: the extract, its scan, the notice of refusal and its handing over."""

from django.urls import reverse

from councils.documents import EXTRACT, REFUSAL
from councils.minutes_forms import NoticeHandForm, ScanForm
from councils.models import AgendaItem, RefusalNotice, Scan
from councils.views.minutes import printed
from councils.words import Verdict
from sopr.accounts.policy import Perm
from sopr.documents.attachments import attachment_response
from sopr.errors import Refused
from sopr.web.pages import DetailPage, FormPage


class _OfItem:
    """A page about one question's papers, in its case."""

    model = AgendaItem

    def get_queryset(self):
        return super().get_queryset().select_related(
            "council__municipality", "case__family", "case__organisation", "case__curator", "decision",
            "meeting__minutes", "extract", "notice",
        )  # fmt: skip

    def get_breadcrumbs(self):
        return [("Случаи", reverse("cases:case-list")), (str(self.object.case), self.object.case.get_absolute_url())]


class ExtractPrint(_OfItem, DetailPage):
    """Выписка из протокола: for the family's case."""

    permission = Perm.CASE_VIEW
    document = EXTRACT

    def get(self, request, *args, **kwargs):
        return printed(self, self.document, self.object)


class RefusalPrint(ExtractPrint):
    """Уведомление об отказе: for the applicant."""

    document = REFUSAL

    def get(self, request, *args, **kwargs):
        if not hasattr(self.object, "decision") or self.object.decision.verdict != Verdict.REFUSED:
            raise Refused("Уведомление об отказе печатается, когда совет отказал.")
        return super().get(request, *args, **kwargs)


class ExtractScan(_OfItem, FormPage):
    permission = Perm.CASE_WORK
    form_class = ScanForm
    title = "Скан подписанной выписки"
    submit_title = "Приложить"
    adds_row = True
    success_message = "Скан приложен."

    def check_moment(self):
        if not hasattr(self.object, "extract"):
            raise Refused("Выписка ложится в дело, когда протокол подписан.")

    def act(self, form):
        Scan.add(self.object.extract.minutes, form.cleaned_data["file"], by=self.request.user, item=self.object)
        return self.object.case.get_absolute_url()


class NoticeHand(_OfItem, FormPage):
    """Вручение уведомления об отказе: closes the curator's duty."""

    permission = Perm.CASE_WORK
    form_class = NoticeHandForm
    title = "Вручение уведомления об отказе"
    submit_title = "Записать вручение"
    success_message = "Вручение записано."

    def get_note(self):
        notice = getattr(self.object, "notice", None)
        return f"Уведомление № {notice.number}, срок {notice.due_on:%d.%m.%Y}" if notice else ""

    def check_moment(self):
        if not hasattr(self.object, "notice"):
            raise Refused("По этому вопросу уведомления нет: его вручают, когда совет отказал.")
        if self.object.notice.handed_on:
            raise Refused(f"Вручение уже записано: {self.object.notice.handed_on:%d.%m.%Y}.")
        if not hasattr(self.object, "extract"):
            raise Refused("Протокол ещё не подписан: уведомление печатают после подписания.")

    def get_edited(self):
        return None  # a notice is handed over once: the verb sees to it

    def act(self, form):
        self.object.notice.hand(by=self.request.user, **form.cleaned_data)
        return self.object.case.get_absolute_url()


class NoticeReceipt(DetailPage):
    """The receipt of a notice as a download."""

    permission = Perm.CASE_VIEW
    model = RefusalNotice
    title = "Расписка об уведомлении"
    audit_read = ""

    def get_queryset(self):
        return super().get_queryset().exclude(receipt=None).select_related("receipt")

    def show(self, status=200, **context):
        return attachment_response(self.object.receipt, self.object, by=self.request.user)
