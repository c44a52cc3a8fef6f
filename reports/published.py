"""The version of a consolidated report that may be published: a report of its own, with the hidden cells taken out."""

import copy

from reports.hiding import LEAST, hidden_cells
from reports.indicators.rows import Change
from reports.models import PublishedVersion
from reports.models.report import checksum_of

HIDDEN = "скрыто"
KIND = "hidden"  # of a cell that is not shown
NOTE = f"Знак «{HIDDEN}»: меньше {LEAST} семей или человек, либо по этому числу можно было бы вычислить такое."


def publish(report):
    """The report as it may be published, for pages and files alike; not to be saved.

    Its snapshot has the form's table without the hidden cells, and nothing from which they could be had: no figures
    of organisations, municipalities, levels and categories but those of the table, no checks, no earlier revisions.
    Its checksum is its own: that of the whole figures would let one try out the hidden ones.
    """
    hidden = hidden_cells(report)
    snapshot = report.snapshot
    changes = {row.code for row in report.definition.rows if isinstance(row, Change)}
    cells = [_cell(cell, (cell["row"], cell["column"]) in hidden, changes) for cell in snapshot["cells"]]
    published = snapshot | {
        "published": True,
        "cells": cells,
        "organisations": [],
        "sums": _whole_sums(snapshot, hidden),
        "trend": [],
        "levels": [],
        "moves": [],
        "territory": [],
        "balance": {},
        "checks": [],
        "definitions": _definitions(snapshot, cells),
        "notes": [*snapshot["notes"], *([NOTE] if hidden else [])],
    }
    return _version(report, published, checksum_of(published))


def hand_out(version, *, by):
    """Keep a published version of which a file is given away, so that it is known for ever."""
    kept = {"snapshot": version.snapshot, "made_by": by}
    PublishedVersion.objects.get_or_create(report_id=version.pk, checksum=version.checksum, defaults=kept)


def handed_out(checksum, reports):
    """The version of one of these reports that was handed out with a checksum that begins so; None if none was."""
    found = PublishedVersion.objects.filter(checksum__startswith=checksum, report__in=reports)
    kept = found.select_related("report__organisation").order_by("-pk").first()
    return _version(kept.report, kept.snapshot, kept.checksum) if kept else None


def _version(report, snapshot, checksum):
    version = copy.copy(report)
    version.snapshot, version.checksum, version.changes = snapshot, checksum, []
    return version


def _cell(cell, hidden, changes) -> dict:
    if hidden:
        nothing = {"value": None, "numerator": None, "denominator": None, "note": "", "measure": ""}
        return cell | nothing | {"kind": KIND, "text": HIDDEN}
    # Only the two numbers of a share were weighed by the rule: what else a note says is left out.
    told = cell["denominator"] is not None or cell["row"] in changes
    return cell | {"note": cell["note"].partition(", ")[0] if told and cell["kind"] != "none" else "", "measure": ""}


def _whole_sums(snapshot, hidden) -> dict:
    """The sums none of whose parts is hidden: the others make no picture."""
    rows = {row for row, _column in hidden}
    return {total: parts for total, parts in snapshot.get("sums", {}).items() if rows.isdisjoint([total, *parts])}


def _definitions(snapshot, cells) -> list[dict]:
    main = {cell["row"]: cell for cell in cells if cell["column"] == snapshot["main_column"]}
    return [line | {"n": main[line["row"]]["note"] or main[line["row"]]["text"]} for line in snapshot["definitions"]]
