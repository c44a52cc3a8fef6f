"""Search before create: what counts as alike, and what a curator must answer."""

import datetime
from dataclasses import replace

import pytest
from django.urls import reverse

from families.finding.likeness import find_like
from families.finding.sameness import Grade, Typed, compare
from families.models import Family, Person
from families.models.family import new_person
from families.registration import enter_member
from sopr.audit.models import Action, AuditRecord
from sopr.errors import Refused
from sopr.tests.casework import make_family

SNILS = "11223344595"


def typed(**changes):
    """Анна Ковалёва of `make_family`, as somebody types her."""
    values = {
        "last_name": "Ковалёва",
        "first_name": "Анна",
        "patronymic": "Игоревна",
        "birth_on": datetime.date(1991, 4, 12),
    }
    return Typed(**(values | changes))


def grade_of(world, person, **card):
    likes = find_like(by=world.curator, people=[person], **card)
    return likes[0].grade if likes else None


@pytest.mark.parametrize(
    ("changes", "grade"),
    [
        ({}, Grade.STRONG),
        ({"last_name": "КОВАЛЕВА"}, Grade.STRONG),  # ё as е, capitals
        ({"patronymic": ""}, Grade.STRONG),
        ({"last_name": "Анна", "first_name": "Ковалева"}, Grade.STRONG),  # name and surname swapped
        ({"last_name": "Ковавела"}, Grade.NEAR),  # letters swapped
        ({"last_name": "Кавалёва", "first_name": "Ана"}, Grade.NEAR),  # slips of the pen
        ({"birth_on": datetime.date(1991, 12, 4)}, Grade.NEAR),  # day and month swapped
        ({"birth_on": None}, Grade.NEAR),
        ({"birth_on": datetime.date(1978, 11, 30)}, None),  # a namesake of another generation
        ({"birth_on": datetime.date(1991, 9, 27)}, Grade.WEAK),  # a namesake of the same year
        ({"last_name": "Щукина", "first_name": "Вера", "patronymic": ""}, None),  # born the same day, somebody else
    ],
)
def test_how_alike_a_person_is(world, changes, grade):
    make_family(world)
    assert grade_of(world, typed(**changes)) == grade


def test_snils_is_enough(world):
    family = make_family(world)
    Person.objects.filter(memberships__family=family, first_name="Анна").update(snils=SNILS)
    assert grade_of(world, typed(last_name="Петрова", snils=SNILS)) == Grade.STRONG


def test_same_address_and_surname_is_near_same_address_alone_is_weak(world):
    make_family(world)
    assert find_like(by=world.curator, surname="Ковалевы", address="Лесная, д.4, кв.7")[0].grade == Grade.NEAR
    assert find_like(by=world.curator, surname="Ковалевы", address="Лесная улица 4 - 7")[0].grade == Grade.NEAR
    assert find_like(by=world.curator, surname="Ковалевы", address="Лесная, д.4, кв.8") == []
    assert find_like(by=world.curator, surname="Щукины", address="Лесная, д.4, кв.7")[0].grade == Grade.WEAK


def test_same_telephone_however_it_is_written(world):
    make_family(world, phone="8 (912) 345-67-89")
    assert find_like(by=world.curator, surname="Ковалёвы", phone="+79123456789")[0].grade == Grade.NEAR


def test_another_organisation_shows_itself_only(world):
    make_family(world, by=world.other_curator)
    like = find_like(by=world.curator, people=[typed()])[0]
    assert (like.own, like.organisations) == (False, [world.other_centre])
    assert find_like(by=world.curator, people=[typed(birth_on=datetime.date(1991, 9, 27))]) == []  # weak: not shown


def test_the_number_of_queries_is_constant(world, django_assert_num_queries):
    for number in range(12):
        family = Family.register(by=world.curator, surname="Ковалёвы", municipality=world.north)
        person = new_person(
            by=world.curator, last_name="Ковалёва", first_name="Анна", birth_on=datetime.date(1991, 4, 1 + number)
        )
        family.add_member(person, by=world.curator, relation="mother")
    with django_assert_num_queries(3):
        find_like(by=world.curator, people=[typed()])
    with django_assert_num_queries(3):
        find_like(by=world.curator, people=[typed(), typed(first_name="Илья"), typed(birth_on=None)])


# -- the page ------------------------------------------------------------------------------------------------------------


