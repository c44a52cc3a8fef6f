"""Every list: pages by key, words that stay out of addresses, columns and filters that people keep."""

import datetime
import io
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Case
from conftest import make_user
from councils.models import Council
from families.models import Family
from sopr.accounts.models import Organisation, User
from sopr.audit.models import AuditRecord
from sopr.tests.casework import make_council
from sopr.web.models import ChosenColumns, SavedFilter
from sopr.web.paging import KeyPaginator


def register(world, number, surname="Семья"):
    return [
        Family.register(by=world.curator, surname=f"{surname}{index % 7}", municipality=world.north)
        for index in range(number)
    ]


def walk(rows, ordering, size):
    """Ids page by page, forwards by «after» and back by «before»."""
    pages = KeyPaginator(rows, size, ordering, known=rows)
    page = pages.take(1)
    forwards, taken = [], [page]
    while True:
        forwards += [row.pk for row in page]
        if not page.has_next():
            break
        page = pages.take(page.number + 1, after=page.last_key)
        taken.append(page)
    backwards = []
    while True:
        backwards = [row.pk for row in page] + backwards
        if not page.has_previous():
            return forwards, backwards
        page = pages.take(page.number - 1, before=page.first_key)


@pytest.mark.parametrize("ordering", [["surname", "pk"], ["-surname", "-pk"], ["-surname", "pk"], ["pk"]])
def test_pages_by_key_are_the_pages_by_number(world, ordering):
    register(world, 23)
    rows = Family.objects.all()
    whole = list(rows.order_by(*ordering).values_list("pk", flat=True))
    assert walk(rows, ordering, 5) == (whole, whole)
    pages = KeyPaginator(rows, 5, ordering, known=rows)
    assert [[row.pk for row in pages.take(number)] for number in range(1, 6)] == [
        whole[start : start + 5] for start in range(0, 23, 5)
    ]


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("path", ["last_login", "organisation__founder", "organisation__municipality__name"])
def test_pages_by_key_pass_rows_where_the_sorted_value_is_missing(world, sign, path):
    for index in range(9):
        user = make_user("curator", world.centre if index % 3 else world.ministry, f"k{index}")
        user.last_login = datetime.datetime(2026, 1, 1 + index % 4, tzinfo=datetime.UTC) if index % 2 else None
        user.save()
    rows = User.objects.all()
    ordering = [sign + path, f"{sign}pk"]
    whole = list(rows.order_by(*ordering).values_list("pk", flat=True))
    assert walk(rows, ordering, 4) == (whole, whole)


def test_pages_by_key_go_by_counted_columns_too(client, world):
    for members in (3, 4, 5):
        for index in range(3):
            make_council(world, members=members, name=f"Совет {members} {index}")
    from councils.views.councils import CouncilList

    page = CouncilList()
    page.request = type("Request", (), {"user": world.administrator})()
    rows = page.get_queryset()
    whole = list(rows.order_by("seated", "pk").values_list("pk", flat=True))
    assert len(whole) == 9
    assert walk(rows, ["seated", "pk"], 2) == (whole, whole)


def test_a_row_gone_or_never_there_falls_back_to_the_number(client, world):
    register(world, 120)
    client.force_login(world.curator)
    url = reverse("families:family-list")
    plain = client.get(f"{url}?page=2").context["page_obj"]
    for edge in ("987654321", "x", "1" * 40, ""):
        shown = client.get(f"{url}?page=2&after={edge}").context["page_obj"]
        assert [row.pk for row in shown] == [row.pk for row in plain]
    assert client.get(f"{url}?page=99999999999999999999999").context["page_obj"].number == 3


def test_another_organisations_family_is_no_edge(client, world):
    register(world, 60)
    stranger = Family.register(by=world.other_curator, surname="А", municipality=world.south)
    client.force_login(world.curator)
    shown = client.get(reverse("families:family-list") + f"?page=2&after={stranger.pk}").context["page_obj"]
    assert len(shown) == 10  # page two by its number, not the rows after the stranger's surname


