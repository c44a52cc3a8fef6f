"""A case goes to another organisation: both heads agree, support goes on, the region counts nobody twice."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Activity, Case, CaseTransfer, Enrolment, IndividualRoute, Service, ServiceGroup
from cases.words import ClosureReason, Stage
from sopr.errors import Refused
from sopr.obligations.models import Obligation
from sopr.tests.casework import activate, open_case

OFFER = {"reason": "Семья переехала в Южный район"}


@pytest.fixture
def case(world):
    return activate(world)


def offer(world, case, **changes):
    values = OFFER | {"to_organisation": world.other_centre, "consented_on": timezone.localdate()} | changes
    return CaseTransfer.offer(case, by=world.head, **values)


def due(kind):
    return Obligation.objects.open().filter(kind=kind)


def test_a_case_is_offered_accepted_and_goes_on(client, world, case):
    level, open_before = case.level_periods.get(until=None), case.activities.filter(state="planned").count()
    client.force_login(world.head)
    page = reverse("cases:transfer-offer", args=[case.pk])
    posted = OFFER | {"to_organisation": world.other_centre.pk, "consented_on": timezone.localdate()}
    answer = client.post(page, posted)
    assert answer.url == CaseTransfer.objects.get().get_absolute_url()
    assert due("case.transfer").get().organisation == world.other_centre

    client.force_login(world.other_head)
    assert "Ответить на передачу" in client.get(reverse("cases:service")).content.decode()
    row = CaseTransfer.objects.get()
    answer = client.post(reverse("cases:transfer-accept", args=[row.pk]), {"curator": world.other_curator.pk})
    new = Case.objects.get(transferred_from=case)
    assert answer.url == new.get_absolute_url()
    assert (new.organisation, new.curator, new.stage) == (world.other_centre, world.other_curator, Stage.ACTIVE)
    assert (new.level, new.level_term_on) == (level.level, level.term_on)
    assert new.primary_category == case.primary_category
    assert set(new.members.values_list("person", flat=True)) == set(case.members.values_list("person", flat=True))
    revision = new.programmes.get().approved
    assert revision.activities().filter(state="planned").count() == open_before > 0
    assert not due("case.transfer").exists()

    case.refresh_from_db()
    assert (case.stage, case.closure_reason) == (Stage.CLOSED, ClosureReason.TRANSFERRED)
    assert not Obligation.objects.open().filter(case_id=case.pk).exists()
    assert client.get(reverse("families:family-detail", args=[case.family_id])).status_code == 200


def test_activities_of_the_former_service_become_those_of_the_new_one(world, case):
    own = case.activities.filter(agency=world.centre).count()
    new = offer(world, case).accept(by=world.other_head, curator=world.other_curator)
    assert not Activity.objects.filter(case=new, agency=world.centre).exists()
    assert new.activities.filter(agency=world.other_centre).count() == own
    agency = new.activities.exclude(agency=world.other_centre).first()
    owed = Obligation.objects.open().about(agency)
    assert set(owed.values_list("kind", flat=True)) == {"activity.report", "activity.answer"}
    assert {row.organisation for row in owed} == {agency.agency}


def test_the_new_service_is_asked_for_its_own_papers(client, world, case):
    new = offer(world, case).accept(by=world.other_head, curator=world.other_curator)
    client.force_login(world.other_curator)
    page = client.get(new.get_absolute_url()).content.decode()
    assert "Взять заявление для Вашей организации" in page
    assert "Взять согласия для Вашей организации" in page
    assert due("case.contract").filter(case_id=new.pk).exists()


def test_the_family_stands_once_on_support(world, case):
    new = offer(world, case).accept(by=world.other_head, curator=world.other_curator)
    assert Case.objects.on_support_at(timezone.localdate()).filter(family=case.family_id).get() == new


def test_the_other_head_declines_and_the_case_stays(client, world, case):
    row = offer(world, case)
    client.force_login(world.other_head)
    assert client.post(reverse("cases:transfer-decline", args=[row.pk]), {"remark": ""}).status_code == 422
    client.post(reverse("cases:transfer-decline", args=[row.pk]), {"remark": "Нет свободных кураторов"})
    row.refresh_from_db()
    case.refresh_from_db()
    assert (row.state, row.remark, case.stage) == ("declined", "Нет свободных кураторов", Stage.ACTIVE)
    assert client.post(reverse("cases:transfer-decline", args=[row.pk]), {"remark": "ещё раз"}).status_code == 409
    offer(world, case)  # may be offered again


def test_an_offer_is_taken_back(client, world, case):
    row = offer(world, case)
    client.force_login(world.other_head)
    assert client.post(reverse("cases:transfer-withdraw", args=[row.pk])).status_code == 404
    client.force_login(world.head)
    assert client.post(reverse("cases:transfer-withdraw", args=[row.pk])).status_code == 302
    with pytest.raises(Refused, match="отозвана"):
        row.accept(by=world.other_head, curator=world.other_curator)


def test_when_a_case_cannot_be_transferred(world, case):
    with pytest.raises(Refused, match="руководителя"):
        offer(world, case, to_organisation=world.clinic)
    with pytest.raises(Refused, match="не наступила"):
        offer(world, case, consented_on=timezone.localdate() + datetime.timedelta(days=1))
    row = offer(world, case)
    with pytest.raises(Refused, match="уже предложена"):
        offer(world, case)
    with pytest.raises(Refused, match="Вашей организации"):
        row.accept(by=world.other_head, curator=world.curator)
    with pytest.raises(Refused, match="которой предложен"):
        row.accept(by=world.head, curator=world.other_curator)
    case.suspend(by=world.head, reason="санаторий")
    with pytest.raises(Refused, match="приостановлено"):
        row.accept(by=world.other_head, curator=world.other_curator)


def test_a_case_before_its_council_goes_over_at_the_same_stage(world):
    case = open_case(world)
    new = offer(world, case).accept(by=world.other_head, curator=world.other_curator)
    assert (new.stage, new.accepted_on, new.level) == (Stage.ASSESSMENT, None, "")


def test_the_side_that_answers_sees_no_case_of_the_other(client, world, case):
    row = offer(world, case)
    client.force_login(world.other_head)
    page = client.get(row.get_absolute_url()).content.decode()
    assert case.family.surname in page
    assert case.get_absolute_url() not in page
    assert client.get(case.get_absolute_url()).status_code == 404


def enrol(world, case, **fields):
    """A child of the case in a group of the centre, and his route there with a step done and two to do."""
    child = case.members.get(person__birth_on__gt=datetime.date(2010, 1, 1)).person
    service = Service.add(by=world.curator, title="Детское радио", kind="club", for_whom="minors")
    group = ServiceGroup.start(service, by=world.curator, title="Эфир", leader=world.curator, **fields)
    place = Enrolment.enrol(group, case.family, by=world.curator, person=child)
    today = timezone.localdate()
    route = IndividualRoute.begin(
        case, by=world.curator, person=child, planned_until=today + datetime.timedelta(days=90), services=[service],
        goal="Найти дело по душе", interests="Снимает видео", with_parents="Беседа раз в месяц",
    )  # fmt: skip
    done = route.add_step(by=world.curator, text="Диагностика склонностей")
    done.settle(by=world.curator, done_on=today, result="Выяснены")
    route.add_step(by=world.curator, text="Профессиональные пробы", due_on=today + datetime.timedelta(days=20))
    route.add_step(by=world.curator, text="Беседа о планах на учёбу", for_parents=True)
    return place, route


def test_places_in_groups_and_routes_end_with_the_transfer_and_free_the_places(world, case):
    place, route = enrol(world, case, places=1)
    new = offer(world, case).accept(by=world.other_head, curator=world.other_curator)
    place.refresh_from_db()
    route.refresh_from_db()
    today = timezone.localdate()
    assert (place.state, place.until, place.left_reason) == ("left", today, "transferred")
    assert (route.state, route.ended_on, route.broken_reason) == ("broken", today, "transferred")
    assert place.group.places_left() == 1
    assert new.routes.count() == new.enrolments.count() == 0


def test_the_new_curator_goes_on_with_the_route_by_his_own_services(world, case, enter):
    _place, route = enrol(world, case)
    new = offer(world, case).accept(by=world.other_head, curator=world.other_curator)
    curator = enter(world.other_curator)
    anew = f"{reverse('cases:route-new', args=[new.pk])}?after={route.pk}"
    now = curator.get("cases:case-detail", new.pk).content.decode()
    assert "Составить индивидуальный маршрут заново" in now and anew in now
    tab = curator.get("cases:case-detail", new.pk, tab="services").content.decode()
    assert "Из прежней организации" in tab and "Детское радио" in tab and anew in tab
    form = curator.client.get(anew).content.decode()
    assert "Найти дело по душе" in form and "Снимает видео" in form and "Беседа раз в месяц" in form
    assert "Детское радио" not in form
    posted = {
        "person": route.person_id, "since": timezone.localdate(), "planned_until": route.planned_until,
        "goal": "Найти дело по душе",
    }  # fmt: skip
    assert curator.client.post(anew, posted).status_code == 302
    steps = new.routes.get().steps.values_list("text", "due_on", "for_parents")
    assert set(steps) == {
        ("Профессиональные пробы", timezone.localdate() + datetime.timedelta(days=20), False),
        ("Беседа о планах на учёбу", None, True),
    }
    assert "маршрут заново" not in curator.get("cases:case-detail", new.pk).content.decode()
    own = Service.add(by=world.other_curator, title="Туризм", kind="club", for_whom="minors")
    Enrolment.enrol(
        ServiceGroup.start(own, by=world.other_curator, title="Отряд", leader=world.other_curator),
        new.family, by=world.other_curator, person=route.person,
    )  # fmt: skip
    assert "Из прежней" not in curator.get("cases:case-detail", new.pk, tab="services").content.decode()


def test_a_route_of_another_case_or_another_child_is_not_taken_over(world, case, enter):
    _place, route = enrol(world, case)
    stranger = activate(world)
    page = enter(world.curator).client.get(f"{reverse('cases:route-new', args=[stranger.pk])}?after={route.pk}")
    assert page.status_code == 200 and "Снимает видео" not in page.content.decode()
    new = offer(world, case).accept(by=world.other_head, curator=world.other_curator)
    route.refresh_from_db()
    mother = new.members.exclude(person=route.person).first().person
    mother.birth_on = datetime.date(2015, 1, 1)
    mother.save()
    with pytest.raises(Refused, match="другому несовершеннолетнему"):
        IndividualRoute.begin(
            new, by=world.other_curator, person=mother, after=route, goal="…", planned_until=timezone.localdate()
        )
