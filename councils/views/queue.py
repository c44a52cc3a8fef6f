"""Questions before a meeting: proposed by the curator, taken up, returned or put off by the secretary."""

import datetime
from functools import cached_property

import django_filters
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseTransfer
from cases.reading import family_title
from cases.words import Stage
from councils import proposal
from councils.forms import AnnulForm, MergeForm, PostponeForm, ProposeForm, PutOffForm, ReturnForm, ScheduleForm
from councils.models import AgendaItem, Council, Meeting
from councils.words import Question
from sopr.accounts.models import Organisation
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.pages import ActionPage, Empty, FormPage, ListPage
from sopr.web.tables import Column

OF_SUPPORT = (
    Question.LEVEL,
    Question.PROLONG,
    Question.PROGRAMME,
    Question.REMOVE,
    Question.TRANSFER,
    Question.OTHER,
)
QUESTIONS = {
    Stage.ASSESSMENT: (Question.RECOGNISE, Question.OTHER),
    Stage.COUNCIL: (Question.OTHER,),
    Stage.ACTIVE: OF_SUPPORT,
    Stage.SUSPENDED: OF_SUPPORT,
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
        if not self._councils:
            raise Refused(
                "В муниципальном образовании семьи нет совета, который решает о ней. Попросите администратора "
                "завести его."
            )

    @cached_property
    def _councils(self):
        """Those that may decide something about the family, the nearest one first."""
        return list(Council.objects.of_case(self.object))

    def get_form_kwargs(self):
        decided = {code for council in self._councils for code in council.rules.questions}
        possible = [code for code in QUESTIONS[self.object.stage] if code in decided]
        questions = [(code, Question(code).label) for code in possible]
        review = self.object.reviews.order_by("-done_on", "-pk").first()
        assessment = self.object.assessments.order_by("-done_on", "-pk").first()
        supported = self.object.stage in (Stage.ACTIVE, Stage.SUSPENDED)
        question = proposal.question_of(self.object, review, self.request.GET.get("question"), questions)
        return {
            "councils": Council.objects.of_case(self.object),
            "questions": questions,
            "receivers": CaseTransfer.receivers(self.object),
            "initial": {
                "council": Council.objects.of_case(self.object, question).first(),
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
                    "by_system": case.agenda_items.about_term().waiting().first(),
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


class QueueFilter(django_filters.FilterSet):
    WAITING = [("ready", "готовые"), ("put_off", "отложенные до дня"), ("long", "ждут дольше 30 дней")]
    BY = [("people", "кураторы"), ("system", "система")]

    question = django_filters.ChoiceFilter(label="Вопрос", choices=[], empty_label="любой")
    waiting = django_filters.ChoiceFilter(label="Отбор", choices=WAITING, method="filter_waiting", empty_label="все")
    by = django_filters.ChoiceFilter(label="Кто вынес", choices=BY, method="filter_by", empty_label="все")
    organisation = django_filters.ModelChoiceFilter(
        label="Организация", queryset=None, field_name="case__organisation", empty_label="любая"
    )
    council = django_filters.ModelChoiceFilter(label="Совет", queryset=None, empty_label="все")

    class Meta:
        model = AgendaItem
        fields = ["question", "waiting", "by", "organisation", "council"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        councils = Council.objects.visible_to(self.request.user)
        waiting = AgendaItem.objects.queued().filter(council__in=councils)
        self.filters["question"].extra["choices"] = [row for row in Question.choices if row[0] != Question.REFUSE]
        self.filters["organisation"].queryset = Organisation.objects.filter(
            pk__in=waiting.values("case__organisation")
        ).order_by("name")
        self.filters["council"].queryset = councils
        if councils.count() < 2:
            del self.filters["council"]

    def filter_waiting(self, rows, _name, value):
        today = timezone.localdate()
        if value == "ready":
            return rows.ready(today)
        if value == "put_off":
            return rows.filter(not_before__gt=today)
        return rows.filter(proposed_at__date__lt=today - datetime.timedelta(days=30))

    def filter_by(self, rows, _name, value):
        return rows.filter(by_system=value == "system")


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
        about = self.object.decision.basis if hasattr(self.object, "decision") else str(self.object)
        return f"Случай № {self.object.case.number}: {about}"

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
    """Очередь вопросов: what curators and the system have proposed and no meeting has yet, the oldest first."""

    permission = Perm.MEETING_RUN
    model = AgendaItem
    title = "Очередь вопросов"
    default_sort = "proposed_at"
    filterset_class = QueueFilter
    empty = Empty("Очередь пуста", "Кураторы пока не вынесли ни одного вопроса.")
    all_columns = [
        Column("question", "Вопрос", "get_question_display", sort="question", note=lambda item: item.also),
        Column("family", "Семья", lambda item: item.case.family.surname, sort="case__family__surname"),
        Column("case", "Случай", lambda item: f"№ {item.case.number}", sort="case__number_key"),
        Column("level", "Уровень", "get_level_display"),
        Column("organisation", "Организация", lambda item: item.case.organisation),
        Column("by", "Кто вынес", "proposer"),
        Column(
            "proposed_at",
            "Вынесен",
            lambda item: timezone.localdate(item.proposed_at),
            "date",
            "proposed_at",
            note=lambda item: _waits(item),
        ),
        Column("council", "Совет", "council", sort="council__name"),
        Column("act", "Действия", lambda item: _acts(item), kind="links"),
    ]

    @cached_property
    def columns(self):
        """Without the council's name for a secretary who keeps only one."""
        several = Council.objects.visible_to(self.request.user).count() > 1
        return [column for column in self.all_columns if several or column.key != "council"]

    def get_breadcrumbs(self):
        return crumbs(MEETINGS)

    def get_queryset(self):
        beside = AgendaItem.objects.waiting().filter(case__family=OuterRef("case__family"), council=OuterRef("council"))
        return (
            super()
            .get_queryset()
            .queued()
            .annotate(has_beside=Exists(beside.exclude(pk=OuterRef("pk"))))
            .select_related("case__family", "case__organisation", "council", "proposed_by")
        )


def _waits(item) -> str:
    """How long the question waits, or until when the secretary has put it off."""
    today = timezone.localdate()
    if item.not_before and item.not_before > today:
        return f"отложен до {item.not_before:%d.%m.%Y}"
    days = (today - timezone.localdate(item.proposed_at)).days
    return f"ждёт {days} дн." if days else "сегодня"


def _acts(item) -> list:
    acts = [
        ("В повестку", _url("item-schedule", item)),
        ("Вернуть", _url("item-return", item)),
        ("Отложить", _url("item-put-off", item)),
    ]
    return [*acts, ("Объединить", _url("item-merge", item))] if item.has_beside else acts


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


class ItemPutOff(_ItemPage):
    title = "Отложить вопрос до дня"
    form_class = PutOffForm
    submit_title = "Отложить"
    success_message = "Вопрос отложен. Куратор видит, до какого дня и почему."

    def check_moment(self):
        if self.object.state != AgendaItem.State.QUEUED:
            raise Refused(f"Вопрос уже {self.object.get_state_display()}.")

    def get_form_kwargs(self):
        return {"initial": {"until": self.object.not_before, "reason": self.object.put_off_because}}

    def act(self, form):
        self.object.put_off(by=self.request.user, **form.cleaned_data)
        return reverse("councils:item-queue")


class ItemMerge(_ItemPage):
    """Two questions about one family are heard as one item of the agenda."""

    title = "Рассмотреть вместе с другим вопросом"
    form_class = MergeForm
    submit_title = "Объединить"
    success_message = "Вопросы объединены: в повестке они стоят одним пунктом, решение по ним одно."

    def check_moment(self):
        if self.object.state not in (AgendaItem.State.QUEUED, AgendaItem.State.SCHEDULED):
            raise Refused(f"Вопрос уже {self.object.get_state_display()}.")
        if not self.object.may_merge_into().exists():
            raise Refused(
                "Об этой семье нет другого вопроса, вместе с которым его можно рассмотреть. Вопрос человека к вопросу "
                "системы не присоединяют: присоедините вопрос системы к нему."
            )

    def get_form_kwargs(self):
        others = self.object.may_merge_into().select_related("case__family", "proposed_by")
        return {"others": others.order_by("by_system", "proposed_at", "pk")}

    def act(self, form):
        goes_to = self.get_back_url()
        self.object.merge_into(form.cleaned_data["other"], by=self.request.user)
        return goes_to


class ItemSplit(_ItemPage, ActionPage):
    title = "Разъединить вопросы"
    submit_title = "Разъединить"
    success_message = "Вопрос снова ждёт в очереди отдельно."
    form_class = ActionPage.form_class

    def check_moment(self):
        if self.object.state != AgendaItem.State.MERGED:
            raise Refused("Этот вопрос ни с каким не объединён.")

    def get_question(self):
        return "Рассматривать этот вопрос отдельно?"

    def act(self, form):
        goes_to = self.get_back_url()
        self.object.split(by=self.request.user)
        return goes_to
