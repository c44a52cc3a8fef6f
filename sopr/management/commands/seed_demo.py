"""`manage.py seed_demo`: a believable region with eight quarters of casework, for showing and trying out."""

import time

from django.core.management.base import BaseCommand, CommandError

from families.models import Family
from sopr.accounts.models import Organisation, User
from sopr.demo import logins, story
from sopr.demo.region import MINISTRY_CODE

FAMILIES = 300


class Command(BaseCommand):
    help = "Fills an empty database with a demo region; does nothing when it is there already."

    def add_arguments(self, parser):
        parser.add_argument("--families", type=int, default=FAMILIES, help=f"how many families, {FAMILIES} by default")

    def handle(self, *, families, **options):
        if Organisation.objects.filter(code=MINISTRY_CODE).exists():
            self.stdout.write(f"Демонстрационный регион уже заполнен, данные не изменены. Вход:\n\n{logins.table()}\n")
            return
        if any(model.objects.exists() for model in (User, Organisation, Family)):
            raise CommandError(
                "В базе уже есть данные, и это не демонстрационный регион. Заполнение отменено. "
                "Для показа укажите пустую базу: другой SOPR_VAR или DATABASE_URL."
            )
        began = time.perf_counter()
        story.tell(families)
        self.stdout.write(f"Регион заполнен за {time.perf_counter() - began:.0f} с. Вход:\n\n{logins.table()}\n")
