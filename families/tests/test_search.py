"""The search box: what it understands, what it tells about families of others, and that no word lands in an address."""

import datetime
from dataclasses import replace

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from families.finding.likeness import find_like, find_people_like
from families.finding.sameness import Typed
from families.finding.search import find_families, read_query
from families.models import Family, Person
from families.models.family import new_person
from sopr.audit.models import Action, AuditRecord
from sopr.tests.casework import make_family, open_case

SNILS = "11223344595"


def numbers(user, text):
    return [found.family.number for found in find_families(user, text).found]


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("№ 0318", "number", "0318"),
        ("318", "number", "318"),
        ("112-233-445 95", "snils", SNILS),
        ("8 912 345-67-89", "phone", "+7 912 345-67-89"),
        ("12.03.2015", "birth_on", datetime.date(2015, 3, 12)),
        ("2015", "birth_year", 2015),
        ("Ковалёва  АННА", "words", ["ковалева", "анна"]),
        ("ковалева 1991", "birth_year", 1991),
        ("32.13.2015", "birth_on", None),
        ("Ковалёвы, № 0318", "number", "0318"),
        ("случай 2026-0017", "number", "2026-0017"),
        ("№2026-0017", "number", "2026-0017"),
        ("2026-0017", "snils", ""),
        ("Ли 2015", "words", ["ли"]),
    ],
)
def test_what_the_words_mean(text, field, value):
    assert getattr(read_query(text), field) == value


@pytest.mark.parametrize(
    "text",
    [
        "Ковалева",
        "анна ковалёва",
        "Игоревна Анна",
        "илья 2016",
        "12.04.1991",
        "1991",
        "лесная 4",
        "ул. Лесная",
        "+7 912 345 67 89",
        SNILS,
        "ковавелва",  # a slip: the nearest surname
    ],
)
def test_a_family_is_found_by(world, text):
    family = make_family(world, phone="8 912 345-67-89")
    Person.objects.filter(memberships__family=family, first_name="Анна").update(snils=SNILS)
    assert numbers(world.curator, text) == [family.number]


def test_a_number_comes_first(world):
    families = [make_family(world) for _ in range(3)]
    assert numbers(world.curator, f"№ {int(families[1].number)}")[0] == families[1].number


def test_a_whole_name_ranks_above_a_beginning(world):
    first = Family.register(by=world.curator, surname="Ковалёвы", municipality=world.north)
    for surname in ("Ковалёва", "Ковалевская"):
        family = Family.register(by=world.curator, surname=f"{surname}-семья", municipality=world.north)
        family.add_member(
            new_person(by=world.curator, last_name=surname, first_name="Анна"), by=world.curator, relation="mother"
        )
    found = numbers(world.curator, "ковалева анна")
    assert len(found) == 1
    assert first.number in numbers(world.curator, "ковалев")


def test_another_organisations_family_is_named_only_when_identified(world):
    make_family(world, by=world.other_curator)
    assert find_families(world.curator, "Ковалёва").elsewhere == []
    assert find_families(world.curator, "Ковалёва Анна").elsewhere == []
    results = find_families(world.curator, "Ковалёва Анна 12.04.1991")
    assert (results.found, results.elsewhere) == ([], [world.other_centre])


def search(client, text):
    return client.post(reverse("families:family-search"), {"q": text}, follow=True)


def test_words_stay_out_of_the_address_and_the_log(world, client):
    family = make_family(world)
    client.force_login(world.curator)
    response = search(client, "Ковалёва Анна")
    assert response.redirect_chain == [(reverse("families:family-search"), 302)]
    page = response.content.decode()
    assert reverse("families:family-detail", args=[family.pk]) in page
    record = AuditRecord.objects.filter(action=Action.SEARCH).latest("seq")
    assert record.detail == {"page": "families:family-search", "found": 1, "elsewhere": 0}


def test_others_are_served_by_an_organisation_and_nothing_more(world, client):
    make_family(world, by=world.other_curator)
    client.force_login(world.curator)
    page = search(client, "Ковалёва Анна 1991").content.decode()
    assert "Центр помощи семье «Южный»" in page and world.other_centre.phone in page
    assert "Игоревна" not in page and "Лесная" not in page


def test_nothing_found_says_what_to_do(world, client):
    client.force_login(world.curator)
    page = search(client, "Неведомов").content.decode()
    assert "никого не найдено" in page and reverse("families:family-new") in page


def test_the_page_before_any_search(world, client):
    client.force_login(world.curator)
    assert client.get(reverse("families:family-search")).status_code == 200


def test_a_hidden_address_is_not_listed(world, client):
    make_family(world, address_hidden=True)
    client.force_login(world.colleague)
    assert "Лесная" not in search(client, "Ковалёва").content.decode()


