"""manage.py bench_outputs: time and memory of reports' files against the bare libraries, same content (make bench).

The content is made here, nothing is read from the database: a consolidated report of 60 organisations with a long form.
"""

import datetime
import io
import multiprocessing
import resource
import statistics
import time

import xlsxwriter
from django.core.management.base import BaseCommand
from weasyprint import HTML

from reports import files, forms, periods
from reports.documents import REPORT
from reports.models import Report
from reports.models.report import checksum_of
from reports.renderers.book import base
from sopr.documents.pdf import STATIC, StaticFiles, render_html

REPETITIONS = 15
PERIOD = "2025Q2"


class Command(BaseCommand):
    help = "Time Excel and PDF of a large report against bare XlsxWriter and WeasyPrint; memory of many files."

    def add_arguments(self, parser):
        parser.add_argument("--organisations", type=int, default=60)
        parser.add_argument("--forms", type=int, default=9, help="how many times each organisation's files are written")

    def handle(self, *, organisations, forms, **options):
        report = a_report(organisations)
        self.stdout.write(f"{'':<28} {'наше':>9} {'библиотека':>11} {'отношение':>10}")
        calls = calls_of(report)
        self.compare("Excel, сводный", lambda: files.render(report, "xlsx"), lambda: bare_book(calls))
        single = a_report(0)
        calls_of_one = calls_of(single)
        self.compare("Excel, организация", lambda: files.render(single, "xlsx"), lambda: bare_book(calls_of_one))
        html = render_html(REPORT, report)
        self.compare("PDF, сводный", lambda: our_pdf(report), lambda: bare_pdf(html), repetitions=3)
        self.grow(single, organisations * forms)

    def compare(self, title, ours, bare, repetitions=REPETITIONS):
        """Medians of turns taken one by one, so that a busy machine slows both."""
        spent = [(seconds(ours), seconds(bare)) for _turn in range(repetitions)]
        mine, theirs = (statistics.median(turn[index] for turn in spent) for index in (0, 1))
        self.stdout.write(f"{title:<28} {mine:>7.3f} с {theirs:>9.3f} с {mine / theirs:>9.2f}×")

    def grow(self, report, number):
        """Peak memory after the first tenth of the files and after all of them, each kind in a process of its own."""
        for kind, many in (("xlsx", number), ("csv", number), ("json", number), ("pdf", max(number // 20, 2))):
            queue = multiprocessing.get_context("fork").SimpleQueue()
            process = multiprocessing.get_context("fork").Process(target=write_many, args=(report, kind, many, queue))
            process.start()
            first, last, took = queue.get()
            process.join()
            self.stdout.write(f"{kind}: {many} файлов за {took:.1f} с; память {first:.0f} → {last:.0f} МБ")


def seconds(work) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def write_many(report, kind, number, queue):
    """Write the same kind of file `number` times; put (MB after a tenth, MB after all, seconds) into the queue."""
    start, first = time.perf_counter(), 0
    for index in range(number):
        our_pdf(report) if kind == "pdf" else files.render(report, kind)
        if index == max(number // 10 - 1, 0):
            first = peak()
    queue.put((first, peak(), time.perf_counter() - start))


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def our_pdf(report) -> bytes:
    """The PDF as files.render makes it, without its line in the audit log."""
    return bare_pdf(render_html(REPORT, report))


def bare_pdf(html) -> bytes:
    page = HTML(string=html, base_url=f"{STATIC.as_uri()}/documents/", url_fetcher=StaticFiles())
    return page.write_pdf(pdf_variant="pdf/ua-1")


class Recorded:
    """Stands for an object of XlsxWriter and writes down what is asked of it."""

    def __init__(self, log, number=0):
        self.log, self.number = log, number

    def __getattr__(self, name):
        def call(*args, **kwargs):
            self.log.append((self.number, name, args, kwargs))
            return Recorded(self.log, len(self.log))

        return call


def calls_of(report) -> list:
    """Every call of the library that our book of this report makes: (number of the object, method, arguments)."""
    log, library = [], base.xlsxwriter.Workbook
    base.xlsxwriter.Workbook = lambda target, options: Recorded(log)
    try:
        files.render(report, "xlsx")
    finally:
        base.xlsxwriter.Workbook = library
    return log


def bare_book(calls) -> bytes:
    """The same book by XlsxWriter alone: its calls, one after another."""
    target = io.BytesIO()
    objects = [xlsxwriter.Workbook(target, base.OPTIONS)]
    for number, name, args, kwargs in calls:
        plain = [objects[each.number] if isinstance(each, Recorded) else each for each in args]
        objects.append(getattr(objects[number], name)(*plain, **kwargs))
    return target.getvalue()


def a_report(organisations: int) -> Report:
    """An unsaved report of table VII with plausible figures; of a region when there are organisations."""
    form, period = forms.find("tatarstan-414"), periods.parse(PERIOD)
    columns = [{"code": c.code, "title": c.title, "group": c.group} for c in form.columns(period)]
    rows = [{"code": r.code, "title": r.title, "unit": r.unit, "level": r.level, "bold": r.bold} for r in form.rows]
    parts = [row["code"] for row in rows if row["level"] and row["code"].startswith("1.")]
    cells = []
    for row in rows:
        for column in columns:
            share = row["unit"] == "%"
            number = 100 * len(parts) if row["code"] == "1" else 33 if share else 100
            cells.append(
                {
                    "row": row["code"],
                    "column": column["code"],
                    "kind": "percent" if share else "number",
                    "value": number,
                    "text": str(number),
                    "numerator": 1 if share else None,
                    "denominator": 3 if share else None,
                    "note": "1 из 3" if share else "",
                    "measure": "",
                    "origin": "casework",
                }
            )
    quarters = ["II кв. 2024", "III кв. 2024", "IV кв. 2024", "I кв. 2025", "II кв. 2025"]
    trend = {"measure": "on_support", "stock": True, "labels": quarters, "marks": quarters, "values": [1, 2, 3, 5, 8]}
    snapshot = {
        "form": form.code,
        "period": period.text,
        "scope": "region" if organisations else "C1",
        "title": "Регион",
        "profile": "model",
        "profile_version": "model@2016-01-01",
        "definitions_version": form.version,
        "computed_at": datetime.datetime(2025, 7, 1, tzinfo=datetime.UTC).isoformat(),
        "columns": columns,
        "main_column": columns[0]["code"],
        "rows": rows,
        "cells": cells,
        "sums": {"1": parts},
        "organisations": [
            {
                "id": n,
                "code": f"C{n}",
                "name": f"Центр помощи семье и детям № {n}",
                "values": values_of(rows, columns, n),
            }
            for n in range(organisations)
        ],
        "coverage": {"text": "Регион"},
        "notes": form.notes(period),
        "definitions": [{"row": r["code"], "kind": "число", "counts": r["title"], "n": "100"} for r in rows],
        "trend": [trend | {"title": title} for title in form.trend.values()],
        "balance": {"ok": True, "rows": [{"title": "Всего", "values": [1, 1, 1, 1], "ok": True}], "cases": []},
        "missing": [],
    }
    report = Report(form=form.code, period=period.text, since=period.since, until=period.until)
    report.snapshot, report.checksum = snapshot, checksum_of(snapshot)
    return report


def values_of(rows, columns, seed) -> dict:
    return {row["code"]: [seed * 7 % 100] * len(columns) for row in rows}
