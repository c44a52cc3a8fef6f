"""Исполнители: who carries what and does how much in time; for a head of his cases, for the ministry of the region."""

from functools import cached_property

import django_filters
from django.urls import reverse
from django.utils import timezone

from cases import agencies
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


class AgencyList(ListPage):
    permission = Perm.REPORT_VIEW
    model = Organisation
    filterset_class = AgencyFilter
    title = "Исполнители"
    default_sort = "name"
    export_name = "agencies"
    empty = Empty(
        "Исполнителей пока нет", "Они появятся, когда совет утвердит программы с участием других организаций."
    )
    columns = [
        Column("name", "Организация", str, sort="name", width=44, note=lambda row: row.get_kind_display()),
        Column("load", "Сейчас в работе", "load", kind="number", sort="load",
               note=lambda row: f"без ответа {row.unanswered}" if row.unanswered else ""),
        Column("overdue", "Просрочено", "overdue", kind="number", sort="overdue"),
        Column("planned", "Запланировано", "planned", kind="number", sort="planned"),
        Column("in_time", "В срок", "in_time", kind="number", sort="in_time"),
        Column("late", "Позже срока", "late", kind="number", sort="late"),
        Column("failed", "Не исполнено", "failed", kind="number", sort="failed"),
        Column("family", "Семья отказалась", "family", kind="number", sort="family", optional=True),
        Column("declined", "Отклонено", "declined", kind="number", sort="declined"),
        Column("share", "Доля в срок", _share, sort="share", export=lambda row: row.share and round(row.share, 1)),
        Column("base", "Из скольких", "base", kind="number", optional=True),
    ]  # fmt: skip

    @cached_property
    def period(self):
        choices = agencies.periods(timezone.localdate())
        return choices.get(self.request.GET.get("period", ""), next(iter(choices.values())))

    def get_queryset(self):
        user = self.request.user
        own = user.organisation_id if user.role == Role.HEAD else None
        return agencies.with_load(self.period[1], self.period[2], own)

    def get_note(self):
        whose = "По случаям Вашей организации" if self.request.user.role == Role.HEAD else "По всем случаям региона"
        return (
            f"{whose}, мероприятия со сроком за {self.period[0]}. Доля в срок: исполненные не позже срока среди "
            "исполненных, не исполненных по вине исполнителя и просроченных."
        )

    def get_breadcrumbs(self):
        if self.request.user.role == Role.HEAD:
            return [("Служба", reverse("cases:service")), (self.title, None)]
        return []

    def get_context_data(self, **context):
        return super().get_context_data(**({"found": "организация,организации,организаций"} | context))
