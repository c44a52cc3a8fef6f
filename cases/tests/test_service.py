"""Services of an organisation: dictionary, groups, schedule, dates; places and the waiting list."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from cases.models import Enrolment, GroupSession, Service, ServiceGroup
from families.merging.verbs import merge_people
from families.models import Family
from families.models.family import new_person
from sopr.errors import Refused
from sopr.tests.casework import make_family, open_case

DAY = datetime.timedelta(days=1)
SINCE = datetime.date(2026, 9, 1)
FOUR = datetime.time(16)


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def robotics(world):
    return Service.add(by=world.curator, title="Робототехника", kind="club", for_whom="minors", places=2)


@pytest.fixture
def group(world, robotics):
    return ServiceGroup.start(robotics, by=world.curator, title="Младшая", leader=world.curator, places=2, since=SINCE)


def child_of(family):
    return family.memberships.get(relation="child").person


def enrol(world, group, family=None, **fields):
    family = family or make_family(world)
    return Enrolment.enrol(group, family, by=world.curator, person=child_of(family), **fields)


def test_a_service_is_added_changed_retired_and_offered_again(world, enter):
    curator = enter(world.curator)
    added = curator.post(
        "cases:service-new",
        title="Детское радио",
        kind="club",
        for_whom="minors",
        places="12",
        about="Выпуски новостей",
    )
    service = Service.objects.get()
    assert added.url == service.get_absolute_url() and service.organisation == world.centre
    twice = curator.post("cases:service-new", title="детское Радио", kind="club", for_whom="minors")
    assert twice.status_code == 422 and "уже есть" in twice.content.decode()
    curator.post(
        "cases:service-edit", service.pk, title="Радио", kind="club", for_whom="minors", places="10", version="1"
    )
    service.refresh_from_db()
    assert (service.title, service.places) == ("Радио", 10)
    curator.post("cases:service-retire", service.pk)
    service.refresh_from_db()
    assert service.retired_on == timezone.localdate()
    with pytest.raises(Refused, match="больше не оказывается"):
        ServiceGroup.start(service, by=world.curator, title="Новая")
    assert "не оказывается" in curator.get("cases:service-detail", service.pk).content.decode()
    curator.post("cases:service-restore", service.pk)
    assert Service.objects.offered().get() == service


def test_a_service_with_a_going_group_is_not_retired(world, robotics, group):
    with pytest.raises(Refused, match="ещё занимается"):
        robotics.retire(by=world.head)
    group.close(by=world.head, day=timezone.localdate() - DAY)
    robotics.retire(by=world.head)


def test_the_schedule_makes_the_dates_of_a_month_once(world, group, enter):
    curator = enter(world.curator)
    rows = {
        "slots-TOTAL_FORMS": "2", "slots-INITIAL_FORMS": "0", "slots-MIN_NUM_FORMS": "0", "slots-MAX_NUM_FORMS": "14",
        "slots-0-weekday": "1", "slots-0-starts_at": "16:00", "slots-0-minutes": "60",
        "slots-1-weekday": "3", "slots-1-starts_at": "16:00", "slots-1-minutes": "90",
    }  # fmt: skip
    curator.post("cases:group-schedule", group.pk, since="2026-10-01", **rows)
    days = list(group.sessions.values_list("held_on", flat=True))
    assert days == [datetime.date(2026, 10, d) for d in (1, 6, 8, 13, 15, 20, 22, 27, 29)]
    assert GroupSession.generate(group, datetime.date(2026, 10, 5), by=world.curator) == 0
    assert GroupSession.generate(group, datetime.date(2026, 11, 5), by=world.curator) == 8


def test_moved_and_cancelled_dates_survive_a_new_generation(world, group):
    group.set_schedule(by=world.curator, since=SINCE, slots=[{"weekday": 1, "starts_at": FOUR, "minutes": 60}])
    GroupSession.generate(group, SINCE, by=world.curator)
    first, second = group.sessions.order_by("held_on")[:2]
    first.change(by=world.curator, held_on=first.held_on + DAY)
    second.cancel(by=world.curator, reason="Карантин")
    assert GroupSession.generate(group, SINCE, by=world.curator) == 0
    assert (first.moved_from, first.held_on) == (datetime.date(2026, 9, 1), datetime.date(2026, 9, 2))
    group.set_schedule(by=world.curator, since=SINCE, slots=[{"weekday": 4, "starts_at": FOUR, "minutes": 60}])
    kept = set(group.sessions.values_list("held_on", flat=True))
    assert kept == {first.held_on, second.held_on}
    second.restore(by=world.curator)
    with pytest.raises(Refused, match="почему"):
        second.cancel(by=world.curator, reason=" ")


def test_two_dates_at_one_hour_are_refused_by_the_verb_and_by_the_database(world, group, today):
    GroupSession.add(group, by=world.curator, held_on=today, starts_at=FOUR)
    with pytest.raises(Refused, match="уже есть"):
        GroupSession.add(group, by=world.curator, held_on=today, starts_at=FOUR)
    with pytest.raises(IntegrityError), transaction.atomic():
        GroupSession.objects.create(group=group, held_on=today, starts_at=FOUR)
    with pytest.raises(Refused, match="укажите день из этого времени"):
        GroupSession.add(group, by=world.curator, held_on=SINCE - DAY, starts_at=FOUR)


def test_a_schedule_that_names_an_hour_twice_is_refused(world, group):
    slot = {"weekday": 1, "starts_at": FOUR, "minutes": 60}
    with pytest.raises(Refused, match="дважды"):
        group.set_schedule(by=world.curator, since=SINCE, slots=[slot, slot])


def test_a_full_group_lets_wait_and_the_next_takes_the_freed_place(world, group, today):
    first, second, third = (enrol(world, group, since=today - 3 * DAY) for _number in range(3))
    assert [row.state for row in (first, second, third)] == ["enrolled", "enrolled", "waiting"]
    with pytest.raises(Refused, match="Свободных мест в группе нет"):
        third.admit(by=world.curator)
    first.leave(by=world.curator, day=today, reason="completed")
    third.admit(by=world.curator)
    assert (third.state, third.since) == ("enrolled", today)
    with pytest.raises(Refused, match="не ждёт"):
        third.admit(by=world.curator)


def test_nobody_is_in_a_group_twice_at_once(world, group, today):
    family = make_family(world)
    row = enrol(world, group, family, since=today - 5 * DAY)
    with pytest.raises(Refused, match="уже в списке"):
        enrol(world, group, family)
    with pytest.raises(IntegrityError), transaction.atomic():
        Enrolment.objects.create(
            group=group, family=family, person=row.person, state="enrolled", since=today, by=world.curator
        )
    row.leave(by=world.curator, day=today, reason="own_wish")
    with pytest.raises(Refused, match="более поздний"):
        enrol(world, group, family, since=today)
    again = enrol(world, group, family, since=today + DAY)
    assert again.state == "enrolled"


def test_a_whole_family_goes_to_lessons_for_families_once(world, today):
    service = Service.add(by=world.head, title="Семейный клуб", kind="parent_school", for_whom="families")
    group = ServiceGroup.start(service, by=world.head, title="Суббота", since=SINCE)
    family = make_family(world)
    row = Enrolment.enrol(group, family, by=world.head)
    assert row.name == "семья Ковалёвых"
    with pytest.raises(Refused, match="уже в списке"):
        Enrolment.enrol(group, family, by=world.head)
    with pytest.raises(IntegrityError), transaction.atomic():
        Enrolment.objects.create(group=group, family=family, state="enrolled", since=today, by=world.head)
    Enrolment.enrol(group, family, by=world.head, person=child_of(family))  # a person beside the family


def test_an_adult_is_not_enrolled_in_a_service_for_minors(world, group):
    family = make_family(world)
    mother = family.memberships.get(relation="mother").person
    with pytest.raises(Refused, match="для несовершеннолетних"):
        Enrolment.enrol(group, family, by=world.curator, person=mother)
    stranger = new_person(by=world.curator, last_name="Чужов", birth_on=datetime.date(2014, 1, 1))
    with pytest.raises(Refused, match="нет в составе"):
        Enrolment.enrol(group, family, by=world.curator, person=stranger)


def test_a_closed_group_lets_everybody_go_and_takes_nobody(world, group, today, enter):
    group.set_schedule(by=world.curator, since=SINCE, slots=[{"weekday": 1, "starts_at": FOUR, "minutes": 60}])
    GroupSession.generate(group, today + 40 * DAY, by=world.curator)
    rows = [enrol(world, group, since=today - 3 * DAY) for _number in range(3)]
    head = enter(world.head)
    assert "выбудут 2" in head.get("cases:group-close", group.pk).content.decode()
    head.post("cases:group-close", group.pk, day=today)
    states = Enrolment.objects.filter(pk__in=[row.pk for row in rows]).values_list("state", "left_reason", "until")
    assert set(states) == {("left", "group_closed", today)}
    assert not group.sessions.filter(held_on__gt=today).exists()
    with pytest.raises(Refused, match="закрыта"):
        enrol(world, ServiceGroup.objects.get(pk=group.pk), since=today + DAY)


def test_a_person_is_found_and_enrolled_from_the_group_without_a_name_in_the_address(world, group, enter):
    family = make_family(world, surname="Ермаковы")
    curator = enter(world.curator)
    found = curator.post("cases:enrolment-new", group.pk, words="Ковалёв Илья", find="1")
    assert "words=" in found.url and "Ковал" not in found.url and "%D0" not in found.url
    page = curator.client.get(found.url).content.decode()
    assert "Ковалёв Илья" in page and "Ковалёва Анна" not in page  # the mother is no minor
    child = child_of(family)
    answer = curator.client.post(found.url, {"who": f"p{family.pk}-{child.pk}", "since": timezone.localdate()})
    assert answer.url == group.get_absolute_url()
    row = Enrolment.objects.get()
    assert (row.person, row.state, row.case) == (child, "enrolled", None)
    assert "Ковалёв Илья" in curator.get("cases:group-detail", group.pk).content.decode()


def test_a_family_of_another_organisation_is_not_enrolled(world, group, enter):
    other = make_family(world, by=world.other_curator, surname="Чужие")
    curator = enter(world.curator)
    found = curator.post("cases:enrolment-new", group.pk, words="Ковалёв Илья", find="1")
    value = f"p{other.pk}-{child_of(other).pk}"
    answer = curator.client.post(found.url, {"who": value, "since": timezone.localdate()})
    assert answer.status_code == 422 and not Enrolment.objects.exists()
    assert Family.objects.visible_to(world.curator).count() == 0


def test_enrolment_from_the_case_stands_in_its_history(world, group, enter, case):
    child = child_of(case.family)
    curator = enter(world.curator)
    curator.post(
        "cases:case-enrol",
        case.pk,
        group=group.pk,
        who=f"p{case.family_id}-{child.pk}",
        since=timezone.localdate(),
    )
    row = Enrolment.objects.get()
    assert row.case == case
    page = curator.get("cases:case-detail", case.pk, tab="history").content.decode()
    assert "Запись на занятия: Робототехника: Младшая" in page
    curator.post("cases:enrolment-leave", row.pk, day=timezone.localdate(), reason="moved")
    assert "Занятия окончены" in curator.get("cases:case-detail", case.pk, tab="history").content.decode()
    tab = curator.get("cases:case-detail", case.pk, tab="services").content.decode()
    assert "переезд" in tab and "Робототехника: Младшая" in tab


def test_a_trip_has_its_settlements_crew_and_people_who_came_unlisted(world, enter, today):
    service = Service.add(by=world.head, title="Мобильная бригада", kind="trip", for_whom="families")
    brigade = ServiceGroup.start(service, by=world.head, title="Бригада № 1", crew="психолог, юрист", since=SINCE)
    head = enter(world.head)
    without = head.post("cases:session-new", brigade.pk, held_on=today, starts_at="09:00", minutes="240")
    assert without.status_code == 422
    head.post(
        "cases:session-new", brigade.pk, held_on=today, starts_at="09:00", minutes="240", place="с. Лесное, д. Боровая"
    )
    trip = brigade.sessions.get()
    head.post(
        "cases:session-edit", trip.pk, held_on=today, starts_at="09:00", minutes="240", place="с. Лесное",
        crew="психолог", outsiders="7", version="1",
    )  # fmt: skip
    trip.refresh_from_db()
    assert (trip.place, trip.crew, trip.outsiders) == ("с. Лесное", "психолог", 7)
    page = head.get("cases:service-detail", service.pk).content.decode()
    assert "Жителей не из списка" in page and "Выездов" in page
    listed = head.get("cases:session-list", kind="trip").content.decode()
    assert "с. Лесное" in listed


def test_lists_count_places_and_filter_and_go_to_excel(world, group, enter, django_assert_max_num_queries):
    for _number in range(3):
        enrol(world, group, since=SINCE)
    Service.add(by=world.other_curator, title="Чужой кружок", kind="club", for_whom="minors")
    curator = enter(world.curator)
    page = curator.get("cases:service-list").content.decode()
    assert "2 из 2" in page and "Чужой кружок" not in page
    assert "Услуг пока нет" not in page
    assert "Робототехника" not in curator.get("cases:service-list", kind="trip").content.decode()
    for name in ("service-list", "session-list", "consultation-list", "route-list"):
        answer = curator.get(f"cases:{name}", **{"as": "xlsx"})
        assert answer["Content-Disposition"].endswith('.xlsx"') and b"".join(answer.streaming_content)
    for name in ("session-list", "consultation-list"):
        assert curator.get(f"cases:{name}", month="2026-11").status_code == 200
        assert curator.get(f"cases:{name}", month="nonsense").status_code == 200


def test_the_number_of_queries_does_not_depend_on_groups_and_people(world, robotics, enter):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count(name, *args):
        curator.get(name, *args)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            curator.get(name, *args)
        return len(queries)

    curator = enter(world.curator)
    group = ServiceGroup.start(robotics, by=world.curator, title="Первая", since=SINCE)
    enrol(world, group)
    few = [
        count("cases:service-list"),
        count("cases:service-detail", robotics.pk),
        count("cases:group-detail", group.pk),
    ]
    for number in range(4):
        other = Service.add(by=world.curator, title=f"Кружок {number}", kind="club", for_whom="minors")
        enrol(world, ServiceGroup.start(other, by=world.curator, title="Единая", since=SINCE))
        ServiceGroup.start(robotics, by=world.curator, title=f"Ещё {number}", leader=world.curator, since=SINCE)
        enrol(world, group)
    many = [
        count("cases:service-list"),
        count("cases:service-detail", robotics.pk),
        count("cases:group-detail", group.pk),
    ]
    assert many == few


@pytest.mark.parametrize("region", ["primorye", "irkutsk"])
def test_a_region_without_services_has_neither_pages_nor_links(world, group, enter, settings, region):
    case = open_case(world)
    settings.SOPR_REGION = region
    curator = enter(world.curator)
    pages = [
        ("service-list", []), ("service-new", []), ("session-list", []), ("consultation-list", []), ("route-list", []),
        ("service-detail", [group.service_id]), ("group-detail", [group.pk]), ("attendance-month", [group.pk]),
        ("case-enrol", [case.pk]), ("consultation-new", [case.pk]), ("route-new", [case.pk]),
    ]  # fmt: skip
    assert {curator.get(f"cases:{name}", *args).status_code for name, args in pages} == {404}
    assert {curator.post(f"cases:{name}", *args).status_code for name, args in pages} == {404}
    page = curator.get("cases:case-detail", case.pk, tab="services").content.decode()
    listed = curator.get("cases:case-list").content.decode()
    for text in (page, listed):
        assert "Занятия" not in text and reverse("cases:service-list") not in text


@pytest.mark.parametrize("region", ["novosibirsk", "tatarstan", "model"])
def test_a_region_with_services_leads_to_them(world, case, enter, settings, region):
    settings.SOPR_REGION = region
    curator = enter(world.curator)
    assert "Занятия" in curator.get("cases:case-detail", case.pk).content.decode()
    assert reverse("cases:service-list") in curator.get("cases:case-list").content.decode()
    assert curator.get("cases:service-list").status_code == 200


def test_one_child_entered_twice_is_merged_once_the_group_names_him_once(world, group, today):
    """Marks and enrolments go along; two places in one group are sorted out first, and the page says how."""
    family = make_family(world)
    child = child_of(family)
    row = enrol(world, group, family, since=today - DAY)
    double = new_person(by=world.curator, last_name="Ковалев", first_name="Илья", birth_on=child.birth_on)
    family.add_member(double, by=world.curator, relation="child", since=child.birth_on)
    other = Enrolment.enrol(group, family, by=world.curator, person=double, since=today)
    with pytest.raises(Refused, match="в одну группу занятий"):
        merge_people(child, double, by=world.head, reason="twice")
    other.leave(by=world.curator, day=today, reason="other")
    merge_people(child, double, by=world.head, reason="twice")
    assert set(group.enrolments.values_list("pk", "person")) == {(row.pk, child.pk), (other.pk, child.pk)}
