"""Протокол: signed once, printed from what was frozen then; before that a draft."""

from django.urls import reverse

from councils.documents import EXTRACT, MINUTES, REFUSAL
from councils.models import AgendaItem, Meeting
from councils.views.meetings import _MeetingAct
from councils.views.queue import MEETINGS, crumbs
from councils.words import Verdict
from sopr.accounts.policy import Perm
from sopr.documents.pdf import pdf_response
from sopr.errors import Refused
from sopr.web.pages import DetailPage


class MinutesSign(_MeetingAct):
    title = "Подписать протокол"
    submit_title = "Подписать протокол"
    success_message = "Протокол подписан. Напечатайте его и передайте председателю."

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
            "Явка, самоотводы, решения и поручения больше не изменятся.",
            "На протокол сошлются программы, уровни и выписки в делах семей.",
        ]

    def act(self, form):
        self.object.sign_minutes(by=self.request.user)
        return self.object.get_absolute_url()


class MinutesPrint(DetailPage):
    permission = Perm.MEETING_RUN
    model = Meeting

    def get_queryset(self):
        return super().get_queryset().select_related("council__municipality", "minutes")

    def get_breadcrumbs(self):
        return [*crumbs(MEETINGS), (str(self.object), reverse("councils:meeting-detail", args=[self.object.pk]))]

    def get(self, request, *args, **kwargs):
        meeting = self.object
        if meeting.state == Meeting.State.CANCELLED:
            raise Refused("Заседание отменено: протокола у него нет.")
        return pdf_response(MINUTES, meeting, by=request.user)


class ExtractPrint(DetailPage):
    """Выписка из протокола: for the family's case."""

    permission = Perm.CASE_VIEW
    model = AgendaItem
    document = EXTRACT

    def get_queryset(self):
        return super().get_queryset().select_related(
            "council__municipality", "case__family", "case__organisation", "case__curator", "decision",
            "meeting__minutes",
        )  # fmt: skip

    def get_breadcrumbs(self):
        return [(str(self.object.case), self.object.case.get_absolute_url())]

    def get(self, request, *args, **kwargs):
        return pdf_response(self.document, self.object, by=request.user)


class RefusalPrint(ExtractPrint):
    """Уведомление об отказе: for the applicant."""

    document = REFUSAL

    def get(self, request, *args, **kwargs):
        if not hasattr(self.object, "decision") or self.object.decision.verdict != Verdict.REFUSED:
            raise Refused("Уведомление об отказе печатается, когда совет отказал.")
        return super().get(request, *args, **kwargs)
