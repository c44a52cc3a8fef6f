"""Questions before a meeting: proposed by the curator, taken up, returned or put off by the secretary."""

from functools import cached_property

from django.urls import reverse
from django.utils import timezone

from cases.models import Case
from cases.reading import family_title
from cases.words import Stage
from councils import proposal
from councils.forms import AnnulForm, PostponeForm, ProposeForm, ReturnForm, ScheduleForm
from councils.models import AgendaItem, Council, Meeting
from councils.words import Question
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.pages import Empty, FormPage, ListPage
from sopr.web.tables import Column

QUESTIONS = {
    Stage.ASSESSMENT: (Question.RECOGNISE, Question.OTHER),
    Stage.COUNCIL: (Question.OTHER,),
    Stage.ACTIVE: (Question.LEVEL, Question.PROLONG, Question.PROGRAMME, Question.REMOVE, Question.OTHER),
    Stage.SUSPENDED: (Question.LEVEL, Question.PROLONG, Question.PROGRAMME, Question.REMOVE, Question.OTHER),
}
MEETINGS = ("Заседания", "councils:meeting-list")


def crumbs(*names):
    """Breadcrumbs of councils: (title, view name) pairs."""
    return [(title, reverse(name)) for title, name in names]


class ItemPropose(FormPage):
    """Вынести на совет: the curator or the head puts a question about a case."""

    permission = Perm.CASE_PROPOSE
    model = Case
    form_class = ProposeForm
    template_name = "councils/item_propose.html"
    adds_row = True
    submit_title = "Вынести на совет"
    success_message = "Вопрос отправлен секретарю совета."

    def get_title(self):
        title = family_title(self.object.family)
        return f"Вынести на совет: {title[:1].lower()}{title[1:]}, случай №\u00a0{self.object.number}"

    def get_breadcrumbs(self):
        return [("Случаи", reverse("cases:case-list")), (str(self.object), self.object.get_absolute_url())]

    def check_moment(self):
        if self.object.stage not in QUESTIONS:
            raise Refused(f"Случай на этапе «{self.object.get_stage_display()}»: на совет его не выносят.")
        if self.object.agenda_items.in_the_way().exists():
            raise Refused("По этому случаю вопрос уже вынесен на совет. Дождитесь решения или попросите вернуть его.")
        if not self._councils().exists():
            raise Refused("В муниципальном образовании семьи нет совета. Попросите администратора завести его.")

    def _councils(self):
        return Council.objects.of_case(self.object)

    def get_form_kwargs(self):
        questions = [(code, Question(code).label) for code in QUESTIONS[self.object.stage]]
        review = self.object.reviews.order_by("-done_on", "-pk").first()
        assessment = self.object.assessments.order_by("-done_on", "-pk").first()
        supported = self.object.stage in (Stage.ACTIVE, Stage.SUSPENDED)
        question = proposal.question_of(self.object, review, self.request.GET.get("question"), questions)
        return {
            "councils": self._councils(),
            "questions": questions,
            "initial": {
                "question": question,
                "level": (review.proposed_level if review else "")
                if supported
                else (assessment.proposed_level if assessment else ""),
                "summary": proposal.summary_of(self.object, review, question),
            },
        }

    def get_context_data(self, **context):
        case = self.object
        missing = case.missing_for_council() if case.stage == Stage.ASSESSMENT else []
        last = case.agenda_items.filter(state=AgendaItem.State.RETURNED).order_by("-pk").first()
        return super().get_context_data(
            **(
                {
                    "case": case,
                    "missing": missing,
                    "papers": self._papers(),
                    "closure": getattr(case, "closure", None),
                    "drafts": list(case.draft_revisions().select_related("programme__person")),
                    "returned": last,
                    "by_system": case.agenda_items.waiting().filter(by_system=True).first(),
                }
                | context
            )
        )

    def _papers(self):
        """Where what is missing is made: (title, url)."""
        case = self.object
        if case.stage == Stage.ASSESSMENT:
            return [
                ("Акт обследования", reverse("families:home-survey-new", args=[case.family_id])),
                ("Диагностика", reverse("cases:assessment-new", args=[case.pk])),
                ("Проект ИПСС", reverse("cases:programme-new", args=[case.pk])),
            ]
        return [
            ("Новая редакция ИПСС", reverse("cases:programme-amend", args=[case.pk])),
            ("Заключение о снятии", reverse("cases:closure-new", args=[case.pk])),
        ]

    def act(self, form):
        AgendaItem.propose(self.object, by=self.request.user, **form.cleaned_data)
        return self.object.get_absolute_url()


