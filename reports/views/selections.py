"""Выборка: the ministry's own tables of families without names, with a picture and Excel."""

from functools import cached_property

from django import forms
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from reports import periods
from reports.forms import Column
from reports.indicators.measures import MEASURES
from reports.inputs import PeriodField, usual_periods
from reports.selection import CUTS, SMALL, TOTAL, make, populations
from sopr.accounts.policy import Perm
from sopr.audit.log import record
from sopr.errors import Refused
from sopr.web import tables, xlsx
from sopr.web.forms import RussianDateField
from sopr.web.models import SavedFilter
from sopr.web.pages import Page

SEEN = "selections_opened"  # in the session: selections whose small numbers this reader has given a reason for
MOST_SEEN = 50
SHORTEST_REASON = 10


class SelectionForm(forms.Form):
    """Who is counted, when, by what. An empty form is filled with `usual`."""

    population = forms.ChoiceField(label="Кого считать")
    period = PeriodField(label="Период", widget=forms.Select)
    day = RussianDateField(label="На день (вместо периода)", required=False)
    first = forms.ChoiceField(label="По чему", choices=[(cut.code, cut.title) for cut in CUTS.values()])
    second = forms.ChoiceField(
        label="И ещё по чему", required=False, choices=[("", "нет"), *((cut.code, cut.title) for cut in CUTS.values())]
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["population"].choices = list(populations().items())
        self.fields["period"].widget.choices = usual_periods(timezone.localdate())

    def clean_day(self):
        day = self.cleaned_data["day"]
        if day and day > timezone.localdate():
            raise forms.ValidationError("Эта дата ещё не наступила.")
        return day

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("first") and cleaned.get("first") == cleaned.get("second"):
            self.add_error("second", "Выберите другой разрез или «нет».")
        return cleaned


class SelectionPage(Page):
    """Выборка: population × cut × period; fewer than five families are shown only with a reason, which is logged."""

    permission = Perm.SELECTION_MAKE
    title = "Выборка"
    template_name = "reports/selection.html"
    audit_read = "search"

    @cached_property
    def usual(self) -> dict:
        quarter = periods.containing(timezone.localdate(), "quarter").previous()
        return {"population": "on_support", "period": quarter.text, "first": "municipality"}

    @cached_property
    def form(self) -> SelectionForm:
        asked = {name: self.request.GET[name] for name in SelectionForm.base_fields if self.request.GET.get(name)}
        return SelectionForm(self.usual | asked)

    @cached_property
    def query(self) -> str:
        """The selection as an address keeps it, its parts in one order."""
        typed = {name: self.form.data.get(name, "") for name in sorted(SelectionForm.base_fields)}
        return urlencode({name: value for name, value in typed.items() if value})

    @cached_property
    def column(self) -> Column:
        day, period = self.form.cleaned_data["day"], self.form.cleaned_data["period"]
        return Column.of(periods.parse(f"{day}..{day}") if day else period)

    @cached_property
    def is_open(self) -> bool:
        return self.query in self.request.session.get(SEEN, [])

    @cached_property
    def selection(self):
        if not self.form.is_valid():
            return None
        chosen = self.form.cleaned_data
        cuts = [CUTS[code] for code in (chosen["first"], chosen["second"]) if code]
        return make(MEASURES[chosen["population"]], self.column, cuts, open=self.is_open)

    @cached_property
    def saved(self) -> list[SavedFilter]:
        return list(SavedFilter.objects.for_user(self.request.user, self.page_name))

    def get_note(self):
        return "Числа без имён: каждая семья один раз, как в сводном отчёте"

    def get_breadcrumbs(self):
        return [("Регион", reverse("reports:region"))]

    def said(self) -> str:
        """What is counted, in a line: over the table and in the spreadsheet."""
        on_day = self.selection.measure.stock or self.form.cleaned_data["day"]
        when = f"на {self.column.day:%d.%m.%Y}" if on_day else self.form.cleaned_data["period"].title
        return f"{populations()[self.selection.measure.name]}: {when}"

    def get(self, request, *args, **kwargs):
        if request.GET.get("as") == "xlsx" and self.selection is not None:
            return self.export()
        return super().get(request, *args, **kwargs)

    def export(self):
        """The table as it is shown: what is hidden on the page is hidden here."""
        selection = self.selection
        heads = [*selection.columns, (TOTAL, "Всего")]
        columns = [tables.Column("name", selection.first.title, lambda row: row[1], width=48)]
        for part, name in heads:
            columns.append(tables.Column(str(part), name, lambda row, part=part: selection.text(row[0], part)))
        record(
            self.request.user,
            "export",
            detail={"page": self.page_name, "selection": self.query, "open": self.is_open, "rows": len(selection.rows)},
        )
        title = f"{self.said()}, {selection.first.title.lower()}"
        note = f"{self.request.user.short_name}, {timezone.localtime():%d.%m.%Y %H:%M}"
        rows = [*selection.rows, (TOTAL, "Всего, без повторов")]
        return xlsx.list_response(columns, rows, title=title, note=note, file_name="vyborka")

    def post(self, request, *args, **kwargs):
        """A reason for small numbers, a selection kept for the ministry or taken out."""
        act = {"open": self.open, "save": self.save, "delete": self.delete}.get(request.POST.get("act"))
        try:
            if act is not None:
                act()
        except Refused as refused:
            messages.error(request, str(refused))
        return HttpResponseRedirect(f"{request.path}?{self.query}")

    def open(self):
        reason = " ".join(self.request.POST.get("reason", "").split())[:300]
        if len(reason) < SHORTEST_REASON:
            raise Refused("Напишите, зачем Вам малые числа: хотя бы десять букв. Причина попадёт в журнал доступа.")
        if self.selection is None:
            raise Refused("Сначала исправьте выборку.")
        seen = [query for query in self.request.session.get(SEEN, []) if query != self.query]
        self.request.session[SEEN] = [*seen, self.query][-MOST_SEEN:]
        detail = {"page": self.page_name, "selection": self.query, "reason": reason}
        record(self.request.user, "read", detail=detail)

    def save(self):
        name = self.request.POST.get("name", "")
        kept = SavedFilter.keep(self.request.user, self.page_name, name, self.query, shared=True)
        record(self.request.user, "change", detail={"page": self.page_name, "saved_filter": kept.pk})
        messages.success(self.request, f"Выборка «{kept.name}» сохранена, её видят все в министерстве.")

    def delete(self):
        kept = SavedFilter.own(self.request.user, self.page_name, self.request.POST.get("saved", ""))
        record(self.request.user, "change", detail={"page": self.page_name, "deleted_filter": kept.pk})
        kept.delete()

    def get_context_data(self, **context):
        selection, now = self.selection, next((each for each in self.saved if each.query == self.query), None)
        chips = [{"title": each.name, "url": f"?{each.query}", "active": each == now} for each in self.saved]
        shown = {"form": self.form, "selection": selection, "saved": chips, "saved_now": now}
        if selection is not None:
            heads = [part for part, _name in selection.columns]
            longest = max((selection.bar(part) for part, _name in selection.rows), default=0)
            shown |= {
                "said": self.said(),
                "counted": selection.measure.title,
                "lines": [
                    {
                        "name": name,
                        "cells": [selection.text(part, head) for head in heads],
                        "total": selection.text(part, TOTAL),
                        "bar": selection.bar(part),
                    }
                    for part, name in selection.rows
                ],
                "totals": [selection.text(TOTAL, head) for head in (*heads, TOTAL)],
                "longest": longest,
                "small": SMALL,
                "is_open": self.is_open,
                "own": now is not None and now.owner_id == self.request.user.pk,
                "xlsx_url": f"?{self.query}&as=xlsx",
            }
        return super().get_context_data(**(shown | context))
