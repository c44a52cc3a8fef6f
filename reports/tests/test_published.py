"""Published numbers of the regions' practices come back from casework: Kaluga, Omsk, Primorye; and every form whole."""

import datetime
import itertools

import pytest
from django.urls import reverse

from cases.models import CaseMember, LevelPeriod, Survey
from conftest import make_user
from families.models import FamilyMembership, Person
from reports import forms, periods
from reports.cells import Cell
from reports.compute import compute
from reports.models import Report
from reports.targets import Targets
from reports.tests.everything import make_world, put_record
from reports.tests.generated import a_case, make_families, make_region, save_cases
from sopr.accounts.policy import Role

D = datetime.date


@pytest.fixture
def service(db, settings):
    settings.SOPR_REGION = "model"
    return make_region(1)[0]


def cells(code, period, organisation=None) -> dict[tuple[str, str], Cell]:
    snapshot, _lists = compute(forms.find(code), periods.parse(period), organisation)
    return {(cell["row"], cell["column"]): cell for cell in snapshot["cells"]}


def closed(families, service, day, **fields):
    return [a_case(family, service, D(2020, 1, 10), day, **fields) for family in families]


def test_kaluga_prints_its_shares_cut_off(service):
    """683 families on 31 December 2021; 291 overcame (42.6 %), 221 improved (32.357 %, published as 32.3)."""
    families = make_families(683 + 291 + 221)
    save_cases(
        [a_case(family, service, D(2021, 2, 1)) for family in families[:683]]
        + closed(families[683:974], service, D(2021, 6, 1))
        + closed(families[974:], service, D(2021, 7, 1), outcome="improved")
    )
    found = cells("kaluga-social-contract", "2021")
    assert found["1", "2021"]["value"] == 683
    assert (found["4", "2021"]["numerator"], found["4", "2021"]["value"]) == (291, 42.6)
    assert (found["5", "2021"]["numerator"], found["5", "2021"]["value"]) == (221, 32.3)
    assert found["5", "2021"]["text"] == "32,3"


def test_omsk_counts_families_children_and_those_who_overcame(service):
    """58 families with 110 children got help, all of them by support; 5 overcame; 37 noted an improvement: 64 %."""
    families = make_families(58)
    cases = save_cases(
        [a_case(family, service, D(2021, 3, 1)) for family in families[5:]]
        + closed(families[:5], service, D(2021, 9, 1))
    )
    people = Person.objects.bulk_create(
        [Person(number=f"O{n}", last_name="Ковалёв", birth_on=D(2015, 1, 1)) for n in range(110)]
    )
    FamilyMembership.objects.bulk_create(
        [
            FamilyMembership(family=family, person=person, relation="child")
            for person, family in zip(people, itertools.cycle(families), strict=False)
        ]
    )
    grown = Person.objects.create(number="O-18", last_name="Ковалёв", birth_on=D(2002, 1, 1))
    FamilyMembership.objects.create(family=families[0], person=grown, relation="child")
    Survey.objects.bulk_create(
        [
            Survey(
                organisation=service, case=case, answered_on=D(2021, 10, 1), satisfied=True, improvement_noted=n < 37
            )
            for n, case in enumerate(cases)
        ]
    )
    found = cells("omsk-dispatch", "2021")
    assert [found[row, "2021"]["value"] for row in ("1", "2", "3", "4", "5")] == [58, 110, 58, 5, 64]


def test_primorye_accepted_and_removed(service):
    """143 families accepted and 118 removed in 2020–2021."""
    families = make_families(143)
    save_cases(
        closed(families[:118], service, D(2021, 5, 5))
        + [a_case(family, service, D(2020, 8, 8)) for family in families[118:]]
    )
    found = cells("primorye-monitoring", "2020..2021")
    assert sum(found["3", year]["value"] for year in ("2020", "2021")) == 143
    assert sum(found["4", year]["value"] for year in ("2020", "2021")) == 118


