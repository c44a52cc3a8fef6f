"""The administrator's dictionary of municipalities and districts, and who walks a district since when."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from conftest import make_user
from sopr.accounts.models import District, DistrictWalk, Municipality
from sopr.errors import Refused
from sopr.tests.casework import make_family

DAY = datetime.timedelta(days=1)


@pytest.fixture
def district(world):
    return District.objects.create(municipality=world.north, name="Участок № 1")


@pytest.fixture
def administrator(client, world):
    client.force_login(world.administrator)
    return client


def test_a_municipality_is_added_and_renamed(administrator):
    answer = administrator.post(reverse("accounts:municipality-new"), {"name": "Западный район", "code": "03"})
    added = Municipality.objects.get(code="03")
    assert answer["Location"] == reverse("accounts:municipality-edit", args=[added.pk])
    administrator.post(reverse("accounts:municipality-edit", args=[added.pk]), {"name": "Западный округ", "code": "03"})
    added.refresh_from_db()
    assert (added.name, added.version) == ("Западный округ", 2)


def test_a_stale_form_overwrites_nothing(administrator, world):
    url = reverse("accounts:municipality-edit", args=[world.north.pk])
    administrator.post(url, {"name": "Первый", "code": "01", "version": 1})
    answer = administrator.post(url, {"name": "Второй", "code": "01", "version": 1})
    world.north.refresh_from_db()
    assert answer.status_code == 422
    assert world.north.name == "Первый"
    assert "Второй" in answer.content.decode()


def test_a_code_is_not_given_twice(administrator):
    answer = administrator.post(reverse("accounts:municipality-new"), {"name": "Северный-2", "code": "01"})
    assert answer.status_code == 422
    assert "Такой код уже есть" in answer.content.decode()


def test_an_unused_municipality_is_deleted_and_a_used_one_says_by_what(administrator, world):
    unused = Municipality.objects.create(code="09", name="По ошибке")
    administrator.post(reverse("accounts:municipality-delete", args=[unused.pk]))
    assert not Municipality.objects.filter(pk=unused.pk).exists()
    make_family(world)
    answer = administrator.post(reverse("accounts:municipality-delete", args=[world.north.pk]))
    page = answer.content.decode()
    assert Municipality.objects.filter(pk=world.north.pk).exists()
    assert "Удалить нельзя" in page and "организации (" in page and "семьи (1)" in page


def test_a_district_is_added_with_who_walks_it(administrator, world):
    since = timezone.localdate() - 10 * DAY
    administrator.post(
        reverse("accounts:district-new"),
        {"municipality": world.north.pk, "name": "Участок № 5", "organisation": world.centre.pk, "since": since},
    )
    walk = DistrictWalk.objects.get(district__name="Участок № 5")
    assert (walk.organisation, walk.since, walk.until) == (world.centre, since, None)


def test_the_day_of_a_handover_is_asked(administrator, world, district):
    url = reverse("accounts:district-edit", args=[district.pk])
    data = {"name": district.name, "organisation": world.centre.pk, "since": ""}
    assert "с какого дня участок обходит" in administrator.post(url, data).content.decode()
    tomorrow = timezone.localdate() + DAY
    assert "ещё не наступил" in administrator.post(url, data | {"since": tomorrow}).content.decode()
    assert not district.walks.exists()


def test_a_district_never_changes_its_municipality(administrator, world, district):
    url = reverse("accounts:district-edit", args=[district.pk])
    administrator.post(url, {"municipality": world.south.pk, "name": "Участок № 1а"})
    district.refresh_from_db()
    assert (district.municipality, district.name) == (world.north, "Участок № 1а")


def test_two_districts_of_one_municipality_do_not_share_a_name(administrator, world, district):
    answer = administrator.post(
        reverse("accounts:district-new"), {"municipality": world.north.pk, "name": district.name}
    )
    assert answer.status_code == 422
    assert District.objects.filter(name=district.name).count() == 1


def test_a_handover_ends_the_former_walk_the_day_before(world, district):
    today = timezone.localdate()
    district.hand_to(world.centre, since=today - 30 * DAY, specialist=world.curator)
    district.hand_to(world.other_centre, since=today)
    former, present = district.walks.order_by("since")
    assert (former.until, present.since, present.specialist) == (today - DAY, today, None)
    district.hand_to(world.centre, since=today, specialist=world.colleague)
    assert district.walks.count() == 2, "a handover of the same day is corrected, not added"
    assert district.walks.get(until=None).specialist == world.colleague


def test_refusals_of_a_handover(world, district):
    today = timezone.localdate()
    district.hand_to(world.centre, since=today - 5 * DAY)
    with pytest.raises(Refused, match="не работает в выбранной организации"):
        district.hand_to(world.centre, since=today, specialist=world.other_curator)
    with pytest.raises(Refused, match="Укажите день не раньше"):
        district.hand_to(world.other_centre, since=today - 6 * DAY)
    district.close(on=today)
    with pytest.raises(Refused, match="Участок закрыт"):
        district.hand_to(world.other_centre, since=today)


def test_closing_ends_the_walk_and_reopening_takes_it_back(administrator, world, district):
    today = timezone.localdate()
    district.hand_to(world.centre, since=today - 5 * DAY)
    administrator.post(reverse("accounts:district-close", args=[district.pk]), {"on": today})
    district.refresh_from_db()
    assert district.closed_on == today
    assert district.walks.get().until == today
    again = administrator.post(reverse("accounts:district-close", args=[district.pk]), {"on": today})
    assert "Участок уже закрыт" in again.content.decode()
    administrator.post(reverse("accounts:district-reopen", args=[district.pk]))
    district.refresh_from_db()
    assert (district.closed_on, district.walks.get().until) == (None, None)


def test_who_sees_a_district(world, district):
    far = District.objects.create(municipality=world.south, name="Дальний")
    assert list(District.objects.visible_to(world.curator)) == [district]
    far.hand_to(world.centre, since=timezone.localdate())
    assert set(District.objects.visible_to(world.head)) == {district, far}
    assert set(District.objects.visible_to(world.other_head)) == {far}
    roaming = make_user("curator", world.ministry, last_name="Ничья")
    assert not District.objects.visible_to(roaming).exists()
    assert not District.objects.visible_to(world.executor).exists()


def test_the_lists_name_what_they_hold(administrator, world, district):
    district.hand_to(world.centre, since=timezone.localdate())
    page = administrator.get(reverse("accounts:district-list")).content.decode()
    assert "Участок № 1" in page and "Центр помощи семье «Северный»" in page
    page = administrator.get(reverse("accounts:municipality-list")).content.decode()
    assert "Северный район" in page and "Участки" in page
    closed = administrator.get(reverse("accounts:district-list") + "?state=closed").content.decode()
    assert "Участок № 1" not in closed


def test_the_list_of_districts_costs_the_same_for_two_and_for_twenty(
    administrator, world, django_assert_num_queries, django_assert_max_num_queries
):
    def fill(numbers):
        for number in numbers:
            row = District.objects.create(municipality=world.north, name=f"Участок {number}")
            row.hand_to(world.centre, since=timezone.localdate())

    url = reverse("accounts:district-list")
    fill(range(2))
    administrator.get(url)
    with django_assert_max_num_queries(100) as few:
        administrator.get(url)
    fill(range(2, 20))
    with django_assert_num_queries(len(few)):
        administrator.get(url)
