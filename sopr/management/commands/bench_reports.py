"""manage.py bench_reports: times of the report engine on generated casework (make bench). Only on an empty database."""

import datetime
import time

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from cases.models import Case
from cases.words import Outcome, Stage
from families.categories import Category
from families.models import Family
from families.names import number_key
from reports import engine, files, forms, periods
from reports.compute import compute
from reports.models import Report
from reports.models.report import checksum_of
from sopr.accounts.models import Municipality, Organisation, OrganisationKind

FIRST_DAY = datetime.date(2022, 1, 1)
DAYS = 4 * 365
BATCH = 5000


class Undo(Exception):
    """Takes the generated rows back."""


class Command(BaseCommand):
    help = "Time the report engine on generated casework; the rows are taken back at the end."

    def add_arguments(self, parser):
        parser.add_argument("--cases", type=int, default=150_000)
        parser.add_argument("--families", type=int, default=100_000)
        parser.add_argument("--organisations", type=int, default=60)

    def handle(self, *, cases, families, organisations, **options):
        if Case.objects.exists():
            raise CommandError("Здесь уже есть случаи. Замеры делаются на пустой базе: SOPR_VAR=var/bench.")
        if min(cases, families, organisations) < 1 or families > cases:
            raise CommandError("Числа должны быть больше нуля, семей — не больше, чем случаев.")
        try:
            with transaction.atomic():
                self.timed(
                    f"generate {cases:,} cases of {families:,} families in {organisations} organisations ",
                    lambda: generate(cases, families, organisations),
                )
                with connection.cursor() as cursor:
                    cursor.execute("ANALYZE")
                self.measure()
                raise Undo
        except Undo:
            self.stdout.write("The generated rows are taken back.")

    def measure(self):
        quarter, years = periods.parse("2025Q2"), periods.parse("2023..2024")
        for form in forms.CATALOGUE.values():
            for period in (quarter, years):
                columns = form.columns(period)
                self.timed(
                    f"count {form.code} {period}: {len(form.measures)} measures × {len(columns)} columns",
                    lambda form=form, columns=columns: engine.count(form.measures, columns),
                )
                snapshot, _lists = self.timed(
                    f"compute {form.code} {period} with lists and checks",
                    lambda form=form, period=period: compute(form, period),
                )
        report = Report(form=form.code, period=years.text, since=years.since, until=years.until)
        report.snapshot, report.checksum = snapshot, checksum_of(snapshot)
        for kind in ("json", "xlsx", "pdf"):
            self.timed(f"write {kind}", lambda kind=kind: files.render(report, kind))

    def timed(self, title, work):
        start = time.perf_counter()
        result = work()
        self.stdout.write(f"{time.perf_counter() - start:8.2f} s  {title}")
        return result


def generate(cases: int, families: int, organisations: int):
    """Cases spread evenly over families, organisations, categories, outcomes and four years of days."""
    municipality = Municipality.objects.create(code="bench", name="Район")
    centres = Organisation.objects.bulk_create(
        Organisation(code=f"bench-{n}", name=f"Центр {n}", kind=OrganisationKind.SOCIAL, municipality=municipality)
        for n in range(organisations)
    )
    holders = []
    for start in range(0, families, BATCH):
        holders += Family.objects.bulk_create(
            Family(number=str(n), number_key=number_key(str(n)), surname="Ивановы", municipality=municipality)
            for n in range(start, min(start + BATCH, families))
        )
    for start in range(0, cases, BATCH):
        Case.objects.bulk_create(
            a_case(n, holders[n % families], centres[n * 31 % organisations], may_be_open=n < families)
            for n in range(start, min(start + BATCH, cases))
        )


def a_case(number, family, centre, may_be_open) -> Case:
    """The case of this number; every third of the first round is still open."""
    accepted_on = FIRST_DAY + datetime.timedelta(days=number * 7919 % DAYS)
    is_open = may_be_open and number % 3 == 0
    closed_on = None if is_open else accepted_on + datetime.timedelta(days=number * 104_729 % 500)
    return Case(
        number=f"B{number}",
        number_key=number_key(f"B{number}"),
        family=family,
        organisation=centre,
        stage=Stage.ACTIVE if is_open else Stage.CLOSED,
        primary_category=Category.values[number * 13 % len(Category.values)],
        opened_on=accepted_on,
        accepted_on=accepted_on,
        closed_on=closed_on,
        outcome="" if is_open else Outcome.values[number % len(Outcome.values)],
        imported=True,
    )
