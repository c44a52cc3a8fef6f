"""Contracts: kinds by profile, the copy to guardianship, the end of the term, termination with a reason, prints."""

import datetime

import pytest
from django.utils import timezone

from cases.models import Case, Contract, ContractCopy
from cases.tests.papers import says
from families.categories import Category
from families.models import Consent
from sopr import profile
from sopr.calendar import add_working_days
from sopr.errors import Refused
from sopr.obligations.kinds import kind_of
from sopr.obligations.models import Obligation
from sopr.tests.casework import activate, make_family, open_case

TODAY = timezone.localdate
DAY = datetime.timedelta(days=1)


def mother(case):
    return case.family.memberships.get(relation="mother").person


def sign(case, days=90, **fields):
    values = {"signed_on": TODAY(), "until": TODAY() + days * DAY, "party": mother(case)} | fields
    return Contract.sign(case, by=case.curator, **values)


def due(kind):
    return Obligation.objects.open().filter(kind=f"case.{kind}")


@pytest.fixture
def foster(world):
    """A substitute family on support."""
    return activate(world, open_case(world, family=make_family(world, category=Category.FOSTER)))


@pytest.fixture
def novgorod(settings, monkeypatch, tmp_path):
    """A region that makes two contracts with a family; the second one opens support (practice of Novgorod)."""
    model = (profile.FOLDER / "model.toml").read_text(encoding="utf-8")
    one = '{ code = "support", title = "Договор о социальном сопровождении", opens_support = true },'
    assert one in model and 'accepted_on_rule = "decision"' in model
    two = (
        '{ code = "services", title = "Договор о предоставлении социальных услуг" },'
        '{ code = "cooperation", title = "Договор о взаимодействии", opens_support = true },'
    )
    text = model.replace(one, two).replace('accepted_on_rule = "decision"', 'accepted_on_rule = "contract"')
    (tmp_path / "two.toml").write_text(text.replace('code = "model"', 'code = "two"', 1), encoding="utf-8")
    monkeypatch.setattr(profile, "FOLDER", tmp_path)
    settings.SOPR_REGION = "two"
    yield
    profile.load.cache_clear()


# --- two contracts --------------------------------------------------------------------------------------------------


def test_two_contracts_have_numbers_and_texts_of_their_own_and_one_opens_support(novgorod, world, enter):
    case = activate(world)
    browser = enter(world.curator)
    fields = {"signed_on": TODAY().isoformat(), "until": (TODAY() + 90 * DAY).isoformat(), "party": mother(case).pk}
    assert browser.post("cases:contract-new", case.pk, kind="services", **fields).status_code == 302
    case.refresh_from_db()
    assert case.accepted_on is None
    assert due("contract").exists()  # the other one is still to be signed
    again = browser.post("cases:contract-new", case.pk, kind="services", **fields)
    assert again.status_code == 422
    assert browser.post("cases:contract-new", case.pk, kind="cooperation", **fields).status_code == 302
    case.refresh_from_db()
    assert case.accepted_on == TODAY()
    assert not due("contract").exists()
    assert browser.get("cases:contract-new", case.pk).status_code == 409
    services, cooperation = Contract.objects.order_by("pk")
    assert services.number != cooperation.number
    assert says(browser.get("cases:contract-print", services.pk), "о предоставлении социальных услуг", "статья 17")
    assert says(browser.get("cases:contract-print", cooperation.pk), "о взаимодействии", "Направить план мероприятий")
    text = browser.get("cases:case-detail", case.pk, tab="reviews").content.decode()
    assert "Договор о предоставлении социальных услуг" in text and "Договор о взаимодействии" in text


def test_region_with_one_contract_is_not_asked_which(world, active, enter):
    text = enter(world.curator).get("cases:contract-new", active.pk).content.decode()
    assert 'type="hidden" name="kind"' in text
    with pytest.raises(Refused, match="Договор этого вида"):
        sign(active, kind="services")


# --- the copy to guardianship ---------------------------------------------------------------------------------------


def test_substitute_familys_contract_is_copied_to_guardianship_in_three_working_days(world, foster, enter):
    contract = sign(foster)
    row = due("guardianship_copy").get()
    assert row.due_on == contract.copy_due_on == add_working_days(TODAY(), 3)
    first, second = add_working_days(TODAY(), 1), add_working_days(TODAY(), 2)
    assert kind_of(row.kind).reminders(row.due_on) == [first, second]
    browser = enter(world.curator)
    page = browser.get("cases:contract-copy", contract.pk).content.decode()
    assert row.path.endswith(f"/contracts/{contract.pk}/copy/") and "Отдел опеки Северного района" in page
    letter = browser.get("cases:contract-copy-print", contract.pk)
    assert says(letter, "О передаче копии договора", f"№ {contract.number}", "Отдел опеки Северного района")
    fields = {"sent_on": TODAY().isoformat(), "how": "hand", "agency": world.guardianship.pk}
    nobody = browser.post("cases:contract-copy", contract.pk, **fields)
    assert nobody.status_code == 422 and "запишите, кто её принял" in nobody.content.decode()
    late = browser.post("cases:contract-copy", contract.pk, **fields | {"sent_on": (TODAY() + DAY).isoformat()})
    assert late.status_code == 422
    taken = browser.post("cases:contract-copy", contract.pk, received_by="Членова, инспектор", number="15-04", **fields)
    assert taken.status_code == 302
    assert not due("guardianship_copy").exists()
    copy = ContractCopy.objects.get()
    assert (copy.contract, copy.how, copy.agency) == (contract, "hand", world.guardianship)
    assert says(browser.get("cases:contract-copy-print", contract.pk), "№ 15-04", "Членова, инспектор")
    assert browser.get("cases:contract-copy", contract.pk).status_code == 409
    assert "Членова, инспектор" in browser.get("cases:case-detail", foster.pk, tab="reviews").content.decode()


