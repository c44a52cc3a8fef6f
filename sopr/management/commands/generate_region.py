"""manage.py generate_region: a register of any size in an empty database, for measuring and for trying out lists."""

import time

from django.core.management.base import BaseCommand, CommandError

from families.models import Family
from sopr.accounts.models import Organisation, User
from sopr.demo import bulk
from sopr.demo.region import PASSWORD


class Command(BaseCommand):
    help = "Fills an empty database with a register of invented families, 100 000 by default, straight into the tables."

    def add_arguments(self, parser):
        parser.add_argument("--families", type=int, default=100_000, help="how many families, with 2.3 people each")
        parser.add_argument("--organisations", type=int, default=60, help="how many serve them; the first, a fifth")
        parser.add_argument("--seed", type=int, default=1, help="the same number gives the same region")

    def handle(self, *, families, organisations, seed, **options):
        if families < 1 or organisations < 1:
            raise CommandError("Числа семей и организаций должны быть больше нуля.")
        if any(model.objects.exists() for model in (User, Organisation, Family)):
            raise CommandError(
                "В базе уже есть данные, реестр не создан. Укажите пустую базу: другой SOPR_VAR или DATABASE_URL."
            )
        began = time.perf_counter()
        bulk.generate(families, organisations, seed, told=self.tell if options["verbosity"] else lambda done: None)
        self.stdout.write(
            f"Готово за {time.perf_counter() - began:.0f} с. Вход: head и curator (самая большая организация), "
            f"ministry, officer, administrator; пароль {PASSWORD}"
        )

    def tell(self, done):
        if done % 10_000 == 0:
            self.stdout.write(f"{done:,} семей".replace(",", " "))
