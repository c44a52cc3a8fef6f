"""manage.py bench_reports: the report engine on generated regions of several sizes, against SQL written by hand.

Each size is generated in a database of its own beside the one of DATABASE_URL, and dropped. The forms are those of the
catalogue, whatever it holds; a source without SQL by hand is timed alone.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from cases.models import Activity, Case
from reports import engine, files, forms, packing, periods, together
from reports.compute import compute
from reports.indicators.sources import CATEGORIES
from reports.models import Packet, Report
from reports.models.report import checksum_of
from sopr.accounts.models import Organisation, OrganisationKind, Unit
from sopr.demo import bulk
from sopr.management.commands.bench_families import database_of_its_own

SIZES = "10000,100000"
PER_FAMILY = 20  # activities
NGOS = 20
SEED = 1
# What one would write by hand for each source: a quarter by organisation and for the region, in one statement with the
# very meaning of the measures. Its columns by measure: an organisation's, then the region's («-» = not asked of it).
_NUMBER = f"ARRAY_POSITION(ARRAY[{', '.join(repr(str(each)) for each in CATEGORIES)}], primary_category::text)"
_PICKED = ("on_support", "accepted", "accepted_regional", "removed", "removed_regional", "overcame", "served")
_COUNTED = ", ".join(
    f"COUNT({name}), "
    + ", ".join(f"COUNT(*) FILTER (WHERE {name} %% 100 = {n})" for n in range(1, len(CATEGORIES) + 1))
    for name in _PICKED
)
_COVERED = """COUNT(DISTINCT m.person_id) FILTER (WHERE k.{0} BETWEEN %(since)s AND %(until)s {1}
                AND (m.since IS NULL OR m.since <= k.{0}) AND (m.until IS NULL OR m.until >= k.{0}))"""
_HELP = """
            SELECT q.organisation_id, q.family_id, s.given_on AS since, s.given_on AS until
            FROM cases_dispatchservice s JOIN cases_dispatchrequest q ON q.id = s.request_id
            WHERE s.state = 'given' AND s.given_on BETWEEN %(since)s AND %(until)s
            UNION ALL
            SELECT organisation_id, family_id, accepted_on, closed_on FROM cases_case
            WHERE accepted_on <= %(until)s AND (closed_on IS NULL OR closed_on >= %(since)s)"""
_OFF_PATRONAGE = "e.kind = 'patronage' AND e.removed_on BETWEEN %(since)s AND %(until)s"
BY_HAND = {
    "cases": (
        ("on_support", "accepted", "-", "removed", "-", "overcame", "served"),
        ("on_support", "-", "accepted", "-", "removed", "overcame", "served"),
        len(CATEGORIES) + 1,
        f"""
        WITH k AS (
            SELECT organisation_id, family_id, accepted_on, closed_on, outcome, transferred_from_id, closure_reason,
                ROW_NUMBER() OVER (PARTITION BY family_id ORDER BY accepted_on, number_key COLLATE "C", id) * 100
                    + {_NUMBER} AS a,
                ROW_NUMBER() OVER (PARTITION BY family_id ORDER BY closed_on, number_key COLLATE "C", id) * 100
                    + {_NUMBER} AS z
            FROM cases_case WHERE accepted_on <= %(until)s AND (closed_on IS NULL OR closed_on >= %(since)s)
        ), families AS (
            SELECT organisation_id,
                MAX(a) FILTER (WHERE closed_on IS NULL OR closed_on > %(until)s) AS on_support,
                MAX(a) FILTER (WHERE accepted_on >= %(since)s) AS accepted,
                MAX(a) FILTER (WHERE accepted_on >= %(since)s AND transferred_from_id IS NULL) AS accepted_regional,
                MAX(z) FILTER (WHERE closed_on <= %(until)s) AS removed,
                MAX(z) FILTER (WHERE closed_on <= %(until)s AND closure_reason <> 'transferred') AS removed_regional,
                MAX(z) FILTER (WHERE closed_on <= %(until)s AND outcome = 'overcame') AS overcame,
                MAX(a) AS served
            FROM k GROUP BY GROUPING SETS ((organisation_id, family_id), (family_id))
        )
        SELECT organisation_id, {_COUNTED} FROM families GROUP BY organisation_id""",  # noqa: S608 — our own constants
    ),
    "case_people": (
        ("people_accepted", "-", "people_removed", "-"),
        ("-", "people_accepted", "-", "people_removed"),
        1,
        f"""
        SELECT k.organisation_id, {_COVERED.format("accepted_on", "")},
            {_COVERED.format("accepted_on", "AND k.transferred_from_id IS NULL")},
            {_COVERED.format("closed_on", "")}, {_COVERED.format("closed_on", "AND k.closure_reason <> 'transferred'")}
        FROM cases_casemember m JOIN cases_case k ON k.id = m.case_id
        WHERE k.accepted_on <= %(until)s AND (k.closed_on IS NULL OR k.closed_on >= %(since)s)
        GROUP BY GROUPING SETS ((k.organisation_id), ())""",  # noqa: S608 — our own constants
    ),
    "agencies": (
        ("ngos", "other_agencies"),
        ("ngos", "other_agencies"),
        1,
        """
        SELECT k.organisation_id, COUNT(DISTINCT a.agency_id) FILTER (WHERE o.kind = 'ngo'),
            COUNT(DISTINCT a.agency_id) FILTER (WHERE o.kind NOT IN ('social', 'ngo', 'ministry'))
        FROM cases_activity a
        JOIN accounts_organisation o ON o.id = a.agency_id
        JOIN cases_case k ON k.id = a.case_id
        WHERE a.state = 'done' AND a.done_on BETWEEN %(since)s AND %(until)s
        GROUP BY GROUPING SETS ((k.organisation_id), ())""",
    ),
    "help": (
        ("helped",),
        ("helped",),
        1,
        f"""
        SELECT organisation_id, COUNT(DISTINCT family_id) FROM ({_HELP}) h
        GROUP BY GROUPING SETS ((organisation_id), ())""",  # noqa: S608 — our own constants
    ),
    "help_children": (
        ("helped_children",),
        ("helped_children",),
        1,
        f"""
        SELECT h.organisation_id, COUNT(DISTINCT m.person_id)
        FROM ({_HELP}) h
        JOIN families_familymembership m ON m.family_id = h.family_id AND m.relation = 'child'
            AND (m.since IS NULL OR (m.since <= %(until)s AND (h.until IS NULL OR m.since <= h.until)))
            AND (m.until IS NULL OR (m.until >= %(since)s AND m.until >= h.since))
        JOIN families_person p ON p.id = m.person_id
        WHERE p.birth_on IS NULL
            OR p.birth_on > (GREATEST(m.since, h.since, %(since)s) - INTERVAL '18 years')
        GROUP BY GROUPING SETS ((h.organisation_id), ())""",  # noqa: S608 — our own constants
    ),
    "registers": (
        ("in_sop", "patronage_removed", "patronage_positive"),
        ("in_sop", "patronage_removed", "patronage_positive"),
        1,
        f"""
        SELECT h.organisation_id,
            COUNT(DISTINCT e.family_id) FILTER (
                WHERE e.kind = 'sop' AND (e.removed_on IS NULL OR e.removed_on > %(until)s)
            ),
            COUNT(DISTINCT e.family_id) FILTER (WHERE {_OFF_PATRONAGE}),
            COUNT(DISTINCT e.family_id) FILTER (WHERE {_OFF_PATRONAGE} AND e.positive_rehabilitation)
        FROM families_registerentry e LEFT JOIN families_family_holders h ON h.family_id = e.family_id
        WHERE e.placed_on <= %(until)s AND (e.removed_on IS NULL OR e.removed_on >= %(since)s)
        GROUP BY GROUPING SETS ((h.organisation_id), ())
        HAVING GROUPING(h.organisation_id) = 1 OR h.organisation_id IS NOT NULL""",  # noqa: S608 — our own constants
    ),
    "specialists": (
        ("specialists",),
        ("specialists",),
        1,
        """
        SELECT organisation_id, COUNT(DISTINCT user_id) FROM accounts_staffrecord
        WHERE role = 'curator' AND since <= %(until)s AND (until IS NULL OR until >= %(until)s)
        GROUP BY GROUPING SETS ((organisation_id), ())""",
    ),
}


class Command(BaseCommand):
    help = "Time the report engine on generated regions; their databases are dropped at the end."

    def add_arguments(self, parser):
        parser.add_argument("--sizes", default=SIZES, help=f"families of each region, {SIZES} by default")
        parser.add_argument("--activities", type=int, default=PER_FAMILY, help="for each family")
        parser.add_argument("--here", action="store_true", help="measure the region of DATABASE_URL as it is")
        parser.add_argument("--packet", nargs=2, metavar=("FORM", "PERIOD"), help="only make this packet, here")

    def handle(self, *, sizes, activities, here, packet, **options):
        if packet:
            make_packet(forms.find(packet[0]), periods.parse(packet[1]))
            return
        if here:
            self.measure()
            return
        try:
            sizes = [int(size) for size in sizes.split(",")]
        except ValueError:
            raise CommandError("Размеры — целые числа через запятую, например --sizes 10000,100000.") from None
        if min(sizes) < 100 or activities < 1:
            raise CommandError("Регион — от 100 семей, мероприятий — хотя бы одно на семью.")
        seconds = {}
        for size in sizes:
            with database_of_its_own():
                self.timed(f"generate {size:,} families", lambda size=size: bulk.generate(size, seed=SEED))
                add_services()
                made = self.timed("generate their activities", lambda size=size: add_activities(size * activities))
                self.stdout.write(f"           {Case.objects.count():,} cases, {made:,} activities")
                seconds[size] = self.measure()
        for code, last in seconds[sizes[-1]].items():
            grown = last / seconds[sizes[0]][code]
            self.stdout.write(f"{grown:8.1f} ×  {code}: the time of {sizes[-1]:,} families against {sizes[0]:,}")

    def measure(self) -> dict[str, float]:
        """Print what everything takes; {form: seconds of its consolidated report}."""
        quarter = periods.containing(timezone.localdate(), "quarter").previous()
        if connection.vendor == "postgresql":
            self.against_hand(quarter)
        taken = {}
        for form in forms.CATALOGUE.values():
            period = (
                quarter if "quarter" in form.periodicity else periods.containing(quarter.until, form.periodicity[0])
            )
            columns = form.columns(period)
            title = f"{form.code} {period}"
            self.timed(
                f"{title}: count {len(form.measures)} measures × {len(columns)} columns",
                lambda form=form, columns=columns: engine.count(form.measures, columns),
            )
            began = time.perf_counter()
            snapshot, _lists = self.timed(
                f"{title}: consolidated report with lists, checks and organisations",
                lambda form=form, period=period: compute(form, period),
            )
            taken[form.code] = time.perf_counter() - began
            self.stdout.write(f"{peak_of_report(form, period):8.0f} MB peak of a process that makes it, to JSON")
        self.stdout.write(f"{sum(taken.values()):8.2f} s  consolidated reports of all {len(forms.CATALOGUE)} forms")
        reports = together.open_all(form, period)
        self.timed(
            f"{title}: the packet's {len(reports)} reports in one pass, stored",
            lambda: together.refresh(form, period, reports),
        )
        report = Report(form=form.code, period=period.text, since=period.since, until=period.until)
        report.snapshot, report.checksum = snapshot, checksum_of(snapshot)
        for kind in files.CONTENT_TYPES:
            self.timed(f"write {kind}", lambda kind=kind: files.render(report, kind))
        began = time.perf_counter()
        peak = peak_of("bench_reports", "--packet", form.code, period.text)
        self.stdout.write(
            f"{time.perf_counter() - began:8.2f} s  {title}: its packet with all files; {peak:.0f} MB at the peak"
        )
        return taken

    def against_hand(self, quarter):
        """The engine's statement of each source against one by hand for the same counts; both must say the same."""
        known = {measure.name: measure for form in forms.CATALOGUE.values() for measure in form.measures}
        column, both = forms.Column.of(quarter), []
        for source, (own, of_region, width, sql) in BY_HAND.items():
            names = set(own) - {"-"}
            if not names <= set(known):
                self.stdout.write(f"           {source}: not all of its measures are in a form")
                continue
            ours, figures = best_of(lambda names=names: engine.count([known[name] for name in names], [column]))
            hand, rows = best_of(lambda sql=sql: fetch(sql, quarter))
            for scope, *numbers in rows:
                for name, number in zip(own if scope else of_region, numbers[::width], strict=True):
                    if name != "-":
                        counted = figures.count(scope, column.code, known[name])
                        if counted != number:
                            raise CommandError(f"{name} of {scope}: the engine counts {counted}, by hand {number}.")
            self.stdout.write(f"{ours:8.3f} s  {source}: the engine; {hand:.3f} s by hand, {ours / hand:.2f} ×")
            both.append((ours, hand))
        ours, hand = map(sum, zip(*both, strict=True))
        self.stdout.write(f"{ours:8.3f} s  all these: the engine; {hand:.3f} s by hand, {ours / hand:.2f} ×")
        others = [known[name] for name in known if known[name].source.name not in BY_HAND]
        rest, _figures = best_of(lambda: engine.count(others, [column]))
        self.stdout.write(f"{rest:8.3f} s  the engine's other {len({each.source.name for each in others})} sources")

    def timed(self, title, work):
        start = time.perf_counter()
        result = work()
        self.stdout.write(f"{time.perf_counter() - start:8.2f} s  {title}")
        return result


