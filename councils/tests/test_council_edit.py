"""The administrator makes a council and its members; the council made so can hold a meeting."""

import datetime

import pytest
from django.urls import reverse

from councils.models import AgendaItem, Council, CouncilMembership
from councils.words import Question
from sopr import profile
from sopr.tests.casework import add_pack, make_council, open_case, start_meeting


@pytest.fixture
def admin(client, world):
    client.force_login(world.administrator)
    return client


def make(client, world, **changes):
    data = {"code": "K1", "name": "Совет района", "municipality": world.north.pk, "quorum_share": 50} | changes
    return client.post(reverse("councils:council-new"), data, follow=True)


def seat(client, council, **fields):
    data = {"role": "member", "since": "2025-01-09"} | {
        name: getattr(value, "pk", value) for name, value in fields.items()
    }
    return client.post(reverse("councils:member-add", args=[council.pk]), data, follow=True)


def end(client, row, until):
    return client.post(reverse("councils:member-end", args=[row.pk]), {"until": until}, follow=True)


def test_a_council_made_in_the_browser_holds_a_meeting(admin, world):
    assert "Совет добавлен" in make(admin, world).content.decode()
    council = Council.objects.get(code="K1")
    seat(admin, council, last_name="Глава", first_name="Иван", organisation=world.ministry, role="chair")
    seat(admin, council, user=world.secretary, role="secretary")
    seat(admin, council, user=world.member)
    page = seat(admin, council, last_name="Школьная", first_name="Ирина", organisation=world.school)
    assert "сегодня 4\u00a0человека" in page.content.decode()
    assert council.memberships.get(user=world.member).organisation == world.guardianship
    case = open_case(world)
    add_pack(world, case)
    item = AgendaItem.propose(case, by=world.curator, council=council, question=Question.RECOGNISE, level="basic")
    meeting = start_meeting(world, council, item, absent=2)
    item.refresh_from_db()
    assert (meeting.quorum_for(item).members, meeting.quorum_for(item).needed) == (4, 3)
    assert not meeting.quorum_for(item).reached
    admin.force_login(world.secretary)
    assert meeting.get_absolute_url() in admin.get(reverse("councils:meeting-list")).content.decode()


def test_the_quorum_offered_is_the_regions(admin):
    share = profile.current().council.quorum_share
    assert admin.get(reverse("councils:council-new")).context["form"]["quorum_share"].value() == share


def test_the_required_agency_is_chosen_among_those_that_sit(admin, world):
    council = make_council(world)
    data = {"code": council.code, "name": council.name, "municipality": world.north.pk, "quorum_share": 60}
    url = reverse("councils:council-edit", args=[council.pk])
    assert admin.post(url, data | {"required_agencies": [world.clinic.pk]}).status_code == 422
    assert admin.post(url, data | {"required_agencies": [world.guardianship.pk]}).status_code == 302
    council.refresh_from_db()
    assert (list(council.required_agencies.all()), council.quorum_share) == ([world.guardianship], 60)


@pytest.fixture
def strict_region(settings, monkeypatch, tmp_path):
    """A region in whose councils health care must take part."""
    model = (profile.FOLDER / "model.toml").read_text(encoding="utf-8")
    assert "required_agencies = []" in model
    strict = model.replace("required_agencies = []", 'required_agencies = ["health"]')
    strict = strict.replace('code = "model"', 'code = "strict"', 1)
    (tmp_path / "strict.toml").write_text(strict, encoding="utf-8")
    monkeypatch.setattr(profile, "FOLDER", tmp_path)
    settings.SOPR_REGION = "strict"
    yield
    profile.load.cache_clear()


def test_agencies_the_region_requires_are_required_with_their_first_member(strict_region, admin, world):
    council = make_council(world, code="K7")
    for surname in ("Врач", "Фельдшер"):
        seat(admin, council, last_name=surname, first_name="Пётр", organisation=world.clinic)
        assert list(council.required_agencies.all()) == ([world.clinic] if surname == "Врач" else [])
        council.required_agencies.clear()  # the administrator's own choice is not overruled by a second member


