"""Сведения организаций: what no casework tells, declared with a period and a basis."""

import django_filters
from django.urls import reverse

from reports.indicators.facts import FACTS
from reports.inputs import FactForm
from reports.models import DeclaredFact
from sopr.accounts.models import Organisation
from sopr.accounts.policy import Perm, Role
from sopr.errors import Refused
from sopr.web.pages import Action, Empty, FormPage, ListPage
from sopr.web.tables import Column


class FactFilter(django_filters.FilterSet):
    indicator = django_filters.ChoiceFilter(
        label="Показатель", choices=[(fact.code, f"{fact.row}. {fact.title}") for fact in FACTS], empty_label="все"
    )

    class Meta:
        model = DeclaredFact
        fields = ["indicator"]


class FactList(ListPage):
    permission = Perm.FACT_DECLARE
    model = DeclaredFact
    title = "Сведения организаций"
    note = "Значения, которых нет в случаях: с периодом и документом-основанием"
    filterset_class = FactFilter
    default_sort = "-until"
    export_name = "svedeniya"
    empty = Empty(
        "Сведений пока нет",
        "Внесите, например, число обученных специалистов или методических изданий: они заполнят строки отчёта.",
        "/reports/facts/new/",
        "Внести сведения",
    )
    columns = [
        Column("row", "Строка", lambda fact: fact.fact.row, width=8),
        Column("indicator", "Показатель", lambda fact: fact.fact.title, sort="indicator", width=70),
        Column("organisation", "Организация", sort="organisation__name", width=40),
        Column("period", "Период", sort="until", width=14),
        Column("value", "Значение", "shown", kind="number", export=lambda fact: fact.shown, width=12),
        Column("basis", "Основание", width=40),
        Column("declared_on", "Дата", kind="date", sort="declared_on", width=12),
    ]

    def get_queryset(self):
        return super().get_queryset().current().select_related("organisation")

    def get_main_action(self):
        return Action("Внести сведения", reverse("reports:fact-new"), "plus-lg")


class FactNew(FormPage):
    permission = Perm.FACT_DECLARE
    form_class = FactForm
    title = "Внести сведения"
    success_message = "Сведения внесены. Они попадут в отчёт при следующем расчёте."

    def get_note(self):
        user = self.request.user
        return "" if user.role == Role.MINISTRY else str(user.organisation or "")

    def get_breadcrumbs(self):
        return [("Сведения организаций", reverse("reports:fact-list"))]

    def get_form_kwargs(self):
        if self.request.user.role == Role.MINISTRY:
            return {"organisations": Organisation.objects.order_by("name")}
        return {}

    def act(self, form):
        user = self.request.user
        if user.organisation is None and "organisation" not in form.cleaned_data:
            raise Refused("У Вас не указана организация. Обратитесь к администратору.")
        form.declare(user.organisation, by=user)
        return reverse("reports:fact-list")
