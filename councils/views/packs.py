"""Материалы заседаний: what a member of a council reads before the meeting, and some days after it."""

from django.db.models import Count, OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone

from councils import pack
from councils.documents import PACK
from councils.models import Invitation, Meeting
from councils.views.meetings import TONES
from sopr import profile
from sopr.accounts.policy import Perm
from sopr.documents.pdf import pdf_response
from sopr.web.pages import Action, DetailPage, Empty, ListPage
from sopr.web.tables import Column

ANSWERS = dict(Invitation.Answer.choices)


class _Packs:
    permission = Perm.PACK_VIEW
    model = Meeting

    def get_queryset(self):
        """Only meetings the user is called to, whatever else the role may see."""
        return Meeting.objects.called(self.request.user).select_related("council")


class PackList(_Packs, ListPage):
    title = "Материалы заседаний"
    template_name = "councils/pack_list.html"
    default_sort = "-held_on"
    empty = Empty("Заседаний для Вас пока нет", "Материалы появятся, когда секретарь назначит заседание Вашего совета.")
    columns = [
        Column("held_on", "Дата", "held_on", kind="date", sort="held_on"),
        Column("starts_at", "Время", lambda meeting: f"{meeting.starts_at:%H:%M}"),
        Column("council", "Совет", "council", sort="council__name"),
        Column("place", "Место", "place"),
        Column("items", "Вопросов", "item_count", kind="number"),
        Column("answer", "Вы ответили", lambda meeting: ANSWERS.get(meeting.own_answer, "")),
        Column("state", "Состояние", "get_state_display", kind="state", tone=lambda meeting: TONES[meeting.state]),
    ]

    def get_note(self):
        days = profile.current().council.pack_open_days
        return f"Материалы закрываются через {days} дн. после заседания. Каждый просмотр записывается."

    def get_queryset(self):
        own = Invitation.objects.filter(meeting=OuterRef("pk"), membership__user=self.request.user).values("answer")[:1]
        return super().get_queryset().annotate(item_count=Count("agenda_items"), own_answer=Subquery(own))

    def get_row_url(self, row):
        return reverse("councils:pack-detail", args=[row.pk])


class PackDetail(_Packs, DetailPage):
    template_name = "councils/pack_detail.html"

    def get_main_action(self):
        if self.object.state != Meeting.State.PLANNED:
            return None
        return Action("Ответить, буду ли я", reverse("councils:invitation-reply", args=[self.object.pk]))

    def get_title(self):
        return f"{self.object}, {self.object.starts_at:%H:%M}"

    def get_note(self):
        kind = "внеочередное" if self.object.extraordinary else ""
        return ", ".join(filter(None, [kind, str(self.object.council), self.object.place]))

    def get_breadcrumbs(self):
        return [("Материалы заседаний", reverse("councils:pack-list"))]

    def get_actions(self):
        meeting = self.object
        actions = [
            Action("Напечатать свой экземпляр", reverse("councils:pack-print", args=[meeting.pk]), "printer"),
            Action("В свой календарь", reverse("councils:pack-file", args=[meeting.pk]), "calendar-event"),
        ]
        return actions if meeting.held_on >= timezone.localdate() else actions[:1]

    def get_context_data(self, **context):
        meeting, user = self.object, self.request.user
        seat = meeting.seat_of(user)
        shown = {
            "cards": pack.cards_for(meeting, user),
            "today": timezone.localdate(),
            "invitation": meeting.invitations.filter(membership=seat).first(),
            "may_answer": meeting.state == Meeting.State.PLANNED,
        }
        return super().get_context_data(**(shown | context))


class PackPrint(_Packs, DetailPage):
    """The reader's own copy: his name and the time on every sheet."""

    audit_read = ""  # the print is recorded

    def get_breadcrumbs(self):
        page = reverse("councils:pack-detail", args=[self.object.pk])
        return [("Материалы заседаний", reverse("councils:pack-list")), (str(self.object), page)]

    def get(self, request, *args, **kwargs):
        return pdf_response(PACK, self.object, by=request.user, reader=request.user)