def test_irkutsk_prints_three_years_and_families_with_people(service):
    """People are those whom the case covered on the day of acceptance and on the day of removal."""
    families = make_families(2)
    cases = save_cases(
        [
            a_case(families[0], service, D(2020, 2, 29), D(2021, 12, 31)),
            a_case(families[1], service, D(2021, 6, 1)),
        ]
    )
    people = [Person.objects.create(number=f"I{n}", last_name="Ковалёв") for n in range(3)]
    CaseMember.objects.bulk_create(
        [
            CaseMember(case=cases[0], person=people[0]),
            CaseMember(case=cases[0], person=people[1], until=D(2021, 12, 30)),
            CaseMember(case=cases[0], person=people[2], since=D(2021, 12, 31)),
        ]
    )
    LevelPeriod.objects.bulk_create(
        [
            LevelPeriod(case=cases[0], level="crisis", since=D(2020, 2, 29), until=D(2020, 12, 31)),
            LevelPeriod(case=cases[0], level="basic", since=D(2021, 1, 1), until=D(2021, 3, 1)),
            LevelPeriod(case=cases[0], level="crisis", since=D(2021, 3, 2), until=D(2021, 12, 31)),
        ]
    )
    snapshot, lists = compute(forms.find("irkutsk-15"), periods.parse("2021"))
    found = {(cell["row"], cell["column"]): cell for cell in snapshot["cells"]}
    assert [column["code"] for column in snapshot["columns"]] == ["2019", "2020", "2021"]
    assert snapshot["main_column"] == "2021"
    assert [found["2.1", year]["value"] for year in ("2019", "2020", "2021")] == [[0, 0], [1, 2], [1, 0]]
    assert (found["2.3", "2021"]["value"], found["2.3", "2021"]["text"]) == ([1, 2], "1/2")
    assert [found[row, "2021"]["value"] for row in ("2.2", "2.2.1", "2.2.4")] == [1, 1, 1], "in two rows at once"
    assert len(lists["people_removed/2021"][""]) == 2


def test_novgorod_sets_the_fact_beside_the_plan(service, monkeypatch):
    families = make_families(4)
    save_cases(
        [a_case(family, service, D(2021, 2, 1)) for family in families[:3]]
        + closed(families[3:], service, D(2021, 2, 1))
    )
    plans = {"1": 4, "2": 1, "3": 50}
    monkeypatch.setattr(Targets, "value", lambda self, row, scope, column: plans.get(row))
    snapshot, _lists = compute(forms.find("novgorod-plan"), periods.parse("2021Q1"))
    texts = {}
    for cell in snapshot["cells"]:
        texts.setdefault(cell["row"], []).append(cell["text"])
    assert [column["code"] for column in snapshot["columns"]] == ["plan", "fact", "deviation", "percent"]
    assert snapshot["main_column"] == "fact"
    assert texts["1"] == ["4", "3", "−1", "75"]
    assert texts["2"] == ["1", "1", "0", "100"]
    assert texts["3"] == ["50", "25", "−25", "50"]
    assert texts["4"] == ["–", "4", "–", "–"], "nothing was planned"
    assert texts["9"] == ["2", "–", "–", "–"], "the norm is the plan; there is no working group"


def test_a_profile_sets_plans_beside_any_form():
    """A day alone has no plan; years keep their names, their plans stand about them."""
    columns = forms.with_plan(forms.find("tatarstan-414").columns(periods.parse("2021")))
    about = [(column.code, column.title, column.group, column.fact) for column in columns]
    assert about[:3] == [
        ("start", "к началу", "Значение", ""),
        ("2021:plan", "план", "2021 год", "2021"),
        ("2021", "факт", "2021 год", "2021"),
    ]
    assert [column.code for column in columns[3:5]] == ["2021:deviation", "2021:percent"]


def test_a_change_is_against_the_same_period_before():
    spans = {"2021Q1": "2020Q4", "2021": "2020", "2020..2021": "2018..2019", "2020-02": "2020-01"}
    spans |= {"2021-01..2021-09": "2020-01..2020-09", "2021-03-01..2021-03-07": "2021-02-22..2021-02-28"}
    for text, before in spans.items():
        assert periods.parse(text).previous() == periods.parse(before)


