"""The printed report: the context of templates/documents/report.html, from the snapshot only."""

import datetime

from reports import balance, files
from reports.cells import NOT_APPLICABLE, thousands
from reports.checks import OK
from reports.pictures import pictures_of
from reports.renderers import passport
from sopr import profile
from sopr.documents import names
from sopr.documents.pdf import DRAFT
from sopr.documents.registry import Document, register

MOST_NAMED = 4


def report_context(report) -> dict:
    """What the sheet shows. A draft is marked so; nothing here is computed from casework."""
    snapshot, form = report.snapshot, report.definition
    computed = datetime.datetime.fromisoformat(snapshot["computed_at"])
    return {
        "status": "" if report.state in (report.State.SUBMITTED, report.State.APPROVED) else DRAFT,
        "form": {"name": form.name, "act": form.act, "title": form.title},
        "period": _period(report),
        "place": profile.load(snapshot["profile"]).ministry.city.removeprefix("г. "),
        "year": str(computed.year),
        "number": report.number if report.pk else "",
        "revision": report.revision,
        "published": snapshot.get("published", False),
        "changes": [f"строка {c['row']}: было {c['was'] or '–'}, стало {c['now']}" for c in report.changes],
        "organisation": _organisation(report),
        "coverage": _coverage(snapshot),
        "snapshot_at": computed,
        "definitions_version": snapshot["definitions_version"],
        "due_on": report.due_on,
        "submitted_on": report.signed_at.date() if report.signed_at else None,
        "checksum": report.checksum,
        "approver": _approver(report),
        "signer": _signer(report),
        "executor": _executor(report),
        "columns": [{"title": c["title"], "group": c["group"]} for c in snapshot["columns"]],
        "rows": _rows(snapshot),
        "notes": _notes(snapshot),
        "pictures": pictures_of(snapshot),
        "checks": _checks(report),
        "passport": passport.line(report),
        "definitions": [
            {"rows": d["row"], "kind": d["kind"], "counts": d["counts"], "n": d["n"]} for d in snapshot["definitions"]
        ],
        "balance": _balance(snapshot["balance"]) if snapshot["balance"] else None,
    }


def _period(report):
    title = f"за {report.span.title}"
    return f"{title} и в целом за период реализации" if report.span.kind == "years" else title


def _coverage(snapshot):
    """A cover has room for some names only; the rest are counted."""
    coverage = snapshot["coverage"]
    missing = coverage.get("missing", [])
    if len(missing) <= MOST_NAMED:
        return coverage
    return coverage | {"missing": [*missing[:MOST_NAMED], f"и ещё {len(missing) - MOST_NAMED}"]}


def _notes(snapshot):
    """One paragraph under the table, so that it stays on the table's sheet."""
    notes = list(snapshot["notes"])
    if any(cell["text"] == NOT_APPLICABLE for cell in snapshot["cells"]):
        notes.append("Знак «×»: не заполняется.")
    return [" ".join(notes)] if notes else []


def _organisation(report):
    if report.is_regional:
        ministry = profile.load(report.snapshot["profile"]).ministry
        return {"full": ministry.title, "short": ministry.short}
    organisation = report.organisation
    return {
        "full": organisation.name,
        "short": organisation.short_name or organisation.name,
        "founder": organisation.founder,
        "address": organisation.address,
        "phone": organisation.phone,
        "email": organisation.email,
        "inn": organisation.inn,
        "ogrn": organisation.ogrn,
    }


def _approver(report):
    if not report.is_regional:
        return None
    who = report.reviewed_by
    return {"post": (who.post if who else "") or "Руководитель", "sign": names.sign(who) if who else ""}


def _signer(report):
    if report.signed_by:
        return {"post": report.signed_by.post or "Руководитель службы", "sign": names.sign(report.signed_by)}
    if report.organisation:
        return {"post": report.organisation.director_post, "sign": report.organisation.director_name}
    return {"post": "Ответственный за отчётность", "sign": ""}


def _executor(report):
    who = report.signed_by or report.reviewed_by
    return {"full": who.full_name, "phone": who.phone} if who else None


def _rows(snapshot):
    """The rows as printed, a heading before the first row of each group."""
    texts = {}
    for cell in snapshot["cells"]:
        texts.setdefault(cell["row"], []).append(cell["text"])
    rows, group = [], ""
    for row in snapshot["rows"]:
        if row.get("group") and row["group"] != group:
            group = row["group"]
            rows.append({"kind": "group", "title": group})
        kind = "total" if row["bold"] else ""
        named = {key: row[key] for key in ("code", "title", "unit", "level")}
        rows.append(named | {"values": texts[row["code"]], "kind": kind})
    return rows


def _checks(report):
    """What precedes signing: what was found, with the head's word on it; then in a line what is in order."""
    words = dict(report.check_words.values_list("check_code", "text")) if report.pk else {}
    checks = report.snapshot.get("checks", [])
    said = [{"title": check["title"], "word": words.get(check["code"], "")} for check in checks if check["tone"] != OK]
    fine = [check["title"].removeprefix("Нет: ") for check in checks if check["tone"] == OK]
    if fine:
        named = "; ".join(title[0].lower() + title[1:] for title in fine)
        said.append({"title": f"Замечаний нет: {named}", "word": ""})
    return said


def _balance(sheet):
    """All tables of the balance; only the first has a line of all families."""
    tables = [_balance_table(table, is_first=not place) for place, table in enumerate(balance.tables(sheet))]
    return {
        "text": "Число на конец равно числу на начало плюс принятые или прибывшие минус снятые или выбывшие",
        "ok": all(row["ok"] for table in tables for row in table["rows"]),
        "tables": tables,
    }


def _balance_table(table, is_first):
    came, went = ("принято", "снято") if is_first else ("прибыло", "выбыло")
    rows = [
        {"title": row["title"], "values": [thousands(value) for value in row["values"]], "ok": row["ok"]}
        for row in table["rows"]
    ]
    if is_first:
        rows[0]["total"] = True
    return table | {"columns": ["на начало", came, went, "на конец"], "rows": rows}


REPORT = register(
    Document(
        code="report",
        title="Отчёт",
        template="documents/report.html",
        context=report_context,
        long=True,
        file_name=files.stem,
    )
)
