"""`manage.py write_docs`: write the part of docs/indicators.md that the catalogue of report forms says itself."""

from django.conf import settings
from django.core.management.base import BaseCommand

from reports import catalogue

FILE = settings.BASE_DIR / "docs" / "indicators.md"


class Command(BaseCommand):
    help = "Write every indicator of every report form into docs/indicators.md, below its introduction"

    def handle(self, *args, **options):
        FILE.write_text(catalogue.with_forms(FILE.read_text(encoding="utf-8")), encoding="utf-8")
        self.stdout.write(f"{FILE.relative_to(settings.BASE_DIR)} written")
