"""The register went in and out once: an old journal was brought in, and a head took her register out for a check."""

import tempfile
from pathlib import Path

import xlsxwriter

from sopr.exchange import jobs
from sopr.exchange.models import ExchangeJob
from sopr.exchange.sheets import BY_TITLE

JOURNAL = (
    (None, "2024-02-14", "Родительское собрание: где искать помощь", 46),
    (None, "2024-04-18", "День открытых дверей центра", 31),
    (None, "2024-06-01", "Выезд в сёла ко Дню защиты детей", 58),
)


def exchange_register(scene):
    """An import and an export, done as a worker does them."""
    users = scene.region.users
    job = ExchangeJob.take_in([_journal()], by=users["administrator"])
    jobs.work(job.pk)
    job.refresh_from_db()
    job.confirm()
    jobs.work(job.pk)
    job = ExchangeJob.ask_export(
        by=users["head"], purpose=ExchangeJob.Purpose.CHECK, reason="Сверка реестра с журналом отделения за год"
    )
    jobs.work(job.pk)


def _journal() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.xlsx"
        book = xlsxwriter.Workbook(str(path))
        page = book.add_worksheet("Информирование")
        page.write_row(0, 0, [column.title for column in BY_TITLE["Информирование"].columns])
        for n, row in enumerate(JOURNAL, start=1):
            page.write_row(n, 0, row)
        book.close()
        return path.read_bytes()
