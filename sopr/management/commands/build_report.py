"""manage.py build_report FORM PERIOD [--organisation CODE] --out FILE: a report in the foreground (exchange.md)."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from reports import files, forms, periods
from reports.compute import compute
from reports.models import Report
from reports.models.report import checksum_of
from sopr.accounts.models import Organisation
from sopr.errors import Refused


class Command(BaseCommand):
    help = "Compute a report and write it to a file; without --organisation for the region. Stores nothing."

    def add_arguments(self, parser):
        parser.add_argument("form", help=f"one of: {', '.join(forms.CATALOGUE)}, or own-N")
        parser.add_argument("period", help="2021Q4, 2021, 2016..2017, 2021-12 or 2021-12-20..2021-12-26")
        parser.add_argument("--organisation", metavar="CODE", help="code of one organisation; default: the region")
        parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="ends in .json, .csv, .xlsx, .pdf")

    def handle(self, *, form, period, organisation, out, **options):
        try:
            report = self.build(form, period, organisation, out)
        except Refused as refused:
            raise CommandError(refused.message) from None
        except OSError as error:
            raise CommandError(f"Файл {out} записать нельзя: {error.strerror}.") from None
        self.stdout.write(f"{report.span.title}: {out}")

    def build(self, form_code, period_text, organisation_code, out) -> Report:
        """An unsaved report with its snapshot, written to `out`; raises Refused on anything misnamed."""
        kind = out.suffix.removeprefix(".").lower()
        if kind not in files.CONTENT_TYPES:
            raise Refused(f"Файл «{out.name}»: окончание должно быть .json, .csv, .xlsx или .pdf.")
        if not out.absolute().parent.is_dir():
            raise Refused(f"Папки {out.absolute().parent} нет. Создайте её или укажите другую.")
        period = periods.parse(period_text)
        form = forms.find(form_code, period)
        organisation = self.find_organisation(organisation_code)
        report = Report(
            form=form.code,
            own_version_id=form.own,
            period=period.text,
            since=period.since,
            until=period.until,
            organisation=organisation,
        )
        report.snapshot, _counted = compute(form, period, organisation)
        report.checksum = checksum_of(report.snapshot)
        files.write_whole(out, files.render(report, kind))
        return report

    def find_organisation(self, code):
        """The organisation of this code; None for the region; raises Refused when there is none."""
        if code is None:
            return None
        found = Organisation.objects.filter(code=code).first()
        if found is None:
            raise Refused(f"Организации с кодом «{code[:60]}» нет. Коды — в списке организаций.")
        return found
