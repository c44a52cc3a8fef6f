"""The engine against the oracle: random casework, every measure, every organisation and the region, every column."""

import datetime
from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.words import Outcome
from families.categories import Category
from reports import engine, periods
from reports.forms import CATALOGUE
from reports.indicators.measures import COHORT, MEASURES, ON_SUPPORT, OVERCAME
from reports.indicators.sources import CUTS
from reports.tests.everything import FAMILIES, GROUNDS, LEVELS, ORGANISATIONS, REASONS, make_world, put, put_richly
from reports.tests.generated import a_case, make_families, make_region, many_cases, save_cases
from reports.tests.oracle import Oracle

D = datetime.date
TATARSTAN = CATALOGUE["tatarstan-414"]
# Columns of every kind at once: days alone, years, a range, a quarter, a cumulative period, a leap February, a week.
COLUMNS = [
    column
    for text in ("2016..2017", "2017Q2", "2016-02", "2016-12-26..2017-01-01")
    for column in TATARSTAN.columns(periods.parse(text))
]
BORDERS = sorted({day for column in COLUMNS for day in (column.day, column.since, column.until) if day})
AROUND_BORDERS = [day + datetime.timedelta(days=shift) for day in BORDERS for shift in (-1, 0, 1)]
DAYS = st.sampled_from([*AROUND_BORDERS, D(2015, 6, 1), D(2018, 6, 1)])

a_random_case = st.fixed_dictionaries(
    {
        "family": st.integers(0, FAMILIES - 1),
        "organisation": st.integers(0, ORGANISATIONS - 1),
        "days": st.tuples(DAYS, DAYS),
        "is_open": st.booleans(),
        "outcome": st.sampled_from(Outcome.values),
        "category": st.sampled_from([Category.LARGE, Category.FOSTER, Category.LOW_INCOME, Category.OTHER]),
        "ground": st.sampled_from(GROUNDS),
        "reason": st.sampled_from(REASONS),
        "came": st.booleans(),
        "digits": st.integers(1, 120),
        "accepted": st.sampled_from([True, True, True, False]),
        "levels": st.lists(
            st.tuples(st.sampled_from(LEVELS), st.sampled_from([1, 2, 90, 366]), st.sampled_from([0, 0, 0, 1])),
            max_size=4,
        ),
        "covers": st.lists(st.tuples(st.none() | DAYS, st.none() | DAYS), max_size=3),
    }
)
a_random_record = st.fixed_dictionaries(
    {
        "case": st.integers(0, 50),
        "which": st.integers(0, 2),
        "day": DAYS,
        "later": DAYS,
        "yes": st.booleans(),
        "counts": st.sampled_from([True, True, False]),
        "named": st.booleans(),
    }
)


@pytest.fixture
def region(db):
    return make_world()


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    cases=st.lists(a_random_case, min_size=1, max_size=9),
    records=st.lists(a_random_record, max_size=4),
    by=st.sampled_from(list(CUTS)),
)
def test_the_engine_agrees_with_the_oracle(region, cases, records, by):
    """Every measure, every scope, every column: the number, its parts and the list behind it; and one of the cuts."""
    put(region, cases, records)
    compare(region, Oracle(), by)


def test_every_cut_of_one_rich_world(region):
    """Nothing is left to luck: in this casework every measure counts something and every cut of it has parts."""
    put_richly(region, AROUND_BORDERS)
    oracle, seen = Oracle(), set()
    for by in CUTS:
        seen |= compare(region, oracle, by)
    wanted = {(measure.name, by) for measure in MEASURES.values() for by in ("", *engine.cuts_of(measure))}
    assert wanted - seen == set()


def compare(region, oracle, by) -> set[tuple[str, str]]:
    """Hold the engine against the oracle, whole and cut by `by`; returns (measure, cut) of what counted anything."""
    seen = set()
    cut = [measure for measure in MEASURES.values() if by in engine.cuts_of(measure)]
    figures, cut_figures = engine.count(MEASURES.values(), COLUMNS), engine.count(cut, COLUMNS, by=by)
    for scope in [engine.REGION, *(organisation.pk for organisation in region.organisations)]:
        listed, cut_lists = engine.lists(MEASURES.values(), COLUMNS, scope), engine.lists(cut, COLUMNS, scope, by=by)
        for measure in MEASURES.values():
            for column in COLUMNS:
                rows = oracle.rows(measure.name, scope, column)
                where = f"{measure.name}, {column.code}, {scope or 'region'}"
                expected = oracle.number(measure.name, rows)
                assert figures.count(scope, column.code, measure) == expected, where
                parts = Counter(oracle.category_of(row, column) if measure.by_category else "" for row in rows.values())
                assert lengths(listed, measure, column) == parts, f"list of {where}"
                if measure.by_category:
                    assert figures.parts(scope, column.code, measure) == parts, f"{where}, by category"
                seen |= {(measure.name, "")} if expected else set()
                if measure in cut:
                    parts = Counter(oracle.part(by, row, column) for row in rows.values())
                    assert lengths(cut_lists, measure, column) == parts, f"list of {where}, by {by}"
                    if not measure.weight:
                        assert cut_figures.parts(scope, column.code, measure) == parts, f"{where}, by {by}"
                    assert cut_figures.count(scope, column.code, measure) == expected, f"{where}, by {by}"
                    seen |= {(measure.name, by)} if set(parts) - {None} else set()
    return seen