@pytest.mark.parametrize("role", ["secretary", "member", "executor", "ministry", "data_officer", "administrator"])
def test_other_roles_do_not_search(world, client, role):
    client.force_login(world.users[role])
    assert client.get(reverse("families:family-search")).status_code == 403
    assert client.post(reverse("families:family-search"), {"q": "Ковалёва"}).status_code == 403


def test_the_number_of_queries_is_constant(world, django_assert_num_queries):
    for number in (2, 8):
        for _ in range(number):
            make_family(world)
        with django_assert_num_queries(4):  # who of the members, their rows; served elsewhere: people, organisations
            find_families(world.curator, "Ковалёва Анна 1991")
        with django_assert_num_queries(3):  # who of the members, their rows; cards by surname
            find_families(world.curator, "Ковалёва")
        with django_assert_num_queries(5):  # nobody, no card; then members like the words, their rows, cards like them
            find_families(world.curator, "Кавалева")


# -- numbers -----------------------------------------------------------------------------------------------------------


def test_the_old_number_leads_to_the_card_that_stands_for_it(world):
    standing, merged, first = make_family(world), make_family(world), make_family(world)
    Family.objects.filter(pk=merged.pk).update(merged_into=standing)
    Family.objects.filter(pk=first.pk).update(merged_into=merged)
    for old in (merged, first):
        found = find_families(world.curator, old.number).found
        assert [(entry.family, entry.why) for entry in found] == [(standing, f"бывший № {old.number}")]


def test_the_old_number_of_a_card_elsewhere_names_its_organisation(world):
    standing, merged = make_family(world, by=world.other_curator), make_family(world)
    Family.objects.filter(pk=merged.pk).update(merged_into=standing)
    results = find_families(world.curator, merged.number)
    assert (results.found, results.elsewhere) == ([], [world.other_centre])


def test_a_case_number_finds_the_family(world):
    case = open_case(world)
    for text in (case.number, f"№ {case.number}", f"случай {case.number}"):
        entry = find_families(world.curator, text).found[0]
        assert (entry.family, entry.why) == (case.family, f"случай № {case.number}")
    # A colleague does not see the case, but the family is his organisation's.
    assert find_families(world.colleague, case.number).found[0].why == "номер случая"
    results = find_families(world.other_curator, case.number)
    assert (results.found, results.elsewhere) == ([], [world.centre])


def test_a_card_copied_with_its_name_is_found(world):
    family = make_family(world)
    assert numbers(world.curator, str(family)) == [family.number]


# -- people ------------------------------------------------------------------------------------------------------------


def test_a_former_member_still_leads_to_the_family(world):
    family = make_family(world)
    membership = family.memberships.get(relation="child")
    family.end_membership(membership, by=world.curator, until=timezone.localdate() - datetime.timedelta(days=1))
    entry = find_families(world.curator, "Ковалёв Илья").found[0]
    assert entry.family == family
    assert [(member.person, member.former) for member in entry.people] == [(membership.person, True)]


def test_a_person_who_left_is_served_nowhere_else(world):
    family = make_family(world, by=world.other_curator)
    membership = family.memberships.get(relation="child")
    assert find_families(world.curator, "Ковалёв Илья 03.09.2016").elsewhere == [world.other_centre]
    family.end_membership(membership, by=world.curator, until=timezone.localdate() - datetime.timedelta(days=1))
    assert find_families(world.curator, "Ковалёв Илья 03.09.2016").elsewhere == []


@pytest.mark.parametrize(
    "text",
    [
        "Кавалева",  # a wrong letter
        "Коалева",  # a missing one
        "Ковалееева Анна",  # spare ones
        "Ковлаева Анна 1991",  # two swapped
        "анан Ковалева",  # also in a short word, beside a longer one
        "ковал",  # not yet typed to the end
        "кавал",  # and with a slip
        "Ковалева Лесная 4",  # the surname and the address together
        "ленсая 4",
        "Rjdfktdf",  # the wrong keyboard layout
    ],
)
def test_slips_are_forgiven(world, text):
    family = make_family(world)
    assert numbers(world.curator, text) == [family.number]


@pytest.mark.parametrize("text", ["Щербинина", "Ковалёва Зоя", "Анна 1970", "Полевая 4", "Rjdfktdf Pjz"])
def test_what_is_not_alike_is_not_found(world, text):
    make_family(world)
    assert numbers(world.curator, text) == []


def test_a_slip_does_not_hide_a_family_served_elsewhere(world):
    make_family(world, by=world.other_curator)
    assert find_families(world.curator, "Кавалева Анна 12.04.1991").elsewhere == [world.other_centre]
    assert find_families(world.curator, "Кавалева Анна 1991").elsewhere == []  # the day alone makes it sure


