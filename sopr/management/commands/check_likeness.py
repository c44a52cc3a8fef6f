"""manage.py check_likeness: precision and recall of the duplicate check on a labelled set it generates."""

import random
from collections import defaultdict
from dataclasses import dataclass

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from families.finding.likeness import find_like
from families.finding.sameness import Grade
from sopr.accounts.models import User
from sopr.demo import likeness


@dataclass
class Score:
    """What the check answered to the probes of one kind."""

    probes: int = 0
    same: int = 0  # probes of people who stand in the register
    found: int = 0  # of these: the curator was asked about the right family
    wrong: int = 0  # families about which he was asked in vain
    sure: int = 0  # of these: called «почти наверняка»

    @property
    def recall(self) -> float | None:
        return self.found / self.same if self.same else None

    @property
    def precision(self) -> float | None:
        asked = self.found + self.wrong
        return self.found / asked if asked and self.same else None

    def add(self, other):
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


class Command(BaseCommand):
    help = "Print precision and recall of the duplicate check by kinds of likeness; the generated rows are taken back."

    def add_arguments(self, parser):
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--families", type=int, default=2000, help="families in the generated register")
        parser.add_argument("--each", type=int, default=100, help="probes of each kind")

    def handle(self, *, seed, families, each, **options):
        if families < 1 or each < 1:
            raise CommandError("Числа должны быть больше нуля.")
        scores = measure(seed, families, each)
        total = Score()
        self.stdout.write(f"{families} семей, зерно {seed}, {connection.vendor}")
        self.stdout.write(f"{'':32}{'проб':>6}{'полнота':>9}{'точность':>10}{'лишних':>8}{'«наверняка»':>13}")
        for kind, score in scores.items():
            total.add(score)
            self.line(kind, score)
        self.line("всего", total)
        self.stdout.write(
            "«Лишних»: о скольких чужих семьях спросили зря; «наверняка»: сколько из них названы той же семьёй."
        )

    def line(self, title, score):
        recall, precision = (f"{value:.3f}" if value is not None else "—" for value in (score.recall, score.precision))
        self.stdout.write(f"{title:32}{score.probes:>6}{recall:>9}{precision:>10}{score.wrong:>8}{score.sure:>13}")


def measure(seed: int, families: int, each: int) -> dict[str, Score]:
    """Scores by kind. The generated register is taken back; what stood in the database before is not counted."""
    rng = random.Random(seed)  # noqa: S311 — the same set for the same seed
    scores: dict[str, Score] = defaultdict(Score)
    with transaction.atomic():
        holder, entries = likeness.fill_register(rng, families)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE families_person, families_family, families_familymembership")
        ours = {entry.family for entry in entries}
        curator = User(organisation=holder, role="curator", date_joined=timezone.now())
        for probe in likeness.probes(rng, entries, each):
            asked = {
                like.family.pk: like.grade
                for like in find_like(by=curator, people=[probe.typed])
                if like.must_answer and like.family.pk in ours
            }
            score(scores[probe.kind], probe, asked)
        transaction.set_rollback(True)
    return dict(scores)


def score(counts: Score, probe, asked):
    """Count one answer: `asked` are the families the curator must answer about, with their grades."""
    counts.probes += 1
    counts.same += probe.family is not None
    counts.found += probe.family in asked
    wrong = {family: grade for family, grade in asked.items() if family != probe.family}
    counts.wrong += len(wrong)
    counts.sure += sum(grade == Grade.STRONG for grade in wrong.values())
