"""The search box: what it understands, what it tells about families of others, and that no word lands in an address."""

import datetime

import pytest
from django.urls import reverse

from families.models import Family, Person
from families.models.family import new_person
from families.search import find_families, read_query
from sopr.audit.models import Action, AuditRecord
from sopr.tests.casework import make_family

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
        with django_assert_num_queries(2):  # people with families; organisations of others
            find_families(world.curator, "Ковалёва Анна 1991")
        with django_assert_num_queries(2):  # people with families; cards by surname
            find_families(world.curator, "Ковалёва")
