"""Contract, contacts, reviews, conclusion on removal, suspension, refusal, aftercare."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, Closure, Contact, Contract, Review
from sopr.errors import Refused
from sopr.obligations.models import Obligation
from sopr.tests.casework import hold_council

TODAY = timezone.localdate


def iso(days=0):
    return (TODAY() + datetime.timedelta(days=days)).isoformat()


def remove(world, case):
    Closure.prepare(case, by=case.curator, outcome="improved", reason="goals_reached", conclusion="Всё хорошо")
    hold_council(world, case, "remove")
    return case


# --- contract ---------------------------------------------------------------------------------------------------------


def mother(case):
    return case.family.memberships.get(relation="mother").person


def test_contract_waits_for_the_decision(world, case, enter):
    answer = enter(world.curator).get("cases:contract-new", case.pk)
    assert answer.status_code == 409
    assert "после решения совета" in answer.content.decode()


def test_contract_is_signed_once_and_printed(world, active, enter):
    browser = enter(world.curator)
    fields = {"signed_on": iso(), "until": iso(90), "party": mother(active).pk}
    assert browser.post("cases:contract-new", active.pk, **fields).status_code == 302
    contract = Contract.objects.get()
    assert contract.number == f"1/{TODAY().year}"
    assert not Obligation.objects.open().filter(kind="case.contract").exists()
    assert browser.post("cases:contract-new", active.pk, **fields).status_code == 409
    answer = browser.get("cases:contract-print", contract.pk)
    assert answer.content.startswith(b"%PDF")
    assert enter(world.other_head).get("cases:contract-print", contract.pk).status_code == 404


def test_suspended_case_says_why_there_is_no_contract(world, active, enter):
    active.suspend(by=world.head, day=timezone.localdate(), reason="Стационар")
    answer = enter(world.curator).get("cases:contract-new", active.pk)
    assert answer.status_code == 409
    assert "Сначала возобновите его" in answer.content.decode()


@pytest.mark.parametrize("fields", [{"signed_on": iso(3)}, {"signed_on": iso(-30)}, {"until": iso(-1)}, {"party": ""}])
def test_contract_with_wrong_dates_is_refused(world, active, enter, fields):
    typed = {"signed_on": iso(), "until": iso(90), "party": mother(active).pk} | fields
    assert enter(world.curator).post("cases:contract-new", active.pk, **typed).status_code == 422
    assert not Contract.objects.exists()


def test_terminated_contract_calls_for_a_new_one(world, active, enter):
    contract = Contract.sign(active, by=world.curator, signed_on=TODAY(), until=TODAY(), party=mother(active))
    browser = enter(world.curator)
    assert browser.post("cases:contract-terminate", contract.pk, day=iso(5), reason="goals").status_code == 422
    assert browser.post("cases:contract-terminate", contract.pk, day=iso(), reason="goals").status_code == 302
    assert Obligation.objects.open().filter(kind="case.contract").exists()
    assert browser.get("cases:contract-terminate", contract.pk).status_code == 409


# --- review and removal -----------------------------------------------------------------------------------------------

REVIEW = {"done_on": iso(), "progress": "Сделано многое", "changes": "Мама работает"}


def test_review_that_changes_the_level_asks_for_it_and_leads_to_the_council(world, active, enter):
    browser = enter(world.curator)
    answer = browser.post("cases:review-new", active.pk, **REVIEW | {"conclusion": "change_level"})
    assert answer.status_code == 422
    assert "выберите новый уровень" in answer.content.decode() and "Сделано многое" in answer.content.decode()
    answer = browser.post(
        "cases:review-new", active.pk, **REVIEW | {"conclusion": "change_level", "proposed_level": "basic"}
    )
    assert answer.url == reverse("councils:item-propose", args=[active.pk])
    active.refresh_from_db()
    assert active.level == "crisis"  # the council decides


@pytest.mark.parametrize(
    ("conclusion", "goes_to"), [("continue", "tab=reviews"), ("amend", "/amend/"), ("remove", "/closure/")]
)
def test_review_leads_on_by_its_conclusion(world, active, enter, conclusion, goes_to):
    answer = enter(world.curator).post("cases:review-new", active.pk, **REVIEW | {"conclusion": conclusion})
    assert goes_to in answer.url
    assert Review.objects.get().conclusion == conclusion


def test_review_before_support_is_409(world, case, enter):
    assert enter(world.curator).get("cases:review-new", case.pk).status_code == 409
    assert enter(world.curator).post("cases:review-new", case.pk, **REVIEW).status_code == 409


def test_conclusion_counts_activities_itself(world, active, enter):
    active.activities.first().record_result(by=world.curator, done_on=TODAY(), result="Сделано")
    browser = enter(world.curator)
    assert "1 из 2" in browser.get("cases:closure-new", active.pk).content.decode()
    fields = {"outcome": "improved", "reason": "goals_reached", "conclusion": "Семья справляется", "aftercare": "on"}
    assert browser.post("cases:closure-new", active.pk, **fields).status_code == 302
    closure = Closure.objects.get()
    assert (closure.activities_done, closure.activities_total) == (1, 2)
    active.refresh_from_db()
    assert active.stage == "active"


def test_closed_case_owes_nothing(world, active):
    active.close_at_familys_wish(by=world.curator, day=TODAY(), outcome="unchanged")
    assert not Obligation.objects.open().exists()


# --- suspension -------------------------------------------------------------------------------------------------------


def test_head_suspends_with_a_reason_kept_in_its_row(world, active, enter):
    head = enter(world.head)
    assert head.post("cases:case-suspend", active.pk, day=iso(), reason="").status_code == 422
    assert head.post("cases:case-suspend", active.pk, day=iso(), reason="Мать в больнице").status_code == 302
    active.refresh_from_db()
    assert active.stage == "suspended"
    assert active.suspensions.get().reason == "Мать в больнице"
    assert "больнице" not in str(list(active.events.values_list("refs", flat=True)))
    assert not Obligation.objects.open().filter(kind="case.contact").exists()
    assert head.get("cases:case-suspend", active.pk).status_code == 409
    assert head.post("cases:case-resume", active.pk, day=iso()).status_code == 302
    active.refresh_from_db()
    assert (active.stage, active.suspensions.get().until) == ("active", TODAY())


def test_curator_may_not_suspend(world, active, enter):
    assert enter(world.curator).get("cases:case-suspend", active.pk).status_code == 403
    assert enter(world.other_head).get("cases:case-suspend", active.pk).status_code == 404


def test_head_gives_the_case_to_another_curator_with_its_terms(world, active, enter):
    active.activities.first().report_done(by=world.executor, done_on=TODAY(), result="Сделано")
    head = enter(world.head)
    assert "нагрузка" in head.get("cases:case-assign", active.pk).content.decode()
    assert head.post("cases:case-assign", active.pk, curator=world.colleague.pk, since=iso()).status_code == 302
    active.refresh_from_db()
    assert active.curator == world.colleague
    due = Obligation.objects.open().filter(case_id=active.pk)
    assert set(due.values_list("assignee", flat=True)) == {world.colleague.pk}
    assert enter(world.curator).get("cases:case-detail", active.pk).status_code == 404
    assert enter(world.curator).get("cases:case-assign", active.pk).status_code == 403
    assert head.post("cases:case-assign", active.pk, curator=world.other_curator.pk, since=iso()).status_code == 422


# --- the family's refusal and aftercare ---------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["case", "active"])
def test_family_may_refuse_at_any_moment(world, enter, request, stage):
    case = request.getfixturevalue(stage)
    answer = enter(world.curator).post("cases:case-withdraw", case.pk, day=iso(), outcome="unchanged")
    assert answer.status_code == 302
    case.refresh_from_db()
    assert (case.stage, case.closure_reason) == ("closed", "family_refused")
    assert enter(world.curator).get("cases:case-withdraw", case.pk).status_code == 409


CHECK = {"done_on": iso(), "outcome": "stable", "result": "Живут дружно"}


def test_aftercare_is_checked_month_by_month_and_finished(world, active, enter):
    case = remove(world, active)
    browser = enter(world.curator)
    assert case.stage == "aftercare"
    assert browser.get("cases:aftercare-finish", case.pk).status_code == 409
    checks = list(case.aftercare_checks.all())
    assert Obligation.objects.open().get(kind="case.aftercare").path == reverse(
        "cases:aftercare-check", args=[checks[0].pk]
    )
    for check in checks:
        assert browser.post("cases:aftercare-check", check.pk, **CHECK).status_code == 302
    assert browser.get("cases:aftercare-check", checks[0].pk).status_code == 409
    assert enter(world.other_curator).get("cases:aftercare-check", checks[0].pk).status_code == 404
    assert browser.post("cases:aftercare-finish", case.pk).status_code == 302
    case.refresh_from_db()
    assert case.stage == "closed"
    with pytest.raises(Refused):
        Contact.record(case, by=world.curator, at=timezone.now(), kind="phone", summary="Поздно")


def test_closed_case_refuses_every_act_by_page(world, active, enter):
    active.close_at_familys_wish(by=world.curator, day=TODAY(), outcome="unchanged")
    browser = enter(world.head)
    for name in (
        "assessment-new",
        "programme-new",
        "contract-new",
        "contact-new",
        "review-new",
        "closure-new",
        "case-assign",
        "case-suspend",
        "case-resume",
        "case-withdraw",
        "aftercare-finish",
    ):
        assert browser.get(f"cases:{name}", active.pk).status_code == 409, name
    assert Case.objects.get().stage == "closed"


def test_only_its_own_road_leads_to_a_stage(world, case):
    """FLOW lets several roads end in one stage; a verb starts only where it makes sense."""
    with pytest.raises(Refused):
        case.finish_aftercare(by=world.curator)
    Case.objects.filter(pk=case.pk).update(stage="council")
    case.refresh_from_db()
    with pytest.raises(Refused):
        case.resume(by=world.head)
    case.refresh_from_db()
    assert case.stage == "council"


@pytest.mark.parametrize(
    ("page", "fields"),
    [
        ("case-withdraw", {"day": iso(-1), "outcome": "unchanged"}),
        ("case-withdraw", {"day": iso(1), "outcome": "unchanged"}),
        ("case-suspend", {"day": iso(-1), "reason": "Больница"}),
        ("case-suspend", {"day": iso(1), "reason": "Больница"}),
        ("case-assign", {"since": iso(-1)}),
        ("case-assign", {"since": iso(1)}),
    ],
)
def test_days_outside_the_case_are_refused_with_a_reason(world, active, enter, page, fields):
    answer = enter(world.head).post(f"cases:{page}", active.pk, **{"curator": world.colleague.pk} | fields)
    assert answer.status_code == 422
    active.refresh_from_db()
    assert (active.stage, active.curator) == ("active", world.curator)


def test_contract_ends_with_the_case(world, active):
    contract = Contract.sign(active, by=world.curator, signed_on=TODAY(), until=TODAY(), party=mother(active))
    active.close_at_familys_wish(by=world.curator, day=TODAY(), outcome="unchanged")
    contract.refresh_from_db()
    assert contract.terminated_on == TODAY()
