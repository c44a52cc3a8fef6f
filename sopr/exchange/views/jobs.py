"""What the pages of both kinds of jobs share."""

from django.db import transaction
from django.http import HttpResponse

from sopr.exchange import tasks
from sopr.exchange.models import ExchangeJob
from sopr.web.pages import ActionPage, DetailPage

State = ExchangeJob.State
TONES = {
    State.QUEUED: "plan",
    State.CHECKING: "plan",
    State.CHECKED: "wait",
    State.CONFIRMED: "plan",
    State.SAVING: "plan",
    State.DONE: "done",
    State.FAILED: "over",
    State.ABANDONED: "off",
}
FATES = (
    ("создано", "created", "Будет создано", "Создано"),
    ("изменено", "changed", "Будет изменено", "Изменено"),
    ("без изменений", "unchanged", "Без изменений", "Без изменений"),
    ("оставлено как есть", "kept", "Останется как есть", "Оставлено как есть"),
)


def wake(job):
    """Send the job to a worker once this transaction is through."""
    transaction.on_commit(lambda: tasks.wake(job))


def describe(job) -> str:
    """The job's outcome in one line."""
    if job.state == State.FAILED:
        errors = job.result.get("errors_total")
        return f"ошибок: {errors}" if errors else job.error
    if job.state == State.ABANDONED:
        return "ничего не записано" if job.kind == ExchangeJob.Kind.IMPORT else ""
    sheets = job.result.get("sheets", [])
    if job.kind == ExchangeJob.Kind.EXPORT:
        families = next((sheet["rows"] for sheet in sheets if sheet["title"] == "Семьи"), None)
        return "" if families is None else f"семей: {families}"
    if not sheets:
        return ""
    totals = {word: sum(sheet["counts"].get(word, 0) for sheet in sheets) for word, *_rest in FATES}
    said = ", ".join(f"{word} {number}" for word, number in totals.items() if number)
    if not said:
        return f"строк: {sum(sheet['rows'] for sheet in sheets)}"
    return said if job.state == State.DONE else f"по проверке: {said}"


class JobDetail(DetailPage):
    """A job in any state, read from its row: it survives a reload, a closed page and a killed worker."""

    model = ExchangeJob

    @property
    def audit_read(self):
        """Asked every second while it moves; logged when there is something to read."""
        return "" if self.object.is_moving else "read"

    def get_queryset(self):
        return super().get_queryset().select_related("by", "organisation")

    def get(self, request, *args, **kwargs):
        self.object.look()
        if request.htmx and not self.object.is_moving:
            return HttpResponse(headers={"HX-Redirect": request.path})
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **context):
        sheets = self.get_sheets()
        opened = next((sheet["title"] for sheet in sheets if sheet["groups"]), "")
        return super().get_context_data(**({"job": self.object, "sheets": sheets, "opened": opened} | context))

    def get_sheets(self) -> list[dict]:
        """Sheets as the page shows them: counts in the order of the fates, the samples of each."""
        after = self.object.state == State.DONE
        shown = []
        for sheet in self.object.result.get("sheets", []) if self.object.state != State.ABANDONED else ():
            samples = sheet.get("samples", {})
            if set(samples) == {"unchanged"}:
                samples = {}  # nothing to look at
            shown.append(
                sheet
                | {
                    "cells": [sheet["counts"].get(word, 0) for word, *_rest in FATES],
                    "groups": [
                        {
                            "title": ahead,
                            "count": sheet["counts"].get(word, 0),
                            "rows": samples[code],
                            "more": sheet["counts"].get(word, 0) - len(samples[code]),
                        }
                        for word, code, ahead, _done in FATES
                        if samples.get(code)
                    ],
                }
            )
        self.heads = [done if after else ahead for _word, _code, ahead, done in FATES]
        return shown


class JobAbandon(ActionPage):
    """Give a job up. The word for its worker is left first: on SQLite nobody can write beside a worker that saves."""

    model = ExchangeJob
    audit_read = ""
    submit_title = "Отменить"
    tone = "danger"
    kept_by_browser = False

    def check_moment(self):
        if self.request.method == "POST":
            self.object.ask_to_stop()

    def act(self, form):
        self.object.abandon()
        return self.get_back_url()
