"""«Бонусная программа семьи»: points by the dictionary, counter entries, a balance that is never negative."""

import datetime
import subprocess
import threading

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from cases.models import BonusAccount, BonusEntry, BonusReward, BonusStep, CaseTransfer
from sopr.errors import Refused

TODAY = timezone.localdate
DAY = datetime.timedelta(days=1)


@pytest.fixture
def step(world):
    return BonusStep.add(by=world.head, title="Сходили к врачу", points=5)


@pytest.fixture
def reward(world):
    return BonusReward.add(by=world.head, title="Билет в театр", points=8)


def award(world, case, step, **fields):
    return BonusEntry.award(case, step, by=world.curator, **{"happened_on": TODAY(), "evidence": "справка"} | fields)


def balance(case):
    return BonusAccount.objects.get(case=case).balance


def text_of(pdf):
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(read.stdout.decode().split())


# -- the account -----------------------------------------------------------------------------------------------------


def test_award_spend_cancel_by_the_pages(world, active, step, reward, enter):
    browser = enter(world.curator)
    assert "Записей пока нет" in browser.get("cases:bonus-detail", active.pk).content.decode()
    missing = browser.post("cases:bonus-award", active.pk, step=step.pk, happened_on=TODAY().isoformat(), evidence=" ")
    assert missing.status_code == 422 and not BonusEntry.objects.exists()
    for evidence in ("справка от педиатра", "видела сама"):
        data = {"step": step.pk, "happened_on": TODAY().isoformat(), "evidence": evidence}
        assert browser.post("cases:bonus-award", active.pk, **data).status_code == 302
    assert balance(active) == 10
    browser.post("cases:bonus-spend", active.pk, reward=reward.pk, happened_on=TODAY().isoformat(), note="на двоих")
    assert balance(active) == 2
    refused = browser.post("cases:bonus-spend", active.pk, reward=reward.pk, happened_on=TODAY().isoformat(), note="")
    assert "Баллов не хватает: на счёте семьи 2, а нужно 8" in refused.content.decode()
    spending = BonusEntry.objects.get(kind="spending")
    first = BonusEntry.objects.earliest("pk")
    answer = browser.post("cases:bonus-cancel", first.pk, reason="не та семья")
    assert "Эти баллы семья уже потратила" in answer.content.decode()
    browser.post("cases:bonus-cancel", spending.pk, reason="спектакль отменили")
    browser.post("cases:bonus-cancel", first.pk, reason="не та семья")
    assert balance(active) == 5
    assert browser.get("cases:bonus-cancel", first.pk).status_code == 409
    page = browser.get("cases:bonus-detail", active.pk).content.decode()
    assert "спектакль отменили" in page and "рейтинга нет" in page and "видела сама" in page
    assert "5\xa0баллов" in browser.get("cases:case-detail", active.pk).content.decode()
    text = text_of(browser.get("cases:bonus-print", active.pk).content)
    assert "Отмена записи" in text and "начислено 5, потрачено 0" in text and "рейтинга нет" in text
    kinds = set(active.events.values_list("kind", flat=True))
    assert {"bonus_awarded", "bonus_spent", "bonus_cancelled"} <= kinds
    rows = active.bonus_entries.order_by("pk").values_list("points", "balance")
    assert sum(points for points, _left in rows) == rows.last()[1] == 5


def test_once_and_the_limit_of_a_month(world, active, step):
    once = BonusStep.add(by=world.head, title="Вышла на работу", points=20, once=True)
    twice = BonusStep.add(by=world.head, title="Занятие с психологом", points=2, monthly_limit=2)
    entry = award(world, active, once)
    with pytest.raises(Refused, match="один раз"):
        award(world, active, once)
    entry.cancel(by=world.curator, reason="ошиблись")
    award(world, active, once)  # what was taken back does not count
    award(world, active, twice)
    award(world, active, twice)
    with pytest.raises(Refused, match="не чаще 2 в месяц"):
        award(world, active, twice)
    assert balance(active) == 24


def test_only_on_support_on_real_days_and_by_lines_in_use(world, case, active, step, reward):
    foreign = BonusStep.add(by=world.other_head, title="Чужой шаг", points=1)
    for row, made, said in [
        (case, {}, "сначала решение совета"),
        (active, {"happened_on": TODAY() + DAY}, "ещё не наступил"),
        (active, {"happened_on": active.accepted_on - DAY}, "раньше баллы не считаются"),
        (active, {"evidence": "  "}, "чем подтверждается"),
    ]:
        with pytest.raises(Refused, match=said):
            award(world, row, step, **made)
    with pytest.raises(Refused, match="другой организации"):
        award(world, active, foreign)
    step.retire(by=world.head)
    with pytest.raises(Refused, match="выведен из употребления"):
        award(world, active, step)
    assert not BonusEntry.objects.exists()


def test_a_counter_entry_is_not_taken_back(world, active, step):
    counter = award(world, active, step).cancel(by=world.curator, reason="ошиблись")
    with pytest.raises(Refused, match="отмену исправляют новой записью"):
        counter.cancel(by=world.curator, reason="передумали")
    with pytest.raises(Refused, match="почему"):
        award(world, active, step).cancel(by=world.curator, reason=" ")


