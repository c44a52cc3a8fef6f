"""Слово исполнителя за квартал: the agencies' list, the word itself, the curator's answer."""

import django_filters
from django.urls import reverse

from cases.activity_forms import WordForm, WordReturnForm
from cases.activity_words import curator_of, curators_phone, for_whom
from cases.models import Activity, QuarterlyWord
from cases.reading import family_title
from sopr.accounts.policy import Perm, Role
from sopr.errors import Refused
from sopr.web.pages import Action, ActionPage, DetailPage, Empty, FormPage, ListPage
from sopr.web.tables import Column

State = QuarterlyWord.State
TONES = {State.DUE: "plan", State.RETURNED: "back", State.SAID: "wait", State.ACCEPTED: "done", State.DROPPED: "off"}


class WordFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(label="Показать", choices=State.choices, empty_label="все")

    class Meta:
        model = QuarterlyWord
        fields = ["state"]


def decorate(words, user):
    """Give each word `whom` (as its reader may see it) and `titles` of the agency's activities; one statement."""
    rows = (
        Activity.objects.counted()
        .filter(case__in={word.case_id for word in words}, agency__in={word.agency_id for word in words})
        .select_related("person")
    )
    by_word = {}
    for activity in rows:
        by_word.setdefault((activity.case_id, activity.agency_id), []).append(activity)
    for word in words:
        own = by_word.get((word.case_id, word.agency_id), [])
        named = dict.fromkeys(for_whom(activity) for activity in own)
        word.whom = ", ".join(named) if user.role == Role.EXECUTOR else family_title(word.case.family)
        word.titles = list(dict.fromkeys(activity.title for activity in own))
    return words


class WordList(ListPage):
    """An agency's words by quarter; a curator's and a head's list of what agencies said."""

    permission = Perm.ACTIVITY_VIEW
    model = QuarterlyWord
    filterset_class = WordFilter
    title = "Слово исполнителя за квартал"
    default_sort = "-until"
    empty = Empty(
        "Пока ничего не ждут",
        "Раз в квартал исполнитель пишет куратору коротко о каждой семье, с которой работает.",
    )

    @property
    def columns(self):
        executor = self.request.user.role == Role.EXECUTOR
        who = (
            Column("curator", "Куратор", lambda word: curator_of(word), note=curators_phone)
            if executor
            else Column("agency", "Исполнитель", "agency", sort="agency__name", width=36)
        )
        return [
            Column(
                "whom", "Для кого" if executor else "Семья", lambda word: word.whom,
                url=lambda word: word.get_absolute_url(), note=lambda word: "; ".join(word.titles[:3]),
            ),
            Column("quarter", "Квартал", "quarter", width=18),
            Column("until", "Срок", "until", kind="date" if not executor else "due", sort="until"),
            Column("state", "Состояние", "get_state_display", kind="state", tone=lambda word: TONES[word.state]),
            who,
        ]  # fmt: skip

    def get_queryset(self):
        return super().get_queryset().with_sides().exclude(state=State.DROPPED)

    def decorate(self, rows):
        return decorate(rows, self.request.user)

    def get_row_url(self, row):
        return row.get_absolute_url()

    def get_context_data(self, **context):
        return super().get_context_data(**({"found": "запись,записи,записей"} | context))


class WordTrail:
    """What pages about one word share."""

    model = QuarterlyWord
    title = "Слово за квартал"

    def get_queryset(self):
        return super().get_queryset().with_sides()

    @property
    def is_executor(self) -> bool:
        return self.request.user.role == Role.EXECUTOR

    def get_breadcrumbs(self):
        word = self.object
        if self.is_executor:
            crumbs = [("Слово за квартал", reverse("cases:word-list"))]
        else:
            crumbs = [
                ("Случаи", reverse("cases:case-list")),
                (f"№\u00a0{word.case.number}", f"{word.case.get_absolute_url()}?tab=programme"),
            ]
        if not isinstance(self, WordDetail):
            crumbs.append((word.quarter, word.get_absolute_url()))
        return [*crumbs, (self.title, None)]

    def get_context_data(self, **context):
        decorate([self.object], self.request.user)
        base = {"word": self.object, "is_executor": self.is_executor, "tone": TONES[self.object.state],
                "curator": curator_of(self.object), "phone": curators_phone(self.object)}  # fmt: skip
        return super().get_context_data(**(base | context))


class WordDetail(WordTrail, DetailPage):
    permission = Perm.ACTIVITY_VIEW
    template_name = "cases/word_detail.html"

    def get_title(self):
        return f"Слово за {self.object.quarter}"

    def get_main_action(self):
        word = self.object
        if self.is_executor:
            return self._action("Написать", "cases:word-say") if word.is_waiting else None
        return self._action("Принять", "cases:word-accept") if word.state == State.SAID else None

    def get_actions(self):
        word = self.object
        if self.is_executor or word.state != State.SAID:
            return []
        return [self._action("Вернуть с замечанием", "cases:word-return")]

    def _action(self, title, name) -> Action:
        return Action(title, reverse(name, args=[self.object.pk]))


class WordFormPage(WordTrail, FormPage):
    template_name = "cases/word_form.html"
    moment = (State.SAID,)

    def check_moment(self):
        if self.object.state not in self.moment:
            raise Refused(f"Слово за квартал сейчас в состоянии «{self.object.get_state_display()}».")

    def act(self, form):
        self.perform(form)
        return self.object.get_absolute_url()

    def perform(self, form):
        """Call the verb."""
        raise NotImplementedError


class WordSay(WordFormPage):
    permission = Perm.ACTIVITY_REPORT
    form_class = WordForm
    submit_title = "Отправить куратору"
    success_message = "Слово за квартал отправлено куратору."
    moment = (State.DUE, State.RETURNED)

    def get_form_kwargs(self):
        return {"initial": {name: getattr(self.object, name) for name in WordForm.base_fields}}

    def perform(self, form):
        self.object.say(by=self.request.user, **form.cleaned_data)


class WordAccept(WordFormPage, ActionPage):
    permission = Perm.CASE_WORK
    template_name = "cases/word_accept.html"
    title = "Принять слово за квартал"
    submit_title = "Принять"
    success_message = "Слово исполнителя принято."

    def perform(self, form):
        self.object.accept(by=self.request.user)


class WordReturn(WordFormPage):
    permission = Perm.CASE_WORK
    form_class = WordReturnForm
    title = "Вернуть с замечанием"
    submit_title = "Вернуть исполнителю"
    success_message = "Возвращено исполнителю с замечанием."

    def perform(self, form):
        self.object.give_back(by=self.request.user, remark=form.cleaned_data["remark"])