def test_links_of_pages_carry_ids_and_no_surname(client, world):
    register(world, 120, "Ковалёвы")
    client.force_login(world.curator)
    url = reverse("families:family-list")
    first = client.get(url + "?sort=surname")
    following = [link for link in links_of(first) if "after" in parse_qs(urlsplit(link).query)]
    assert following
    for link in following:
        asked = parse_qs(urlsplit(link).query)
        assert set(asked) == {"sort", "page", "after"}
        assert asked["after"] == [str(first.context["page_obj"].last_key)]
    second = client.get(url + following[0]).context["page_obj"]
    assert not {row.pk for row in second} & {row.pk for row in first.context["page_obj"]}


def links_of(answer):
    return [part.split('"')[0].replace("&amp;", "&") for part in answer.content.decode().split('href="')[1:]]


def count_queries(client, url):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_a_page_by_key_costs_the_same_however_deep(client, world):
    rows = register(world, 170)
    client.force_login(world.curator)
    url = reverse("families:family-list")
    client.get(url)
    one = count_queries(client, f"{url}?page=2&after={rows[3].pk}")
    assert count_queries(client, f"{url}?page=4&after={rows[3].pk}") == one
    assert count_queries(client, f"{url}?page=3&before={rows[3].pk}") == one


# --- Words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "page", "field", "words"),
    [
        ("curator", "families:family-list", "q", "Ковалёв"),
        ("data_officer", "audit:record-list", "actor_login", "curator-C1"),
        ("administrator", "accounts:organisation-list", "text", "Школа"),
    ],
)
def test_words_of_a_filter_are_in_no_address_and_no_log(client, world, role, page, field, words):
    register(world, 3, "Ковалёвы")
    register(world, 2, "Иные")
    client.force_login(world.users[role])
    everything = client.get(reverse(page)).context["total"]
    answer = client.post(reverse(page), {field: words, "sort": "", "act": ""})
    assert answer.status_code == 302
    assert set(parse_qs(urlsplit(answer["Location"]).query)) == {"words"}
    shown = client.get(answer["Location"])
    assert words in shown.context["applied"][0][0]
    assert shown.context["total"] < everything or page == "audit:record-list"
    for link in links_of(shown):
        assert words not in link and field not in parse_qs(urlsplit(link).query)
    for seen in AuditRecord.objects.all():
        assert words not in str(seen.detail)
    assert client.get(reverse(page) + f"?{field}={words}").context["applied"] == []
    removed = client.get(reverse(page) + shown.context["applied"][0][1])
    assert removed.context["applied"] == []


def test_two_windows_keep_their_own_words_and_another_session_has_none(client, world):
    register(world, 3, "Ковалёвы")
    register(world, 2, "Иные")
    client.force_login(world.curator)
    url = reverse("families:family-list")
    one, two = (client.post(url, {"q": words})["Location"] for words in ("Ковалёвы", "Иные"))
    assert [client.get(address).context["total"] for address in (one, two, one)] == [3, 2, 3]
    client.logout()
    client.force_login(world.colleague)
    assert client.get(one).context["total"] == 5


# --- Columns ----------------------------------------------------------------------------------------------------------


def titles_of(answer):
    return [head.title for head in answer.context["table"].columns]


def sheet_of(client, answer):
    url = answer.request["PATH_INFO"] + answer.context["xlsx_url"]
    got = client.get(url)
    return openpyxl.load_workbook(io.BytesIO(b"".join(got.streaming_content))).active


def test_chosen_columns_are_the_readers_own_in_his_order_on_the_page_and_in_excel(client, world):
    client.force_login(world.administrator)
    url = reverse("accounts:organisation-list")
    before = client.get(url)
    keys = {column.title: column.key for column, _shown in before.context["column_choice"]}
    chosen = ["Код", "Наименование"]
    answer = client.post(url, {"act": "columns", "column": [keys[title] for title in chosen]}, follow=True)
    assert titles_of(answer) == chosen
    assert [cell.value for cell in sheet_of(client, answer)[4]] == chosen
    answer = client.post(url, {"act": "columns", "column": ["code", "name", "phone"], "move": "phone:up"}, follow=True)
    assert titles_of(answer) == ["Код", "Телефон", "Наименование"]
    assert answer.context["columns_open"]
    colleague = make_user("administrator", world.ministry, "second")
    client.force_login(colleague)
    assert titles_of(client.get(url)) == titles_of(before)
    client.force_login(world.administrator)
    answer = client.post(url, {"act": "columns", "column": ["code"], "reset": "1"}, follow=True)
    assert titles_of(answer) == titles_of(before)
    assert not ChosenColumns.objects.exists()


