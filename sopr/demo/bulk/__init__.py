"""A region of any size put straight into the tables, batch by batch: for measuring, where no life is told.

The demo (sopr.demo.story) goes through the verbs and takes hours for a hundred thousand families. Here the rows are
written as the verbs would have left them: derived keys filled by the models themselves, dates in order, one keeper for
each card. The same seed gives the same region. Memory holds one batch and the staff.
"""

import random
from collections.abc import Callable

from django.db import connection, transaction

from families.quality import kept
from sopr.demo.bulk.batch import Batch
from sopr.demo.bulk.bodies import LARGEST_SHARE, Bodies
from sopr.demo.bulk.households import Households
from sopr.demo.bulk.tables import Counters

__all__ = ["BATCH", "LARGEST_SHARE", "generate"]

BATCH = 1000  # families


def generate(
    families: int,
    organisations: int = 60,
    seed: int = 1,
    largest: float = LARGEST_SHARE,
    told: Callable[[int], None] = lambda done: None,
) -> Bodies:
    """Write `families` families with 2.3 people each, their papers and casework; returns the Bodies that serve them.

    `largest` is the share of the first organisation; `told` is called with the number of families written so far. The
    tables of families must be empty.
    """
    rng = random.Random(seed)
    bodies = Bodies(rng, organisations, families, largest)
    counters, households = Counters(), Households(rng)
    for start in range(0, families, BATCH):
        with transaction.atomic():
            Batch(rng, bodies, counters, households).write(min(BATCH, families - start))
            counters.save()
        told(min(start + BATCH, families))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # the planner reads what it is to plan for
    kept.keep_up()  # as the worker would have left it
    return bodies
