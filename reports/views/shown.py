"""What a page shows of a report: its table, its checks, the words about it, how it differs from earlier revisions."""

from functools import cached_property
from urllib.parse import urlencode

from django.urls import reverse

from reports import balance
from reports.cells import NO_DATA, NOT_APPLICABLE
from reports.models import Report
from sopr.accounts.policy import Perm

HINTS = {NOT_APPLICABLE: "не заполняется", NO_DATA: "нет данных"}


def table_of(report, remarks=(), remarks_at="") -> dict:
    """{columns, rows}: each cell with its text, what stands under it, the link to its list, the remarks at it.

    `remarks_at` is the page where the reader may make a remark at a cell; empty for who may not.
    """
    snapshot = report.snapshot
    main = snapshot["main_column"]
    said = {}
    for number, remark in enumerate(remarks, start=1):
        said.setdefault((remark.row, remark.column), []).append(number)
    cells = {}
    for cell in snapshot["cells"]:
        cells.setdefault(cell["row"], []).append(
            {
                "text": f"{cell['text']}\u00a0%" if cell["kind"] == "percent" else cell["text"],
                "under": _under(cell),
                "note": cell["note"],
                "hint": HINTS.get(cell["text"], ""),
                "hidden": cell["kind"] == "hidden",
                "main": cell["column"] == main,
                "key": (cell["row"], cell["column"]),
                "remarks": said.get((cell["row"], cell["column"]), []),
                "url": reverse("reports:report-cell", args=[report.pk, cell["row"], cell["column"]])
                if cell["measure"]
                else "",
            }
        )
    columns = [column | {"main": column["code"] == main} for column in snapshot["columns"]]
    marks = {check["row"]: check for check in reversed(report.checked("error", "warn")) if check["row"]}
    rows = [
        row
        | {
            "cells": cells[row["code"]],
            "mark": marks.get(row["code"]),
            "remark_url": f"{remarks_at}?{urlencode({'row': row['code'], 'column': main})}" if remarks_at else "",
        }
        for row in snapshot["rows"]
    ]
    return {"columns": columns, "rows": rows}


def _under(cell) -> str:
    if cell["kind"] == "percent" and cell["denominator"]:
        return f"из {cell['denominator']:,}".replace(",", "\u00a0")
    return cell["note"] if cell["kind"] == "number" else ""


def checks_of(report, user) -> dict:
    """The side panel: the balance with its numbers, each check with its list and the head's word on it."""
    sheet = report.snapshot["balance"]
    start, accepted, removed, end = sheet["rows"][0]["values"]
    words = {word.check_code: word for word in report.check_words.select_related("by")}
    items = [
        check
        | {
            "url": reverse("reports:report-check", args=[report.pk, check["code"]]) if check["count"] else "",
            "word": words.get(check["code"]),
            "explained": check["code"] in words and words[check["code"]].found == check["title"],
        }
        for check in report.checked()
        if check["code"] != "balance" or check["tone"] != "ok"
    ]
    unsaid = not report.is_regional and any(item["tone"] == "warn" and not item["explained"] for item in items)
    return {
        "balance": {"ok": sheet["ok"], "start": start, "accepted": accepted, "removed": removed, "end": end},
        "tables": balance.tables(sheet),
        "found": [item for item in items if item["tone"] != "ok"],
        "passed": [item["title"] for item in items if item["tone"] == "ok"],
        "explain_url": reverse("reports:report-explain", args=[report.pk])
        if user.may(Perm.REPORT_SIGN) and not report.is_frozen and report.checked("warn")
        else "",
        "unsaid": unsaid and not report.is_frozen,
    }


class Life:
    """What was said about a report and its revisions; `against` is the number of an earlier one to compare with."""

    def __init__(self, report, against=""):
        self.report, self.asked = report, against

    @cached_property
    def remarks(self) -> list:
        """The ministry's remarks: at this revision when it came back, else those at the one before, with answers."""
        own = list(self.report.remarks.select_related("answered_by"))
        if own or self.report.previous_id is None:
            return own
        return list(self.report.previous.remarks.select_related("answered_by"))

    @property
    def remarked(self) -> Report:
        """The revision the remarks were made at."""
        if self.report.remark or self.report.remarks.exists() or self.report.previous is None:
            return self.report
        return self.report.previous

    @property
    def columns(self) -> dict:
        return {column["code"]: column["title"] for column in (self.report.snapshot or {"columns": []})["columns"]}

    @property
    def remark_rows(self) -> list[dict]:
        """The remarks numbered as in the table."""
        return [
            {"number": number, "remark": remark, "column": self.columns.get(remark.column, "")}
            for number, remark in enumerate(self.remarks, start=1)
        ]

    @property
    def to_answer(self) -> bool:
        return not self.report.is_frozen and self.report.previous_id is not None and bool(self.remarks)

    @cached_property
    def earlier(self) -> list[Report]:
        """Earlier revisions, the nearest first."""
        if self.report.revision == 1:
            return []
        same = Report.objects.filter(form=self.report.form, period=self.report.period, scope=self.report.scope)
        return list(same.filter(revision__lt=self.report.revision).without_contents().order_by("-revision"))

    @cached_property
    def compared(self) -> Report | None:
        """The earlier revision the differences are shown against: the one asked for, else the one before."""
        return next((each for each in self.earlier if str(each.revision) == self.asked), None) or self.report.previous

    @cached_property
    def changes(self) -> list[dict]:
        """Cells that differ from the revision compared with, each with why: the answer to its remark or the reason."""
        if self.compared is None or not self.report.snapshot or not self.compared.snapshot:
            return []
        if self.compared.pk == self.report.previous_id:
            found = self.report.changes
        else:
            found = self.report.differences_from(self.compared)
        answers = {(remark.row, remark.column): remark.answer for remark in self.remarks if remark.answer}
        titles = {row["code"]: row["title"] for row in self.report.snapshot["rows"]}
        return [
            change
            | {
                "title": titles.get(change["row"], ""),
                "column": self.columns.get(change["column"], change["column"]),
                "why": answers.get((change["row"], change["column"])) or self.report.reason,
            }
            for change in found
        ]

    @property
    def readings(self) -> list:
        """When the ministry opened names behind this report's numbers."""
        return list(self.report.named_readings.select_related("by")[:5])
