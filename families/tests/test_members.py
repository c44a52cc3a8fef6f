"""Who is in the family, its categories, the СОП register, corrections of the card."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from families.models import Family, FamilyMembership, Person
from sopr.errors import Refused
from sopr.tests.casework import make_family

TODAY = timezone.localdate


@pytest.fixture
def family(world, client):
    client.force_login(world.curator)
    return make_family(world)


def post(client, name, row, **data):
    return client.post(reverse(f"families:{name}", args=[row.pk]), data)


def say(response):
    return response.content.decode()


PERSON = {
    "last_name": "Ковалёв",
    "first_name": "Пётр",
    "patronymic": "",
    "birth_on": "1988-01-15",
    "sex": "m",
    "snils": "",
    "relation": "father",
    "is_representative": "on",
    "since": "2020-05-01",
    "ground": "",
}


def test_a_new_person_joins(family, client):
    response = post(client, "member-add", family, **PERSON)
    assert response.url.endswith("?tab=members")
    membership = family.memberships.get(relation="father")
    assert (membership.person.full_name, membership.since) == ("Ковалёв Пётр", datetime.date(2020, 5, 1))


def test_a_known_person_is_asked_about_and_joins_without_a_second_record(world, family, client):
    other = make_family(world, surname="Щукины")
    mother = other.memberships.get(relation="mother").person
    typed = PERSON | {
        "last_name": "Ковалева",
        "first_name": "Анна",
        "patronymic": "Игоревна",
        "birth_on": "1991-04-12",
        "sex": "f",
        "relation": "other",
        "since": "",
    }
    people = Person.objects.count()
    third = Family.register(by=world.curator, surname="Третьи", municipality=world.north)
    response = post(client, "member-add", third, **typed)
    assert response.status_code == 422 and "Это Ковалёва Анна Игоревна, 12.04.1991" in say(response)
    assert post(client, "member-add", third, **typed, known=str(mother.pk)).status_code == 302
    assert Person.objects.count() == people
    assert third.memberships.get().person == mother
    assert other.events.filter(kind="member_elsewhere").exists()


def test_nobody_joins_twice(family, client):
    mother = family.memberships.get(relation="mother").person
    data = PERSON | {"last_name": "Ковалёва", "first_name": "Анна", "birth_on": "1991-04-12", "known": str(mother.pk)}
    response = post(client, "member-add", family, **data)
    assert response.status_code == 422 and "уже числится в составе" in say(response)
    assert family.memberships.count() == 2


def test_a_person_leaves_and_stays_in_the_history(family, client):
    child = family.memberships.get(relation="child")
    until = TODAY() - datetime.timedelta(days=3)
    assert post(client, "member-end", child, until=until.isoformat()).status_code == 302
    page = say(client.get(reverse("families:family-detail", args=[family.pk]) + "?tab=members"))
    assert "Выбыли из семьи: 1" in page
    assert client.get(reverse("families:member-end", args=[child.pk])).status_code == 409


@pytest.mark.parametrize(
    ("until", "says"),
    [("2000-01-01", "раньше даты вхождения"), ("2090-01-01", "ещё не наступила"), ("", "Обязательное поле")],
)
def test_impossible_last_days(family, client, until, says):
    child = family.memberships.get(relation="child")
    response = post(client, "member-end", child, until=until)
    assert response.status_code == 422 and says in say(response)
    assert FamilyMembership.objects.get(pk=child.pk).until is None


def test_a_persons_data_are_corrected(family, client):
    person = family.memberships.get(relation="child").person
    data = {
        "last_name": "Ковалёв",
        "first_name": "Илья",
        "patronymic": "Павлович",
        "birth_on": "2016-09-04",
        "sex": "m",
        "snils": "112-233-445 95",
        "phone": "8 912 3456789",
        "occupation": "2 класс",
        "health": "здоров",
    }
    assert post(client, "person-edit", person, **data).status_code == 302
    person.refresh_from_db()
    assert (person.snils, person.phone, person.search_name) == (
        "11223344595",
        "+7 912 345-67-89",
        "ковалев илья павлович",
    )
    event = family.events.get(kind="person_amended")
    assert "Павлович" not in str(event.refs) and "patronymic" in event.refs["fields"]


def test_a_snils_taken_by_another_is_refused(family, client):
    mother, child = (family.memberships.get(relation=relation).person for relation in ("mother", "child"))
    Person.objects.filter(pk=mother.pk).update(snils="11223344595")
    response = post(client, "person-edit", child, last_name="Ковалёв", first_name="Илья", snils="11223344595")
    assert response.status_code == 422 and "уже записан у другого человека" in say(response)


def test_a_stale_form_overwrites_nothing(family, client):
    person = family.memberships.get(relation="child").person
    data = {"last_name": "Ковалёв", "first_name": "Илья", "occupation": "1 класс", "version": "1"}
    family.amend_person(person, by=family.events.first().by, occupation="2 класс")
    response = post(client, "person-edit", person, **data)
    assert response.status_code == 422 and "запись изменил другой сотрудник" in say(response)
    person.refresh_from_db()
    assert person.occupation == "2 класс"


def card(family, **changes):
    return {
        "surname": family.surname,
        "municipality": family.municipality_id,
        "district": "",
        "address": family.address,
        "phone": family.phone,
        "circumstances": "",
    } | changes


def test_the_card_is_corrected(family, client):
    assert post(client, "family-edit", family, **card(family, address="ул. Новая, 5")).status_code == 302
    family.refresh_from_db()
    assert (family.address, family.address_key) == ("ул. Новая, 5", "новая 5")
    assert family.events.get(kind="amended").refs == {"fields": ["address"]}


def test_a_district_of_another_municipality_is_refused(world, family, client):
    district = world.south.districts.create(name="Участок № 3")
    response = post(client, "family-edit", family, **card(family, district=district.pk))
    assert response.status_code == 422 and "относится к другому муниципальному образованию" in say(response)


def test_the_primary_category_is_replaced(family, client):
    family.category_periods.update(since=datetime.date(2025, 1, 1))
    day = TODAY().isoformat()
    assert (
        post(client, "category-set", family, category="large", kind="primary", since=day, ground="").status_code == 302
    )
    assert family.primary_category_on(TODAY()) == "large"
    assert family.category_periods.count() == 2


def test_a_primary_category_cannot_begin_before_the_present_one(family, client):
    response = post(client, "category-set", family, category="large", kind="primary", since="2020-01-01")
    assert response.status_code == 422 and "Укажите более позднюю дату" in say(response)


def test_a_further_category_comes_and_goes(family, client):
    day = TODAY().isoformat()
    assert post(client, "category-set", family, category="large", kind="further", since=day).status_code == 302
    again = post(client, "category-set", family, category="large", kind="further", since=day)
    assert again.status_code == 422 and "уже указана" in say(again)
    period = family.category_periods.get(is_primary=False)
    assert post(client, "category-end", period, until=day).status_code == 302
    assert client.get(reverse("families:category-end", args=[period.pk])).status_code == 409
    primary = family.category_periods.get(is_primary=True)
    assert client.get(reverse("families:category-end", args=[primary.pk])).status_code == 409


def test_a_change_made_after_the_form_was_checked_is_not_overwritten(world, family):
    stale = Family.objects.get(pk=family.pk)
    Family.objects.get(pk=family.pk).amend(by=world.head, phone="+7 912 345-67-89")
    with pytest.raises(Refused, match="изменил другой сотрудник"):
        stale.amend(by=world.curator, address="ул. Новая, 1")


@pytest.mark.parametrize("snils", ["112-233-445 9²", "١١٢٢٣٣٤٤٥٩٥"])
def test_strange_digits_are_no_snils(family, client, snils):
    person = family.memberships.get(relation="child").person
    answer = post(client, "person-edit", person, last_name="Ковалёв", first_name="Илья", sex="m", snils=snils)
    assert answer.status_code == 422 and "11 цифр" in say(answer)
