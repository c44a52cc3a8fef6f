"""A pause stops the terms of contacts and reviews and moves them on; the level's own term only a council moves."""

import datetime

import pytest
from django.utils import timezone

from cases.models import Contact
from sopr.errors import Refused
from sopr.obligations.models import Obligation
from sopr.tests.casework import activate, open_case

DAY = datetime.timedelta(days=1)


def day(text):
    return datetime.date.fromisoformat(text)


def due(case):
    open_ones = Obligation.objects.about(case).open()
    return {row.kind: row.due_on for row in open_ones}


@pytest.fixture
def moved(time_machine):
    return lambda text: time_machine.move_to(datetime.datetime.fromisoformat(f"{text}T09:00+00:00"))


@pytest.fixture
def active(world, moved):
    moved("2026-03-02")
    return activate(world)


def test_the_terms_move_by_the_days_of_the_pause_and_the_levels_term_does_not(world, active, moved):
    before = due(active)
    assert before["case.contact"] == day("2026-03-16")
    assert before["case.level_term"] == day("2026-09-02")
    moved("2026-03-09")
    active.suspend(by=world.head, reason="Мать в больнице")
    assert due(active) == {"case.level_term": day("2026-09-02")}
    moved("2026-04-08")
    active.resume(by=world.head)
    after = due(active)
    assert after["case.contact"] == day("2026-03-16") + 30 * DAY
    assert after["case.review"] == before["case.review"] + 30 * DAY
    assert after["case.contract"] == before["case.contract"] + 30 * DAY
    assert after["case.level_term"] == day("2026-09-02")
    active.refresh_from_db()
    assert (active.level_term_on, active.level_periods.get().term_on) == (day("2026-09-02"), day("2026-09-02"))


def test_a_contact_during_the_pause_counts_from_its_own_day(world, active, moved):
    moved("2026-03-09")
    active.suspend(by=world.head, reason="Мать в больнице")
    moved("2026-03-19")
    Contact.record(active, by=world.curator, at=timezone.now(), kind="phone", summary="Мать поправляется")
    moved("2026-03-29")
    active.resume(by=world.head)
    assert due(active)["case.contact"] == day("2026-03-19") + (14 + 10) * DAY


def test_pauses_do_not_overlap(world, active, moved):
    moved("2026-03-09")
    active.suspend(by=world.head, reason="Мать в больнице")
    moved("2026-03-20")
    active.resume(by=world.head)
    with pytest.raises(Refused, match="Дата не может быть раньше 20.03.2026"):
        active.suspend(by=world.head, reason="Отъезд", day=day("2026-03-15"))
    active.suspend(by=world.head, reason="Отъезд", day=day("2026-03-20"))
    assert active.suspensions.count() == 2


def test_a_family_that_refuses_during_a_pause_ends_it(world, active, moved):
    moved("2026-03-09")
    active.suspend(by=world.head, reason="Мать в больнице")
    moved("2026-03-20")
    with pytest.raises(Refused, match="раньше 09.03.2026"):
        active.close_at_familys_wish(by=world.curator, day=day("2026-03-05"), outcome="unchanged")
    active.close_at_familys_wish(by=world.curator, day=day("2026-03-18"), outcome="unchanged")
    active.refresh_from_db()
    assert (active.suspensions.get().until, active.suspended_on) == (day("2026-03-18"), None)


def test_a_pause_is_seen_on_the_band_and_in_the_history(client, world, active, moved):
    moved("2026-03-09")
    active.suspend(by=world.head, reason="Мать в больнице")
    moved("2026-04-20")
    active.resume(by=world.head)
    client.force_login(world.curator)
    for address in (active.get_absolute_url(), f"{active.get_absolute_url()}?tab=history"):
        page = client.get(address).content.decode()
        assert "приостановлено с 09.03.2026 по 20.04.2026" in page and "пауза" in page
        assert "Мать в больнице" in page
    family = client.get(f"/families/{active.family_id}/").content.decode()
    assert "приостановлено с 09.03.2026 по 20.04.2026" in family


def test_the_band_says_that_the_term_is_reached(client, world, active, moved):
    moved("2026-10-12")
    client.force_login(world.curator)
    page = client.get(active.get_absolute_url()).content.decode()
    assert "срок уровня истёк 02.09.2026" in page and "Срок уровня истёк 02.09.2026." in page


def test_a_case_without_a_level_has_no_band(client, world):
    case = open_case(world)
    client.force_login(world.curator)
    assert 'id="band-title"' not in client.get(case.get_absolute_url()).content.decode()
