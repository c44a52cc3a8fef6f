"""Исполнители: who carries what and does how much in time; for a head of his cases, for the ministry of the region."""

from functools import cached_property
from urllib.parse import urlencode

import django_filters
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from cases import agencies
from cases.activity_words import TONES
from cases.models import Activity
from sopr.accounts.models import Organisation, OrganisationKind
from sopr.accounts.policy import Perm, Role
from sopr.web.pages import Empty, ListPage
from sopr.web.tables import Column


class AgencyFilter(django_filters.FilterSet):
    period = django_filters.ChoiceFilter(label="Срок мероприятий", method="keep_period", empty_label=None)
    kind = django_filters.ChoiceFilter(label="Вид организации", choices=OrganisationKind.choices, empty_label="любой")

    class Meta:
        model = Organisation
        fields = ["period", "kind"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        titles = agencies.periods(timezone.localdate())
        self.filters["period"].extra["choices"] = [(code, title) for code, (title, _since, _until) in titles.items()]

    def keep_period(self, rows, _name, value):
        """The rows are counted for the period already (AgencyList.get_queryset)."""
        return rows


def _share(row) -> str:
    """«92 % (23 из 25)», «–» without a base: the number of rows is said beside the share."""
    return f"{row.share:.0f}\u202f% ({row.in_time} из {row.base})" if row.base else "–"


def _state_of(activity) -> str:
    return "просрочено" if activity.is_overdue(timezone.localdate()) else activity.get_state_display()


def _tone_of(activity) -> str:
    return "over" if activity.is_overdue(timezone.localdate()) else TONES[activity.state]


def _reason_of(activity) -> str:
    """Why it was declined or not done."""
    return activity.get_not_done_reason_display() or activity.get_decline_reason_display()


def _number(key, title, **options) -> Column:
    """A number that leads to the activities it counts; zero leads nowhere."""
    return Column(key, title, key, kind="number", sort=key, url=lambda row: _list_of(row, key), **options)


def _list_of(row, figure) -> str:
    return row.lists[figure] if getattr(row, figure) else ""


class CountsForPeriod:
    """What the register and the lists behind its numbers share: whose cases, which period."""

    permission = Perm.REPORT_VIEW

    @property
    def own(self):
        """The organisation to whose cases the reader is limited; None for the ministry."""
        user = self.request.user
        return user.organisation_id if user.role == Role.HEAD else None

    @cached_property
    def period(self):
        choices = agencies.periods(timezone.localdate())
        return choices.get(self.request.GET.get("period", ""), next(iter(choices.values())))

    def get_breadcrumbs(self):
        return [] if self.own is None else [("Служба", reverse("cases:service"))]


class AgencyList(CountsForPeriod, ListPage):
    model = Organisation
    filterset_class = AgencyFilter
    title = "Исполнители"
    default_sort = "name"
    export_name = "agencies"
    empty = Empty(
        "Исполнителей пока нет", "Они появятся, когда совет утвердит программы с участием других организаций."
    )
    columns = [
        Column("name", "Организация", str, sort="name", width=44, url=lambda row: _list_of(row, "planned"),
               note=lambda row: row.get_kind_display()),
        _number("load", "Сейчас в работе", note=lambda row: f"без ответа {row.unanswered}" if row.unanswered else ""),
        _number("overdue", "Просрочено"),
        _number("planned", "Запланировано"),
        _number("in_time", "В срок"),
        _number("late", "Позже срока"),
        _number("failed", "Не исполнено"),
        _number("family", "Семья отказалась", optional=True),
        _number("declined", "Отклонено"),
        Column("share", "Доля в срок", _share, sort="share", url=lambda row: _list_of(row, "base"),
               export=lambda row: row.share and round(row.share, 1)),
        Column("base", "Из скольких", "base", kind="number", optional=True),
    ]  # fmt: skip

    def get_queryset(self):
        return agencies.with_load(self.period[1], self.period[2], self.own)

    def decorate(self, rows):
        """Where each number leads, for the period shown."""
        asked = self.request.GET.get("period", "")
        query = f"?{urlencode({'period': asked})}" if asked else ""
        for row in rows:
            row.lists = {
                code: reverse("cases:agency-activities", args=[row.pk, code]) + query for code in agencies.FIGURES
            }
        return rows

    def get_note(self):
        whose = "По всем случаям региона" if self.own is None else "По случаям Вашей организации"
        return (
            f"{whose}, мероприятия со сроком за {self.period[0]}. Доля в срок: исполненные не позже срока среди "
            "исполненных, не исполненных по вине исполнителя и просроченных."
        )

    def get_breadcrumbs(self):
        return [*super().get_breadcrumbs(), (self.title, None)] if self.own else []

    def get_context_data(self, **context):
        return super().get_context_data(**({"found": "организация,организации,организаций"} | context))


class AgencyActivities(CountsForPeriod, ListPage):
    """The activities behind one number: a head opens each; the ministry reads neither families nor what was asked."""

    model = Activity
    default_sort = "due_on"
    export_name = "agency-activities"
    empty = Empty("Таких мероприятий нет", "Число изменилось, пока Вы смотрели. Вернитесь к списку исполнителей.")
    KIND = Column("kind", "Вид помощи", "get_kind_display", sort="kind")
    OUTCOME = [
        Column("due_on", "Срок", "due_on", kind="date", sort="due_on", width=14),
        Column("done_on", "Исполнено", "done_on", kind="date", sort="done_on", width=14),
        Column("state", "Состояние", _state_of, kind="state", tone=_tone_of,
               note=_reason_of, width=30),
    ]  # fmt: skip
    OF_HEAD = [
        Column("title", "Мероприятие", url=lambda row: row.get_absolute_url(), width=60),
        KIND,
        Column("family", "Семья", "case.family.surname", sort="case__family__search_text",
               note=lambda row: f"случай № {row.case.number}"),
        *OUTCOME,
    ]  # fmt: skip
    OF_MINISTRY = [
        Column("organisation", "Служба сопровождения", "case.organisation", sort="case__organisation__name", width=44),
        KIND,
        *OUTCOME,
    ]

    @property
    def columns(self):
        return self.OF_MINISTRY if self.own is None else self.OF_HEAD

    @cached_property
    def agency(self):
        """One that was asked to do something in cases of the reader; any other does not exist for him."""
        return get_object_or_404(
            agencies.with_load(self.period[1], self.period[2], self.own), pk=self.kwargs["organisation"]
        )

    @cached_property
    def figure(self) -> str:
        if self.kwargs["figure"] not in agencies.FIGURES:
            raise Http404
        return self.kwargs["figure"]

    def get(self, request, *args, **kwargs):
        self.agency, self.figure  # noqa: B018 — found or 404 before the read is logged
        return super().get(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        self.agency, self.figure  # noqa: B018 — found or 404 before anything else
        return super().post(request, *args, **kwargs)

    def get_queryset(self):
        return agencies.behind(self.figure, self.agency, self.period[1], self.period[2], self.own)

    def get_title(self):
        return f"{agencies.FIGURES[self.figure]}: {self.agency}"

    def get_note(self):
        when = "На сегодня" if self.figure in agencies.AS_OF_TODAY else f"Со сроком за {self.period[0]}"
        return f"{when}, {'по всем случаям региона' if self.own is None else 'по случаям Вашей организации'}."

    def get_breadcrumbs(self):
        return [
            *super().get_breadcrumbs(),
            ("Исполнители", reverse("cases:agency-list")),
            (agencies.FIGURES[self.figure], None),
        ]

    def get_context_data(self, **context):
        return super().get_context_data(**({"found": "мероприятие,мероприятия,мероприятий"} | context))
