"""The list behind a number, and the report's files."""

from dataclasses import replace
from functools import cached_property

from django.apps import apps
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.urls import reverse

from families.categories import Category
from families.merging.verbs import twins_of
from reports import files
from reports.indicators.measures import MEASURES
from reports.indicators.rows import Declared
from reports.models import Report, ReportList, ReportRun
from reports.views.cut_links import cut_links
from reports.views.making import crumbs
from sopr.accounts.policy import Perm
from sopr.audit.log import record
from sopr.errors import Refused
from sopr.web import xlsx
from sopr.web.pages import DetailPage
from sopr.web.tables import Column, Head, Table, build_row

PAGE_SIZE = 50

# Columns of a list by what it is a list of. No names: the ministry reads the same numbers, dates and codes.
_CASE = [
    Column("number", "Случай"),
    Column("organisation", "Организация", width=44),
    Column("category", "Категория", lambda case: Category(case.primary_category).label, width=40),
    Column("accepted_on", "Принят", kind="date", width=12),
    Column("closed_on", "Снят", kind="date", width=12),
    Column("outcome", "Результат", lambda case: case.get_outcome_display()),
]
IMPROVED = {True: "улучшилось", False: "не улучшилось", None: "не указано"}
LISTS = {
    "cases.Case": (["organisation"], _CASE),
    "cases.Survey": (
        ["organisation", "case"],
        [
            Column("case", "Случай", lambda survey: survey.case.number if survey.case else "без имени"),
            Column("organisation", "Организация", width=44),
            Column("answered_on", "Дата", kind="date"),
            Column("satisfied", "Довольны", lambda survey: "да" if survey.satisfied else "нет"),
        ],
    ),
    "cases.Activity": (
        ["agency", "case__organisation"],
        [
            Column("agency", "НКО", width=44),
            Column("case", "Случай", "case.number"),
            Column("organisation", "Организация", "case.organisation", width=44),
            Column("done_on", "Исполнено", kind="date"),
        ],
    ),
    "accounts.Unit": (
        ["organisation"],
        [
            Column("organisation", "Организация", width=44),
            Column("name", "Служба", width=40),
            Column("since", "Действует с", kind="date"),
            Column("until", "По", kind="date"),
        ],
    ),
    "accounts.StaffRecord": (
        ["user", "organisation"],
        [
            Column("user", "Специалист", "user.full_name", width=36),
            Column("organisation", "Организация", width=44),
            Column("since", "Работает с", kind="date"),
            Column("until", "По", kind="date"),
        ],
    ),
    "families.RegisterEntry": (
        ["family"],
        [
            Column("family", "Семья", "family.number"),
            Column("placed_on", "Постановка", kind="date"),
            Column("removed_on", "Снятие", kind="date"),
            Column("positive", "Реабилитация", lambda e: "положительная" if e.positive_rehabilitation else "нет"),
        ],
    ),
    "cases.CaseMember": (
        ["case__organisation"],
        [
            Column("case", "Случай", "case.number"),
            Column("organisation", "Организация", "case.organisation", width=44),
            Column("since", "Охвачен с", kind="date"),
            Column("until", "По", kind="date"),
        ],
    ),
    "cases.LevelPeriod": (
        ["case__organisation"],
        [
            Column("case", "Случай", "case.number"),
            Column("organisation", "Организация", "case.organisation", width=44),
            Column("level", "Новый уровень", lambda period: period.get_level_display()),
            Column("since", "С", kind="date"),
        ],
    ),
    "cases.DispatchRequest": (
        ["organisation", "group"],
        [
            Column("request", "Обращение", lambda request: f"№ {request.number}/{request.year}"),
            Column("organisation", "Организация", width=44),
            Column("group", "Группа проблем", width=36),
            Column("appealed_on", "Обратилась", kind="date"),
            Column("first_service_on", "Первая услуга", kind="date"),
            Column("days", "Дней", lambda request: request.days_to_first_service),
        ],
    ),
    "cases.NewbornHelp": (
        ["risk__organisation"],
        [
            Column("risk", "Запись", lambda row: f"№ {row.risk.number}/{row.risk.year}"),
            Column("organisation", "Организация", "risk.organisation", width=44),
            Column("whom", "Кому", lambda row: "близкому человеку" if row.near_id else "женщине"),
            Column("held_on", "Дата", kind="date"),
        ],
    ),
    "cases.NewbornRisk": (
        ["organisation"],
        [
            Column("risk", "Запись", lambda risk: f"№ {risk.number}/{risk.year}"),
            Column("organisation", "Организация", width=44),
            Column("outcome_on", "Дата исхода", kind="date"),
        ],
    ),
    "cases.NewbornQuestionnaire": (
        ["risk__organisation"],
        [
            Column("risk", "Запись", lambda row: f"№ {row.risk.number}/{row.risk.year}"),
            Column("organisation", "Организация", "risk.organisation", width=44),
            Column("filled_on", "Анкета", kind="date"),
        ],
    ),
    "cases.RentalLoan": (
        ["item__organisation"],
        [
            Column("loan", "Выдача", lambda loan: f"№ {loan.number}/{loan.year}"),
            Column("organisation", "Организация", "item.organisation", width=44),
            Column("item", "Вещь", lambda loan: loan.item.get_kind_display()),
            Column("since", "Выдана", kind="date"),
        ],
    ),
    "cases.IndividualRoute": (
        ["case__organisation"],
        [
            Column("case", "Случай", "case.number"),
            Column("organisation", "Организация", "case.organisation", width=44),
            Column("since", "Начат", kind="date"),
            Column("ended_on", "Завершён", kind="date"),
            Column("study_on", "Зачислен", kind="date"),
        ],
    ),
    "cases.AttendanceMark": (
        ["session__group__service__organisation"],
        [
            Column("organisation", "Организация", "session.group.service.organisation", width=44),
            Column("service", "Услуга", "session.group.service", width=40),
            Column("group", "Группа", "session.group.title", width=30),
            Column("held_on", "Занятие", "session.held_on", kind="date"),
        ],
    ),
    "cases.Consultation": (
        ["case__organisation", "service"],
        [
            Column("case", "Случай", "case.number"),
            Column("organisation", "Организация", "case.organisation", width=44),
            Column("service", "Услуга", width=40),
            Column("done_on", "Дата", kind="date"),
        ],
    ),
    "families.Family": (
        ["municipality"],
        [
            Column("family", "Семья", "number"),
            Column("municipality", "Муниципальное образование", width=40),
            Column("registered_on", "Учтена", kind="date"),
        ],
    ),
    "families.FamilyMembership": (
        ["family"],
        [
            Column("family", "Семья", "family.number"),
            Column("relation", "Кем приходится", lambda row: row.get_relation_display()),
            Column("since", "В семье с", kind="date"),
            Column("until", "По", kind="date"),
        ],
    ),
    "families.ChildEvent": (
        ["municipality"],
        [
            Column("kind", "Событие", lambda event: event.get_kind_display(), width=24),
            Column("municipality", "Муниципальное образование", width=40),
            Column("happened_on", "Дата", kind="date"),
        ],
    ),
    "families.SocialContract": (
        ["family"],
        [
            Column("family", "Семья", "family.number"),
            Column("signed_on", "Заключён", kind="date"),
            Column("improved", "Положение", lambda contract: IMPROVED[contract.improved]),
        ],
    ),
    "families.InformingEvent": (
        ["organisation", "family"],
        [
            Column("informed_on", "Дата", kind="date"),
            Column("topic", "Тема", width=50),
            Column("organisation", "Кто информировал", width=44),
            Column("family", "Семья", lambda event: event.family.number if event.family else "без имени"),
            Column("families_count", "Семей"),
        ],
    ),
    "councils.Council": (
        ["municipality"],
        [Column("name", "Совет", width=50), Column("municipality", "Муниципальное образование", width=40)],
    ),
    "councils.Meeting": (
        ["council"],
        [Column("council", "Совет", width=50), Column("held_on", "Дата", kind="date")],
    ),
    "councils.AgendaItem": (
        ["meeting__council", "case__organisation"],
        [
            Column("case", "Случай", "case.number"),
            Column("organisation", "Организация", "case.organisation", width=44),
            Column("question", "Вопрос", lambda item: item.get_question_display(), width=30),
            Column("council", "Совет", "meeting.council", width=44),
            Column("held_on", "Заседание", "meeting.held_on", kind="date"),
        ],
    ),
}