def test_copy_not_handed_over_is_overdue_on_my_day(world, foster, enter, time_machine):
    sign(foster)
    time_machine.move_to(timezone.now() + 10 * DAY)
    assert due("guardianship_copy").get() in Obligation.objects.overdue(TODAY())
    assert "Передать копию договора в опеку" in enter(world.curator).get("cases:my-day").content.decode()


def test_copy_is_owed_while_support_is_suspended_and_not_after_the_contract(world, foster):
    contract = sign(foster)
    foster.suspend(by=world.head, reason="Стационар")
    assert due("guardianship_copy").exists()
    foster.resume(by=world.head)
    contract.terminate(by=world.curator, day=TODAY(), reason="family")
    assert not due("guardianship_copy").exists()


def test_other_families_contract_is_not_copied(world, active, enter):
    contract = sign(active)
    assert contract.copy_due_on is None and not due("guardianship_copy").exists()
    browser = enter(world.curator)
    for page in ("cases:contract-copy", "cases:contract-copy-print"):
        answer = browser.get(page, contract.pk)
        assert answer.status_code == 409 and "с замещающей семьёй" in answer.content.decode()


# --- what ends ------------------------------------------------------------------------------------------------------


def test_contract_reminds_30_and_7_days_before_its_end_and_gives_way_to_a_new_one(world, active, enter):
    contract = sign(active, days=60)
    row = due("contract_term").get()
    assert kind_of(row.kind).reminders(row.due_on) == [contract.until - 30 * DAY, contract.until - 7 * DAY]
    fields = {"signed_on": TODAY().isoformat(), "until": (TODAY() + 200 * DAY).isoformat(), "party": mother(active).pk}
    browser = enter(world.curator)
    assert browser.post("cases:contract-new", active.pk, **fields).status_code == 409
    Contract.objects.update(until=TODAY() + 20 * DAY)
    assert "придёт ему на смену" in browser.get("cases:contract-new", active.pk).content.decode()
    assert browser.post("cases:contract-new", active.pk, **fields).status_code == 302
    contract.refresh_from_db()
    assert (contract.terminated_on, contract.termination_reason) == (TODAY(), "replaced")
    assert due("contract_term").get().due_on == TODAY() + 200 * DAY


def test_expired_contract_ends_on_its_own_last_day_when_the_next_is_signed(world, active, time_machine):
    contract = sign(active, days=5)
    time_machine.move_to(timezone.now() + 9 * DAY)
    sign(active)
    contract.refresh_from_db()
    assert (contract.terminated_on, contract.termination_reason) == (contract.until, "expired")


def test_consents_that_run_out_are_due_until_new_ones_are_taken(world, active):
    Consent.objects.filter(family=active.family).update(until=TODAY() + 10 * DAY)
    sign(active)
    assert due("consent_term").get().due_on == TODAY() + 10 * DAY
    members = list(active.family.members_on(TODAY()))
    Consent.take(
        active.family,
        by=world.curator,
        adults=[row.person for row in members if row.relation == "mother"],
        children=[row.person for row in members if row.relation == "child"],
        representative=mother(active),
        given_on=TODAY(),
    )
    assert not due("consent_term").exists()


def test_programme_that_ends_well_before_the_level_is_due_by_itself(world, active):
    assert not due("programme_term").exists()  # it ends with the level: one question to the council
    revision = active.programmes.get().revisions.get()
    Case.objects.filter(pk=active.pk).update(level_term_on=revision.until + 60 * DAY)
    active.refresh_from_db()
    sign(active)
    assert due("programme_term").get().due_on == revision.until


def test_what_ends_in_years_is_not_among_what_is_to_be_done_now(world, active, enter):
    Consent.objects.filter(family=active.family).update(until=TODAY() + 900 * DAY)
    sign(active)
    browser = enter(world.curator)
    assert "Заканчиваются согласия" not in browser.get("cases:case-detail", active.pk).content.decode()
    Consent.objects.filter(family=active.family).update(until=TODAY() + 20 * DAY)
    Contract.objects.get().terminate(by=world.curator, day=TODAY(), reason="family")
    assert "Заканчиваются согласия" in browser.get("cases:case-detail", active.pk).content.decode()


# --- termination ----------------------------------------------------------------------------------------------------


def test_termination_keeps_its_reason_and_the_family_is_told(world, active, enter):
    contract = sign(active)
    browser = enter(world.curator)
    assert browser.get("cases:contract-notice", contract.pk).status_code == 409
    day = TODAY().isoformat()
    assert browser.post("cases:contract-terminate", contract.pk, day=day, reason="").status_code == 422
    mute = browser.post("cases:contract-terminate", contract.pk, day=day, reason="other")
    assert mute.status_code == 422 and "напишите, какая" in mute.content.decode()
    said = browser.post("cases:contract-terminate", contract.pk, day=day, reason="other", note="семья уезжает на лето")
    assert said.status_code == 302
    assert says(
        browser.get("cases:contract-notice", contract.pk), "Уважаемая Анна Игоревна", "семья уезжает на лето", "пособия"
    )
    page = browser.get("cases:case-detail", active.pk, tab="reviews").content.decode()
    assert "иная причина: семья уезжает на лето" in page


def test_contract_ends_with_the_case_for_the_cases_reason(world, active, enter):
    contract = sign(active)
    active.close_at_familys_wish(by=world.curator, day=TODAY(), outcome="unchanged")
    contract.refresh_from_db()
    assert contract.termination_reason == "family"
    assert says(enter(world.curator).get("cases:contract-notice", contract.pk), "по Вашему заявлению")
