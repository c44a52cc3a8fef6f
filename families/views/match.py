"""«Запрос сверки»: ask the organisation that serves a family alike whether it is the same; answer such a question."""

from functools import cached_property

from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from families.forms.match import AnswerForm, AskForm, describe_typed, read_match_token
from families.models import MatchRequest
from families.views.family import family_url
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.pages import Action, DetailPage, Empty, FormPage, ListPage
from sopr.web.tables import Column

TONES = {"": "wait", MatchRequest.Answer.SAME: "done", MatchRequest.Answer.DIFFERENT: "off"}
WAITS = "ждёт ответа"


def _answer(row):
    return row.get_answer_display() or WAITS


class MatchList(ListPage):
    permission = Perm.MATCH_ASK
    model = MatchRequest
    title = "Запросы сверки"
    note = "Та же это семья или другая: вопросы между организациями"
    menu = "families"
    default_sort = "-asked_at"
    columns = [
        Column("number", "№", "pk", url=lambda row: row.get_absolute_url(), width=8),
        Column("asked_at", "Отправлен", kind="datetime", width=18),
        Column("asked_from", "Кто спросил", "asked_from", note=lambda row: row.asked_by.short_name, width=36),
        Column("organisation", "Кого спросили", "organisation", width=36),
        Column("answer", "Ответ", _answer, kind="state", tone=lambda row: TONES[row.answer], width=18),
        Column("answered_at", "Отвечено", kind="datetime", width=18),
    ]
    empty = Empty(
        "Запросов сверки нет",
        "Если при заведении карточки похожая семья найдётся в другой организации, рядом будет «Запросить сверку».",
        "/families/new/",
        "Завести карточку",
    )

    def get_queryset(self):
        return super().get_queryset().with_sides()

    def get_breadcrumbs(self):
        return [("Семьи", reverse("families:family-list")), ("Запросы сверки", None)]

    def get_context_data(self, **context):
        return super().get_context_data(found="запрос,запроса,запросов", **context)


class MatchNew(FormPage):
    """Opened by the button beside a family alike, which posts the signed name of the family and what is typed."""

    permission = Perm.MATCH_ASK
    menu = "families"
    title = "Запрос сверки"
    submit_title = "Отправить запрос"
    keeps_draft = False  # the page has no address to come back to: it opens from the card being entered
    adds_row = True
    success_message = "Запрос отправлен руководителю организации. Ответ придёт в «Мой день»."

    @cached_property
    def asked(self):
        found = read_match_token(self.request.POST.get("token", ""), self.request.user)
        if found is None:
            raise Http404
        return found

    def get(self, request, *args, **kwargs):
        raise Http404

    def post(self, request, *args, **kwargs):
        self.asked  # noqa: B018 — a forged or old name of a family is nobody's
        if "reason" in request.POST:
            return super().post(request, *args, **kwargs)
        self.formsets = {}
        return self.show(form=AskForm(initial={"token": request.POST["token"], "about": describe_typed(request.POST)}))

    def get_form(self, data=None, files=None):
        return AskForm(data)

    def get_note(self):
        return f"{self.asked[1].name}. Вы узнаете, та же это семья или другая; сведений карточки система не покажет."

    def get_breadcrumbs(self):
        return [("Семьи", reverse("families:family-list")), ("Запросы сверки", reverse("families:match-list"))]

    def act(self, form):
        family, organisation = self.asked
        self.object = MatchRequest.ask(
            family,
            by=self.request.user,
            organisation=organisation,
            about=form.cleaned_data["about"],
            reason=form.cleaned_data["reason"],
        )
        return self.object.get_absolute_url()


class MatchDetail(DetailPage):
    permission = Perm.MATCH_ASK
    model = MatchRequest
    menu = "families"
    template_name = "families/match_detail.html"

    def get_queryset(self):
        return super().get_queryset().with_sides().select_related("family")

    def get_title(self):
        return f"Запрос сверки № {self.object.pk}"

    def get_breadcrumbs(self):
        return [
            ("Семьи", reverse("families:family-list")),
            ("Запросы сверки", reverse("families:match-list")),
            (f"№ {self.object.pk}", None),
        ]

    @property
    def answers(self) -> bool:
        """Whether the reader is on the side that answers: only that side opens the card."""
        return self.object.organisation_id == self.request.user.organisation_id

    def get_main_action(self):
        if not self.answers or self.object.answer:
            return None
        return Action("Ответить", reverse("families:match-answer", args=[self.object.pk]))

    def get(self, request, *args, **kwargs):
        self.object.note_read(by=request.user)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **context):
        return super().get_context_data(
            answers=self.answers,
            state=_answer(self.object),
            tone=TONES[self.object.answer],
            card_url=family_url(self.object.family) if self.answers else "",
            today=timezone.localdate(),
            **context,
        )


class MatchAnswer(FormPage):
    permission = Perm.MATCH_ANSWER
    model = MatchRequest
    menu = "families"
    title = "Ответ на запрос сверки"
    form_class = AnswerForm
    submit_title = "Ответить"
    success_message = "Ответ отправлен."

    def get_queryset(self):
        """Questions to the reader's organisation, not those it asked itself."""
        return super().get_queryset().filter(organisation=self.request.user.organisation_id).with_sides()

    def check_moment(self):
        if self.object.answer:
            raise Refused(f"На запрос уже ответили: {self.object.get_answer_display()}.")

    def get_breadcrumbs(self):
        return [
            ("Запросы сверки", reverse("families:match-list")),
            (f"№ {self.object.pk}", self.object.get_absolute_url()),
        ]

    def get_note(self):
        return f"Спрашивает {self.object.asked_from.name}"

    def act(self, form):
        self.object.reply(by=self.request.user, **form.cleaned_data)
        return self.object.get_absolute_url()
