"""Opening a case: what is missing is named, the head chooses the curator, a double submit opens one."""

import uuid

from django.urls import reverse

from cases.models import Case
from sopr.tests.casework import add_papers, make_family, make_referral, open_case

FIELDS = {"form": "group", "ground": "appeal", "referral": ""}


def test_page_names_what_is_missing_and_disables_the_button(world, enter):
    family = make_family(world)
    page = enter(world.curator).get("cases:case-open", family.pk)
    text = page.content.decode()
    assert page.status_code == 200
    assert "нет письменного заявления семьи" in text
    assert "Нет согласия на обработку данных: " in text
    assert reverse("families:application-new", args=[family.pk]) in text
    assert "disabled title=" in text


def test_posting_without_papers_opens_nothing_and_says_why(world, enter):
    family = make_family(world)
    answer = enter(world.curator).post("cases:case-open", family.pk, **FIELDS)
    assert answer.status_code == 422
    assert "Случай открыть нельзя" in answer.content.decode()
    assert not Case.objects.exists()


def test_curator_opens_for_himself_on_a_signal(world, enter):
    family = make_family(world)
    add_papers(family, world.curator)
    referral = make_referral(world)
    referral.assign(by=world.head, curator=world.curator)
    referral.link_family(family, by=world.curator)
    answer = enter(world.curator).post("cases:case-open", family.pk, **FIELDS | {"referral": referral.pk})
    case = Case.objects.get()
    assert answer.url == case.get_absolute_url()
    assert (case.curator, case.referral, case.stage) == (world.curator, referral, "assessment")
    referral.refresh_from_db()
    assert referral.state == "accepted"


def test_head_chooses_the_curator(world, enter):
    family = make_family(world)
    add_papers(family, world.curator)
    browser = enter(world.head)
    assert browser.post("cases:case-open", family.pk, **FIELDS).status_code == 422
    browser.post("cases:case-open", family.pk, **FIELDS | {"curator": world.colleague.pk})
    assert Case.objects.get().curator == world.colleague


def test_double_submit_opens_one_case(world, enter):
    family = make_family(world)
    add_papers(family, world.curator)
    browser, token = enter(world.curator), str(uuid.uuid4())
    first = browser.post("cases:case-open", family.pk, **FIELDS | {"submit_token": token})
    second = browser.post("cases:case-open", family.pk, **FIELDS | {"submit_token": token})
    assert first.url == second.url
    assert Case.objects.count() == 1


def test_second_open_case_is_refused(world, case, enter):
    answer = enter(world.curator).post("cases:case-open", case.family_id, **FIELDS)
    assert answer.status_code == 422
    assert "уже есть открытый случай" in answer.content.decode()


def test_family_of_another_organisation_is_not_found(world, enter):
    family = make_family(world)
    assert enter(world.other_curator).get("cases:case-open", family.pk).status_code == 404
    assert enter(world.executor).get("cases:case-open", family.pk).status_code == 403


def test_a_return_is_a_new_case_that_points_to_the_old_one(world, active):
    active.close_at_familys_wish(by=world.curator, day=active.accepted_on, outcome="unchanged")
    again = open_case(world, family=active.family)
    assert again.previous == active


def test_consent_given_to_another_operator_does_not_count(world, enter):
    family = make_family(world)
    add_papers(family, world.curator)
    family.consents.update(operator=world.other_centre)
    answer = enter(world.curator).post("cases:case-open", family.pk, **FIELDS)
    assert answer.status_code == 422 and "нет согласия на обработку данных" in answer.content.decode()