def test_a_member_leaves_by_a_day(admin, world):
    council = make_council(world)
    row = council.memberships.get(user=world.member)
    assert "Выход из состава отмечен" in end(admin, row, "2026-02-10").content.decode()
    assert row not in council.members_on(datetime.date(2026, 2, 11))
    assert row in council.members_on(datetime.date(2026, 2, 10))
    again = admin.post(reverse("councils:member-end", args=[row.pk]), {"until": "2026-03-01"})
    assert again.status_code == 409
    assert "Вышли из состава: 1" in admin.get(reverse("councils:council-edit", args=[council.pk])).content.decode()


def test_the_last_member_of_a_required_agency_stays_until_there_is_another(admin, world):
    council = make_council(world)
    council.required_agencies.add(world.guardianship)
    row = council.memberships.get(user=world.member)
    assert "внесите преемника" in end(admin, row, "2026-02-10").content.decode()
    seat(admin, council, last_name="Новая", first_name="Ева", organisation=world.guardianship, since="2026-02-11")
    assert "Выход из состава отмечен" in end(admin, row, "2026-02-10").content.decode()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Выберите пользователя или впишите фамилию"),
        ({"last_name": "Безымянный", "first_name": "Пётр"}, "Выберите ведомство"),
        (
            {"last_name": "Второй", "first_name": "Пётр", "role": "chair", "organisation": "ministry"},
            "Председатель уже",
        ),
        ({"user": "member"}, "уже в составе совета"),
        ({"user": "head", "last_name": "Другая"}, "Выбран пользователь"),
    ],
)
def test_a_seat_that_cannot_be_is_refused_with_the_reason(admin, world, fields, words):
    council = make_council(world)
    before = council.memberships.count()
    fields = {k: getattr(world, v) if k in ("user", "organisation") else v for k, v in fields.items()}
    page = seat(admin, council, **fields)
    assert page.status_code == 422
    assert words in page.content.decode()
    assert council.memberships.count() == before


def test_a_code_taken_is_said(admin, world):
    make_council(world, code="K1")
    assert "Совет с таким кодом уже есть" in make(admin, world).content.decode()
    assert Council.objects.count() == 1


def test_a_stale_form_does_not_overwrite(admin, world):
    council = make_council(world)
    data = {"code": council.code, "name": "Чужое имя", "municipality": world.north.pk, "quorum_share": 50}
    council.save()
    page = admin.post(reverse("councils:council-edit", args=[council.pk]), data | {"version": "1"})
    assert page.status_code == 422
    assert council.name in page.content.decode()


@pytest.mark.parametrize("role", ["curator", "head", "secretary", "member", "executor", "ministry", "data_officer"])
def test_other_roles_open_none_of_these_pages(client, world, role):
    council = make_council(world)
    client.force_login(world.users[role])
    pages = [
        reverse("councils:council-list"),
        reverse("councils:council-new"),
        reverse("councils:council-edit", args=[council.pk]),
        reverse("councils:member-add", args=[council.pk]),
        reverse("councils:member-end", args=[council.memberships.first().pk]),
    ]
    assert {client.post(page).status_code for page in pages[1:]} == {403}
    assert {client.get(page).status_code for page in pages} == {403}
    assert not CouncilMembership.objects.visible_to(world.users[role]).exists()


def test_queries_do_not_grow_with_councils_and_members(admin, world, django_assert_max_num_queries):
    councils = [make_council(world, members=12) for _number in range(8)]
    with django_assert_max_num_queries(16):
        page = admin.get(reverse("councils:council-list"))
    assert councils[0].name in page.content.decode()
    with django_assert_max_num_queries(24):
        admin.get(reverse("councils:council-edit", args=[councils[0].pk]))
