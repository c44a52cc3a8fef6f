"""План и факт: targets entered by an order, brought from Excel, and how they are met."""

from functools import cached_property

import django_filters
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from reports import periods
from reports.cells import AT_MOST
from reports.compute import reporting_organisations
from reports.forms import CATALOGUE
from reports.models import PlanTarget
from reports.plan_fact import AMBER_FROM, AMBER_UPTO, GREEN_FROM, PlanFact
from reports.plan_sheet import (
    MOST_FIELDS,
    REGION_CODE,
    PlanFileForm,
    PlanSheetForm,
    field_name,
    read_book,
    stored_targets,
    write_book,
    write_target,
)
from reports.targets import bound_of, forms_with_plans, plannable
from reports.views.sheet import SheetPage, fingerprint
from sopr.accounts.policy import Perm
from sopr.audit.log import record
from sopr.web import xlsx
from sopr.web.drafts import save_draft
from sopr.web.models import Draft
from sopr.web.pages import Action, Empty, FormPage, ListPage, Page
from sopr.web.tables import Column

YEARS_BACK = 2
PAGE_SIZE = 100
DRAFT_TITLE = "Плановые значения"
TONES = [("good", "выполняется"), ("warn", "под угрозой"), ("over", "не выполняется"), ("off", "нет данных")]


def plan_crumbs(*more):
    return [("План и факт", reverse("reports:plan-fact")), *more]


def plan_periods(today) -> list[periods.Period]:
    """Whole years and their quarters, newest first: the next year's plan is set before it begins."""
    found = []
    for number in range(today.year + 1, today.year - YEARS_BACK - 1, -1):
        found += [periods.year(number), *(periods.quarter(number, quarter) for quarter in range(4, 0, -1))]
    return found


class PlanChoice:
    """What the pages of plans share: the form and the period chosen in the address."""

    module = "plan_targets"

    @cached_property
    def forms(self) -> list:
        found = forms_with_plans()
        if not found:
            raise Http404
        return found

    @cached_property
    def form(self):
        asked = self.request.GET.get("form")
        return next((form for form in self.forms if form.code == asked), self.forms[0])

    @cached_property
    def spans(self) -> list[periods.Period]:
        return plan_periods(timezone.localdate())

    @cached_property
    def period(self) -> periods.Period:
        asked, now = self.request.GET.get("period"), str(timezone.localdate().year)
        known = {period.text: period for period in self.spans}
        return known.get(asked) or known[now]

    def link(self, name, **more) -> str:
        asked = {"form": self.form.code, "period": self.period.text} | more
        return f"{reverse(f'reports:{name}')}?{urlencode(sorted(asked.items()))}"

    def get_context_data(self, **context):
        chosen = {"forms": self.forms, "chosen": self.form, "periods": self.spans, "period": self.period}
        return super().get_context_data(**(chosen | context))


