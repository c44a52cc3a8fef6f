"""Periods as people write them, and the words that send them right."""

import datetime

import pytest

from reports import forms, periods
from reports.indicators.facts import resolve_fact_code

D = datetime.date


@pytest.mark.parametrize(
    ("text", "kind", "since", "until", "title"),
    [
        ("2021Q4", "quarter", D(2021, 10, 1), D(2021, 12, 31), "IV квартал 2021 года"),
        ("2024Q1", "quarter", D(2024, 1, 1), D(2024, 3, 31), "I квартал 2024 года"),
        ("2021", "year", D(2021, 1, 1), D(2021, 12, 31), "2021 год"),
        ("2016..2017", "years", D(2016, 1, 1), D(2017, 12, 31), "2016–2017 годы"),
        ("2024-02", "month", D(2024, 2, 1), D(2024, 2, 29), "февраль 2024 года"),
        ("2021-12", "month", D(2021, 12, 1), D(2021, 12, 31), "декабрь 2021 года"),
        ("2021-12-20..2021-12-26", "days", D(2021, 12, 20), D(2021, 12, 26), "20.12.2021–26.12.2021"),
        ("2021-01..2021-09", "months", D(2021, 1, 1), D(2021, 9, 30), "9 месяцев 2021 года"),
    ],
)
def test_reads_every_form_of_a_period(text, kind, since, until, title):
    period = periods.parse(f" {text} ")
    assert (period.text, period.kind, period.since, period.until, period.title) == (text, kind, since, until, title)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2021Q5", "такого квартала"),
        ("2021Q0", "такого квартала"),
        ("2021-13", "такого"),
        ("2021-02-30..2021-03-01", "такого"),
        ("2017..2016", "начало позже конца"),
        ("2021-12-26..2021-12-20", "начало позже конца"),
        ("1200", "годы бывают"),
        ("9999Q4", "2021Q4"),
        ("1999..2020", "не больше 10 лет"),
        ("четвёртый квартал", "не распознан"),
        ("2021q4", "не распознан"),
        ("٢٠٢١", "не распознан"),
        ("", "не распознан"),
        ("2021;DROP", "не распознан"),
    ],
)
def test_says_what_is_wrong_with_a_period(text, said):
    with pytest.raises(periods.PeriodError) as refused:
        periods.parse(text)
    assert said in refused.value.message


def test_quarters_follow_each_other():
    period = periods.parse("2021Q1")
    assert period.previous().text == "2020Q4"
    assert period.following().text == "2021Q2"
    assert period.eve == D(2020, 12, 31)


@pytest.mark.parametrize(
    ("form", "text", "columns"),
    [
        ("tatarstan-414", "2016..2017", ["start", "2016", "2017", "end"]),
        ("tatarstan-414", "2021Q2", ["2021Q2", "2021-01..2021-06"]),
        ("tatarstan-414", "2021-12", ["2021-12"]),
        ("primorye-monitoring", "2020..2021", ["2020", "2021"]),
        ("primorye-monitoring", "2021", ["2021"]),
        ("primorye-monitoring", "2021Q4", ["2021Q4"]),
        ("primorye-monitoring", "2021-12-20..2021-12-26", ["2021-12-20..2021-12-26"]),
    ],
)
def test_columns_of_the_forms(form, text, columns):
    assert [column.code for column in forms.find(form).columns(periods.parse(text))] == columns


@pytest.mark.parametrize("text", ["services", "tatarstan-414:2", "2", 2, 2.0, " SERVICES "])
def test_a_fact_is_found_by_code_row_or_number(text):
    assert resolve_fact_code(text) == "services"


def test_a_fact_is_found_by_its_title():
    title = "Численность  специалистов, осуществляющих социальное сопровождение семей с детьми"
    assert resolve_fact_code(title) == "specialists"


@pytest.mark.parametrize("text", ["1", "10", "primorye-monitoring:1", "", "services2"])
def test_what_is_no_fact_lists_the_allowed_ones(text):
    with pytest.raises(ValueError, match="services или tatarstan-414:2"):
        resolve_fact_code(text)