def form_data(world, **changes):
    """What the browser posts for a mother and a child."""
    values = {
        "surname": "Щукины",
        "municipality": world.north.pk,
        "district": "",
        "address": "ул. Мира, 1",
        "phone": "",
        "circumstances": "",
        "category": "large",
        "category_ground": "",
        "difference": "",
        "people-TOTAL_FORMS": "2",
        "people-INITIAL_FORMS": "0",
        "people-MIN_NUM_FORMS": "1",
        "people-MAX_NUM_FORMS": "20",
        "people-0-last_name": "Щукина",
        "people-0-first_name": "Вера",
        "people-0-patronymic": "Львовна",
        "people-0-sex": "f",
        "people-0-birth_on": "1990-02-28",
        "people-0-relation": "mother",
        "people-0-is_representative": "on",
        "people-0-snils": "",
        "people-1-last_name": "",
        "people-1-first_name": "",
    }
    return values | changes


ANNA = {
    "surname": "Ковалёвы",
    "people-0-last_name": "Ковалева",
    "people-0-first_name": "Анна",
    "people-0-patronymic": "Игоревна",
    "people-0-birth_on": "12.04.1991",
}


def post_new(client, world, **changes):
    return client.post(reverse("families:family-new"), form_data(world, **changes))


def test_a_new_family_is_entered(world, client):
    client.force_login(world.curator)
    response = post_new(client, world)
    family = Family.objects.get()
    assert response.url == reverse("families:family-detail", args=[family.pk])
    assert family.surname == "Щукины"
    assert [m.person.full_name for m in family.memberships.all()] == ["Щукина Вера Львовна"]
    assert family.category_periods.get().category == "large"
    assert list(family.holders.all()) == [world.centre]
    record = AuditRecord.objects.filter(action=Action.CHANGE).latest("seq")
    assert (record.subject_type, record.subject_id) == ("families.family", family.pk)


def test_a_row_taken_out_is_not_entered(world, client):
    client.force_login(world.curator)
    extra = {"people-1-last_name": "Лишний", "people-1-DELETE": "on"}
    assert post_new(client, world, **extra).status_code == 302
    assert [m.person.full_name for m in Family.objects.get().memberships.all()] == ["Щукина Вера Львовна"]


def test_the_only_row_taken_out_leaves_nobody(world, client):
    client.force_login(world.curator)
    response = post_new(client, world, **{"people-0-DELETE": "on"})
    assert response.status_code == 422
    assert "Впишите хотя бы одного человека" in response.content.decode()


def test_a_family_alike_comes_back_with_the_panel(world, client):
    known = make_family(world)
    client.force_login(world.curator)
    response = post_new(client, world, **ANNA)
    page = response.content.decode()
    assert response.status_code == 422
    assert Family.objects.count() == 1
    assert "Похожие семьи: 1" in page and f"№ {known.number}" in page and "Ковалёва Анна Игоревна" in page
    assert 'value="Ковалева"' in page  # nothing typed is lost


def test_another_organisations_family_is_named_by_its_organisation_only(world, client):
    other = make_family(world, by=world.other_curator, phone="+7 912 000-11-22")
    client.force_login(world.curator)
    page = post_new(client, world, **ANNA).content.decode()
    assert "Центр помощи семье «Южный»" in page and world.other_centre.phone in page
    assert "Ковалёва Анна Игоревна" not in page
    assert reverse("families:family-detail", args=[other.pk]) not in page


def test_a_reason_is_asked_for_another_family(world, client):
    make_family(world)
    client.force_login(world.curator)
    response = post_new(client, world, **ANNA, other_family="on")
    assert response.status_code == 422
    assert "Укажите, чем эта семья отличается" in response.content.decode()
    assert Family.objects.count() == 1


def test_another_family_with_a_reason_is_entered_and_remembered(world, client):
    known = make_family(world)
    client.force_login(world.curator)
    response = post_new(client, world, **ANNA, other_family="on", difference="documents")
    assert response.status_code == 302
    family = Family.objects.exclude(pk=known.pk).get()
    event = family.events.get(kind="distinguished")
    assert event.refs == {"families": [known.pk], "reason": "documents"}


def test_the_panel_while_typing(world, client):
    known = make_family(world)
    client.force_login(world.curator)
    half = form_data(world, **ANNA) | {"municipality": "", "category": "", "people-0-relation": ""}
    response = client.post(reverse("families:family-duplicates"), half)
    page = response.content.decode()
    assert response.status_code == 200
    assert f"№ {known.number}" in page and "<html" not in page
    record = AuditRecord.objects.filter(action=Action.SEARCH).latest("seq")
    assert record.detail == {"page": "families:family-duplicates", "found": 1}


