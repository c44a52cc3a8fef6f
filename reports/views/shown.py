"""What a page shows of a snapshot: its table, its checks."""

from django.urls import reverse

from reports.cells import NO_DATA, NOT_APPLICABLE
from sopr.accounts.policy import Perm

HINTS = {NOT_APPLICABLE: "не заполняется", NO_DATA: "нет данных"}
MOST_LINKED = 5


def table_of(report) -> dict:
    """{columns, rows}: each cell with its text, what stands under it and the link to the list it counted."""
    snapshot = report.snapshot
    main = snapshot["main_column"]
    cells = {}
    for cell in snapshot["cells"]:
        cells.setdefault(cell["row"], []).append(
            {
                "text": f"{cell['text']}\u00a0%" if cell["kind"] == "percent" else cell["text"],
                "under": _under(cell),
                "note": cell["note"],
                "hint": HINTS.get(cell["text"], ""),
                "main": cell["column"] == main,
                "url": reverse("reports:report-cell", args=[report.pk, cell["row"], cell["column"]])
                if cell["measure"]
                else "",
            }
        )
    columns = [column | {"main": column["code"] == main} for column in snapshot["columns"]]
    return {"columns": columns, "rows": [row | {"cells": cells[row["code"]]} for row in snapshot["rows"]]}


def _under(cell) -> str:
    if cell["kind"] == "percent" and cell["denominator"]:
        return f"из {cell['denominator']:,}".replace(",", "\u00a0")
    return cell["note"] if cell["kind"] == "number" else ""


def checks_of(report, user) -> dict:
    """The side panel: balance with its numbers, and what is missing with links to the cases the reader may open."""
    balance = report.snapshot["balance"]
    start, accepted, removed, end = balance["rows"][0]["values"]
    linked = user.may(Perm.CASE_VIEW)
    items = []
    for check in report.snapshot["missing"]:
        cases = check["cases"][:MOST_LINKED]
        items.append(
            {
                "ok": not check["count"],
                "bad": check["code"] == "outcome" and check["count"],
                "title": check["title"],
                "count": check["count"],
                "cases": _links(cases, linked),
                "more": max(check["count"] - len(cases), 0),
            }
        )
    return {
        "balance": {"ok": balance["ok"], "start": start, "accepted": accepted, "removed": removed, "end": end},
        "wrong_rows": [row for row in balance["rows"] if not row["ok"]],
        "balance_cases": _links(balance["cases"][:MOST_LINKED], linked),
        "items": items,
    }


def _links(cases, linked) -> list[dict]:
    return [
        {"number": case["number"], "url": reverse("cases:case-detail", args=[case["id"]]) if linked else ""}
        for case in cases
    ]
