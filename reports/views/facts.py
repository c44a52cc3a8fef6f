"""Сведения организаций: what no casework tells, declared by period with a basis, confirmed, corrected, withdrawn."""

from functools import cached_property

import django_filters
from django.contrib import messages
from django.db.models import Count
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from reports import periods
from reports.compute import reporting_organisations
from reports.declared import facts_of_region, sheet_url
from reports.fact_sheet import CARRIED, FactSheetForm, stored_values
from reports.inputs import FactForm, WithdrawForm, usual_periods
from reports.models import DeclaredFact
from reports.views.sheet import SheetPage
from sopr import profile
from sopr.accounts.models import Organisation, OrganisationKind
from sopr.accounts.policy import Perm, Role
from sopr.errors import Refused
from sopr.web.pages import Action, DetailPage, Empty, FormPage, ListPage, Page
from sopr.web.tables import Column


def list_crumbs(*more):
    return [("Сведения организаций", reverse("reports:fact-list")), *more]


def asked_period(request) -> periods.Period:
    """The period an address names, if it has begun; else the quarter that ended last."""
    today = timezone.localdate()
    try:
        period = periods.parse(request.GET.get("period", ""))
    except periods.PeriodError:
        period = None
    if period is None or period.since > today:
        return periods.containing(today, "quarter").previous()
    return period


def _choices():
    return [(row.fact.code, f"{row.code}. {row.title}") for _form, rows in facts_of_region() for row in rows]


class FactFilter(django_filters.FilterSet):
    indicator = django_filters.ChoiceFilter(label="Показатель", choices=_choices, empty_label="все")
    period = django_filters.ChoiceFilter(
        label="Период", choices=lambda: usual_periods(timezone.localdate()), empty_label="все"
    )

    class Meta:
        model = DeclaredFact
        fields = ["indicator", "period"]


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
        "/reports/facts/period/",
        "Внести за период",
    )
    columns = [
        Column("row", "Строка", lambda fact: fact.fact.row, width=8),
        Column("indicator", "Показатель", lambda fact: fact.fact.title, sort="indicator", width=70),
        Column("organisation", "Организация", sort="organisation__name", width=40),
        Column("period", "Период", sort="until", width=14),
        Column("value", "Значение", "shown", kind="number", export=lambda fact: fact.shown, width=12),
        Column("copies", "Тираж", kind="number", width=10, optional=True),
        Column("basis", "Основание", width=40),
        Column("declared_on", "Дата", kind="date", sort="declared_on", width=12),
    ]

    def get_queryset(self):
        return super().get_queryset().current().select_related("organisation")

    def get_row_url(self, row):
        return row.get_absolute_url()

    def get_main_action(self):
        return Action("Внести за период", reverse("reports:fact-sheet"), "plus-lg")

    def get_actions(self):
        actions = [Action("Одно значение", reverse("reports:fact-new"), "pencil")]
        if self.request.user.may(Perm.REPORT_REVIEW):
            actions.insert(0, Action("Кто не внёс", reverse("reports:fact-coverage"), "list-check"))
        if profile.current().has("plan_targets"):
            actions.append(Action("План и факт", reverse("reports:plan-fact"), "graph-up"))
        return actions


class FactSheet(SheetPage):
    """Внести за период: every fact the region's forms need, on one page; drafts kept, the last period confirmed."""

    permission = Perm.FACT_DECLARE
    form_class = FactSheetForm
    template_name = "reports/fact_sheet.html"
    draft_title = "Сведения за период"
    submit_title = "Записать и подтвердить отмеченное"

    @cached_property
    def period(self) -> periods.Period:
        return asked_period(self.request)

    @cached_property
    def organisations(self) -> list[Organisation]:
        """Who may be declared for: a head's own organisation; for the ministry the region, then each that reports."""
        user = self.request.user
        if user.role != Role.MINISTRY:
            return [user.organisation] if user.organisation else []
        region = list(Organisation.objects.filter(kind=OrganisationKind.MINISTRY).order_by("pk"))
        return [*region, *reporting_organisations(self.period.since, self.period.until)]

    @cached_property
    def organisation(self) -> Organisation:
        asked = self.request.GET.get("organisation", "")
        found = next((each for each in self.organisations if str(each.pk) == asked), None)
        if not self.organisations:
            raise Refused("У Вас не указана организация. Обратитесь к администратору.")
        if found is None and self.request.method == "POST":  # never written for another one than the page has named
            raise Http404
        return found or self.organisations[0]

    def get_address(self):
        return sheet_url(self.period, self.organisation)

    @cached_property
    def groups(self):
        return facts_of_region(self.period)

    @cached_property
    def stored(self) -> dict[str, DeclaredFact]:
        return stored_values(self.organisation, self.period)

    @cached_property
    def former(self) -> dict[str, DeclaredFact]:
        if self.period.kind not in CARRIED:
            return {}
        return stored_values(self.organisation, self.period.previous())

    def get_stored(self):
        return sorted(value.pk for value in self.stored.values())

    def get_title(self):
        return f"Сведения за {self.period.title}"

    def get_note(self):
        if self.organisation.kind == OrganisationKind.MINISTRY:
            return f"{self.organisation} · за регион в целом"
        return str(self.organisation)

    def get_breadcrumbs(self):
        return list_crumbs()

    def get_form_kwargs(self):
        rows = [row for _form, rows in self.groups for row in rows]
        return {"rows": rows, "stored": self.stored, "former": self.former}

    def act(self, form):
        written = form.declare(self.organisation, self.period, by=self.request.user)
        said = f"Записано значений: {written}." if written else "Ничего не изменилось: всё это уже записано."
        messages.success(self.request, f"{said} Они попадут в отчёт при следующем расчёте.")
        return sheet_url(self.period, self.organisation)

    def get_context_data(self, **context):
        form = context.get("form")
        shown = {line["row"].fact.code: line for line in form.get_lines()} if form is not None else {}
        usual = usual_periods(timezone.localdate())
        if self.period.text not in dict(usual):
            usual.insert(0, (self.period.text, self.period.title))
        return super().get_context_data(
            **(
                {
                    "groups": [(group, [shown[row.fact.code] for row in rows]) for group, rows in self.groups if shown],
                    "period": self.period,
                    "periods": usual,
                    "organisation": self.organisation,
                    "organisations": self.organisations,
                    "previous": self.period.previous() if self.period.kind in CARRIED else None,
                    "to_confirm": any("keep" in line for line in shown.values()),
                    "declared": len(self.stored),
                }
                | context
            )
        )