def test_a_person_with_a_known_snils_is_not_entered_twice(world, client):
    known = make_family(world)
    Person.objects.filter(memberships__family=known, first_name="Анна").update(snils=SNILS)
    client.force_login(world.curator)
    data = ANNA | {"people-0-snils": "112-233-445 95", "other_family": "on", "difference": "moved"}
    assert post_new(client, world, **data).status_code == 302
    assert Person.objects.filter(snils=SNILS).count() == 1
    assert known.events.filter(kind="member_elsewhere").count() == 1


def test_a_snils_of_somebody_else_is_refused(world, client):
    known = make_family(world)
    Person.objects.filter(memberships__family=known, first_name="Анна").update(snils=SNILS)
    client.force_login(world.curator)
    response = post_new(client, world, **{"people-0-snils": SNILS, "other_family": "on", "difference": "documents"})
    assert response.status_code == 422
    assert "уже записан у другого человека" in response.content.decode()
    assert Family.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"surname": ""}, "Укажите фамилию семьи."),
        ({"people-0-birth_on": "01.01.2090"}, "Дата рождения позже сегодняшнего дня"),
        ({"people-0-snils": "112-233-445 00"}, "не сходится контрольное число"),
        ({"people-0-snils": "12-34"}, "должно быть 11 цифр"),
        ({"phone": "12"}, "Введите телефон с кодом города"),
        ({"people-0-last_name": "", "people-0-first_name": "", "people-0-relation": ""}, "Впишите хотя бы одного"),
    ],
)
def test_bad_input_says_what_to_do(world, client, changes, says):
    client.force_login(world.curator)
    if "people-0-last_name" in changes:
        changes = dict.fromkeys([key for key in form_data(world) if key.startswith("people-0-")], "") | changes
    response = post_new(client, world, **changes)
    assert response.status_code == 422
    assert says in response.content.decode()
    assert Family.objects.count() == 0


def test_the_same_form_sent_twice_acts_once(world, client):
    client.force_login(world.curator)
    token = {"submit_token": "6a2f3c1e-96c4-4a3a-9a51-0d3c0c1b7f11"}
    first, second = post_new(client, world, **token), post_new(client, world, **token)
    assert first.url == second.url
    assert Family.objects.count() == 1


# -- a person who joins a family -----------------------------------------------------------------------------------------


def add_member(client, family, **changes):
    values = {
        "last_name": "Ковалева",
        "first_name": "Анна",
        "patronymic": "Игоревна",
        "birth_on": "1991-04-12",
        "sex": "f",
        "snils": "",
        "relation": "mother",
        "since": "",
        "ground": "",
    }
    return client.post(reverse("families:member-add", args=[family.pk]), values | changes)


@pytest.fixture
def joined(world):
    """A family of the curator's own which somebody is to join."""
    return Family.register(by=world.curator, surname="Щукины", municipality=world.north)


def test_a_person_alike_is_shown_with_the_reasons(world, client, joined):
    make_family(world)
    client.force_login(world.curator)
    response = add_member(client, joined, patronymic="Анна", first_name="Игоревна")
    page = response.content.decode()
    assert response.status_code == 422
    assert "Это Ковалёва Анна Игоревна, 12.04.1991. Совпадает: имя (слова переставлены), дата рождения" in page
    assert "Почему это другой человек" in page


def test_a_new_person_despite_one_alike_needs_a_reason(world, client, joined):
    make_family(world)
    client.force_login(world.curator)
    response = add_member(client, joined, known="new")
    assert response.status_code == 422
    assert "Укажите, почему это другой человек" in response.content.decode()
    assert not joined.memberships.exists()


def test_the_reason_is_kept_as_a_code(world, client, joined):
    known = make_family(world)
    anna = Person.objects.get(memberships__family=known, first_name="Анна")
    client.force_login(world.curator)
    assert add_member(client, joined, known="new", difference="twin").status_code == 302
    entered = joined.memberships.get().person
    assert entered != anna
    event = joined.events.get(kind="person_distinguished")
    assert event.refs == {"person": entered.pk, "people": [anna.pk], "families": [], "reason": "twin"}


