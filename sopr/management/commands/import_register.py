"""`manage.py import_register FILE.xlsx [--check]`: a region's register from one workbook (exchange.md)."""

import sys

from django.core.management.base import BaseCommand, CommandError

from sopr.errors import Refused
from sopr.exchange.importer import import_register
from sopr.exchange.workbook import NotAWorkbook


class Command(BaseCommand):
    help = "Bring a register in from an Excel workbook: checks every row, then saves all or nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", help="the workbook, .xlsx")
        parser.add_argument("--holder", metavar="CODE", help="organisation that holds families without a case")
        parser.add_argument("--check", action="store_true", help="check only, save nothing")

    def handle(self, *, file, check, holder, **options):
        try:
            summary = import_register(file, check_only=check, holder=holder, progress=self.show_progress)
        except (NotAWorkbook, Refused) as refusal:
            raise CommandError(str(refusal)) from None
        finally:
            self.end_progress()
        if summary.errors:
            self._fail(summary.errors)
        for sheet, rows in summary.rows.items():
            self.stdout.write(f"Лист «{sheet}»: строк {rows}" + self._describe(summary.saved.get(sheet)))
        self.stdout.write("Проверено, ничего не сохранено." if check else "Загрузка завершена.")

    def _fail(self, errors):
        for line in errors.lines:
            self.stderr.write(line)
        if errors.total > len(errors.lines):
            self.stderr.write(f"… и ещё ошибок: {errors.total - len(errors.lines)}")
        raise CommandError("Ничего не сохранено. Исправьте книгу и загрузите её снова.")

    @staticmethod
    def _describe(counts):
        if not counts:
            return ""
        return " (" + ", ".join(f"{word} {number}" for word, number in counts.items() if number) + ")"

    def show_progress(self, step, rows, percent):
        """One changing line on a terminal; nothing when the output goes to a file."""
        if sys.stderr.isatty():
            self.stderr.write(f"\r{percent} % {step}: {rows}\033[K", ending="")

    def end_progress(self):
        if sys.stderr.isatty():
            self.stderr.write("\r\033[K", ending="")