def test_the_likeliest_come_first(world):
    make_family(world)  # Ковалёва Анна Игоревна
    other = Family.register(by=world.curator, surname="Аннины", municipality=world.north)
    person = new_person(by=world.curator, last_name="Игоревна", first_name="Анна")
    other.add_member(person, by=world.curator, relation="mother")
    assert numbers(world.curator, "Анна Игоревна")[0] == other.number
    assert numbers(world.curator, "Игоревна")[0] == other.number


def test_a_hidden_address_is_not_matched(world):
    make_family(world, address_hidden=True)
    for text in ("Лесная", "Лесная 4", "Лнесая", "Лесная, 4, кв. 7"):
        results = find_families(world.curator, text)
        assert len(results) == 0


# -- the list under the box --------------------------------------------------------------------------------------------


def suggest(client, text):
    return client.post(reverse("families:family-suggest"), {"q": text}, headers={"HX-Request": "true"})


def test_results_while_typing(world, client):
    family = make_family(world)
    client.force_login(world.curator)
    response = suggest(client, "Ковалёва Ан")
    page = response.content.decode()
    assert response.status_code == 200 and "<html" not in page
    assert 'role="option"' in page and reverse("families:family-detail", args=[family.pk]) in page
    assert "Ковалёва Анна Игоревна" in page
    record = AuditRecord.objects.filter(action=Action.SEARCH).latest("seq")
    assert record.detail == {"page": "families:family-suggest", "found": 1, "elsewhere": 0}


def test_every_answer_while_typing_is_logged_and_a_single_letter_has_none(world, client):
    make_family(world)
    client.force_login(world.curator)
    for text in ("К", "Ко", "Ков"):
        suggest(client, text)
    assert AuditRecord.objects.filter(action=Action.SEARCH).count() == 2
    assert suggest(client, " К ").content == b""


def test_others_in_the_list_are_an_organisation_and_nothing_more(world, client):
    family = make_family(world, by=world.other_curator)
    client.force_login(world.curator)
    page = suggest(client, "Ковалёва Анна 12.04.1991").content.decode()
    assert "Семья уже сопровождается" in page and "8 (800) 100-00-02" in page
    assert "Игоревна" not in page and family.number not in page and "Лесная" not in page
    assert "сопровождается" not in suggest(client, "Ковалёва Анна").content.decode()


def test_a_hidden_address_is_not_in_the_list(world, client):
    make_family(world, address_hidden=True)
    client.force_login(world.colleague)
    assert "Лесная" not in suggest(client, "Ковалёвы").content.decode()


def test_the_list_answers_by_post_only(world, client):
    client.force_login(world.curator)
    assert client.get(reverse("families:family-suggest"), {"q": "Ковалёва"}).status_code == 405


def test_the_box_asks_for_the_list(world, client):
    client.force_login(world.curator)
    page = client.get(reverse("families:family-search")).content.decode()
    assert f'hx-post="{reverse("families:family-suggest")}"' in page and 'role="combobox"' in page
    client.force_login(world.secretary)
    assert 'role="combobox"' not in client.get(reverse("home"), follow=True).content.decode()


# -- indexes -----------------------------------------------------------------------------------------------------------


LARGE = {"families_person", "families_family", "families_familymembership", "cases_case"}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="sopr/tests/test_register_size.py reads PostgreSQL's plans")
@pytest.mark.parametrize(
    "text",
    ["Ковалёва", "ковалева анна 1991", "Ли", "К", "12.04.1991", "лесная 4", "0001", "112-233-445 95", "Кавалева анна"],
)
def test_no_search_reads_a_large_table_through(world, django_assert_max_num_queries, text):
    make_family(world)
    with django_assert_max_num_queries(8) as caught:
        find_families(world.curator, text)
    assert_nothing_scanned(caught)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="sopr/tests/test_register_size.py reads PostgreSQL's plans")
def test_no_duplicate_check_reads_a_large_table_through(world, django_assert_max_num_queries):
    make_family(world)
    typed = Typed("Ковалёва", "Анна", "Игоревна", datetime.date(1991, 4, 12), SNILS, "+7 912 345-67-89")
    for person in (typed, replace(typed, birth_on=None), replace(typed, snils="", phone="")):
        with django_assert_max_num_queries(6) as caught:
            find_like(by=world.curator, people=[person, typed], surname="Ковалёвы", address="Лесная, 4", phone="1")
            find_people_like(person, by=world.curator)
        assert_nothing_scanned(caught)


def assert_nothing_scanned(caught):
    for query in caught.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            steps = [row[3].split() for row in cursor.fetchall()]
        scanned = {step[1] for step in steps if step[0] == "SCAN" and "VIRTUAL" not in step}
        assert not scanned & LARGE, (steps, query["sql"])
