"""A case goes to another organisation: both heads agree, support goes on, the region counts nobody twice."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Activity, Case, CaseTransfer
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
