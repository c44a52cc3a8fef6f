"""Отзывы ведомств: asked by the secretary, given by the agency; and who is called to a question."""

from django.db.models import Q
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from cases.activity_words import name_for_agency
from councils.convening_forms import CallForm, OpinionAskForm, OpinionGiveForm
from councils.models import AgendaItem, Meeting, Opinion, OpinionAnswer
from councils.views.queue import MEETINGS, crumbs
from families.models import FamilyMembership
from sopr.accounts.models import Organisation, OrganisationKind
from sopr.accounts.policy import Perm
from sopr.documents.attachments import attach, attachment_response
from sopr.errors import Refused
from sopr.web.pages import DetailPage, Empty, FormPage, ListPage
from sopr.web.tables import Column


class OpinionList(ListPage):
    """What councils ask the reader's agency, and what it has answered."""

    permission = Perm.OPINION_GIVE
    model = Opinion
    title = "Отзывы к заседаниям"
    note = "Советы просят отзыв Вашего ведомства. Ответ можно изменить, пока заседание не открыто."
    default_sort = "-due_on"
    empty = Empty(
        "Отзывов у Вашего ведомства не просили", "Запрос появится здесь со сроком, когда его пришлёт секретарь."
    )
    columns = [
        Column("due_on", "Ответить до", "due_on", kind="date", sort="due_on"),
        Column("question", "О чём спрашивают", "question", width=60),
        Column("council", "Совет", "item.council", sort="item__council__name"),
        Column("meeting", "Заседание", "item.meeting.held_on", kind="date"),
        Column("state", "Состояние", lambda row: row.state[0], kind="state", tone=lambda row: row.state[1]),
    ]

    def get_queryset(self):
        own = Opinion.objects.asked_from(self.request.user)
        return own.for_reading().select_related("item__council")

    def get_row_url(self, row):
        return row.get_absolute_url()


class _OfItem(FormPage):
    """An act of the secretary on a question before the meeting opens."""

    permission = Perm.MEETING_RUN
    model = AgendaItem

    def get_queryset(self):
        return super().get_queryset().select_related("case__family", "meeting", "council")

    def get_note(self):
        return f"{self.object.case.family.surname}: {self.object.get_question_display()}"

    def get_breadcrumbs(self):
        meeting = self.object.meeting
        if meeting is None:
            return [*crumbs(MEETINGS), ("Очередь вопросов", reverse("councils:item-queue"))]
        return [*crumbs(MEETINGS), (str(meeting), f"{meeting.get_absolute_url()}?item={self.object.pk}")]

    def check_moment(self):
        item = self.object
        before = item.meeting is None or item.meeting.state == Meeting.State.PLANNED
        if item.state not in (AgendaItem.State.QUEUED, AgendaItem.State.SCHEDULED) or not before:
            raise Refused("Это делается до начала заседания, пока вопрос не решён.")


class OpinionAsk(_OfItem):
    title = "Запросить отзыв ведомства"
    form_class = OpinionAskForm
    submit_title = "Запросить"
    adds_row = True
    success_message = "Отзыв запрошен, ведомство увидит его со сроком."

    def get_form_kwargs(self):
        """Agencies of the council's municipality, those above municipalities, and the council's own."""
        council = self.object.council
        seated = council.memberships.valid_on(timezone.localdate()).values("organisation")
        near = Q(municipality=council.municipality_id) | Q(municipality=None) | Q(pk__in=seated)
        agencies = Organisation.objects.filter(near).exclude(kind=OrganisationKind.MINISTRY)
        meeting = self.object.meeting
        return {
            "agencies": agencies.order_by("name", "pk"),
            "initial": {"due_on": meeting.held_on if meeting else None},
        }

    def act(self, form):
        Opinion.ask(self.object, by=self.request.user, **form.cleaned_data)
        return self.get_back_url()


class ItemCall(_OfItem):
    title = "Кто видит материалы вопроса"
    form_class = CallForm
    success_message = "Сохранено."

    def get_form_kwargs(self):
        day = self.object.meeting.held_on if self.object.meeting else timezone.localdate()
        seated = self.object.council.memberships.valid_on(day).values("organisation")
        agencies = Organisation.objects.filter(pk__in=seated).order_by("name", "pk")
        return {"agencies": agencies, "initial": {"agencies": list(self.object.called_agencies.all())}}

    def act(self, form):
        self.object.call(form.cleaned_data["agencies"], by=self.request.user)
        return self.get_back_url()


class OpinionGive(FormPage):
    """The agency's page: what is asked, about whom in the least words, its answers so far."""

    permission = Perm.OPINION_GIVE
    model = Opinion
    title = "Отзыв к заседанию"
    form_class = OpinionGiveForm
    template_name = "councils/opinion_give.html"
    submit_title = "Дать отзыв"
    success_message = "Отзыв записан. До начала заседания его можно изменить."

    def get_queryset(self):
        own = Opinion.objects.asked_from(self.request.user)
        return own.for_reading().select_related("item__council", "item__case__family")

    def get_breadcrumbs(self):
        return [("Отзывы к заседаниям", reverse("councils:opinion-list"))]

    def check_moment(self):
        if not self.object.is_open and (self.request.method == "POST" or self.object.latest is None):
            raise Refused("Заседание уже открыто или вопрос снят: отзыв больше не нужен.")

    def get_form_kwargs(self):
        latest = self.object.latest
        return {"initial": {"text": latest.text}} if latest else {}

    def get_context_data(self, **context):
        people = self.object.item.case.family.members_on(timezone.localdate())
        names = [_in_brief(membership) for membership in people]
        return super().get_context_data(**({"opinion": self.object, "people": names} | context))

    def act(self, form):
        read = form.cleaned_data["attachment"]
        file = attach(read, by=self.request.user) if read else None
        self.object.give(by=self.request.user, text=form.cleaned_data["text"], attachment=file)
        return reverse("councils:opinion-list")


def _in_brief(membership) -> str:
    """«Илья К., 2016 г. р.» of a child, «Анна К., мать» of an adult: the least that tells the agency of whom."""
    person = membership.person
    if membership.relation == FamilyMembership.Relation.CHILD:
        return name_for_agency(person) + (f", {person.birth_on.year} г. р." if person.birth_on else "")
    return f"{name_for_agency(person)}, {membership.get_relation_display()}"


class OpinionFile(DetailPage):
    """The file of one answer: for the agency, the secretary and members called to the question."""

    permission = Perm.OPINION_VIEW
    model = OpinionAnswer

    def get_queryset(self):
        opinions = Opinion.objects.visible_to(self.request.user)
        return OpinionAnswer.objects.filter(opinion__in=opinions).select_related("attachment", "opinion")

    def get(self, request, *args, **kwargs):
        if self.object.attachment is None:
            raise Http404
        return attachment_response(self.object.attachment, self.object.opinion, by=request.user)
