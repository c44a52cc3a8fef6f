"""Files of a report by their ending; written whole or not at all."""

import os
import tempfile
from pathlib import Path

from reports.renderers import as_csv, as_json, passport
from sopr.errors import Refused

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CONTENT_TYPES = {"json": "application/json", "xlsx": XLSX, "pdf": "application/pdf", "csv": "text/csv; charset=utf-8"}


def render(report, kind: str, *, by=None) -> bytes:
    """The file of one kind (json, csv, xlsx, pdf) from the report's snapshot; raises Refused for another kind."""
    match kind:
        case "json":
            return as_json.render(report.snapshot, passport.line(report) if report.pk else "")
        case "csv":
            return as_csv.render(report)
        case "xlsx":
            from reports.renderers import as_xlsx

            return as_xlsx.render(report)
        case "pdf":
            from reports.documents import REPORT
            from sopr.documents.pdf import render_pdf

            return passport.sealed(render_pdf(REPORT, report, by=by, organisation=report.organisation), report)
    raise Refused(f"Файл «.{kind[:20]}» не делается. Есть: .json, .csv, .xlsx, .pdf.")


def render_book(reports) -> bytes:
    """One Excel book of several computed reports of one period and owner, in the order given."""
    from reports.renderers import as_xlsx

    return as_xlsx.render_book(reports)


def stem(report) -> str:
    """Neutral name of the report's files without ending: form, period, organisation's id, revision."""
    period = report.period.lower().replace("..", "-")
    scope = f"org{report.organisation_id}" if report.organisation_id else "region"
    return f"otchet-{report.form}-{period}-{scope}-r{report.revision}"


def write_whole(path: Path, content: bytes):
    """Write a file so that its name never shows half of it: a temporary neighbour, then a rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o640)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