def test_the_database_keeps_the_balance_and_the_counter_entries(world, active, step):
    entry = award(world, active, step)
    counter = entry.cancel(by=world.curator, reason="ошиблись")
    for write in (
        lambda: BonusAccount.objects.update(balance=-1),
        lambda: BonusEntry.objects.create(
            case=active, kind="reversal", points=-5, balance=0, happened_on=TODAY(), reverses=entry, by=world.curator
        ),
        lambda: BonusEntry.objects.filter(pk=entry.pk).update(step=None),
        lambda: BonusStep.objects.filter(pk=step.pk).update(points=0),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()
    assert counter.balance == 0


@pytest.mark.django_db(transaction=True)
def test_two_who_spend_at_once_never_overdraw(world, active, step, reward):
    for _number in range(2):
        award(world, active, step)
    together, said = threading.Barrier(2), []

    def spend():
        try:
            together.wait(timeout=30)
            BonusEntry.spend(active, reward, by=world.curator, happened_on=TODAY())
            said.append("spent")
        except Refused as refused:
            said.append(str(refused))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=spend) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(said) == ["spent", "Баллов не хватает: на счёте семьи 2, а нужно 8."]
    assert balance(active) == 2 and connection.vendor in ("sqlite", "postgresql")


def test_points_go_along_when_the_case_is_transferred(world, active, step):
    award(world, active, step)
    offer = CaseTransfer.offer(
        active, by=world.head, to_organisation=world.other_centre, reason="переезд", consented_on=TODAY()
    )
    case = offer.accept(by=world.other_head, curator=world.other_curator)
    assert (balance(active), balance(case)) == (0, 5)
    assert case.bonus_entries.get().kind == "carried"


# -- the dictionaries ------------------------------------------------------------------------------------------------


def test_region_and_organisation_each_keep_their_own_lines(world, active, enter):
    admin, head, curator = enter(world.administrator), enter(world.head), enter(world.curator)
    data = {"title": "Сделали прививку", "points": "3", "monthly_limit": ""}
    assert admin.post("cases:bonus-step-new", **data).status_code == 302
    region = BonusStep.objects.get()
    assert region.organisation is None
    assert head.get("cases:bonus-step-edit", region.pk).status_code == 404
    assert head.post("cases:bonus-step-new", **data | {"title": "Свой шаг", "once": "on"}).status_code == 302
    own = BonusStep.objects.get(organisation=world.centre)
    assert admin.get("cases:bonus-step-edit", own.pk).status_code == 404
    page = curator.get("cases:bonus-step-list").content.decode()
    assert "Сделали прививку" in page and "Свой шаг" in page and "Добавить строку" not in page
    assert "Свой шаг" not in enter(world.other_curator).get("cases:bonus-step-list").content.decode()
    twice = head.post("cases:bonus-step-new", **data | {"title": "Свой шаг"})
    assert "в справочнике уже есть" in twice.content.decode()
    both = head.post("cases:bonus-step-new", **data | {"once": "on", "monthly_limit": "2"})
    assert "Шаг считается один раз" in both.content.decode()
    zero = head.post("cases:bonus-reward-new", title="Билет", points="0")
    assert "хотя бы один балл" in zero.content.decode()


def test_a_used_line_is_retired_not_rewritten(world, active, step, enter):
    browser = enter(world.head)
    data = {"title": "Сходили к педиатру", "points": "6", "monthly_limit": "", "version": step.version}
    assert browser.post("cases:bonus-step-edit", step.pk, **data).status_code == 302
    step.refresh_from_db()
    award(world, active, step)
    refused = browser.post("cases:bonus-step-edit", step.pk, **data | {"points": "9", "version": step.version})
    assert "баллы уже записаны" in refused.content.decode()
    browser.post("cases:bonus-step-retire", step.pk)
    assert browser.get("cases:bonus-step-retire", step.pk).status_code == 409
    assert step.title not in enter(world.curator).get("cases:bonus-award", active.pk).content.decode()
    browser.post("cases:bonus-step-restore", step.pk)
    assert browser.get("cases:bonus-step-restore", step.pk).status_code == 409
    assert BonusStep.objects.get().retired_on is None and balance(active) == 6


def test_the_page_of_an_account_asks_no_more_for_more_entries(
    world, active, step, enter, django_assert_num_queries, django_assert_max_num_queries
):
    browser = enter(world.curator)
    award(world, active, step)
    with django_assert_max_num_queries(20) as few:
        browser.get("cases:bonus-detail", active.pk)
    for _number in range(6):
        award(world, active, step).cancel(by=world.curator, reason="проба")
    with django_assert_num_queries(len(few)):
        browser.get("cases:bonus-detail", active.pk)


ABOUT_A_CASE = ["bonus-detail", "bonus-award", "bonus-spend", "bonus-print"]
LISTS = ["bonus-step-list", "bonus-step-new", "bonus-reward-list", "bonus-reward-new"]


def test_a_region_without_the_module_has_neither_pages_nor_links(world, active, step, enter, settings):
    settings.SOPR_REGION = "primorye"
    browser = enter(world.head)
    assert {browser.get(f"cases:{page}", active.pk).status_code for page in ABOUT_A_CASE} == {404}
    assert {browser.get(f"cases:{page}").status_code for page in LISTS} == {404}
    assert browser.get("cases:bonus-step-edit", step.pk).status_code == 404
    for page in (browser.get("cases:case-detail", active.pk), browser.get("cases:case-list")):
        text = page.content.decode()
        assert "Баллы семьи" not in text and "Справочники" not in text
    administrator = enter(world.administrator)
    assert "бонусной" not in administrator.get("cases:dictionary-list").content.decode()
    settings.SOPR_REGION = "tatarstan"
    assert "Шаги бонусной программы" in administrator.get("cases:dictionary-list").content.decode()