def best_of(work, times=5):
    """(seconds of the quickest of several goes, what it gave)."""
    found = []
    for _go in range(times):
        start = time.perf_counter()
        result = work()
        found.append(time.perf_counter() - start)
    return min(found), result


def fetch(sql, period):
    with connection.cursor() as cursor:
        cursor.execute(sql, {"since": period.since, "until": period.until})
        return cursor.fetchall()


def peak_of_report(form, period) -> float:
    """The most memory, in MB, that a process of its own takes to make the report."""
    with tempfile.TemporaryDirectory() as folder:
        return peak_of("build_report", form.code, period.text, "--out", str(Path(folder) / "report.json"))


def peak_of(*command) -> float:
    """The most memory, in MB, of `manage.py command` in a process of its own."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{values['NAME']}"
    else:
        login = values["USER"] + (f":{values['PASSWORD']}" if values["PASSWORD"] else "")
        url = f"postgres://{login}@{values['HOST'] or '127.0.0.1'}:{values['PORT'] or 5432}/{values['NAME']}"
    process = subprocess.Popen(  # noqa: S603 — our own command
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
    )
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise CommandError(f"{' '.join(command)} did not end well.")
    return used.ru_maxrss / 1024


def make_packet(form, period):
    """A packet of all organisations from its figures to its archive, as one worker makes it alone."""
    packet = Packet.ask(form, period, by=None)
    packing.work(packet.pk)
    for part in packet.parts.all():
        packing.work_part(part.pk)
    packing.work(packet.pk)
    packet.refresh_from_db()
    if not packet.has_file:
        raise CommandError(f"The packet did not end well: {packet.error}")


def add_services():
    """Every organisation that has cases owes reports: it has a support service."""
    holders = Organisation.objects.filter(pk__in=Case.objects.values("organisation"))
    since = timezone.localdate().replace(year=2015, month=1, day=1)
    Unit.objects.bulk_create(
        Unit(organisation=each, name="Служба сопровождения", supports_families=True, since=since) for each in holders
    )


def add_activities(number: int) -> int:
    """About `number` activities carried out, spread over the accepted cases, their days and the executors."""
    ngos = [Organisation(code=f"ngo-{n}", name=f"НКО {n}", kind=OrganisationKind.NGO) for n in range(NGOS)]
    Organisation.objects.bulk_create(ngos)
    accepted = Case.objects.filter(accepted_on__isnull=False).count()
    each = max(number // accepted, 1)
    today = connection.ops.adapt_datefield_value(timezone.localdate())
    on_postgresql = connection.vendor == "postgresql"
    day = "k.accepted_on + n.i" if on_postgresql else "date(k.accepted_on, '+' || n.i || ' days')"
    blank, values = Activity(), {}
    for field in Activity._meta.concrete_fields:
        if not field.primary_key:
            values[field.column] = (field.get_db_prep_save(getattr(blank, field.attname), connection), "%s")
    values |= {name: (None, sql) for name, sql in {"case_id": "k.id", "due_on": day, "done_on": day}.items()}
    values["agency_id"] = (None, "e.id")
    values |= {"state": ("done", "%s"), "kind": ("medical", "%s"), "title": ("Консультация", "%s")}
    columns = ", ".join(f'"{name}"' for name in values)
    chosen = ", ".join(sql for _value, sql in values.values())
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < %s),
            e(nr, id) AS (SELECT ROW_NUMBER() OVER (ORDER BY id) - 1, id FROM accounts_organisation
                          WHERE kind IN ('ngo', 'health'))
            INSERT INTO cases_activity ({columns})
            SELECT {chosen} FROM cases_case k CROSS JOIN n
            JOIN e ON e.nr = (k.id + n.i) %% (SELECT COUNT(*) FROM e)
            WHERE k.accepted_on IS NOT NULL AND {day} <= %s""",  # noqa: S608 — our own names
            [each, *(value for value, sql in values.values() if sql == "%s"), today],
        )
        made = cursor.rowcount
        cursor.execute("ANALYZE")
    return made
