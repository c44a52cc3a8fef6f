"""The СОП register and patronage: placed, removed, put right with a reason."""

import datetime

import pytest
from django.db import IntegrityError
from django.urls import reverse

from families.models import RegisterEntry
from sopr.errors import Refused
from sopr.tests.casework import make_family

DAY = datetime.timedelta(days=1)
MARCH, MAY, JUNE = datetime.date(2026, 3, 2), datetime.date(2026, 5, 4), datetime.date(2026, 6, 1)


@pytest.fixture
def family(world, client):
    client.force_login(world.curator)
    return make_family(world)


def post(client, name, row, **data):
    return client.post(reverse(f"families:{name}", args=[row.pk]), data)


def place(family, by, kind="sop", placed_on=MARCH):
    return RegisterEntry.place(family, kind, by=by, placed_on=placed_on, ground="Постановление № 7")


@pytest.mark.parametrize(
    ("kind", "mark"), [("sop", "СОП<b>с 02.03.2026</b>"), ("patronage", "Патронат<b>с 02.03.2026")]
)
def test_placed_and_removed(family, client, kind, mark):
    answer = post(client, "register-place", family, kind=kind, day="2026-03-02", ground="Постановление № 7")
    assert answer.status_code == 302
    assert mark in client.get(reverse("families:family-detail", args=[family.pk])).content.decode()
    entry = family.register_entries.get()
    early = post(client, "register-remove", entry, day="2026-01-01")
    assert early.status_code == 422 and "снятие не может быть раньше" in early.content.decode()
    removed = post(client, "register-remove", entry, day="2026-06-01", ground="Решение № 9", rehabilitated="yes")
    assert removed.status_code == 302
    entry.refresh_from_db()
    assert (entry.removed_on, entry.removed_by, entry.positive_rehabilitation) == (JUNE, "Решение № 9", True)
    assert list(family.events.filter(kind__startswith=kind).values_list("kind", flat=True)) == [
        f"{kind}_removed",
        f"{kind}_placed",
    ]
    assert client.get(reverse("families:register-remove", args=[entry.pk])).status_code == 409


def test_a_family_on_one_register_is_offered_the_other_and_then_none(world, family, client):
    place(family, world.curator)
    page = client.get(reverse("families:register-place", args=[family.pk])).content.decode()
    assert "межведомственный патронат" in page and "СОП — семья" not in page
    place(family, world.curator, "patronage")
    assert client.get(reverse("families:register-place", args=[family.pk])).status_code == 409
    with pytest.raises(Refused, match="уже состоит на учёте"):
        place(family, world.curator)


def test_placed_again_only_after_the_last_removal(world, family, client):
    place(family, world.curator).remove(by=world.curator, removed_on=JUNE)
    for day in (MAY, MARCH):
        answer = post(client, "register-place", family, kind="sop", day=day.isoformat())
        assert answer.status_code == 422 and "постановка не может быть раньше" in answer.content.decode()
    assert post(client, "register-place", family, kind="sop", day="2026-06-01").status_code == 302


def test_a_wrong_date_is_put_right_with_a_reason_and_the_former_one_stays(world, family, client):
    entry = place(family, world.curator)
    data = {"placed_on": "2026-05-04", "placed_by": "Постановление № 7"}
    unexplained = post(client, "register-edit", entry, **data)
    assert unexplained.status_code == 422 and "почему запись исправляется" in unexplained.content.decode()
    assert post(client, "register-edit", entry, reason="slip", **data).status_code == 302
    entry.refresh_from_db()
    assert entry.placed_on == MAY
    refs = family.events.get(kind="register_corrected").refs
    assert (refs["was"], refs["now"], refs["reason"]) == (
        {"placed_on": "2026-03-02"},
        {"placed_on": "2026-05-04"},
        "slip",
    )


def test_a_correction_cannot_make_two_entries_meet(world, family, client):
    place(family, world.curator).remove(by=world.curator, removed_on=MAY)
    second = place(family, world.curator, placed_on=JUNE)
    answer = post(client, "register-edit", second, placed_on="2026-04-01", reason="slip")
    assert answer.status_code == 422 and "по другой записи" in answer.content.decode()


def test_what_the_verb_lets_through_the_database_refuses(world, family):
    place(family, world.curator)
    with pytest.raises(IntegrityError):
        family.register_entries.create(kind="sop", placed_on=MARCH)
