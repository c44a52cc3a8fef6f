"""Table VII of Tatarstan's order 414 comes back as published: all rows, all four columns, on either database."""

import datetime
import json

import pytest

from reports import forms, periods
from reports.compute import compute
from reports.models import DeclaredFact
from reports.renderers import as_json
from reports.tests.generated import a_case, make_families, make_region, save_cases
from sopr.tests.table_vii import COLUMNS, _cohort, read_published

YEARS = periods.parse("2016..2017")
FORM = forms.find("tatarstan-414")
DECLARED = ("services", "specialists", "trained_specialists", "data_banks", "ngos", "volunteers", "editions")
SHARES = ("satisfaction", "positive_rehabilitation")


@pytest.fixture
def published():
    return read_published()


@pytest.fixture
def cohort(db, published, settings):
    settings.SOPR_REGION = "tatarstan"
    organisations = make_region(5)
    left = list(_cohort(published))
    assert len(left) == 1500
    save_cases(
        [
            a_case(
                family,
                organisations[index % 5],
                datetime.date(2015, 1 + index % 12, 1),
                closed,
                primary_category=category,
            )
            for index, (family, (category, closed)) in enumerate(zip(make_families(len(left)), left, strict=True))
        ]
    )
    return organisations


def declare(organisation, published, codes):
    for code in codes:
        for column, period in zip(COLUMNS, ("2015", "2016", "2017", "2016..2017"), strict=True):
            text = published[FACT_ROWS[code], column]
            if text:
                DeclaredFact.declare(organisation, code, periods.parse(period), text, basis="приказ № 414")


FACT_ROWS = {row.fact.code: row.code for row in FORM.rows if row.fact}


def test_every_published_number_comes_back(cohort, published):
    declare(cohort[0], published, DECLARED + SHARES)
    snapshot, _lists = compute(FORM, YEARS)
    cells = {(cell["row"], cell["column"]): cell for cell in json.loads(as_json.render(snapshot))["cells"]}
    assert len(cells) == len(published) == 30 * 4
    for key, text in published.items():
        cell = cells[key]
        if not text:
            assert (cell["kind"], cell["value"]) == ("none", None), key
        elif text == "да":
            assert (cell["kind"], cell["value"]) == ("flag", True), key
        else:
            assert cell["value"] == int(text), key


def test_row_11_names_its_cohort(cohort):
    snapshot, _lists = compute(FORM, YEARS)
    shares = [c for c in snapshot["cells"] if c["row"] == "11" and c["kind"] == "percent"]
    assert [(c["numerator"], c["denominator"], c["value"]) for c in shares] == [
        (300, 1500, 20),
        (1050, 1500, 70),
        (1350, 1500, 90),
    ]


def test_the_balance_of_a_closed_cohort_holds(cohort):
    balance = compute(FORM, YEARS)[0]["balance"]
    assert balance["ok"]
    assert balance["rows"][0]["values"] == [1500, 0, 1350, 150]


def test_a_region_adds_up_counts_but_not_shares(cohort):
    first, second = cohort[:2]
    for organisation, number, share in ((first, 4, 50), (second, 3, 70)):
        DeclaredFact.declare(organisation, "specialists", periods.parse("2016"), number)
        DeclaredFact.declare(organisation, "satisfaction", periods.parse("2016"), share)
    cells = {(c["row"], c["column"]): c["value"] for c in compute(FORM, YEARS)[0]["cells"]}
    assert cells["3", "2016"] == 7
    assert cells["9", "2016"] is None
    own = {(c["row"], c["column"]): c["value"] for c in compute(FORM, YEARS, second)[0]["cells"]}
    assert own["3", "2016"] == 3
    assert own["9", "2016"] == 70


def test_facts_fill_a_longer_column(cohort):
    """A flow is the sum of the facts inside, nested ones once; a stock the latest; a day alone the one ending on it."""
    values = [("ngos", "2016", 5), ("ngos", "2017Q1", 2), ("ngos", "2017Q2", 3), ("ngos", "2017-02", 9)]
    values += [("services", "2015Q4", 40), ("services", "2016Q4", 44), ("services", "2017Q2", 45)]
    for code, period, value in values:
        DeclaredFact.declare(cohort[0], code, periods.parse(period), value)
    cells = {(c["row"], c["column"]): c["value"] for c in compute(FORM, YEARS)[0]["cells"]}
    assert [cells["6", column] for column in COLUMNS] == [None, 5, 5, 10]
    assert [cells["2", column] for column in COLUMNS] == [40, 44, 45, 45]


def test_a_quarter_has_its_cumulative_column(cohort):
    snapshot, _lists = compute(FORM, periods.parse("2016Q3"))
    assert [column["code"] for column in snapshot["columns"]] == ["2016Q3", "2016-01..2016-09"]
    assert "хотя бы день периода" in snapshot["notes"][0]
    shares = [cell for cell in snapshot["cells"] if cell["row"] == "11"]
    quarter = sum(1 for _c, day in _cohort(read_published()) if day and day.year == 2016 and 7 <= day.month <= 9)
    before = sum(1 for _c, day in _cohort(read_published()) if day and day.year == 2016 and day.month < 7)
    assert (shares[0]["numerator"], shares[0]["denominator"]) == (quarter, 1500 - before)


def test_statements_do_not_grow_with_organisations(cohort, django_assert_max_num_queries):
    make_region(30)
    with django_assert_max_num_queries(30) as few:
        compute(FORM, YEARS)
    assert len(few) == statements_of_one_organisation_less(), "a region of 35 organisations asks as much as one of 36"


def statements_of_one_organisation_less():
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    make_region(1)
    with CaptureQueriesContext(connection) as captured:
        compute(FORM, YEARS)
    return len(captured)