class ItemAnnul(FormPage):
    """Просить совет отменить решение: the curator or the head puts a question about an earlier decision."""

    permission = Perm.CASE_PROPOSE
    model = AgendaItem
    title = "Просить об отмене решения"
    form_class = AnnulForm
    adds_row = True
    submit_title = "Вынести на совет"
    success_message = "Вопрос об отмене решения отправлен секретарю совета."

    def get_queryset(self):
        return super().get_queryset().select_related("case", "council", "decision", "meeting__minutes")

    def get_note(self):
        return f"Случай № {self.object.case.number}: {self.object.decision.basis}"

    def get_breadcrumbs(self):
        case = self.object.case
        return [("Случаи", reverse("cases:case-list")), (str(case), case.get_absolute_url())]

    def check_moment(self):
        if not hasattr(self.object, "decision"):
            raise Refused("Отменить можно только принятое решение.")
        self.object.decision.check_annullable()

    def act(self, form):
        self.object.ask_to_annul(by=self.request.user, reason=form.cleaned_data["reason"])
        return self.object.case.get_absolute_url()


class ItemQueue(ListPage):
    """Очередь вопросов: what curators have proposed and no meeting has yet."""

    permission = Perm.MEETING_RUN
    model = AgendaItem
    title = "Очередь вопросов"
    default_sort = "proposed_at"
    empty = Empty("Очередь пуста", "Кураторы пока не вынесли ни одного вопроса.")
    all_columns = [
        Column("question", "Вопрос", "get_question_display", sort="question"),
        Column("family", "Семья", lambda item: item.case.family.surname, sort="case__family__surname"),
        Column("case", "Случай", lambda item: f"№ {item.case.number}", sort="case__number_key"),
        Column("level", "Уровень", "get_level_display"),
        Column("organisation", "Организация", lambda item: item.case.organisation),
        Column("by", "Кто вынес", "proposer"),
        Column("proposed_at", "Вынесен", lambda item: timezone.localdate(item.proposed_at), "date", "proposed_at"),
        Column("council", "Совет", "council", sort="council__name"),
        Column("act", "Действие", lambda item: "Взять в повестку", url=lambda item: _url("item-schedule", item)),
        Column("back", "Иначе", lambda item: "Вернуть", url=lambda item: _url("item-return", item)),
    ]

    @cached_property
    def columns(self):
        """Without the council's name for a secretary who keeps only one."""
        several = Council.objects.visible_to(self.request.user).count() > 1
        return [column for column in self.all_columns if several or column.key != "council"]

    def get_breadcrumbs(self):
        return crumbs(MEETINGS)

    def get_queryset(self):
        return (
            super()
            .get_queryset()
            .queued()
            .select_related("case__family", "case__organisation", "council", "proposed_by")
        )


def _url(page, item):
    return reverse(f"councils:{page}", args=[item.pk])


class _ItemPage(FormPage):
    """One question of a council the secretary keeps."""

    permission = Perm.MEETING_RUN
    model = AgendaItem

    def get_queryset(self):
        return super().get_queryset().select_related("case__family", "council", "meeting", "proposed_by")

    def get_breadcrumbs(self):
        if self.object and self.object.meeting:
            return [*crumbs(MEETINGS), (str(self.object.meeting), self.object.meeting.get_absolute_url())]
        return crumbs(MEETINGS, ("Очередь вопросов", "councils:item-queue"))

    def get_note(self):
        item = self.object
        return f"{item.case.family.surname}, случай № {item.case.number}: {item.get_question_display()}"


class ItemSchedule(_ItemPage):
    title = "Взять вопрос в повестку"
    form_class = ScheduleForm
    submit_title = "Взять в повестку"
    success_message = "Вопрос включён в повестку."

    def _meetings(self):
        planned = Meeting.objects.filter(council=self.object.council_id, state=Meeting.State.PLANNED)
        return planned.order_by("held_on", "pk")

    def check_moment(self):
        if self.object.state != AgendaItem.State.QUEUED:
            raise Refused(f"Вопрос уже {self.object.get_state_display()}.")
        if not self._meetings().exists():
            raise Refused("У этого совета нет запланированных заседаний. Сначала назначьте заседание.")

    def get_form_kwargs(self):
        return {"meetings": self._meetings()}

    def act(self, form):
        meeting = form.cleaned_data["meeting"]
        self.object.schedule(meeting, by=self.request.user)
        return reverse("councils:item-queue")


class ItemReturn(_ItemPage):
    title = "Вернуть вопрос куратору"
    form_class = ReturnForm
    submit_title = "Вернуть"
    success_message = "Вопрос возвращён куратору с замечанием."

    def check_moment(self):
        if self.object.state not in (AgendaItem.State.QUEUED, AgendaItem.State.SCHEDULED):
            raise Refused(f"Вопрос уже {self.object.get_state_display()}.")

    def act(self, form):
        goes_to = self.get_back_url()
        self.object.return_with_remark(by=self.request.user, remark=form.cleaned_data["remark"])
        return goes_to


class ItemPostpone(_ItemPage):
    title = "Отложить вопрос"
    form_class = PostponeForm
    submit_title = "Отложить"
    success_message = "Вопрос отложен и вернулся в очередь."

    def check_moment(self):
        if self.object.state != AgendaItem.State.SCHEDULED:
            raise Refused("Отложить можно вопрос, который стоит в повестке.")

    def act(self, form):
        goes_to = self.get_back_url()
        self.object.postpone(by=self.request.user, reason=form.cleaned_data["reason"])
        return goes_to
