"""The list of cases: what is due first, filters, the ways to what lies beside."""

import datetime

import django_filters
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from cases.models import Case
from cases.views.case import curators_of, in_region
from cases.words import OPEN_STAGES, Level, Stage
from sopr import profile
from sopr.accounts.policy import Perm
from sopr.web.pages import Action, Empty, ListPage
from sopr.web.tables import Column

FAR = datetime.date(9999, 12, 31)  # sorts the cases without a term last, on both databases
DICTIONARIES = ("activity_plan", "bonus", "legal_navigator")  # modules with a dictionary that a head adds to


class CaseFilter(django_filters.FilterSet):
    STATES = [
        ("open", "открытые"),
        ("term", "срок уровня за 30 дней"),
        ("overdue", "с просроченным"),
        ("ended", "завершённые"),
    ]

    state = django_filters.ChoiceFilter(label="Отбор", choices=STATES, method="filter_state", empty_label="все")
    stage = django_filters.ChoiceFilter(label="Этап", choices=Stage, empty_label="любой")
    level = django_filters.ChoiceFilter(label="Уровень", choices=Level, empty_label="любой")
    curator = django_filters.ModelChoiceFilter(label="Куратор", queryset=None, empty_label="все")

    class Meta:
        model = Case
        fields = ["state", "stage", "level", "curator"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.request.user.may(Perm.CASE_ASSIGN):
            self.filters["curator"].queryset = curators_of(self.request.user.organisation_id)
        else:
            del self.filters["curator"]

    def filter_state(self, rows, _name, value):
        today = timezone.localdate()
        if value == "open":
            return rows.filter(stage__in=OPEN_STAGES)
        if value == "term":
            return rows.filter(stage__in=OPEN_STAGES, level_term_on__lte=today + datetime.timedelta(days=30))
        if value == "overdue":
            return rows.filter(next_due_on__lt=today)
        return rows.exclude(stage__in=OPEN_STAGES)


def _level_end(case) -> str:
    left = case.days_of_level_left(timezone.localdate())
    return "" if left is None else f"{left} дн." if left >= 0 else f"истёк {-left} дн. назад"


class CaseList(ListPage):
    permission = Perm.CASE_VIEW
    model = Case
    filterset_class = CaseFilter
    title = "Случаи"
    export_name = "sluchai"
    default_sort = "due_order"
    empty = Empty(
        "Случаев пока нет",
        "Случай открывают с карточки семьи, когда есть заявление и согласия.",
        "/families/",
        "Найти семью",
    )
    columns = [
        Column("number", "Случай", sort="number_key", url=Case.get_absolute_url, width=14),
        Column(
            "family",
            "Семья",
            lambda case: case.family.surname,
            sort="family__search_text",
            note=lambda case: f"№ {case.family.number}",
            width=24,
        ),
        Column("stage", "Этап", "get_stage_display", sort="stage", width=18),
        Column(
            "level",
            "Уровень",
            "level",
            kind="level",
            sort="level",
            export=lambda case: case.get_level_display(),
            width=18,
        ),
        Column(
            "left",
            "До конца уровня",
            _level_end,
            sort="level_term_on",
            note=lambda case: f"до {case.level_term_on:%d.%m.%Y}" if case.level_term_on else "",
            tone=lambda case: "soon" if (case.days_of_level_left(timezone.localdate()) or 99) <= 30 else "",
            export=lambda case: case.level_term_on,
            width=16,
        ),
        Column(
            "contact",
            "Последний контакт",
            lambda case: timezone.localdate(case.last_contact_at) if case.last_contact_at else None,
            kind="date",
            sort="last_contact_at",
            width=18,
        ),
        Column(
            "due",
            "Ближайший срок",
            "next_due_on",
            kind="due",
            sort="next_due_on",
            note=lambda case: case.next_due_title,
            width=18,
        ),
        Column("curator", "Куратор", "curator.short_name", sort="curator__last_name", width=20),
    ]

    def get_actions(self):
        named = [
            (Perm.CASE_VIEW, "Передачи случаев", "cases:transfer-list"),
            (Perm.CASE_VIEW, "Замещения кураторов", "cases:standin-list"),
            (Perm.SURVEY_VIEW, "Что ответили семьи", "cases:survey-results"),
            (Perm.SURVEY_ENTER, "Внести бумажную анкету", "cases:survey-enter"),
        ]
        user, region = self.request.user, profile.current()
        if region.has("certificate"):
            named.append((Perm.CASE_VIEW, "Семейные сертификаты", "cases:certificate-list"))
        if any(map(region.has, DICTIONARIES)):
            named.append((Perm.DICTIONARY_VIEW, "Справочники", "cases:dictionary-list"))
        actions = [
            Action(title, reverse(name), rare=True) for perm, title, name in named if user.may(perm) and in_region(name)
        ]
        if region.has("services"):
            actions.insert(0, Action("Услуги и занятия", reverse("cases:service-list"), "calendar-event"))
        return actions

    def get_queryset(self):
        cases = super().get_queryset().with_people().with_last_contact().with_next_due()
        return cases.annotate(due_order=Coalesce("next_due_on", Value(FAR)))

    def get_note(self):
        return "Сначала те, где срок ближе." if not self.sort else ""

    def get_context_data(self, **context):
        return super().get_context_data(**({"found": "случай,случая,случаев"} | context))
