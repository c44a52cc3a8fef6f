"""One person: the page, health by terms, representation, corrections, how the name declines."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from families.models import FamilyMembership, HealthStatus, Person
from sopr.documents.names import Name, given_name
from sopr.errors import Refused
from sopr.tests.casework import make_family, open_case

DAY = datetime.timedelta(days=1)
TODAY = timezone.localdate


@pytest.fixture
def family(world, client):
    client.force_login(world.curator)
    return make_family(world)


@pytest.fixture
def child(family):
    return family.memberships.get(relation="child").person


@pytest.fixture
def mother(family):
    return family.memberships.get(relation="mother")


def url(name, row):
    return reverse(f"families:{name}", args=[row.pk])


def page(client, name, row):
    return client.get(url(name, row)).content.decode()


STATUS = {"detail": "child", "document": "МСЭ № 15", "since": "2025-09-01", "until": "2028-09-01"}


def test_a_status_of_health_is_recorded_corrected_and_ended(family, child, client):
    assert client.post(url("health-add", child), STATUS).status_code == 302
    status = child.health_statuses.get()
    assert (status.kind, status.until) == ("disability", datetime.date(2028, 9, 1))
    assert "ребёнок-инвалид" in page(client, "person-detail", child)
    again = client.post(url("health-add", child), STATUS | {"since": "2026-01-01"})
    assert again.status_code == 422 and "занимает эти дни" in again.content.decode()
    corrected = client.post(url("health-edit", status), STATUS | {"until": "2027-09-01", "reason": "document"})
    assert corrected.status_code == 302
    assert client.post(url("health-end", status), {"until": "2026-02-01"}).status_code == 302
    status.refresh_from_db()
    assert status.until == datetime.date(2026, 2, 1)
    kinds = list(family.events.filter(kind__startswith="health").order_by("pk").values_list("kind", flat=True))
    assert kinds == ["health_amended", "health_corrected", "health_amended"]


def test_health_is_for_those_who_work_with_the_family(world, family, child, client):
    HealthStatus.establish(
        child, family, by=world.curator, kind="disability", detail="child", since=datetime.date(2025, 9, 1)
    )
    open_case(world, family=family)
    status = child.health_statuses.get()
    for user, seen in ((world.curator, True), (world.head, True), (world.colleague, False)):
        client.force_login(user)
        assert ("ребёнок-инвалид" in page(client, "person-detail", child)) is seen, user
        members = client.get(url("family-detail", family) + "?tab=members").content.decode()
        assert ("ребёнок-инвалид" in members) is seen, user
        chronicle = page(client, "family-detail", family)
        assert "инвалид" not in chronicle
    closed = client.get(url("health-edit", status))
    assert closed.status_code == 409 and "ребёнок-инвалид" not in closed.content.decode()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"since": "2090-01-01"}, "ещё не наступила"),
        ({"until": "2025-08-31"}, "заканчивается раньше"),
        ({"detail": ""}, "Обязательное поле"),
    ],
)
def test_impossible_statuses(child, client, fields, says):
    answer = client.post(url("health-add", child), STATUS | fields)
    assert answer.status_code == 422 and says in answer.content.decode()
    assert not child.health_statuses.exists()


def test_hidden_addresses_of_a_person(world, family, child, client):
    family.amend_person(child, by=world.curator, lives_at="ул. Тайная, 3", address_hidden=True)
    open_case(world, family=family)
    for user, seen in ((world.curator, True), (world.head, True), (world.colleague, False)):
        client.force_login(user)
        assert ("Тайная" in page(client, "person-detail", child)) is seen, user


def test_a_representative_by_a_document_for_one_child_and_no_longer(family, mother, child, client):
    data = {
        "ground": "parents",
        "document_name": "Свидетельство о рождении",
        "document_number": "512-АК",
        "document_on": "2016-09-10",
        "since": "2016-09-10",
        "children": [child.pk],
    }
    assert client.post(url("representation-add", mother), data).status_code == 302
    row = mother.representations.get()
    assert (row.child, row.document) == (child, "Свидетельство о рождении № 512-АК от 10.09.2016")
    assert row.document in client.get(url("family-detail", family) + "?tab=members").content.decode()
    again = client.post(url("representation-add", mother), data)
    assert again.status_code == 422 and "уже записаны" in again.content.decode()
    assert client.post(url("representation-end", row), {"until": TODAY().isoformat()}).status_code == 302
    mother.refresh_from_db()
    assert mother.is_representative is False
    assert family.events.filter(kind__in=("representative_named", "representative_ended")).count() == 2


def test_a_child_represents_nobody_and_a_stranger_is_not_represented(world, family, mother, client):
    membership = family.memberships.get(relation="child")
    assert client.get(url("representation-add", membership)).status_code == 409
    stranger = make_family(world, surname="Щукины").memberships.get(relation="child").person
    with pytest.raises(Refused, match="не числится ребёнком"):
        mother.represent(by=world.curator, ground="parents", document_name="Акт", children=[stranger])


def test_a_wrong_entry_about_membership_is_put_right_with_a_reason(family, mother, client):
    data = {"relation": "guardian", "is_representative": "on", "since": "2020-01-01", "until": "", "ground": "Акт № 4"}
    assert client.post(url("member-edit", mother), data).status_code == 422
    assert client.post(url("member-edit", mother), data | {"reason": "document"}).status_code == 302
    mother.refresh_from_db()
    assert (mother.relation, mother.since, mother.ground) == ("guardian", datetime.date(2020, 1, 1), "Акт № 4")
    refs = family.events.get(kind="member_corrected").refs
    assert refs["was"] == {"relation": "mother", "since": "2016-09-03"} and refs["reason"] == "document"
    assert "Акт" not in str(refs)


def test_a_correction_cannot_make_periods_of_one_person_meet(world, family, child, client):
    first = family.memberships.get(relation="child")
    family.end_membership(first, by=world.curator, until=TODAY() - 30 * DAY)
    second = family.add_member(child, by=world.curator, relation="child", since=TODAY() - 10 * DAY)
    data = {"relation": "child", "since": (TODAY() - 40 * DAY).isoformat(), "until": "", "reason": "slip"}
    answer = client.post(url("member-edit", second), data)
    assert answer.status_code == 422 and "по другой записи" in answer.content.decode()
    assert FamilyMembership.objects.get(pk=second.pk).since == TODAY() - 10 * DAY


def test_a_former_member_is_shown_and_corrected(world, family, client):
    membership = family.memberships.get(relation="child")
    family.end_membership(membership, by=world.curator, until=TODAY() - 3 * DAY)
    members = client.get(url("family-detail", family) + "?tab=members").content.decode()
    assert "Выбыли из семьи: 1" in members and url("member-edit", membership) in members
    data = {"relation": "child", "since": "2016-09-03", "until": "", "reason": "other_fact"}
    assert client.post(url("member-edit", membership), data).status_code == 302
    assert family.members_on(TODAY()).count() == 2


def test_a_form_of_the_name_typed_by_hand_wins_in_documents(world, family, client):
    person = Person.objects.get(pk=family.memberships.get(relation="mother").person_id)
    family.amend_person(person, by=world.curator, last_name="Гудзь", first_name="Анна", patronymic="Игоревна")
    shown = page(client, "person-names", person)
    assert Name(person).full_gen in shown
    short = client.post(url("person-names", person), {"gen": "Гудзь Анны"})
    assert short.status_code == 422 and "все слова имени" in short.content.decode()
    typed = {"gen": "Гудзи Анны Игоревны", "ins": Name(person).full_ins}
    assert client.post(url("person-names", person), typed).status_code == 302
    person = Person.objects.get(pk=person.pk)
    assert person.name_forms == {"gen": "Гудзи Анны Игоревны"}  # what the machine writes itself is not kept
    assert (Name(person).full_gen, Name(person).short_gen) == ("Гудзи Анны Игоревны", "Гудзи А.И.")
    assert given_name(person, "gen") == "Анны"
    assert "Гудзи" not in str(family.events.get(kind="names_declined").refs)


def test_forms_typed_by_hand_go_with_the_name(world, family, child):
    family.decline_person(child, by=world.curator, forms={"gen": "Ковалёва Ильи Петровича"})
    family.amend_person(child, by=world.curator, last_name="Щукин")
    assert child.name_forms == {} and Name(child).full_gen.startswith("Щукина")


def test_the_surname_of_the_family_in_documents(family, client):
    typed = {"gen": "Ковалей"}
    assert client.post(url("family-names", family), typed).status_code == 302
    family.refresh_from_db()
    assert family.surname_in("gen") == "Ковалей" and family.surname_in("dat") == "Ковалёвым"
    assert "Семья Ковалей" in page(client, "family-detail", family)


def test_education_work_and_addresses_are_kept(family, child, client):
    data = {
        "last_name": "Ковалёв",
        "first_name": "Илья",
        "patronymic": "Петрович",
        "sex": "m",
        "birth_on": "2016-09-03",
        "education": "preschool",
        "employment": "studies",
        "occupation": "школа № 7, 3 класс",
        "registered_at": "с. Лесное, ул. Новая, 1",
        "health": "",
    }
    assert client.post(url("person-edit", child), data).status_code == 302
    shown = page(client, "person-detail", child)
    for text in ("дошкольное", "учится, школа № 7, 3 класс", "с. Лесное, ул. Новая, 1"):
        assert text in shown
