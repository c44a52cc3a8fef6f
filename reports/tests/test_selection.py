"""Выборка through HTTP: the parts add up to the figure of a report, small numbers are hidden, a reason opens them."""

import datetime
import io

import openpyxl
import pytest
from django.urls import reverse

from cases.models import Case
from families.categories import Category
from reports import engine
from reports.forms import Column
from reports.indicators.measures import MEASURES
from reports.periods import parse
from reports.selection import CUTS, FEW, HIDDEN, TOTAL, count, hide, make, populations
from reports.tests.generated import a_case, make_families, save_cases
from sopr.audit.models import AuditRecord
from sopr.web.models import SavedFilter

D = datetime.date
COLUMN = Column.of(parse("2025Q2"))
URL = "/reports/selection/"
ASKED = "?first=category&period=2025Q2&population=on_support"


@pytest.fixture
def cases(world):
    """Seven large families of one centre and two foster ones; three of another, one of them of both centres."""
    families = make_families(12)
    rows = [
        a_case(
            family,
            world.centre if n < 9 else world.other_centre,
            D(2025, 1, 10),
            primary_category=Category.LARGE if n < 7 else Category.FOSTER,
        )
        for n, family in enumerate(families)
    ]
    rows.append(a_case(families[0], world.other_centre, D(2025, 2, 10), primary_category=Category.FOSTER))
    rows.append(a_case(families[1], world.centre, D(2024, 1, 9), D(2025, 4, 4), outcome="overcame"))
    return save_cases(rows)


@pytest.fixture
def minister(client, world):
    client.force_login(world.minister)
    return client


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("second", [None, "category", "level"])
def test_parts_add_up_to_what_the_engine_counts(world, cases, cut, second):
    cuts = [CUTS[code] for code in dict.fromkeys((cut, second)) if code]
    figures = engine.count([MEASURES[name] for name in populations()], [COLUMN])
    for name in populations():
        whole = figures.count(engine.REGION, COLUMN.code, MEASURES[name])
        assert sum(count(MEASURES[name], COLUMN, cuts).values()) == whole, name


def test_a_family_of_two_organisations_stands_once_by_the_case_accepted_last(world, cases):
    found = make(MEASURES["on_support"], COLUMN, [CUTS["organisation"]], open=True)
    assert {name: found.text(part, TOTAL) for part, name in found.rows} == {
        str(world.centre): 8,
        str(world.other_centre): 4,
    }


def test_small_numbers_are_hidden_and_so_is_what_gives_them_away():
    lone = {("a", TOTAL): 3, ("b", TOTAL): 9, ("c", TOTAL): 20, (TOTAL, TOTAL): 32}
    assert hide(lone) == {("a", TOTAL): FEW, ("b", TOTAL): HIDDEN}
    assert hide({("a", TOTAL): 3, ("b", TOTAL): 2, ("c", TOTAL): 0, (TOTAL, TOTAL): 5}) == {
        ("a", TOTAL): FEW,
        ("b", TOTAL): FEW,
    }
    square = {
        ("a", "x"): 3, ("a", "y"): 7, ("a", TOTAL): 10,
        ("b", "x"): 8, ("b", "y"): 9, ("b", TOTAL): 17,
        (TOTAL, "x"): 11, (TOTAL, "y"): 16, (TOTAL, TOTAL): 27,
    }  # fmt: skip
    assert set(hide(square)) == {("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")}


def test_the_page_hides_and_a_reason_opens_and_is_logged(minister, world, cases):
    page = minister.get(URL + "?first=organisation&period=2025Q2&population=on_support")
    assert [line["total"] for line in page.context["lines"]] == [HIDDEN, FEW]
    url = URL + "?first=organisation&period=2025Q2&population=on_support"
    minister.post(url, {"act": "open", "reason": "надо"})
    assert minister.get(url).context["lines"][1]["total"] == FEW
    minister.post(url, {"act": "open", "reason": "Запрос прокуратуры № 15"})
    assert [line["total"] for line in minister.get(url).context["lines"]] == [8, 4]
    logged = AuditRecord.objects.filter(action="read", detail__has_key="reason").get()
    assert logged.detail["reason"] == "Запрос прокуратуры № 15"
    assert "first=organisation" in logged.detail["selection"]
    other = minister.get(URL + ASKED + "&second=organisation")  # a reason opens what it was given for
    assert other.context["selection"].hidden


def test_excel_hides_what_the_page_hides(minister, cases):
    answer = minister.get(f"{URL}?first=organisation&period=2025Q2&population=on_support&as=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert [row[1].value for row in sheet.iter_rows(min_row=5, max_row=7)] == [HIDDEN, FEW, 12]
    assert AuditRecord.objects.filter(action="export").exists()


def test_a_selection_is_kept_for_the_ministry(minister, world, cases):
    minister.post(URL + ASKED, {"act": "save", "name": "По категориям"})
    kept = SavedFilter.objects.get(page="reports:selection")
    assert (kept.shared, kept.organisation_id) == (True, world.ministry.pk)
    page = minister.get(f"{URL}?{kept.query}")
    assert page.context["saved"] == [{"title": "По категориям", "url": f"?{kept.query}", "active": True}]
    minister.post(f"{URL}?{kept.query}", {"act": "delete", "saved": kept.pk})
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("?first=category&second=category", "Выберите другой разрез"),
        ("?period=2099", "ещё не начался"),
        ("?day=2099-01-01", "ещё не наступила"),
        ("?population=чушь", "Исправьте выборку"),
    ],
)
def test_a_wrong_choice_is_explained(minister, cases, asked, said):
    page = minister.get(URL + asked)
    assert said in page.content.decode()
    assert page.context["selection"] is None


def test_the_page_names_nobody_and_asks_the_same_number_of_statements(minister, cases, django_assert_max_num_queries):
    url = f"{URL}?first=municipality&second=organisation&period=2025Q2&population=served&day=2025-06-30"
    with django_assert_max_num_queries(20) as few:
        text = minister.get(url).content.decode()
    assert Case.objects.first().family.surname not in text
    save_cases([a_case(family, cases[0].organisation, D(2025, 2, 1)) for family in make_families(20)])
    with django_assert_max_num_queries(20) as many:
        minister.get(url)
    assert len(many) == len(few)


def test_nobody_else_selects(client, world):
    for role in ("head", "curator", "administrator"):
        client.force_login(world.users[role])
        assert client.get(reverse("reports:selection")).status_code == 403
