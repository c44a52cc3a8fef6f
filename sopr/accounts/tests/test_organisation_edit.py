"""The administrator keeps organisations and the support services in them."""

import datetime

import pytest
from django.urls import reverse

from sopr.accounts.models import Organisation

REQUISITES = {
    "code": "C9",
    "name": "Центр помощи семье «Восток»",
    "kind": "social",
    "address": "ул. Садовая, 3",
    "inn": "1650000009",
    "ogrn": "1021600000009",
    "director_name": "Ким Ольга Сергеевна",
    "director_post": "Директор",
}


@pytest.fixture
def admin(client, world):
    client.force_login(world.administrator)
    return client


def test_an_organisation_with_a_service_is_made_in_the_browser(admin, world):
    page = admin.post(reverse("accounts:organisation-new"), REQUISITES | {"municipality": world.north.pk}, follow=True)
    made = Organisation.objects.get(code="C9")
    assert made.municipality == world.north
    assert "Организация добавлена" in page.content.decode()
    unit = {"name": "Отделение сопровождения", "supports_families": "on", "since": "2026-01-12"}
    page = admin.post(reverse("accounts:unit-new", args=[made.pk]), unit, follow=True)
    assert "служба сопровождения" in page.content.decode()
    row = made.units.get()
    assert (row.supports_families, row.since, row.until) == (True, datetime.date(2026, 1, 12), None)
    admin.post(reverse("accounts:unit-edit", args=[row.pk]), unit | {"until": "2026-06-30"})
    assert made.units.get().until == datetime.date(2026, 6, 30)


def test_requisites_are_changed(admin, world):
    admin.post(reverse("accounts:organisation-edit", args=[world.centre.pk]), REQUISITES | {"code": "C1"})
    assert Organisation.objects.get(code="C1").inn == "1650000009"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": "C1"}, "Организация с таким кодом уже есть"),
        ({"inn": "12345"}, "В ИНН организации 10 цифр"),
        ({"ogrn": "1"}, "В ОГРН 13 цифр"),
    ],
)
def test_wrong_requisites_are_said_and_nothing_typed_is_lost(admin, changes, words):
    page = admin.post(reverse("accounts:organisation-new"), REQUISITES | changes)
    assert page.status_code == 422
    assert words in page.content.decode()
    assert "ул. Садовая, 3" in page.content.decode()
    assert not Organisation.objects.filter(code="C9").exists()


def test_a_unit_does_not_end_before_it_begins(admin, world):
    unit = world.centre.units.get()
    data = {"name": unit.name, "since": "2026-02-01", "until": "2026-01-01"}
    page = admin.post(reverse("accounts:unit-edit", args=[unit.pk]), data)
    assert "Конец периода раньше его начала" in page.content.decode()


def test_lists_say_what_an_empty_choice_means(admin):
    for page in ("accounts:organisation-new", "accounts:user-new", "accounts:user-list", "accounts:organisation-list"):
        assert "---------" not in admin.get(reverse(page)).content.decode()


def test_queries_do_not_grow_with_units(admin, world, django_assert_max_num_queries):
    for number in range(20):
        world.centre.units.create(name=f"Отделение {number}", since=datetime.date(2026, 1, 1))
    with django_assert_max_num_queries(20):
        admin.get(reverse("accounts:organisation-edit", args=[world.centre.pk]))
