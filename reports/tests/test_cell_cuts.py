"""Cuts of a report's cells through HTTP: parts as the engine has them, lists as long as their numbers, rights."""

import datetime
import io
from dataclasses import replace

import openpyxl
import pytest
from django.urls import reverse

from cases.models import Case, DispatchRequest
from families.categories import Category
from families.models import InformingEvent
from reports import engine, forms, periods
from reports.compute import compute
from reports.cuts import Cut, cuts_of
from reports.forms import Column
from reports.indicators.measures import MEASURES
from reports.models import Report
from reports.tests.everything import make_world, put_richly
from reports.tests.generated import a_case, make_families, save_cases
from reports.tests.test_engine import AROUND_BORDERS
from reports.views.cells import WEIGHED

D = datetime.date
FORM = forms.find("tatarstan-414")
QUARTER = periods.parse("2025Q2")
COLUMN = Column.of(QUARTER)


@pytest.fixture
def cases(world):
    """Large and foster families of two centres, the first of them led by both."""
    families = make_families(7)
    rows = [
        a_case(
            family,
            world.centre if n < 4 else world.other_centre,
            D(2025, 1, 10),
            D(2025, 5, 5) if n % 2 else None,
            primary_category=Category.LARGE if n < 3 else Category.FOSTER,
        )
        for n, family in enumerate(families)
    ]
    rows.append(a_case(families[0], world.other_centre, D(2025, 2, 10), primary_category=Category.FOSTER))
    return save_cases(rows)


def computed(organisation=None):
    report = Report.open_for(FORM, QUARTER, organisation)
    report.store(*compute(FORM, QUARTER, organisation))
    return report


def address(report, measure, by, row="1", column="2025Q2"):
    return reverse("reports:cell-cut", args=[report.pk, row, column, measure, by])


def offered(client, report):
    """Every cut of every cell that counts casework: {address}, each with its page."""
    found = {}
    for cell in report.snapshot["cells"]:
        if cell["measure"]:
            page = client.get(reverse("reports:report-cell", args=[report.pk, cell["row"], cell["column"]]))
            found |= {each["url"]: cell for _whose, chips in page.context["cuts"] for each in chips}
    return found


@pytest.mark.parametrize("whose", ["region", "organisation"])
def test_every_cut_adds_up_and_every_part_opens_a_list_of_its_length(client, world, cases, whose):
    report = computed(world.centre if whose == "organisation" else None)
    client.force_login(world.minister)
    scope = report.organisation_id
    seen, parts_seen = set(), 0
    for url, cell in offered(client, report).items():
        page = client.get(url)
        cut = page.context["cut"]
        seen.add(cut.by)
        if cut.by == "organisation":
            assert whose == "region"
        else:
            assert sum(line["number"] for line in page.context["lines"]) == cut.number, url
            if not cut.categories:
                figures = engine.count([cut.measure], [cut.column], by=cut.by)
                counted = figures.parts(scope, cut.column.code, cut.measure)
                assert sorted(counted.values()) == sorted(line["number"] for line in page.context["lines"])
        if cell["kind"] == "number" and cut.measure.name == cell["measure"] and not cell["denominator"]:
            assert cut.number == cell["value"], url
        for line in page.context["lines"][:2]:
            parts_seen += 1
            assert client.get(line["url"]).context["total"] == line["number"], line["url"]
    assert {"municipality", "category", "level"} <= seen
    assert ("organisation" in seen) == (whose == "region")
    assert parts_seen > 10


def test_organisations_overlap_and_the_page_says_so(client, world, cases):
    report = computed()
    client.force_login(world.minister)
    measure = MEASURES["on_support"].name
    row = next(cell["row"] for cell in report.snapshot["cells"] if cell["measure"] == measure)
    page = client.get(address(report, measure, "organisation", row))
    total = sum(line["number"] for line in page.context["lines"])
    assert total == page.context["cut"].number + 1
    assert "Части не складываются в число региона" in page.content.decode()


def test_a_signed_report_that_disagrees_says_both_numbers(client, world, cases):
    report = computed(world.centre)
    report.sign(by=world.head)
    client.force_login(world.head)
    cell = next(c for c in report.snapshot["cells"] if c["measure"] == "on_support" and c["kind"] == "number")
    url = address(report, "on_support", "category", cell["row"], cell["column"])
    assert "они сходятся с отчётом" in client.get(url).content.decode()
    Case.objects.filter(pk=cases[2].pk).update(accepted_on=D(2025, 8, 1))
    said = client.get(url).context["said"][0]
    assert said.endswith(f"сейчас {cell['value'] - 1}, подписано {cell['value']}.")
    assert client.get(address(report, "on_support", "organisation", cell["row"], cell["column"])).status_code == 404