class PlanFactPage(PlanChoice, Page):
    """План и факт: each target with its fact, deviation, percent and forecast; a head sees his organisation's."""

    permission = Perm.REPORT_VIEW
    title = "План и факт"
    template_name = "reports/plan_fact.html"

    def get(self, request, *args, **kwargs):
        if request.GET.get("as") == "xlsx":
            return self.export()
        return super().get(request, *args, **kwargs)

    @cached_property
    def comparison(self) -> PlanFact:
        return PlanFact(self.form, self.period, timezone.localdate(), self.request.user)

    @cached_property
    def all_lines(self) -> list:
        return self.comparison.get_lines()

    @cached_property
    def lines(self) -> list:
        """The lines of the chosen row, organisation and state."""
        asked = self.request.GET
        row, whose, tone = asked.get("row", ""), asked.get("organisation", ""), asked.get("tone", "")
        return [
            line
            for line in self.all_lines
            if row in ("", line.row.code)
            and whose in ("", str(line.organisation.pk if line.organisation else 0))
            and tone in ("", line.tone)
        ]

    def get_note(self):
        return f"{self.form.name} · {self.period.title}"

    def get_main_action(self):
        if self.request.user.may(Perm.PLAN_SET):
            return Action("Внести план", self.link("plan-entry"), "pencil")
        return None

    def get_actions(self):
        return [Action("История планов", reverse("reports:plan-list"), "clock-history")]

    def export(self):
        columns = [
            Column("name", "Организация", width=48),
            Column("row", "Показатель", lambda line: f"{line.row.code}. {line.row.title}", width=60),
            Column("unit", "Единица", lambda line: line.row.unit, width=12),
            Column("bound", "План — это", lambda line: bound_of(line.row), width=12),
            Column("plan", "План", lambda line: float(line.plan), width=12),
            Column("fact", "Факт", lambda line: _float(line.fact), width=12),
            Column("deviation", "Отклонение", lambda line: _float(line.deviation), width=12),
            Column("percent", "% плана", width=10),
            Column("forecast", "Прогноз", lambda line: _float(line.forecast), width=12),
            Column("word", "Состояние", width=22),
        ]
        record(self.request.user, "export", detail={"page": self.page_name, "rows": len(self.lines)})
        note = f"{self.request.user.short_name}, {timezone.localtime():%d.%m.%Y %H:%M}. {self.get_rule()}"
        return xlsx.list_response(
            columns,
            self.lines,
            title=f"План и факт: {self.form.name}, {self.period.title}",
            note=note,
            file_name=f"plan-fakt-{self.period.text}",
        )

    def get_rule(self) -> str:
        """How the forecast and the colours come about, in words."""
        begun = f"Факт на {self.comparison.column.day:%d.%m.%Y}. " if self.comparison.has_begun else ""
        return (
            f"{begun}Прогноз к концу периода: число за период растёт по дням так же, как до сих пор; число на дату, "
            f"доля и «обслужено» — как сейчас. Зелёный — прогноз от {GREEN_FROM} % плана, жёлтый — от {AMBER_FROM} %, "
            f"красный — меньше.{self._rule_of_most}"
        )

    @property
    def _rule_of_most(self) -> str:
        if not any(row.less_is_better for row in self.comparison.rows):
            return ""
        return (
            f" План «{AT_MOST}»: зелёный — прогноз не больше плана, жёлтый — до {AMBER_UPTO} % плана, красный — больше."
        )

    def get_context_data(self, **context):
        page = Paginator(self.lines, PAGE_SIZE).get_page(self.request.GET.get("page"))
        whose = {line.organisation.pk if line.organisation else 0: line.name for line in self.all_lines}
        query = self.request.GET.copy()
        query["as"] = "xlsx"
        return super().get_context_data(
            **(
                {
                    "lines": page.object_list,
                    "page_obj": page,
                    "total": len(self.lines),
                    "any": bool(self.all_lines),
                    "rows": self.comparison.rows,
                    "whose": sorted(whose.items(), key=lambda each: (each[0] != 0, each[1])),
                    "tones": [(tone, title, sum(line.tone == tone for line in self.lines)) for tone, title in TONES],
                    "asked": self.request.GET,
                    "rule": self.get_rule(),
                    "xlsx_url": f"?{query.urlencode()}" if self.lines else "",
                    "may_set": self.request.user.may(Perm.PLAN_SET),
                    "entry_url": self.link("plan-entry"),
                }
                | context
            )
        )


def _float(value):
    return None if value is None else float(value)


