"""manage.py bench_families: times of the search, the lists and the card on registers of several sizes, side by side.

Each size is generated in a database of its own beside the one of DATABASE_URL, and dropped. Pages are asked through
Django's test client by the head of the largest organisation: what is timed is what he waits for, but the network.
"""

import random
import statistics
import time
from contextlib import contextmanager

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sopr.demo import bulk
from sopr.demo.bulk.pages import pages_of

SIZES = "1000,10000,100000"
LARGEST = 0.55  # of the families, so that page 1 000 of fifty is there at 100 000
REPETITIONS = 30
SEED = 1


class Command(BaseCommand):
    help = "Time search, lists and the family card on generated registers; their databases are dropped at the end."

    def add_arguments(self, parser):
        parser.add_argument("--sizes", default=SIZES, help=f"families of each register, {SIZES} by default")
        parser.add_argument("--repetitions", type=int, default=REPETITIONS, help="of each page, with different names")

    def handle(self, *, sizes, repetitions, **options):
        try:
            sizes = [int(size) for size in sizes.split(",")]
        except ValueError:
            raise CommandError("Размеры — целые числа через запятую, например --sizes 1000,10000.") from None
        if min(sizes) < 100 or repetitions < 2:
            raise CommandError("Реестр — от 100 семей, повторений — не меньше двух.")
        settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
        measured = []
        for size in sizes:
            with database_of_its_own():
                began = time.perf_counter()
                bodies = bulk.generate(size, largest=LARGEST, seed=SEED)
                self.stdout.write(f"{time.perf_counter() - began:8.1f} с  создан реестр: {size} семей")
                measured.append(measure(bodies, repetitions))
        self.stdout.write(f"\n{connection.vendor}: мс, медиана / 95 % из {repetitions}; запросов к базе\n")
        for line in table(sizes, measured):
            self.stdout.write(line)


@contextmanager
def database_of_its_own():
    """An empty database with all migrations, beside the configured one; dropped afterwards."""
    configured = connection.settings_dict["NAME"]
    test = connection.settings_dict["TEST"]
    kept, test["NAME"] = test["NAME"], f"{configured}_bench"
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(configured, verbosity=0)
        test["NAME"] = kept


def measure(bodies, repetitions) -> dict[str, tuple[float, float, int]]:
    """{page: (median, 95th percentile in ms, number of queries)}."""
    client = Client()
    client.force_login(bodies.users["head"])
    found = {}
    for page in pages_of(bodies.users["head"], random.Random(SEED), repetitions):  # noqa: S311 — choices to repeat
        with CaptureQueriesContext(connection) as caught:  # also warms up
            page.ask(client, 0)
        queries = len(caught)  # now: the next request empties the log
        times = []
        for number in range(1 if page.once else repetitions):
            began = time.perf_counter()
            page.ask(client, number)
            times.append(1000 * (time.perf_counter() - began))
        found[page.title] = (statistics.median(times), _p95(times), queries)
    return found


def _p95(times) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]


def table(sizes, measured):
    """Lines of equal columns: a page, and for each size what it cost."""
    width = max(len(title) for title in measured[0])
    yield "семей".ljust(width) + "".join(f"{size:>22,}".replace(",", " ") for size in sizes)
    for title in measured[0]:
        cells = [f"{found[title][0]:8.0f} /{found[title][1]:6.0f} {found[title][2]:5}" for found in measured]
        yield title.ljust(width) + "".join(cells)