def test_the_ministry_reads_names_of_a_part_only_with_a_reason(client, world, cases):
    report = computed(world.centre)
    client.force_login(world.minister)
    cell = next(c for c in report.snapshot["cells"] if c["measure"] == "on_support" and c["kind"] == "number")
    page = client.get(address(report, "on_support", "category", cell["row"], cell["column"]))
    listed = client.get(page.context["lines"][0]["url"])
    assert "Ковалёвы" not in listed.content.decode()
    answer = client.post(listed.context["names_url"], {"reason": "Запрос прокуратуры № 15"})
    named = client.get(answer["Location"])
    assert named.context["total"] == listed.context["total"]
    assert "Ковалёвы" in named.content.decode()


def test_a_cut_goes_to_excel_and_another_organisation_sees_none(client, world, cases):
    report = computed(world.other_centre)
    url = next(iter(offered_of(client, world, report)))
    answer = client.get(f"{url}?as=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    page = client.get(url)
    assert [sheet.cell(5, 2).value] == [line["number"] for line in page.context["lines"]][:1]
    client.force_login(world.head)
    assert client.get(url).status_code == 404


def offered_of(client, world, report):
    client.force_login(world.minister)
    return [url for url in offered(client, report) if client.get(url).context["lines"]]


def test_a_cut_asks_the_same_number_of_statements(client, world, cases, django_assert_max_num_queries):
    report = computed()
    client.force_login(world.minister)
    row = next(cell["row"] for cell in report.snapshot["cells"] if cell["measure"] == "on_support")
    url = address(report, "on_support", "organisation", row)
    client.get(url)
    with django_assert_max_num_queries(30) as few:
        client.get(url)
    save_cases([a_case(family, world.centre, D(2025, 2, 1)) for family in make_families(20)])
    with django_assert_max_num_queries(30) as many:
        client.get(url)
    assert len(many) == len(few)


# Two years; stocks as of a day in their midst, on which most cases last.
CUT_COLUMN = replace(Column.of(periods.parse("2016..2017"), cohort=D(2015, 12, 31)), day=D(2016, 12, 31))
WEIGHTS = {  # what one of the list adds to the number
    "informed": lambda ids: {
        e.pk: 1 if e.family_id else e.families_count for e in InformingEvent.objects.filter(pk__in=ids)
    },
    "days_waited": lambda ids: {r.pk: r.days_to_first_service for r in DispatchRequest.objects.filter(pk__in=ids)},
}


def test_every_cut_of_every_measure_of_one_rich_world(db):
    """Of the region and of one organisation: parts add up to the number, each number to its list."""
    region = make_world()
    put_richly(region, AROUND_BORDERS)
    measures = MEASURES.values()
    figures = engine.count(measures, [CUT_COLUMN])
    assert {measure.name for measure in measures if measure.weight} == set(WEIGHTS)
    seen = set()
    for scope in (engine.REGION, region.organisations[0].pk):
        for measure in measures:
            for by, _title in cuts_of(measure, of_region=scope is engine.REGION):
                cut, where = Cut(measure, CUT_COLUMN, scope, by), f"{measure.name} by {by}, {scope or 'region'}"
                assert cut.number == figures.count(scope, CUT_COLUMN.code, measure), where
                check_parts(cut, figures, where)
                seen |= {(measure.name, by)} if cut.parts else set()
    wanted = {(measure.name, by) for measure in measures for by, _title in cuts_of(measure, of_region=True)}
    assert sorted(wanted - seen) == []


def check_parts(cut, figures, where):
    for part in cut.parts:
        assert part.ids and len(set(part.ids)) == len(part.ids), where
        weights = WEIGHTS[cut.measure.name](part.ids).values() if cut.measure.weight else [1] * len(part.ids)
        assert part.number == sum(weights), f"{where}, {part.title}"
    if cut.by == "organisation":  # they overlap: each is what its own report counts
        own = {int(part.key): part.number for part in cut.parts}
        assert own == {pk: figures.count(pk, cut.column.code, cut.measure) for pk in own}, where
        scopes = {scope for scope in figures.scopes if figures.count(scope, cut.column.code, cut.measure)}
        assert scopes - {engine.REGION} == set(own), where
        return
    assert cut.total == cut.number, where
    assert sorted(pk for part in cut.parts for pk in part.ids) == sorted(cut.ids), where


def test_a_number_that_is_a_sum_says_that_its_list_may_be_shorter(client, world):
    """One entry without a name speaks of several families; where each counts as one, nothing is said."""
    InformingEvent.objects.create(
        organisation=world.centre, families_count=4, topic="Социальный контракт", informed_on=D(2025, 5, 1)
    )
    form = forms.find("kaluga-social-contract")
    report = Report.open_for(form, QUARTER)
    report.store(*compute(form, QUARTER))
    client.force_login(world.minister)
    page = client.get(address(report, "informed", "organisation", "2"))
    [line] = page.context["lines"]
    assert line["number"] == 4
    listed = client.get(line["url"])
    assert listed.context["total"] == 1
    whole = client.get(reverse("reports:report-cell", args=[report.pk, "2", "2025Q2"]))
    for shown in (page, listed, whole):
        assert WEIGHED in shown.content.decode()
    plain = client.get(address(report, "on_support", "municipality", "1"))
    assert WEIGHED not in plain.content.decode()