def test_somebody_alike_elsewhere_is_only_an_organisation(world, client, joined):
    other = make_family(world, by=world.other_curator)
    client.force_login(world.curator)
    response = add_member(client, joined)
    page = response.content.decode()
    assert response.status_code == 422
    assert "Центр помощи семье «Южный»" in page and world.other_centre.phone in page
    assert "Ковалёва" not in page and other.number not in page
    assert add_member(client, joined, difference="documents").status_code == 302
    event = joined.events.get(kind="person_distinguished")
    assert (event.refs["people"], event.refs["families"]) == ([], [other.pk])


def test_a_known_snils_answers_for_itself(world, client, joined):
    known = make_family(world, by=world.other_curator)
    Person.objects.filter(memberships__family=known, first_name="Анна").update(snils=SNILS)
    client.force_login(world.curator)
    assert add_member(client, joined, snils=SNILS).status_code == 302
    assert Person.objects.filter(snils=SNILS).count() == 1
    assert not joined.events.filter(kind="person_distinguished").exists()


def test_the_verb_asks_too(world, joined):
    known = make_family(world)
    anna = Person.objects.get(memberships__family=known, first_name="Анна")
    fields = {"last_name": "Ковалёва", "first_name": "Анна"}
    with pytest.raises(Refused, match="укажите, почему это другой человек"):
        enter_member(joined, fields, by=world.curator, people=[anna], relation="mother")
    assert not joined.memberships.exists() and Person.objects.count() == 2


# -- who is who ----------------------------------------------------------------------------------------------------------

IVAN = Typed("Смирнов", "Иван", "Иванович", datetime.date(1990, 5, 17))


def known_as(**changes):
    values = {"last_name": "Смирнов", "first_name": "Иван", "patronymic": "Иванович", "birth_on": IVAN.birth_on}
    return Person(**(values | changes))


@pytest.mark.parametrize(
    ("changes", "grade"),
    [
        ({"birth_on": datetime.date(2012, 8, 3)}, Grade.WEAK),  # his son, named after him
        ({"birth_on": datetime.date(2010, 5, 17)}, Grade.WEAK),  # even when born on the same day of the year
        ({"birth_on": datetime.date(1990, 5, 7)}, Grade.NEAR),  # a digit is missing
        ({"first_name": "Ян"}, None),  # twins: known names, however alike
        ({"first_name": "Иоанн"}, Grade.STRONG),  # another form of the name
        ({"patronymic": "Петрович"}, Grade.NEAR),  # adopted, or a slip of the paper
        ({"patronymic": "Петрович", "birth_on": None}, None),
        ({"last_name": "Орлов"}, Grade.NEAR),  # a former surname
        ({"last_name": "Орлов", "patronymic": ""}, None),
        ({"last_name": "Орлов", "birth_on": datetime.date(1990, 5, 7)}, None),
        ({"last_name": "Смирнов-Орлов"}, Grade.STRONG),
        ({"first_name": "Иванович", "patronymic": "Иван"}, Grade.STRONG),
        ({"last_name": "Иван", "first_name": "Смирнов"}, Grade.STRONG),
        ({"last_name": "Смернов", "patronymic": "Ивановчи"}, Grade.NEAR),
    ],
)
def test_who_is_the_same(changes, grade):
    assert compare(IVAN, known_as(**changes))[0] == grade


@pytest.mark.parametrize(
    ("snils", "changes", "grade"),
    [
        ("11223344595", {"last_name": "Орлов", "first_name": "Пётр", "birth_on": None}, Grade.STRONG),
        ("11223344695", {}, Grade.STRONG),  # one digit off
        ("11223344695", {"birth_on": None}, Grade.NEAR),
        ("11223344695", {"first_name": "Пётр"}, None),  # twins are given numbers in a row
        ("00100200348", {}, Grade.NEAR),  # everything but the number: a mistake in a paper
        ("00100200348", {"birth_on": None}, None),
    ],
)
def test_what_the_number_says(snils, changes, grade):
    assert compare(replace(IVAN, snils=snils), known_as(snils="11223344595", **changes))[0] == grade


@pytest.mark.parametrize(
    "names", ["Мария Марина", "Александр Александра", "Рустам Рустем", "Алина Алиса", "Марина Карина"]
)
def test_twins_are_two_people(names):
    one, other = names.split()
    typed = replace(IVAN, first_name=one)
    assert compare(typed, known_as(first_name=other)) == (None, [])