def test_a_table_keeps_at_least_one_column_and_only_its_own(client, world):
    client.force_login(world.administrator)
    url = reverse("accounts:organisation-list")
    before = titles_of(client.get(url))
    answer = client.post(url, {"act": "columns", "column": ["password"]}, follow=True)
    assert "хотя бы один столбец" in answer.content.decode()
    assert titles_of(answer) == before


# --- Filters kept under a name ----------------------------------------------------------------------------------------


def save(client, name, query, **fields):
    url = reverse("families:family-list")
    return client.post(f"{url}?{query}", {"act": "save", "name": name} | fields, follow=True)


def chips(client):
    return [chip["title"] for chip in client.get(reverse("families:family-list")).context["saved"]]


def test_a_saved_filter_is_its_owners_until_shared_with_the_organisation(client, world):
    client.force_login(world.curator)
    answer = save(client, "Многодетные на учёте", "sop=yes&category=large&page=3&after=7&as=&columns=1")
    saved = SavedFilter.objects.get()
    assert saved.query == "category=large&sop=yes"
    assert answer.context["saved_now"] == saved and answer.context["saved_own"]
    assert chips(client) == ["Все", "Многодетные на учёте"]
    act = {"act": "share", "saved": saved.pk}
    for stranger in (world.colleague, world.other_curator):
        client.force_login(stranger)
        assert chips(client) == []
        client.post(reverse("families:family-list"), act)
        client.post(reverse("families:family-list"), act | {"act": "delete"})
    saved.refresh_from_db()
    assert not saved.shared
    client.force_login(world.curator)
    client.post(reverse("families:family-list"), act)
    client.force_login(world.colleague)
    assert chips(client) == ["Все", "Многодетные на учёте"]
    client.force_login(world.other_curator)
    assert chips(client) == []
    client.force_login(world.curator)
    client.post(reverse("families:family-list"), act | {"act": "unshare"})
    client.post(reverse("families:family-list"), act | {"act": "delete"})
    assert not SavedFilter.objects.exists()


def test_a_name_means_one_filter_in_an_organisation_and_page(client, world):
    client.force_login(world.curator)
    save(client, "На учёте", "sop=yes", shared="on")
    client.force_login(world.colleague)
    assert "в организации уже есть" in save(client, " На  учёте ", "sop=no").content.decode()
    client.force_login(world.other_curator)
    save(client, "На учёте", "sop=no")
    assert SavedFilter.objects.count() == 2


@pytest.mark.parametrize(("name", "query"), [("", "sop=yes"), ("Пустой", ""), ("Б" * 61, "sop=yes")])
def test_a_filter_without_name_or_content_is_not_kept(client, world, name, query):
    client.force_login(world.curator)
    save(client, name, query)
    assert not SavedFilter.objects.exists()


def test_words_are_never_part_of_a_saved_filter(client, world):
    client.force_login(world.curator)
    url = reverse("families:family-list")
    found = client.post(url, {"q": "Ковалёв", "sop": "yes"})["Location"]
    client.post(found, {"act": "save", "name": "На учёте", "q": "Ковалёв"})
    assert SavedFilter.objects.get().query == "sop=yes"


def test_lists_without_filters_stand_as_they_are(client, world):
    Organisation.objects.filter(pk=world.school.pk).update(phone="=1+1")
    client.force_login(world.secretary)
    answer = client.get(reverse("councils:item-queue"))
    assert answer.status_code == 200 and answer.context["saved"] == []
    assert not Case.objects.exists() and not Council.objects.exists()
