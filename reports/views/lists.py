"""Lists behind checks, and the names behind any list: for the ministry only with a written reason, and logged."""

from functools import cached_property

from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from reports.checks import LISTED
from reports.indicators.sources.support import CASES
from reports.life_forms import ReasonForm
from reports.models import NamedReading, Report, ReportList
from reports.views.cells import LISTS, ReportCell
from reports.views.cuts import CellCutList
from reports.views.life import LifeMixin
from reports.views.making import crumbs
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.pages import FormPage
from sopr.web.tables import Column


class ReportCheck(ReportCell):
    """Список проверки: the cases a check found, as they were when the report was computed."""

    source = CASES
    others = ()
    list_note = ""
    excel_query = "?as=xlsx"
    key_word, key_names = "check", ("code",)

    @cached_property
    def check(self) -> dict:
        found = [each for each in self.object.checked() if each["code"] == self.kwargs["code"] and each["count"]]
        if not found:
            raise Http404
        return found[0]

    @property
    def cell(self) -> dict:
        return {"kind": "check"}

    @cached_property
    def ids(self) -> list[int]:
        lists = ReportList.objects.filter(report=self.object).first()
        return lists.ids.get(LISTED.format(self.check["code"]), {}).get("", []) if lists else []

    def get_title(self):
        return self.check["title"]

    def get_note(self):
        return self.check["text"] or str(self.object.organisation or "Регион")

    def get_cuts(self):
        return []


class NamesOpen(LifeMixin, FormPage):
    """Открыть фамилии: a written reason for one list of a report."""

    permission = Perm.REPORT_REVIEW
    form_class = ReasonForm
    title = "Открыть фамилии"
    submit_title = "Открыть фамилии"
    keeps_draft = False

    def get_queryset(self):
        return Report.objects.visible_to(self.request.user).select_related("organisation")

    def get_note(self):
        return self.behind.get_title()

    @cached_property
    def behind(self) -> ReportCell:
        """The list whose names are asked for."""
        return list_at(self.request, self.object, self.kwargs["key"])

    def get_form_kwargs(self):
        return {
            "label": "Зачем нужны фамилии",
            "help_text": f"Причина и просмотр записываются в журнал, их увидит руководитель службы. Список откроется "
            f"Вам на {NamedReading.MINUTES} минут.",
        }

    def why_not(self):
        return "" if self.behind.source.model == "cases.Case" else "В этом списке нет семей."

    def act(self, form):
        made = NamedReading.open(
            self.object,
            self.kwargs["key"],
            self.behind.get_title(),
            by=self.request.user,
            reason=form.cleaned_data["reason"],
        )
        return reverse("reports:names-list", args=[made.pk])


class NamesList(ReportCell):
    """Фамилии списка: open to who gave the reason, for as long as one reading takes."""

    permission = Perm.REPORT_REVIEW
    model = NamedReading
    others = ()
    list_note = ""
    excel_query = ""  # names are read, not taken away
    columns = [LISTS["cases.Case"][1][0], Column("family", "Семья", "family.surname"), *LISTS["cases.Case"][1][1:]]

    def get_queryset(self):
        return NamedReading.objects.visible_to(self.request.user).select_related("report__organisation")

    def get(self, request, *args, **kwargs):
        if not self.object.is_open:
            raise Refused("Время просмотра вышло. Вернитесь к списку и снова напишите причину.")
        if "as" in request.GET:
            raise Http404
        return super().get(request, *args, **kwargs)

    @cached_property
    def behind(self) -> ReportCell:
        return list_at(self.request, self.object.report, self.object.list_key)

    @property
    def source(self):
        return self.behind.source

    @property
    def cell(self):
        return self.behind.cell

    @property
    def ids(self):
        return self.behind.ids

    @property
    def related(self):
        return ["family", *super().related]

    def get_title(self):
        return self.object.title

    def get_note(self):
        until = timezone.localtime(self.object.until)
        return f"С фамилиями, до {until:%H:%M}. Причина: {self.object.reason}"

    def get_breadcrumbs(self):
        report = self.object.report
        return crumbs((f"Отчёт за {report.span.title}", report.get_absolute_url()))

    def get_names_url(self):
        return ""

    def get_cuts(self):
        return []

    def get_context_data(self, **context):
        return super().get_context_data(**({"frozen": False} | context))


def list_at(request, report, key) -> ReportCell:
    """The list of a report by its key: «cell/10/2026Q3», «check/review», «cut/…/level/3»; 404 for anything else."""
    kind, *parts = key.split("/")
    page = next((page for page in (ReportCell, ReportCheck, CellCutList) if page.key_word == kind), None)
    if page is None or len(parts) != len(page.key_names):
        raise Http404
    behind = page()
    behind.setup(request, **dict(zip(page.key_names, parts, strict=True)))
    behind.object = report
    return behind
