"""Отметка посещения: a month of a group as people × dates, or one date; the sheet on paper and in Excel."""

from functools import cached_property

from django import forms
from django.contrib import messages
from django.urls import reverse
from django.utils import timezone

from cases.attendance import SIGNS, MonthGrid, names_for_agency, percent, read_month, with_dates
from cases.documents import ATTENDANCE_SHEET
from cases.models import AttendanceMark, ServiceGroup
from cases.models.session import Cell, mark_attendance
from cases.service_forms import month_asked
from cases.views.group import GroupTrail, SessionTrail, month_links
from cases.views.service import ServiceModule
from sopr.accounts.policy import Perm, Role
from sopr.documents.pdf import pdf_response
from sopr.errors import Refused
from sopr.web import xlsx
from sopr.web.pages import Action, DetailPage, Empty, FormPage, ListPage, record
from sopr.web.tables import Column
from sopr.web.words import counted, ru_month

State = AttendanceMark.State
PREFIX = "mark-"
CHOICES = [("", "не отмечено", ""), *((state.value, state.label, SIGNS[state]) for state in State)]
MARKS = "отметка,отметки,отметок"


class AttendanceForm(forms.Form):
    """Marks by `mark-<session>-<enrolment>`; `seen` says which marks stood on the page when it was opened."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput, max_length=200_000)

    def __init__(self, data=None, files=None, *, grid: MonthGrid):
        self.stood = {
            (session.pk, line.enrolment.pk): state
            for line in grid.lines
            for session, state in zip(grid.sessions, line.states, strict=True)
            if state is not None
        }
        super().__init__(data, files, initial={"seen": _pack(self.stood)})

    def value(self, session_id, enrolment_id) -> str:
        """What the page shows in a cell: what was sent, else what stands."""
        name = f"{PREFIX}{session_id}-{enrolment_id}"
        if self.is_bound and name in self.data:
            return self.data[name]
        return self.stood.get((session_id, enrolment_id), "")

    def clean(self):
        cleaned = super().clean()
        seen, cells = _unpack(cleaned.get("seen", "")), []
        for name, state in self.data.items():
            if not name.startswith(PREFIX):
                continue
            session, _dash, enrolment = name.removeprefix(PREFIX).partition("-")
            if not (session.isdecimal() and enrolment.isdecimal()) or state not in ("", *State.values):
                raise forms.ValidationError("Отметка не распознана. Обновите страницу и отметьте ещё раз.")
            key = (int(session), int(enrolment))
            cells.append(Cell(*key, state=state, seen=seen.get(key, "")))
        self.cells = cells
        return cleaned


def _pack(marks) -> str:
    return " ".join(f"{session}-{enrolment}-{state[0]}" for (session, enrolment), state in marks.items() if state)


def _unpack(text) -> dict:
    states = {state.value[0]: state.value for state in State}
    marks = {}
    for word in text.split():
        parts = word.split("-")
        if len(parts) == 3 and parts[0].isdecimal() and parts[1].isdecimal() and parts[2] in states:
            marks[int(parts[0]), int(parts[1])] = states[parts[2]]
    return marks


class MarksAttendance:
    """What the two pages share: the form, the verb, what is said after it.

    An agency that leads the group marks it too, and reads no more of people than it needs to tell them apart.
    """

    permission = Perm.ATTENDANCE_MARK
    form_class = AttendanceForm
    submit_title = "Сохранить отметки"
    adds_row = True  # colleagues mark the same group at once: each cell is compared by itself, not the row

    @property
    def is_led(self) -> bool:
        """Whether the reader leads the group for its organisation, from outside."""
        return self.request.user.role == Role.EXECUTOR

    @cached_property
    def names(self) -> dict[int, str]:
        """{enrolment id: the name this reader sees}."""
        enrolments = [line.enrolment for line in self.grid.lines]
        return names_for_agency(enrolments) if self.is_led else {row.pk: row.name for row in enrolments}

    def get_form_kwargs(self):
        return {"grid": self.grid}

    def act(self, form):
        written, clashes = mark_attendance(self.get_group(), form.cells, by=self.request.user)
        if written or not clashes:
            messages.success(self.request, f"Сохранено: {counted(written, MARKS)}.")
        for clash in clashes:
            whom = self.names.get(clash.enrolment.pk, "Участник группы")
            now = f"«{clash.mark.get_state_display()}»" if clash.mark else "без отметки"
            messages.warning(
                self.request,
                f"{whom}, {clash.session.held_on:%d.%m.%Y}: пока Вы отмечали, коллега поставил {now}. "
                "Его отметка осталась. Если верна Ваша, поставьте её ещё раз.",
            )
        return self.get_here()

    def get_context_data(self, **context):
        today = timezone.localdate()
        form = context.get("form") or self.get_form()
        rows = []
        for line in self.grid.lines:
            name = self.names[line.enrolment.pk] if self.is_led else line.enrolment.short_name
            cells = []
            for session, state in zip(self.grid.sessions, line.states, strict=True):
                cells.append(
                    {
                        "name": f"{PREFIX}{session.pk}-{line.enrolment.pk}",
                        "value": form.value(session.pk, line.enrolment.pk),
                        "label": f"{name}, {session.held_on:%d.%m}",
                        "out": state is None,
                        "ahead": session.held_on > today,
                    }
                )
            rows.append({"line": line, "name": self.names[line.enrolment.pk], "short": name, "cells": cells})
        base = {
            "grid": self.grid,
            "rows": rows,
            "choices": CHOICES,
            "today": today,
            "group_url": "" if self.is_led else self.get_group().get_absolute_url(),
        }
        return super().get_context_data(**(base | context))


class AttendanceMonth(MarksAttendance, GroupTrail, FormPage):
    template_name = "cases/attendance_month.html"
    title = "Посещение"

    @cached_property
    def grid(self) -> MonthGrid:
        return read_month(self.object, month_asked(self.request))

    def get_here(self):
        return f"{reverse('cases:attendance-month', args=[self.object.pk])}?month={self.grid.month:%Y-%m}"

    def get_title(self):
        return f"Посещение: {ru_month(self.grid.month).lower()}"

    def get(self, request, *args, **kwargs):
        if request.GET.get("as") == "xlsx" and not self.is_led:
            return self.export()
        return super().get(request, *args, **kwargs)

    def export(self):
        """The sheet as a spreadsheet: «+» был, «–» не был, «у» уважительная причина, «×» в группе не числился."""
        grid = self.grid
        dates = [
            Column(f"day{index}", f"{session.held_on:%d.%m}", _sign_at(index), width=6)
            for index, session in enumerate(grid.sessions)
        ]
        columns = [
            Column("name", "Фамилия, имя, отчество", "enrolment.name", width=36),
            *dates,
            Column("present", "Был", "present", kind="number", width=8),
            Column("absent", "Не был", "absent", kind="number", width=8),
            Column("excused", "Уважит.", "excused", kind="number", width=8),
            Column("share", "Посещение", lambda line: percent(line.share), width=12),
        ]
        file, rows = xlsx.write_list(
            columns,
            grid.lines,
            title=f"Табель посещаемости: {ru_month(grid.month).lower()}",
            note=f"{grid.group}. {self.request.user.short_name}, {timezone.localtime():%d.%m.%Y %H:%M}",
            filters="+ был, – не был, у уважительная причина, × в группе не числился",
        )
        record(self.request.user, "export", self.object, detail={"page": self.page_name, "rows": rows})
        return xlsx.as_download(file, f"tabel-{self.object.pk}-{grid.month:%Y-%m}")

    def get_actions(self):
        month = f"?month={self.grid.month:%Y-%m}"
        if self.is_led:
            return []
        return [
            Action("Табель, PDF", reverse("cases:attendance-print", args=[self.object.pk]) + month, "printer"),
            Action("Excel", f"{month}&as=xlsx", "download"),
        ]

    def get_context_data(self, **context):
        base = month_links(reverse("cases:attendance-month", args=[self.object.pk]), self.grid.month)
        base["has_schedule"] = self.object.slots.exists()
        return super().get_context_data(**(base | context))


class AttendanceDay(MarksAttendance, SessionTrail, FormPage):
    """One date as a list of people with three buttons each: for a phone, in the room."""

    template_name = "cases/attendance_day.html"
    title = "Отметить посещение"

    def check_moment(self):
        if self.object.cancelled:
            raise Refused("Занятие отменено: посещение не отмечается.")
        if self.object.held_on > timezone.localdate():
            raise Refused(f"Занятие {self.object.held_on:%d.%m.%Y} ещё не состоялось: отметьте его в тот день.")

    @cached_property
    def grid(self) -> MonthGrid:
        whole = read_month(self.get_group(), self.object.held_on)
        index = next((n for n, session in enumerate(whole.sessions) if session.pk == self.object.pk), None)
        whole.sessions = [] if index is None else [self.object]
        for line in whole.lines:
            line.states = [] if index is None else [line.states[index]]
        whole.lines = [line for line in whole.lines if line.states and line.states[0] is not None]
        return whole

    def get_here(self):
        return reverse("cases:led-list") if self.is_led else self.get_month_url()

    def get_breadcrumbs(self):
        return [*super().get_breadcrumbs()[:-1], (f"{self.object.held_on:%d.%m.%Y}", None)]


class LedList(ServiceModule, ListPage):
    """«Мои группы» of an agency: those it leads for other organisations, the oldest unmarked date one click away."""

    permission = Perm.ACTIVITY_REPORT
    model = ServiceGroup
    menu = ""
    title = "Мои группы"
    note = "Группы, которые ведут специалисты Вашей организации"
    default_sort = "title"
    empty = Empty(
        "Групп пока нет",
        "Они появятся, когда центр назначит ведущим группы специалиста Вашей организации. "
        "Мероприятия по программам семей стоят в разделе «Мои мероприятия».",
    )
    columns = [
        Column("title", "Группа", url=lambda row: reverse("cases:attendance-month", args=[row.pk]), sort="title",
               note=lambda row: row.service.title),
        Column("leader", "Ведёт", "leader.short_name", sort="leader__last_name"),
        Column("organisation", "Для кого", "service.organisation", note=lambda row: row.service.organisation.phone),
        Column("place", "Где", "place"),
        Column("next_on", "Ближайшее занятие", "next_on", kind="date", sort="next_on"),
        Column("unmarked", "Не отмечено", "unmarked", kind="number", sort="unmarked",
               tone=lambda row: "warning" if row.unmarked else ""),
        Column("act", "Действие", lambda row: "Отметить" if row.first_unmarked else "", kind="act",
               url=lambda row: row.first_unmarked and reverse("cases:attendance-day", args=[row.first_unmarked])),
    ]  # fmt: skip

    def get_queryset(self):
        return with_dates(super().get_queryset().with_service(), timezone.localdate())

    def get_context_data(self, **context):
        return super().get_context_data(**({"found": "группа,группы,групп"} | context))


class AttendancePrint(GroupTrail, DetailPage):
    """Табель посещаемости of a month as a PDF."""

    permission = Perm.CASE_VIEW
    model = ServiceGroup
    audit_read = ""

    def show(self, status=200, **context):
        return pdf_response(ATTENDANCE_SHEET, self.object, by=self.request.user, month=month_asked(self.request))


def _sign_at(index):
    """The sign of one date's column."""
    return lambda line: "×" if line.states[index] is None else SIGNS.get(line.states[index], "")
