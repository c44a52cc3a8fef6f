"""The engine against the oracle: random casework, every measure, every organisation and the region, every column."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.models import Activity, Case, Survey
from cases.words import Outcome
from conftest import make_organisation, make_user
from councils.models import AgendaItem, Council, Meeting
from families.categories import Category
from families.models import RegisterEntry
from reports import engine, periods
from reports.forms import CATALOGUE
from reports.indicators.measures import COHORT, MEASURES, ON_SUPPORT, OVERCAME
from reports.tests.generated import a_case, make_families, make_region, many_cases, save_cases
from reports.tests.oracle import Oracle
from sopr.accounts.models import Municipality, OrganisationKind, StaffRecord, Unit
from sopr.accounts.policy import Role

D = datetime.date
TATARSTAN = CATALOGUE["tatarstan-414"]
# Columns of every kind at once: days alone, years, a range, a quarter, a cumulative period, a month, a week.
COLUMNS = [
    column
    for text in ("2016..2017", "2017Q2", "2017-02", "2016-12-26..2017-01-01")
    for column in TATARSTAN.columns(periods.parse(text))
]
BORDERS = sorted({day for column in COLUMNS for day in (column.day, column.since, column.until) if day})
DAYS = st.sampled_from(
    [day + datetime.timedelta(days=shift) for day in BORDERS for shift in (-1, 0, 1)] + [D(2015, 6, 1), D(2018, 6, 1)]
)
FAMILIES, ORGANISATIONS = 5, 3
GROUNDS = ["social_contract", "appeal"]

a_random_case = st.fixed_dictionaries(
    {
        "family": st.integers(0, FAMILIES - 1),
        "organisation": st.integers(0, ORGANISATIONS - 1),
        "days": st.tuples(DAYS, DAYS),
        "is_open": st.booleans(),
        "outcome": st.sampled_from(Outcome.values),
        "category": st.sampled_from([Category.LARGE, Category.FOSTER, Category.LOW_INCOME, Category.OTHER]),
        "ground": st.sampled_from(GROUNDS),
        "came": st.booleans(),
        "gone": st.booleans(),
        "digits": st.integers(1, 120),
        "accepted": st.sampled_from([True, True, True, False]),
    }
)
a_random_record = st.fixed_dictionaries(
    {
        "case": st.integers(0, 50),
        "which": st.integers(0, 1),
        "day": DAYS,
        "yes": st.booleans(),
        "counts": st.sampled_from([True, True, False]),
        "named": st.booleans(),
    }
)


@pytest.fixture
def region(db):
    """What stays while the casework changes: organisations, services, specialists, NGOs, families, a council."""
    w = type("Region", (), {})()
    w.organisations = make_region(ORGANISATIONS)
    municipality = Municipality.objects.get(code="R")
    w.agencies = [
        make_organisation("N1", "Помощь", OrganisationKind.NGO),
        make_organisation("N2", "Клиника", OrganisationKind.HEALTH),
    ]
    w.families = make_families(FAMILIES)
    for family in w.families[1:]:
        family.holders.add(*w.organisations[: family.pk % 2 + 1])
    w.council = Council.objects.create(code="K", name="Совет", municipality=municipality)
    w.curator = make_user(Role.CURATOR, w.organisations[0])
    w.curator.staff_records.update(since=D(2016, 12, 31), until=D(2017, 3, 31))
    StaffRecord.objects.create(user=w.curator, organisation=w.organisations[1], role="curator", since=D(2017, 1, 1))
    make_user(Role.HEAD, w.organisations[0])
    for organisation, since, until in zip(
        w.organisations, [D(2014, 1, 1), D(2017, 1, 1), D(2016, 1, 1)], [None, None, D(2016, 12, 30)], strict=True
    ):
        Unit.objects.create(organisation=organisation, name="Служба", supports_families=True, since=since, until=until)
        Unit.objects.create(organisation=organisation, name="Склад", since=D(2010, 1, 1))
    return w


def put(w, drawn_cases, records):
    """Replace the casework by what was drawn."""
    for model in (Survey, Activity, AgendaItem, Meeting, RegisterEntry):
        model.objects.all().delete()
    Case.objects.update(transferred_from=None)
    Case.objects.all().delete()
    cases, open_pairs = [], set()
    for index, drawn in enumerate(drawn_cases):
        pair = drawn["family"], drawn["organisation"]
        first, last = sorted(drawn["days"])
        is_open = drawn["is_open"] and pair not in open_pairs
        if is_open:
            open_pairs.add(pair)
        cases.append(
            a_case(
                w.families[drawn["family"]],
                w.organisations[drawn["organisation"]],
                first if drawn["accepted"] else None,
                None if is_open else last,
                outcome=drawn["outcome"],
                primary_category=drawn["category"],
                ground=drawn["ground"],
                closure_reason="transferred" if drawn["gone"] and not is_open else "",
                number=f"{drawn['digits']}-{index}",
            )
        )
    cases = save_cases(cases)
    for case, drawn in zip(cases, drawn_cases, strict=True):
        if drawn["came"]:
            Case.objects.filter(pk=case.pk).update(transferred_from=cases[0])
    for number, record in enumerate(records):
        case = cases[record["case"] % len(cases)]
        Survey.objects.create(
            organisation=case.organisation,
            case=case if record["named"] else None,
            answered_on=record["day"],
            satisfied=record["yes"],
        )
        Activity.objects.create(
            case=case,
            kind="social",
            title="Помощь",
            agency=w.agencies[record["which"]],
            due_on=record["day"],
            state="done" if record["counts"] else "planned",
            done_on=record["day"] if record["counts"] else None,
        )
        RegisterEntry.objects.get_or_create(
            family=case.family,
            kind="patronage" if record["counts"] else "sop",
            placed_on=D(2014, 1, 1) + datetime.timedelta(days=number),
            defaults={"removed_on": record["day"], "positive_rehabilitation": record["yes"]},
        )
        meeting = Meeting.objects.create(
            council=w.council,
            held_on=record["day"],
            state="signed" if record["counts"] else "cancelled",
            had_quorum=record["yes"],
        )
        AgendaItem.objects.create(
            council=w.council,
            meeting=meeting,
            case=case,
            question="other",
            state="decided" if record["named"] else "returned",
        )


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(cases=st.lists(a_random_case, min_size=1, max_size=9), records=st.lists(a_random_record, max_size=4))
def test_the_engine_agrees_with_the_oracle(region, cases, records):
    put(region, cases, records)
    oracle = Oracle()
    figures = engine.count(MEASURES.values(), COLUMNS)
    for scope in [engine.REGION, *(organisation.pk for organisation in region.organisations)]:
        listed = engine.lists(MEASURES.values(), COLUMNS, scope)
        for measure in MEASURES.values():
            for column in COLUMNS:
                expected = oracle.subjects(measure.name, scope, column)
                where = f"{measure.name}, {column.code}, {scope or 'region'}"
                assert figures.count(scope, column.code, measure) == len(expected), where
                for category in set(expected.values()) - {""}:
                    number = list(expected.values()).count(category)
                    assert figures.count(scope, column.code, measure, (category,)) == number, f"{where}, {category}"
                ids = listed.get((measure.name, column.code), {})
                assert sum(map(len, ids.values())) == len(expected), f"list of {where}"
                assert {category: len(found) for category, found in ids.items()} == {
                    category: list(expected.values()).count(category) for category in expected.values()
                }, f"list of {where}"


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
                expected = len(oracle.subjects(measure.name, scope, column))
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
