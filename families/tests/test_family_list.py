"""The list of families: whose, found by what, in which order, at what price in queries."""

import datetime
import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse_lazy
from django.utils import timezone

from families.models import Family
from sopr.accounts.models import District
from sopr.audit.models import Action, AuditRecord
from sopr.tests.casework import activate, make_family, open_case

LIST = reverse_lazy("families:family-list")


def count_queries(client, url):
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(url)
    assert answer.status_code == 200
    if answer.streaming:
        b"".join(answer.streaming_content)
    return len(queries)


def test_the_list_shows_own_families_only(world, client):
    make_family(world)
    make_family(world, by=world.other_curator, surname="Чужие")
    client.force_login(world.curator)
    page = client.get(LIST).content.decode()
    assert "Ковалёвы" in page and "Чужие" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "Щук"}, ["Щукины"]),
        ({"q": "2"}, ["Щукины"]),
        ({"category": "large"}, ["Щукины"]),
        ({"sop": "yes"}, ["Щукины"]),
        ({"sop": "no"}, ["Ковалёвы"]),
        ({"q": "лесная"}, ["Ковалёвы", "Щукины"]),
    ],
)
def test_filters(world, client, query, found):
    make_family(world)
    family = make_family(world, surname="Щукины", category="large")
    family.place_on_sop(by=world.curator, placed_on=datetime.date(2026, 1, 12))
    client.force_login(world.curator)
    page = client.post(LIST, query, follow=True).content.decode()
    assert [name for name in ("Ковалёвы", "Щукины") if f">{name}<" in page] == found


def test_the_spreadsheet_is_what_was_found_without_hidden_addresses(world, client):
    make_family(world)
    make_family(world, surname="Щукины", address_hidden=True)
    client.force_login(world.curator)
    found = client.post(LIST, {"q": "щук"}, follow=True)
    response = client.get(LIST + found.context["xlsx_url"])
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    cells = [cell.value for row in sheet.iter_rows() for cell in row]
    assert "Щукины" in cells and "Ковалёвы" not in cells
    assert "адрес скрыт" in cells and not any("Лесная" in str(cell) for cell in cells)
    written = AuditRecord.objects.get(action=Action.EXPORT)
    assert written.detail["rows"] == 1 and "щук" not in str(written.detail)


def test_the_list_costs_the_same_for_five_and_for_fifty(world, client):
    client.force_login(world.curator)
    make_family(world)
    for number in range(4):
        Family.register(by=world.curator, surname=f"Семья{number}", municipality=world.north)
    url = str(LIST)
    client.get(url)
    few = count_queries(client, url)
    for number in range(44):
        Family.register(by=world.curator, surname=f"Другая{number}", municipality=world.north)
    assert count_queries(client, url) == few


def found_by(client, **query):
    page = client.get(LIST, query)
    assert page.status_code == 200
    return {row.object.surname for row in page.context["table"].rows}


@pytest.fixture
def register(world):
    """A family at each point of the road: on support, in assessment with a colleague, without a case, case over."""
    supported = make_family(world, surname="Опорины")
    activate(world, open_case(world, family=supported), level="crisis")
    colleagues = make_family(world, by=world.colleague, surname="Коллеговы")
    open_case(world, by=world.colleague, family=colleagues)
    over = make_family(world, surname="Былины")
    case = open_case(world, family=over)
    case.close_at_familys_wish(by=world.curator, day=timezone.localdate(), outcome="improved")
    new = make_family(world, surname="Новиковы", category="large")
    new.place_on_sop(by=world.curator, placed_on=datetime.date(2026, 1, 12))
    new.district = District.objects.create(municipality=world.north, name="Заречный")
    new.save()
    return world


@pytest.mark.parametrize(
    ("query", "head", "curator"),
    [
        ({"level": "crisis"}, {"Опорины"}, {"Опорины"}),
        ({"level": "basic"}, set(), set()),
        ({"stage": "active"}, {"Опорины"}, {"Опорины"}),
        ({"stage": "assessment"}, {"Коллеговы"}, set()),
        ({"stage": "none"}, {"Былины", "Новиковы"}, {"Былины", "Новиковы"}),
        ({"stage": "ended"}, {"Былины"}, {"Былины"}),
        ({"category": "large"}, {"Новиковы"}, {"Новиковы"}),
        ({"sop": "yes", "stage": "none"}, {"Новиковы"}, {"Новиковы"}),
        ({"sop": "no", "stage": "none"}, {"Былины"}, {"Былины"}),
    ],
)
def test_filters_by_the_case_show_a_curator_no_stage_of_a_colleagues_case(register, client, query, head, curator):
    client.force_login(register.head)
    assert found_by(client, **query) == head
    client.force_login(register.curator)
    assert found_by(client, **query) == curator


def test_filters_by_place_and_by_curator(register, client):
    client.force_login(register.curator)
    district = District.objects.get()
    assert found_by(client, district=district.pk) == {"Новиковы"}
    assert found_by(client, municipality=register.north.pk) == {"Опорины", "Коллеговы", "Былины", "Новиковы"}
    assert found_by(client, municipality=register.south.pk) == set()
    assert found_by(client, curator=register.colleague.pk) == {"Коллеговы"}
    shown = client.get(LIST, {"curator": register.colleague.pk}).context["applied"]
    assert shown[0][0] == f"Куратор: {register.colleague.short_name}"