def lengths(lists, measure, column):
    """{part: how long its list is}."""
    return {part: len(ids) for part, ids in lists.get((measure.name, column.code), {}).items()}


def test_every_border_day(db):
    """One family for each pair of days on, before and after every border of every column: nothing is left to luck."""
    [organisation] = make_region(1)
    days = sorted({day + datetime.timedelta(days=shift) for day in BORDERS for shift in (-1, 0, 1)})
    pairs = [(first, last) for first in days for last in [*days, None] if last is None or first <= last]
    save_cases(
        [
            a_case(family, organisation, first, last, outcome=Outcome.values[n % 4], ground=GROUNDS[n % 2])
            for n, (family, (first, last)) in enumerate(zip(make_families(len(pairs)), pairs, strict=True))
        ]
    )
    oracle = Oracle()
    measures = [measure for measure in MEASURES.values() if measure.source == ON_SUPPORT.source]
    figures = engine.count(measures, COLUMNS)
    for measure in measures:
        for column in COLUMNS:
            for scope in (engine.REGION, organisation.pk):
                expected = len(oracle.rows(measure.name, scope, column))
                assert figures.count(scope, column.code, measure) == expected, f"{measure.name}, {column.code}"


def test_sub_rows_always_add_up_to_their_total(region):
    """A family with two cases of different categories counts once, with the category of the case accepted last."""
    family, other = region.families[:2]
    first, second = region.organisations[:2]
    save_cases(
        [
            a_case(family, first, D(2017, 1, 10), primary_category=Category.LARGE, number="9"),
            a_case(family, second, D(2017, 1, 10), primary_category=Category.FOSTER, number="10"),
            a_case(other, first, D(2016, 1, 10), D(2017, 5, 1), primary_category=Category.OTHER),
            a_case(other, second, D(2016, 1, 10), D(2017, 6, 1), primary_category=Category.FOSTER),
        ]
    )
    column = TATARSTAN.columns(periods.parse("2017"))[1]
    figures = engine.count([ON_SUPPORT, OVERCAME], [column])
    assert figures.count(None, "2017", ON_SUPPORT) == 1
    assert figures.count(None, "2017", ON_SUPPORT, ("foster",)) == 1, "№ 10 is higher than № 9"
    assert figures.count(first.pk, "2017", ON_SUPPORT, ("large",)) == 1
    assert figures.count(None, "2017", OVERCAME) == 1
    assert figures.count(None, "2017", OVERCAME, ("foster",)) == 1, "closed last"


def test_the_region_is_not_the_sum_of_its_organisations(region):
    first, second = region.organisations[:2]
    save_cases([a_case(region.families[0], each, D(2017, 1, 10)) for each in (first, second)])
    figures = engine.count([ON_SUPPORT], COLUMNS)
    assert [figures.count(scope, "2017", ON_SUPPORT) for scope in (first.pk, second.pk, None)] == [1, 1, 1]


@pytest.mark.slow
def test_the_number_of_statements_does_not_depend_on_the_casework(db):
    """20,000 cases, 20 organisations, 12 categories cost the statements of one case: one for each source."""
    [organisation] = make_region(1)
    many_cases(1, [organisation], categories=[Category.LARGE])
    measures = [measure for form in CATALOGUE.values() for measure in form.measures]
    few = statements(measures)
    many_cases(20_000, make_region(20))
    many = statements(measures)
    assert many == few == len({measure.source for measure in measures})
    assert engine.count([ON_SUPPORT, COHORT], COLUMNS).count(None, "2017", ON_SUPPORT) == 0
    column = TATARSTAN.columns(periods.parse("2020"))[1]
    assert engine.count([ON_SUPPORT], [column]).count(None, "2020", ON_SUPPORT) > 5000


def statements(measures):
    with CaptureQueriesContext(connection) as captured:
        engine.count(measures, COLUMNS)
    return len(captured)
