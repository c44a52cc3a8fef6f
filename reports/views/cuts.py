"""A cell in parts, and the list of each part."""

from functools import cached_property

from django.http import Http404
from django.urls import reverse

from reports.cells import thousands
from reports.cuts import CUTS, ORGANISATION, Cut, cuts_of
from reports.pictures import Kind, Picture, Series
from reports.views.cells import ReportCell
from reports.views.cut_links import column_of, cut_links, measures_of
from reports.views.making import crumbs
from sopr.audit.log import record
from sopr.web import xlsx
from sopr.web.tables import Column

COLUMNS = [
    Column("title", "Часть", lambda line: line["title"], width=50),
    Column("number", "Число", lambda line: line["number"], kind="number"),
    Column("share", "Доля, %", lambda line: "" if line["share"] is None else thousands(line["share"])),
]


class CellCut(ReportCell):
    """Разрез числа: its parts by today's casework, and in words where they disagree with what was signed."""

    template_name = "reports/cell_cut.html"

    def get(self, request, *args, **kwargs):
        if request.GET.get("as") == "xlsx":
            record(request.user, "export", self.object, detail={"page": self.page_name, "rows": len(self.cut.parts)})
            return xlsx.list_response(
                COLUMNS,
                self.lines,
                title=self.get_title(),
                note=" ".join([self.get_note(), *self.said]),
                file_name=f"razrez-{self.object.pk}",
            )
        return super(ReportCell, self).get(request, *args, **kwargs)

    @cached_property
    def measure(self):
        allowed = measures_of(self.row, self.column)
        found = next((each for each in allowed if each.name == self.kwargs["measure"]), None)
        cuts = cuts_of(found, of_region=self.object.organisation_id is None) if found else []
        if self.kwargs["by"] not in dict(cuts):
            raise Http404
        return found

    @cached_property
    def column(self):
        found = column_of(self.object, self.cell["column"])
        if found is None:
            raise Http404
        return found

    @cached_property
    def cut(self) -> Cut:
        categories = getattr(self.row, "categories", ())
        return Cut(self.measure, self.column, self.object.organisation_id, self.kwargs["by"], categories)

    @cached_property
    def counted(self) -> list[int]:
        """Ids of what the report itself counted."""
        return ReportCell.ids.func(self)

    @property
    def reported(self) -> int:
        """The number that stands in the report."""
        if self.cell["kind"] == "percent" and self.measure not in self.row.listed:
            return self.cell["denominator"]
        if self.measure.weight and self.cell["kind"] == "number":
            return self.cell["value"] if self.cell["numerator"] is None else self.cell["numerator"]
        return len(self.counted)

    @property
    def is_listed(self) -> bool:
        return self.measure in self.row.listed

    @cached_property
    def said(self) -> list[str]:
        """What a reader must know of these parts before he uses them."""
        return [*self._against_the_report(), *self._of_the_sum(), *filter(None, [self.list_note])]

    def _against_the_report(self):
        now, then = self.cut.number, self.reported
        word = "подписано" if self.object.is_frozen else "в отчёте"
        if now != then:
            yield f"Разрез считается по нынешним данным: сейчас {thousands(now)}, {word} {thousands(then)}."
        elif self.is_listed and set(self.cut.ids) != set(self.counted):
            yield f"Разрез считается по нынешним данным: число прежнее, {thousands(now)}, но состав списка изменился."
        else:
            yield f"Разрез считается по нынешним данным, они сходятся с отчётом: {thousands(now)}."

    def _of_the_sum(self):
        total, number = self.cut.total, self.cut.number
        if self.cut.by != ORGANISATION:
            return
        if total != number:
            yield (
                f"Части не складываются в число региона: в сумме {thousands(total)}, по региону {thousands(number)}. "
                "Каждая организация считает своё, как в её отчёте: кого вели две организации, тот стоит у обеих; "
                "переход между ними для региона — не движение; что ни к одной не относится, "
                "есть только в числе региона."
            )

    @cached_property
    def lines(self) -> list[dict]:
        whole = self.cut.number
        return [
            {
                "title": part.title,
                "number": part.number,
                "share": round(100 * part.number / whole, 1) if whole else None,
                "url": reverse("reports:cell-cut-list", args=[self.object.pk, *self._place, part.key]),
            }
            for part in self.cut.parts
        ]

    @property
    def _place(self):
        return [self.kwargs[name] for name in ("row", "column", "measure", "by")]

    @property
    def picture(self) -> Picture | None:
        """Lying bars of the parts; none where there is nothing to compare."""
        parts = self.cut.parts
        if len(parts) < 2:
            return None
        largest = max(parts, key=lambda part: part.number)
        title = f"{self.row.title.removesuffix(', в том числе:')}: {CUTS[self.cut.by]}"
        said = f"Частей: {len(parts)}; больше всего: {largest.title}, {thousands(largest.number)}."
        labels, numbers = zip(*((part.title, part.number) for part in parts), strict=True)
        return Picture(Kind.BARS, title, "Часть", labels, (Series(self.measure.title, numbers),), said)

    def get_title(self):
        return f"Строка {self.cell['row']} {CUTS[self.kwargs['by']]}: {self.row.title}"

    def get_breadcrumbs(self):
        return [*super().get_breadcrumbs(), *crumbs(self._list_crumb())[-1:]]

    def _list_crumb(self):
        return "Список за числом", reverse("reports:report-cell", args=[self.object.pk, *self._place[:2]])

    def get_context_data(self, **context):
        shown = {
            "lines": self.lines,
            "cut": self.cut,
            "said": self.said,
            "picture": self.picture,
            "counted": self.measure.title,
            "cuts": cut_links(self.object, self.row, self.cell, (self.measure.name, self.cut.by)),
            "cell": self.cell,
            "adds_up": self.cut.total == self.cut.number,
            "xlsx_url": "?as=xlsx" if self.lines else "",
        }
        return super(ReportCell, self).get_context_data(**(shown | context))


class CellCutList(CellCut):
    """Список за частью разреза: exactly what the part counts now."""

    template_name = ReportCell.template_name
    others = ()
    excel_query = "?as=xlsx"
    key_word, key_names = "cut", ("row", "column", "measure", "by", "part")

    get = ReportCell.get

    @cached_property
    def part(self):
        found = next((part for part in self.cut.parts if part.key == self.kwargs["part"]), None)
        if found is None:
            raise Http404
        return found

    @property
    def ids(self):
        return self.part.ids

    def get_title(self):
        return f"Строка {self.cell['row']}: {self.part.title}"

    def get_note(self):
        return f"{super().get_note()} · {CUTS[self.cut.by]} · по нынешним данным"

    def get_breadcrumbs(self):
        cut = "Разрез", reverse("reports:cell-cut", args=[self.object.pk, *self._place])
        return [*super().get_breadcrumbs(), *crumbs(cut)[-1:]]

    def get_cuts(self):
        return []

    def get_context_data(self, **context):
        return ReportCell.get_context_data(self, **({"frozen": False} | context))