WEIGHED = (
    "Число — сумма по записям списка: одна запись может дать несколько или ничего, поэтому записей в списке бывает "
    "не столько, сколько в числе."
)


class ReportCell(DetailPage):
    """Список за числом: exactly the rows the cell counted, as they were listed when it was counted."""

    permission = Perm.REPORT_VIEW
    model = Report
    template_name = "reports/report_cell.html"
    audit_read = "search"
    key_word, key_names = "cell", ("row", "column")

    def get_queryset(self):
        return super().get_queryset().select_related("organisation")

    def get(self, request, *args, **kwargs):
        if request.GET.get("as") == "xlsx":
            record(request.user, "export", self.object, detail={"page": self.page_name, "rows": len(self.ids)})
            columns, rows = self.columns, self.in_order(self.ids)
            return xlsx.list_response(
                columns, rows, title=self.get_title(), note=self.get_note(), file_name=f"spisok-{self.object.pk}"
            )
        return super().get(request, *args, **kwargs)

    @cached_property
    def cell(self) -> dict:
        wanted = self.kwargs["row"], self.kwargs["column"]
        snapshot = self.object.snapshot or {"cells": []}
        found = [each for each in snapshot["cells"] if (each["row"], each["column"]) == wanted and each["measure"]]
        if not found:
            raise Http404
        return found[0]

    @cached_property
    def row(self):
        row = self.object.definition.row(self.cell["row"])
        return row.otherwise if isinstance(row, Declared) else row

    @cached_property
    def others(self) -> list:
        """What else the cell shows beside its number and may be opened: people beside families."""
        return [measure for measure in self.row.listed if measure.name != self.cell["measure"]]

    @cached_property
    def measure(self):
        """The measure listed: the cell's own, or another of the row that is asked for."""
        asked = self.request.GET.get("of")
        return next((each for each in self.others if each.name == asked), MEASURES[self.cell["measure"]])

    @property
    def list_note(self) -> str:
        """Why the list need not be as long as the number; empty where each of the list counts as one."""
        return WEIGHED if self.measure.weight else ""

    @property
    def excel_query(self) -> str:
        """What asks this page for a file."""
        return f"?of={self.measure.name}&as=xlsx"

    @cached_property
    def source(self):
        return self.measure.source

    @cached_property
    def ids(self) -> list[int]:
        """Ids of what was counted, of the row's categories only."""
        lists = ReportList.objects.filter(report=self.object).first()
        by_category = lists.ids.get(f"{self.measure.name}/{self.cell['column']}", {}) if lists else {}
        wanted = getattr(self.row, "categories", ())
        return [pk for category, ids in by_category.items() if not wanted or category in wanted for pk in ids]

    @property
    def columns(self):
        return LISTS[self.source.model][1]

    @property
    def related(self) -> list[str]:
        """What the columns read of other tables."""
        return LISTS[self.source.model][0]

    def in_order(self, ids):
        """The rows of `ids`, in their order; a chunk at a time."""
        model, related = apps.get_model(self.source.model), self.related
        for start in range(0, len(ids), 500):
            chunk = ids[start : start + 500]
            found = model.objects.select_related(*related).in_bulk(chunk)
            gone = [pk for pk in chunk if pk not in found]
            if gone:  # taken out since as standing twice, when two cards were merged: its twin stands in its place
                twins = twins_of(model._meta.label_lower, gone)
                standing = model.objects.select_related(*related).in_bulk(twins.values())
                found |= {pk: standing[twin] for pk, twin in twins.items() if twin in standing}
            yield from (found[pk] for pk in chunk if pk in found)

    def get_title(self):
        return f"Строка {self.cell['row']}: {self.row.title}"

    def get_note(self):
        column = next(c for c in self.object.snapshot["columns"] if c["code"] == self.cell["column"])
        whose = self.object.organisation or "регион"
        return f"{column['title']} · {whose} · {self.measure.title}"

    def get_breadcrumbs(self):
        return crumbs((f"Отчёт за {self.object.span.title}", self.object.get_absolute_url()))

    @property
    def key(self) -> str:
        """What names this list within its report, for who gives a reason to see its names."""
        return "/".join([self.key_word, *(self.kwargs[name] for name in self.key_names)])

    def get_cuts(self) -> list[tuple[str, list]]:
        """What else the number may be cut into: (whose parts, [(title, address)])."""
        return cut_links(self.object, self.row, self.cell)

    def get_names_url(self) -> str:
        """Where the ministry, which reads numbers and dates, says why it needs the names too."""
        if self.source.model != "cases.Case" or not self.request.user.may(Perm.REPORT_REVIEW) or not self.ids:
            return ""
        return reverse("reports:names-open", args=[self.object.pk, self.key])

    def get_context_data(self, **context):
        page = Paginator(self.ids, PAGE_SIZE).get_page(self.request.GET.get("page"))
        user = self.request.user
        linked = self.source.model == "cases.Case" and user.may(Perm.CASE_VIEW)
        columns = [replace(column, sort="") for column in self.columns]
        rows = [
            build_row(columns, each, each.get_absolute_url() if linked else "") for each in self.in_order(list(page))
        ]
        return super().get_context_data(
            **(
                {
                    "cell": self.cell,
                    "table": Table([Head(column) for column in columns], rows),
                    "page_obj": page,
                    "total": len(self.ids),
                    "list_note": self.list_note,
                    "gone": len(page) - len(rows),
                    "frozen": getattr(self.object, "is_frozen", False),
                    "others": [(measure.title, f"?of={measure.name}") for measure in self.others],
                    "xlsx_url": self.excel_query,
                    "names_url": self.get_names_url(),
                    "cuts": self.get_cuts(),
                }
                | context
            )
        )


