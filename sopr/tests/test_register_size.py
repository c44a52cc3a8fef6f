"""A register ten times as large asks the database as many questions, and none that reads a large table through."""

import os

import pytest
from django.db import connection

from sopr.tests.register import Walk, walked

pytestmark = pytest.mark.django_db  # else no test database is made ready
# (families, organisations). A test has to end: of a whole region it is asked by hand, REGISTER_SIZES=400,100000.
SMALL, LARGE = zip(map(int, os.environ.get("REGISTER_SIZES", "400,4000").split(",")), (3, 60), strict=True)

# (beginning of the page's name, table): why the whole of it is read.
WHOLE = {
    ("audit:record-list", "audit_auditrecord"): "the officer's journal is everybody's: its heading counts the lines",
    ("home audit:record-list", "audit_auditrecord"): "the same page",
    ("home reports:region", "cases_case"): "the ministry's page counts the whole region",
    ("home reports:region", "cases_levelperiod"): "the same",
}


def is_whole(page, table):
    return any(page.startswith(beginning) and table == known for beginning, known in WHOLE)


@pytest.fixture(scope="module")
def walks(django_db_setup, django_db_blocker):
    """What pages ask of the small register and of the large one; then how the large one answers a usual organisation."""
    makes = [lambda bodies: Walk(bodies, bodies.centres[0])]
    if connection.vendor == "postgresql":
        makes.append(lambda bodies: Walk(bodies, bodies.centres[_second(bodies)], explain=True))
    with django_db_blocker.unblock():
        (small,) = walked(*SMALL, makes[0])
        return [small.seen, *(walk.seen for walk in walked(*LARGE, *makes))]


def _second(bodies):
    """The largest organisation but one: of an average size, yet with a case of every stage."""
    return bodies.shares.index(max(bodies.shares[1:]))


def test_a_page_asks_as_many_questions_of_a_large_register_as_of_a_small_one(walks):
    small, large = walks[:2]
    assert not set(small) ^ set(large), sorted(set(small) ^ set(large))
    assert len(small) > 100
    # Where the small one happens to have nothing to show it asks less: that is no measure. Growth only ever asks more.
    more = {
        page: (len(small[page].statements), len(large[page].statements))
        for page in small
        if (small[page].rows or not large[page].rows) and len(small[page].statements) < len(large[page].statements)
    }
    assert not more, more


@pytest.mark.skipif(connection.vendor != "postgresql", reason="plans are those of PostgreSQL")
def test_no_page_reads_a_large_table_through(walks):
    scans = [
        f"{page} reads {table}: {statement[:3000]}"
        for page, looked in walks[2].items()
        for table, statement in looked.scans.items()
        if not is_whole(page, table)
    ]
    assert not scans, "\n\n".join(scans)
