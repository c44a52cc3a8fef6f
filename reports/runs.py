"""One run of the report task: the figures of one report, then its files."""

from django.conf import settings

from reports import files
from reports.compute import compute
from reports.jobs import carry_out
from reports.models import ReportRun

STORED, COUNTED = 50, 55  # percent of the work done before the figures are stored, and before the first file
STEPS = {"xlsx": "Собираем книгу Excel", "pdf": "Печатаем PDF", "json": "Записываем JSON", "csv": "Записываем CSV"}


def work(run_id: int) -> bool:
    """Do a waiting run; True when this call finished it."""
    return carry_out(ReportRun, run_id, _build)


def _build(run):
    report = run.report
    # A run retaken after its figures were stored goes on with them: one run, one snapshot.
    if report.computed_by_run != run.pk:
        snapshot, counted = compute(report.definition, report.span, report.organisation, run.progress)
        run.progress("Сохраняем показатели", STORED)
        report.store(snapshot, counted, run=run)
    written = write_files(run, report, COUNTED)
    run.finish(files=written, stamp=report.stamp)
    for older in ReportRun.objects.filter(report=report, pk__lt=run.pk).exclude(files={}):
        older.drop_files()  # they show figures that are no longer the report's


def write_files(job, report, percent: int) -> dict[str, str]:
    """Write a report's file of every kind there is into the job's folder; {kind: path below SOPR_VAR}.

    `percent` is the job's before the first file. The PDF takes longest and comes last. Raises Lost between two files
    when the job is another's by now, before anything more is written.
    """
    stem = files.stem(report)
    for leftover in job.folder.glob(f".{stem}.*.part"):
        leftover.unlink(missing_ok=True)  # of a killed worker
    kinds = sorted(files.CONTENT_TYPES, key=lambda kind: kind == "pdf")
    written = {}
    for number, kind in enumerate(kinds):
        job.progress(STEPS.get(kind, f"Записываем {kind.upper()}"), percent + 5 * number)
        content = _ready(report, kind) or files.render(report, kind, by=job.asked_by)
        job.beat()
        path = job.folder / f"{stem}.{kind}"
        files.write_whole(path, content)
        written[kind] = str(path.relative_to(settings.SOPR_VAR))
    return written


def _ready(report, kind) -> bytes | None:
    """What an earlier run wrote, when it shows the same figures in the same state."""
    file = ReportRun.ready(report, kind)
    if file is None:
        return None
    with file:
        return file.read()
