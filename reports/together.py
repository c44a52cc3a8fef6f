"""All reports of a form and a period at once: one pass of the engine, then a snapshot for each that changed."""

from collections.abc import Callable, Iterable

from reports.compute import Pass, compute, reporting_organisations
from reports.models import Report, ReportList
from reports.models.report import checksum_of
from sopr.errors import Refused


def open_all(form, period) -> list[Report]:
    """The latest revisions of the region's report and of every organisation's that owes or has one.

    What is missing is made as a draft without figures.
    """
    latest = Report.objects.filter(form=form.code, period=period.text).latest()
    latest = latest.select_related("organisation", "own_version")
    found = {report.organisation: report for report in latest}
    owing = reporting_organisations(period.since, period.until)
    return [found.get(each) or Report.open_for(form, period, each) for each in dict.fromkeys([None, *owing, *found])]


def refresh(form, period, reports: Iterable[Report], told: Callable[[int], None] = lambda done: None) -> int:
    """Bring drafts among `reports` (all of this form and period) in line with casework; returns how many changed.

    Signed ones stay as they are; so does a draft whose figures and lists come out the same: its checksum, its files
    and the page somebody has open stay good. `told` is called with the number of reports looked at so far.
    """
    drafts = [report for report in reports if not report.is_frozen]
    if not drafts:
        return 0
    shared, changed = Pass(form, period, for_all=len(drafts) > 1), 0
    for number, report in enumerate(drafts):
        told(number)
        snapshot, counted = compute(form, period, report.organisation, shared=shared)
        if not _is_same(report, snapshot, counted):
            changed += _store(report, snapshot, counted)
    return changed


def _is_same(report, snapshot, counted) -> bool:
    if not report.snapshot or _timeless(report.snapshot) != _timeless(snapshot):
        return False
    stored = ReportList.objects.filter(report=report).values_list("ids", flat=True).first()
    return stored == counted


def _timeless(snapshot) -> str:
    return checksum_of(snapshot | {"computed_at": ""})


def _store(report, snapshot, counted) -> bool:
    try:
        report.store(snapshot, counted)
    except Refused:  # signed meanwhile: it is as its head saw it
        report.refresh_from_db()
        return False
    return True