class ReportFile(DetailPage):
    """Файл отчёта: the one the run wrote; printed anew from the same snapshot when its state has changed since."""

    permission = Perm.REPORT_VIEW
    model = Report

    def get_queryset(self):
        return super().get_queryset().select_related("organisation", "signed_by", "reviewed_by")

    def get_breadcrumbs(self):
        return crumbs((f"Отчёт за {self.object.span.title}", self.object.get_absolute_url()))

    def get_title(self):
        return f"Отчёт за {self.object.span.title}"

    def get(self, request, *args, **kwargs):
        report, kind = self.object, self.kwargs["kind"]
        if kind not in files.CONTENT_TYPES:
            raise Http404
        if not report.snapshot:
            raise Refused("Отчёт ещё не рассчитан. Нажмите «Пересчитать», файл появится после расчёта.")
        record(request.user, "export", report, organisation=report.organisation, detail={"kind": kind})
        ready = ReportRun.ready(report, kind)
        response = FileResponse(ready) if ready else HttpResponse(files.render(report, kind, by=request.user))
        response["Content-Type"] = files.CONTENT_TYPES[kind]
        response["Content-Disposition"] = f'attachment; filename="{files.stem(report)}.{kind}"'
        response["Cache-Control"] = "private, no-store"
        return response