@pytest.fixture
def casework(db, settings):
    """Something of everything that any form counts."""
    settings.SOPR_REGION = "model"
    world = make_world()
    cases = save_cases(
        [
            a_case(family, world.organisations[n % 3], D(2016 + n % 2, 5, 5), D(2017, 8, 1) if n > 2 else None)
            for n, family in enumerate(world.families)
        ]
    )
    CaseMember.objects.bulk_create(
        [
            CaseMember(case=case, person=person)
            for case, people in zip(cases, world.people, strict=True)
            for person in people
        ]
    )
    LevelPeriod.objects.bulk_create(
        [
            LevelPeriod(case=cases[0], level="crisis", since=D(2016, 5, 5), until=D(2017, 2, 1)),
            LevelPeriod(case=cases[0], level="basic", since=D(2017, 2, 2)),
        ]
    )
    for number, case in enumerate(cases * 3):
        days = {"day": D(2017, 1 + number % 3, 9), "later": D(2017, 4, 10)}
        luck = {"which": number % 3, "yes": number % 4 > 0, "counts": number % 5 > 0, "named": number % 7 > 0}
        put_record(world, case, number, days | luck)
    return world


def test_every_form_is_whole(casework):
    """In each form: as many in the list as the cell counts, a place in its document, a definition of each row."""
    for form, organisation in itertools.product(forms.CATALOGUE.values(), (None, casework.organisations[0])):
        snapshot, lists = compute(form, periods.parse("2017"), organisation)
        assert {row["code"] for row in snapshot["rows"]} == {row.code for row in form.rows}
        assert all(row["place"] and row["source"] in ("casework", "organisation") for row in snapshot["rows"])
        assert {line["row"] for line in snapshot["definitions"]} >= {row.code for row in form.rows if not row.level}
        for cell in snapshot["cells"]:
            if cell["measure"]:
                assert counted(form, cell, lists) == length(form, cell, lists), cell
        filled = {cell["row"] for cell in snapshot["cells"] if cell["value"] not in (None, 0, [0, 0])}
        assert len(filled) > (0 if organisation else 4), "the form says something about this casework"


def test_every_list_opens_without_names(casework, client):
    """The ministry opens the list of every measure that any form shows: numbers, dates and codes only."""
    client.force_login(make_user(Role.MINISTRY, casework.agencies[0]))
    opened = set()
    for form in forms.CATALOGUE.values():
        report = Report.open_for(form, periods.parse("2017"))
        report.store(*compute(form, periods.parse("2017")))
        for cell in report.snapshot["cells"]:
            listed = form.row(cell["row"]).listed if cell["measure"] else ()
            for measure in listed:
                if measure.name in opened:
                    continue
                url = reverse("reports:report-cell", args=[report.pk, cell["row"], cell["column"]])
                page = client.get(url, {"of": measure.name})
                assert page.status_code == 200
                body = page.content.decode().partition("<table")[2]
                assert bool(body) == bool(page.context["total"]), measure.name
                assert "Ковалёв" not in body and "Мать" not in body
                opened.add(measure.name)
    assert opened > {"people_accepted", "item_families", "visits", "informed", "grouped"}


def length(form, cell, lists):
    row = form.row(cell["row"])
    row = getattr(row, "otherwise", None) or row
    categories = getattr(row, "categories", ())
    ids = lists.get(f"{cell['measure']}/{cell['column']}", {})
    return len({pk for category, found in ids.items() if not categories or category in categories for pk in found})


def counted(form, cell, lists):
    """What the length of the cell's list must be, by its kind."""
    row = form.row(cell["row"])
    match cell["kind"]:
        case "pair":
            people = lists.get(f"{row.people.name}/{cell['column']}", {})
            assert sum(map(len, people.values())) == cell["value"][1]
            return cell["value"][0]
        case "percent" | "text":
            return cell["numerator"]
        case _ if cell["denominator"] is not None:  # an average lists what it is over, a monthly rate what it adds up
            return cell["numerator"] if row.monthly else cell["denominator"]
        case _ if cell["measure"] == "informed":
            return length(form, cell, lists)  # families without a name are as many as were told, in one row
    return cell["value"]