class FactNew(FormPage):
    """Одно значение: any fact for any period, also one of years or months that has no sheet of its own."""

    permission = Perm.FACT_DECLARE
    form_class = FactForm
    title = "Внести одно значение"
    success_message = "Сведения внесены. Они попадут в отчёт при следующем расчёте."

    def get_note(self):
        user = self.request.user
        return "" if user.role == Role.MINISTRY else str(user.organisation or "")

    def get_breadcrumbs(self):
        return list_crumbs()

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


class FactHistory(DetailPage):
    """История значения: every value declared of one fact for one period: who, when, on what basis, why no more."""

    permission = Perm.FACT_DECLARE
    model = DeclaredFact
    template_name = "reports/fact_history.html"

    def get_queryset(self):
        return super().get_queryset().select_related("organisation")

    def get_title(self):
        return f"Строка {self.object.fact.row}: {self.object.fact.title}"

    def get_note(self):
        return f"{self.object.organisation} · {self.span.title}"

    @property
    def span(self):
        return periods.parse(self.object.period)

    def get_breadcrumbs(self):
        return list_crumbs()

    @cached_property
    def values(self) -> list[DeclaredFact]:
        """Newest first."""
        rows = DeclaredFact.objects.same_as(self.object).select_related("by", "withdrawn_by", "confirms")
        return list(rows.order_by("-pk"))

    def get_main_action(self):
        return Action("Исправить", sheet_url(self.span, self.object.organisation), "pencil")

    def get_actions(self):
        now = next((value for value in self.values if value.withdrawn_at is None), None)
        reason = "" if now else self.object.why_not_withdraw()
        url = reverse("reports:fact-withdraw", args=[(now or self.object).pk])
        return [Action("Отозвать", url, "x-lg", disabled_reason=reason)]

    def get_context_data(self, **context):
        return super().get_context_data(**({"values": self.values} | context))


class FactWithdraw(FormPage):
    permission = Perm.FACT_DECLARE
    model = DeclaredFact
    form_class = WithdrawForm
    title = "Отозвать сведения"
    submit_title = "Отозвать"
    success_message = "Сведения отозваны. За этот период снова нет данных: это не ноль."

    def get_queryset(self):
        return super().get_queryset().select_related("organisation")

    def get_note(self):
        fact = self.object
        return f"Строка {fact.fact.row}: {fact.shown} · {fact.organisation} · {periods.parse(fact.period).title}"

    def get_breadcrumbs(self):
        return list_crumbs(("История значения", self.object.get_absolute_url()))

    def check_moment(self):
        if self.object.why_not_withdraw():
            raise Refused(self.object.why_not_withdraw())

    def act(self, form):
        self.object.withdraw(by=self.request.user, reason=form.cleaned_data["reason"])
        return self.object.get_absolute_url()


class FactCoverage(Page):
    """Кто не внёс: the organisations that report, and how many of the facts each has declared for the period."""

    permission = Perm.REPORT_REVIEW
    title = "Кто не внёс сведения"
    template_name = "reports/fact_coverage.html"

    @cached_property
    def period(self):
        return asked_period(self.request)

    def get_note(self):
        return self.period.title

    def get_breadcrumbs(self):
        return list_crumbs()

    def get_rows(self, codes) -> list[dict]:
        """Organisations with the fewest facts first."""
        counted = dict(
            DeclaredFact.objects.current()
            .filter(indicator__in=codes, since=self.period.since, until=self.period.until)
            .order_by()
            .values_list("organisation")
            .annotate(Count("pk"))
        )
        rows = [
            {
                "organisation": organisation,
                "declared": counted.get(organisation.pk, 0),
                "url": sheet_url(self.period, organisation),
            }
            for organisation in reporting_organisations(self.period.since, self.period.until)
        ]
        return sorted(rows, key=lambda row: row["declared"])

    def get_context_data(self, **context):
        codes = [row.fact.code for _form, rows in facts_of_region() for row in rows]
        rows = self.get_rows(codes)
        return super().get_context_data(
            **(
                {
                    "rows": rows,
                    "of": len(codes),
                    "none": sum(not row["declared"] for row in rows),
                    "period": self.period,
                    "periods": usual_periods(timezone.localdate()),
                }
                | context
            )
        )
