"""Ответы семей, for the ministry: counts by organisation, nobody's words, no case, no small number."""

from functools import cached_property

import django_filters
from django.utils import timezone

from cases import survey_figures
from cases.models import Survey
from cases.views.survey import SurveyModule
from sopr.accounts.models import Organisation
from sopr.accounts.policy import Perm
from sopr.web.pages import Empty, ListPage
from sopr.web.tables import Column
from sopr.web.words import num

SHORT = {
    "information": "Понятность",
    "accessibility": "Доступность",
    "speed": "Быстрота",
    "tact": "Вежливость",
    "quality": "Польза",
    "comfort": "Удобство",
}


class RegionFilter(django_filters.FilterSet):
    period = django_filters.ChoiceFilter(label="Период", method="keep_period", empty_label=None)

    class Meta:
        model = Organisation
        fields = ["period"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        titles = survey_figures.periods(timezone.localdate())
        self.filters["period"].extra["choices"] = [(code, title) for code, (title, _since, _until) in titles.items()]

    def keep_period(self, rows, _name, _value):
        """The rows are counted for the period already (SurveyRegion.get_queryset)."""
        return rows


def _score(row, value):
    return None if survey_figures.is_small(row) or value is None else num(round(value, 1), 1)


def _question(name) -> Column:
    """The average of one question; chosen by who wants it."""
    return Column(name, SHORT[name], lambda row: _score(row, getattr(row, f"mean_{name}")), css="num", optional=True)


class SurveyRegion(SurveyModule, ListPage):
    permission = Perm.REPORT_REVIEW
    model = Organisation
    filterset_class = RegionFilter
    title = "Ответы семей"
    default_sort = "name"
    export_name = "otvety-semei"
    empty = Empty("Анкет за это время нет", "Службы выдают анкеты семьям и вносят бумажные: ответы появятся здесь.")
    columns = [
        Column("name", "Организация", str, sort="name", width=44),
        Column("answers", "Анкет", lambda row: survey_figures.say_count(row, "answers"), css="num"),
        Column("satisfied", "Довольны помощью", lambda row: survey_figures.say_count(row, "satisfied"), css="num"),
        Column("mean", "Средний балл", lambda row: _score(row, survey_figures.mean_of(row)), css="num",
               note=lambda row: "" if survey_figures.mean_of(row) is None else "из 5"),
        Column("better", "Стало лучше", lambda row: survey_figures.say_count(row, "better"), css="num"),
        Column("worse", "Стало хуже", lambda row: survey_figures.say_count(row, "worse"), css="num"),
        *map(_question, Survey.QUESTIONS),
    ]  # fmt: skip

    @cached_property
    def period(self):
        choices = survey_figures.periods(timezone.localdate())
        return choices.get(self.request.GET.get("period", ""), next(iter(choices.values())))

    def get_queryset(self):
        return survey_figures.by_organisation(self.period[1], self.period[2])

    def get_note(self):
        region = survey_figures.say_region(self.period[1], self.period[2])
        return (
            f"Без имён, {self.period[0]}. {region} Одна или две анкеты в ячейке не показываются: "
            f"«{survey_figures.HIDDEN}»."
        )

    def get_context_data(self, **context):
        return super().get_context_data(**({"found": "организация,организации,организаций"} | context))