class PlanTable(PlanChoice):
    """The table a plan is entered in: the form's rows (in parts that fit a form) × the region and its organisations."""

    @cached_property
    def bodies(self) -> list:
        return list(reporting_organisations(self.period.since, self.period.until))

    @cached_property
    def organisations(self) -> list[tuple[int, str, str]]:
        return [(0, REGION_CODE, "Регион в целом"), *((each.pk, each.code, str(each)) for each in self.bodies)]

    @cached_property
    def parts(self) -> list[list]:
        rows, fit = plannable(self.form), max(MOST_FIELDS // len(self.organisations), 1)
        return [rows[start : start + fit] for start in range(0, len(rows), fit)]

    @cached_property
    def part(self) -> int:
        asked = self.request.GET.get("part", "")
        return min(int(asked), len(self.parts)) - 1 if asked.isdecimal() and int(asked) else 0

    @cached_property
    def stored(self) -> dict:
        return stored_targets(self.form, self.period)

    def link(self, name, **more):
        return super().link(name, **({"part": self.part + 1} if self.part else {}) | more)


class PlanEntry(PlanTable, SheetPage):
    """Внести план: the targets of a period by an order, as a table."""

    permission = Perm.PLAN_SET
    form_class = PlanSheetForm
    template_name = "reports/plan_entry.html"
    draft_title = DRAFT_TITLE
    submit_title = "Записать план"

    def get_title(self):
        return f"План на {self.period.title}"

    def get_note(self):
        return self.form.name

    def get_breadcrumbs(self):
        return plan_crumbs()

    def get_actions(self):
        return [
            Action("Загрузить из Excel", self.link("plan-import"), "upload"),
            Action("Скачать шаблон", self.link("plan-template"), "download"),
        ]

    def get_address(self):
        return self.link("plan-entry")

    def get_stored(self):
        return sorted(target.pk for target in self.stored.values())

    def get_form_kwargs(self):
        bodies = [(scope, title) for scope, _code, title in self.organisations]
        return {"rows": self.parts[self.part], "organisations": bodies, "stored": self.stored}

    def act(self, form):
        order = {"order_number": form.cleaned_data["order_number"], "order_on": form.cleaned_data["order_on"]}
        changed = PlanTarget.set_by_order(self.form, self.period, form.values, by=self.request.user, **order)
        if changed:
            messages.success(self.request, f"План записан: изменено значений {changed}. Прежние остались в истории.")
        else:
            messages.info(self.request, "Ничего не изменилось: все эти значения уже записаны.")
        return self.link("plan-fact")

    def get_context_data(self, **context):
        form = context.get("form")
        lines = form.get_lines() if form is not None else []
        changes = [line | {"cell": cell} for line in lines for cell in line["cells"] if cell["differs"]]
        parts = [(number, rows[0].code, rows[-1].code) for number, rows in enumerate(self.parts, 1)]
        shown = {"lines": lines, "changes": changes, "rows": self.parts[self.part]}
        shown |= {"parts": parts if len(parts) > 1 else [], "part": self.part + 1}
        return super().get_context_data(**(shown | context))


class PlanTemplate(PlanTable, Page):
    """Шаблон Excel: the table with the targets of now, to be filled and brought back."""

    permission = Perm.PLAN_SET

    def get(self, request, *args, **kwargs):
        record(request.user, "export", detail={"page": self.page_name, "rows": len(self.organisations)})
        rows = self.parts[self.part]
        file = write_book(self.form, self.period, rows, self.organisations, self.stored)
        return xlsx.as_download(file, f"plan-{self.form.code}-{self.period.text}")


class PlanImport(PlanTable, FormPage):
    """Загрузить план из Excel: the file's values are laid into the table, where they are looked at and written."""

    permission = Perm.PLAN_SET
    form_class = PlanFileForm
    template_name = "reports/plan_import.html"
    keeps_draft = False  # a file is chosen, nothing is typed
    submit_title = "Прочитать файл"

    def get_title(self):
        return f"План на {self.period.title} из Excel"

    def get_note(self):
        return self.form.name

    def get_breadcrumbs(self):
        return plan_crumbs((f"План на {self.period.title}", self.link("plan-entry")))

    def get_form_kwargs(self):
        rows = self.parts[self.part]
        return {"read": lambda file: read_book(file, self.form, self.period, rows, self.organisations)}

    def get_context_data(self, **context):
        return super().get_context_data(**({"template_url": self.link("plan-template")} | context))

    def act(self, form):
        there, version = self.link("plan-entry"), fingerprint(sorted(each.pk for each in self.stored.values()))
        kept = Draft.objects.of(self.request.user).filter(address=there, version=version).first()
        data = {field_name(*key): [write_target(target.value)] for key, target in self.stored.items()}
        data |= kept.data if kept else {}
        data |= {field_name(*key): [write_target(value)] for key, value in form.values.items()}
        entry = {"page": "reports:plan-entry", "address": there, "title": DRAFT_TITLE, "about": "", "data": data}
        save_draft(self.request.user.pk, entry | {"version": version, "token": None})
        messages.info(
            self.request, "Файл прочитан, ничего ещё не записано. Сверьте изменения, впишите приказ и запишите план."
        )
        return there


class PlanFilter(django_filters.FilterSet):
    form = django_filters.ChoiceFilter(
        label="Форма", choices=lambda: [(form.code, form.name) for form in forms_with_plans()], empty_label="все"
    )
    period = django_filters.ChoiceFilter(
        label="Период",
        choices=lambda: [(period.text, period.title) for period in plan_periods(timezone.localdate())],
        empty_label="все",
    )
    now = django_filters.ChoiceFilter(
        label="Состояние",
        choices=[("yes", "действуют"), ("no", "заменены")],
        method="by_state",
        empty_label="все",
    )

    class Meta:
        model = PlanTarget
        fields = ["form", "period"]

    def by_state(self, rows, name, value):
        return rows.filter(withdrawn_at__isnull=value == "yes")


def _with_bound(target) -> str:
    """«не больше 3», «120»: the value with what it is to the fact where that is not as usual."""
    rows = CATALOGUE[target.form].rows if target.form in CATALOGUE else ()
    at_most = any(row.code == target.row and row.less_is_better for row in rows)
    return f"{AT_MOST} {write_target(target.value)}" if at_most else write_target(target.value)


class PlanList(ListPage):
    """История планов: every target ever set, with its order; replaced ones too."""

    permission = Perm.REPORT_VIEW
    module = "plan_targets"
    model = PlanTarget
    title = "История планов"
    note = "Новый приказ заменяет план, прежний остаётся"
    filterset_class = PlanFilter
    export_name = "plany"
    empty = Empty("Планов пока нет", "Министерство вносит их по годовому приказу на странице «План и факт».")
    columns = [
        Column("organisation", "Организация", lambda t: str(t.organisation or "Регион"), width=44),
        Column("form", "Форма", lambda t: CATALOGUE[t.form].name if t.form in CATALOGUE else t.form, sort="form"),
        Column("row", "Строка", sort="row", width=8),
        Column("period", "Период", sort="until", width=12),
        Column("value", "План", lambda t: _with_bound(t), kind="number", width=14),
        Column("order", "Приказ", lambda t: f"№ {t.order_number} от {t.order_on:%d.%m.%Y}", width=26),
        Column("by", "Внёс", lambda t: t.by.short_name if t.by else "", width=20),
        Column("at", "Когда", kind="datetime", sort="at", width=16),
        Column("now", "Состояние", lambda t: "заменён" if t.withdrawn_at else "действует", width=12),
    ]

    def get_queryset(self):
        return super().get_queryset().select_related("organisation", "by")

    def get_breadcrumbs(self):
        return plan_crumbs()
