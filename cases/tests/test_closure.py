"""The end of support on paper, aftercare with outcomes, and the way back after a relapse."""

import datetime

import pytest
from django.utils import timezone

from cases.models import Assessment, Case, Closure
from cases.tests.papers import says
from cases.words import Domain
from sopr.errors import Refused
from sopr.obligations.models import Obligation
from sopr.tests.casework import hold_council, open_case

TODAY = timezone.localdate
DAY = datetime.timedelta(days=1)
CONCLUSION = {"outcome": "improved", "reason": "goals_reached", "conclusion": "Мама устроилась на работу"}


def remove(world, case):
    Closure.prepare(case, by=case.curator, recommendations="Посещать кружок", **CONCLUSION)
    hold_council(world, case, "remove")
    return case


def check(case, number=0, outcome="relapse", result="Долги вернулись"):
    row = case.aftercare_checks.all()[number]
    row.record(by=case.curator, done_on=TODAY(), outcome=outcome, result=result)
    return row


def test_conclusion_leads_to_the_council_and_prints_then_and_now(world, active, enter):
    scores = dict.fromkeys(Domain.values, 0) | {Domain.EDUCATION: 1}
    browser = enter(world.curator)
    Assessment.record(active, by=world.curator, done_on=TODAY(), scores=scores, proposed_level="basic")
    answer = browser.post("cases:closure-new", active.pk, recommendations="Посещать кружок", **CONCLUSION)
    assert answer.url.endswith("?question=remove")
    page = browser.client.get(answer.url).content.decode()
    assert 'value="remove" selected' in page and "Мама устроилась на работу" in page
    paper = browser.get("cases:closure-print", active.closure.pk)
    assert says(
        paper,
        "ЗАКЛЮЧЕНИЕ",
        "о снятии с социального сопровождения семьи Ковалёвых",
        "0 из 2",
        "лучше на 2",
        "выносится на решение",
        "Посещать кружок",
    )
    assert enter(world.other_head).get("cases:closure-print", active.closure.pk).status_code == 404
    Closure.prepare(active, by=world.curator, **CONCLUSION)
    hold_council(world, active, "remove")
    assert says(browser.get("cases:closure-print", active.closure.pk), "снята с сопровождения решением")


def test_death_is_a_reason_only_when_the_card_knows_of_it(world, active):
    with pytest.raises(Refused, match="отмечена смерть"):
        Closure.prepare(active, by=world.curator, **CONCLUSION | {"reason": "death"})
    child = active.family.memberships.get(relation="child")
    active.family.end_membership(child, by=world.curator, until=TODAY(), because="death")
    assert Closure.prepare(active, by=world.curator, **CONCLUSION | {"reason": "death"}).reason == "death"


def test_statement_of_refusal_is_printed_at_any_moment(world, active, case_of_neighbours, enter):
    browser = enter(world.curator)
    for row in (active, case_of_neighbours):
        answer = browser.get("cases:refusal-print", row.pk)
        assert says(answer, "ЗАЯВЛЕНИЕ", "Ковалёвой Анны Игоревны", "отказ не влияет на пособия")
    assert "Печать заявления семьи" in browser.get("cases:case-withdraw", active.pk).content.decode()


@pytest.fixture
def case_of_neighbours(world):
    return open_case(world)


def test_plan_of_aftercare_is_printed_with_the_outcome_of_each_check(world, active, enter):
    browser = enter(world.curator)
    assert browser.get("cases:aftercare-print", active.pk).status_code == 409
    remove(world, active)
    row = active.aftercare_checks.first()
    values = {"done_on": TODAY().isoformat(), "result": "Справляются"}
    assert browser.post("cases:aftercare-check", row.pk, **values).status_code == 422
    early = values | {"done_on": (TODAY() - DAY).isoformat(), "outcome": "stable"}
    assert browser.post("cases:aftercare-check", row.pk, **early).status_code == 422
    assert browser.post("cases:aftercare-check", row.pk, outcome="help", **values).status_code == 302
    assert says(browser.get("cases:aftercare-print", active.pk), "нужна помощь", "Справляются", "Посещать кружок")


def test_relapse_opens_a_new_case_linked_both_ways_and_ends_aftercare(world, active, enter):
    old = remove(world, active)
    check(old)
    browser = enter(world.curator)
    assert "Рецидив: проверка" in browser.get("cases:case-detail", old.pk).content.decode()
    page = browser.get("cases:case-return", old.pk).content.decode()
    assert "всё готово" in page and "согласия на обработку данных действуют" in page
    assert browser.post("cases:case-return", old.pk, form="group").status_code == 302
    old.refresh_from_db()
    new = Case.objects.latest("pk")
    assert (new.stage, new.previous, new.curator, new.family) == ("assessment", old, world.curator, old.family)
    assert old.stage == "closed"
    assert not Obligation.objects.open().filter(kind="case.aftercare").exists()
    assert f"/cases/{new.pk}/" in browser.get("cases:case-detail", old.pk).content.decode()
    assert f"/cases/{old.pk}/" in browser.get("cases:case-detail", new.pk).content.decode()
    told = browser.client.get(f"/councils/items/propose/{new.pk}/?question=other").content.decode()
    assert 'value="other" selected' in told and "Долги вернулись" in told
    assert browser.get("cases:case-return", old.pk).status_code == 409
    assert not new.agenda_items.exists()


def test_return_waits_for_consents_that_have_lapsed(world, active, enter):
    old = remove(world, active)
    check(old)
    old.family.consents.update(until=TODAY() - DAY, given_on=TODAY() - 9 * DAY)
    browser = enter(world.curator)
    assert "есть не все согласия" in browser.get("cases:case-return", old.pk).content.decode()
    assert browser.post("cases:case-return", old.pk, form="group").status_code == 422
    old.refresh_from_db()
    assert old.stage == "aftercare"


def test_return_is_refused_where_it_makes_no_sense(world, active, enter):
    browser = enter(world.curator)
    assert browser.get("cases:case-return", active.pk).status_code == 409
    assert enter(world.other_curator).get("cases:case-return", active.pk).status_code == 404
    active.close_at_familys_wish(by=world.curator, day=TODAY(), outcome="unchanged")
    assert enter(world.head).get("cases:case-return", active.pk).status_code == 200