def test_a_curator_sees_of_a_colleagues_case_only_who_keeps_it(register, client):
    client.force_login(register.curator)
    rows = {row.object.surname: row for row in client.get(LIST).context["table"].rows}
    cells = {cell.column.key: cell.value for cell in rows["Коллеговы"].cells}
    assert cells["curator"] == register.colleague.short_name
    assert not cells["level"] and not cells["due"] and not cells["left"] and not cells["contact"]
    own = {cell.column.key: cell.value for cell in rows["Опорины"].cells}
    assert own["level"].code == "crisis" and own["due"] and own["left"]
    assert {cell.column.key: cell.value for cell in rows["Новиковы"].cells}["level"].title == "нет случая"
    client.force_login(register.head)
    rows = {row.object.surname: row for row in client.get(LIST).context["table"].rows}
    assert {cell.column.key: cell.value for cell in rows["Коллеговы"].cells}["level"].title == "диагностика"


def test_excel_has_the_columns_and_notes_of_the_page(register, client):
    client.force_login(register.head)
    got = client.get(LIST, {"as": "xlsx", "level": "crisis"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(got.streaming_content))).active
    rows = list(sheet.iter_rows(values_only=True))
    table = dict(zip(rows[3], rows[4], strict=True))
    assert len(rows) == 5 and rows[2][0] == "Отбор: Уровень: кризисный"
    assert table["Семья"] == "Опорины" and table["Уровень"] == "кризисный"
    assert table["Категория, дети"] == "семья с одним родителем, 1\u00a0ребёнок"
    assert table["Куратор"] == register.curator.short_name and isinstance(table["Ближайший срок"], datetime.datetime)


def test_three_and_sixty_rows_with_cases_cost_the_same(world, client):
    client.force_login(world.head)
    for _number in range(3):
        open_case(world)
    urls = [str(LIST), f"{LIST}?stage=assessment&sort=-number", f"{LIST}?as=xlsx"]
    for url in urls:
        count_queries(client, url)
    few = [count_queries(client, url) for url in urls]
    for _number in range(17):
        open_case(world)
    for number in range(40):
        Family.register(by=world.curator, surname=f"Другие{number}", municipality=world.north)
    assert [count_queries(client, url) for url in urls] == few


# --- A long register --------------------------------------------------------------------------------------------------

FILL = """
    INSERT INTO families_family (number, number_key, surname, municipality_id, address, address_hidden, phone,
        circumstances, benefits, surname_forms, registered_on, search_text, address_key, imported, version)
    SELECT 'g' || n, 'g' || lpad(n::text, 8, '0'), 'Семья', %s, '', false, '', '', '', '{}',
        date '2020-01-01' + n %% 2000, md5(n::text), '', false, 1 FROM generate_series(1, 20000) n;
    INSERT INTO families_family_holders (family_id, organisation_id) SELECT id, %s FROM families_family;
    INSERT INTO families_categoryperiod (family_id, category, is_primary, ground, since)
    SELECT id, CASE WHEN id %% 50 = 0 THEN 'large' ELSE 'other' END, true, '', registered_on FROM families_family;
    ANALYZE families_family; ANALYZE families_family_holders; ANALYZE families_categoryperiod;
"""


def plans_of(client, url):
    """What PostgreSQL does for the statements that read families when `url` is opened."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    read = [row["sql"] for row in queries.captured_queries if 'FROM "families_family"' in row["sql"]]
    rows = [sql for sql in read if "LIMIT 50" in sql]
    with connection.cursor() as cursor:
        plans = []
        for sql in rows:
            cursor.execute(f"EXPLAIN {sql}")
            plans.append("\n".join(line for (line,) in cursor.fetchall()))
    assert plans
    return plans


@pytest.mark.skipif(connection.vendor != "postgresql", reason="reads the plans of PostgreSQL")
def test_each_sort_near_and_deep_reads_by_its_index(world, client):
    with connection.cursor() as cursor:
        cursor.execute(FILL, [world.north.pk, world.centre.pk])
    client.force_login(world.head)
    indexes = {"": "family_search_text", "surname": "family_search_text", "number": "family_number_key"}
    for sort, index in (indexes | {"registered_on": "family_registered_on"}).items():
        for sign in ("", "-") if sort else ("",):
            first = client.get(LIST, {"sort": sign + sort}).context["page_obj"]
            addresses = {
                "first": f"{LIST}?sort={sign}{sort}",
                "next": f"{LIST}?sort={sign}{sort}&page=2&after={first.last_key}",
                "deep": f"{LIST}?sort={sign}{sort}&page=200&after={first.last_key}",
                "back": f"{LIST}?sort={sign}{sort}&page=200&before={first.last_key}",
            }
            for place, address in addresses.items():
                for plan in plans_of(client, address):
                    assert index in plan and "Seq Scan on families_family " not in plan, (sort, place, plan)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="reads the plans of PostgreSQL")
def test_a_filter_by_category_reads_by_its_index(world, client):
    with connection.cursor() as cursor:
        cursor.execute(FILL, [world.north.pk, world.centre.pk])
    client.force_login(world.head)
    for plan in plans_of(client, f"{LIST}?category=large"):
        assert "category_primary_now" in plan and "Seq Scan on families_categoryperiod" not in plan, plan
