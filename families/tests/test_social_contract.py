"""Social contracts and informing: written down, ended, listed, only where the region works with them."""

import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from families.models import FamilyEvent, InformingEvent, SocialContract
from sopr.errors import Refused
from sopr.obligations.models import Obligation
from sopr.tests.casework import make_family

TODAY = timezone.localdate
DAY = datetime.timedelta(days=1)


def browser(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def family(world):
    return make_family(world)


def url(name, *args):
    return reverse(f"families:{name}", args=args)


def fields(**typed):
    values = {
        "signed_on": TODAY().isoformat(),
        "until": (TODAY() + 180 * DAY).isoformat(),
        "directions": ["work", "training"],
        "amount": "30000",
        "plan": "Учиться на повара",
    }
    return values | typed


def conclude(world, family, **changed):
    values = {"signed_on": TODAY(), "until": TODAY() + 90 * DAY, "directions": ["farm"]} | changed
    return SocialContract.conclude(family, by=world.curator, **values)


def test_contract_is_concluded_from_the_card_and_its_end_falls_due(world, family):
    client = browser(world.curator)
    assert client.post(url("social-contract-new", family.pk), fields(directions=[])).status_code == 422
    early = client.post(url("social-contract-new", family.pk), fields(until=TODAY().isoformat()))
    assert early.status_code == 422 and "Проверьте даты" in early.content.decode()
    answer = client.post(url("social-contract-new", family.pk), fields())
    contract = SocialContract.objects.get()
    assert answer.url == contract.get_absolute_url()
    assert (contract.directions, contract.amount, contract.organisation) == (["work", "training"], 30_000, world.centre)
    page = client.get(answer.url).content.decode()
    assert "поиск работы" in page and "обучение" in page and "Учиться на повара" in page
    due = Obligation.objects.open().get(kind="family.social_contract")
    assert (due.due_on, due.assignee, due.path) == (
        contract.until,
        world.curator,
        url("social-contract-end", contract.pk),
    )
    assert due.remind_on == contract.until - 30 * DAY
    assert client.get(url("social-contract-new", family.pk)).status_code == 409
    assert "Социальный контракт от" in client.get(url("family-detail", family.pk) + "?tab=papers").content.decode()


def test_result_is_recorded_once_and_says_why_when_terminated(world, family):
    contract = conclude(world, family)
    client = browser(world.curator)
    said = {"day": TODAY().isoformat(), "ending": "terminated", "improved": "no", "result": "Работы нет"}
    mute = client.post(url("social-contract-end", contract.pk), said)
    assert mute.status_code == 422 and "напишите причину" in mute.content.decode()
    assert client.post(url("social-contract-end", contract.pk), said | {"reason": "уехали"}).status_code == 302
    contract.refresh_from_db()
    assert (contract.ended_on, contract.improved, contract.end_reason) == (TODAY(), False, "уехали")
    assert not Obligation.objects.open().filter(kind="family.social_contract").exists()
    assert client.get(url("social-contract-end", contract.pk)).status_code == 409
    kinds = set(FamilyEvent.objects.filter(family=family).values_list("kind", flat=True))
    assert {"social_contract", "social_contract_ended"} <= kinds
    assert "Социальный контракт завершён" in client.get(url("family-detail", family.pk)).content.decode()


def test_second_contract_waits_for_the_result_of_the_first(world, family):
    conclude(world, family, signed_on=TODAY() - 10 * DAY)
    with pytest.raises(Refused, match="ещё не завершён"):
        conclude(world, family)


def test_imported_contract_has_only_a_date_and_a_result_and_stands_in_no_ones_way(world, family):
    old = family.social_contracts.create(signed_on=TODAY() - 400 * DAY, improved=True)
    assert browser(world.curator).get(old.get_absolute_url()).status_code == 200
    conclude(world, family)
    text = browser(world.head).get(url("social-contract-list")).content.decode()
    assert text.count("Ковалёвы") >= 2


def test_list_is_filtered_saved_as_a_file_and_costs_the_same_for_many(
    world, family, django_assert_max_num_queries, django_assert_num_queries
):
    conclude(world, family, signed_on=TODAY() - 40 * DAY, until=TODAY() - 10 * DAY)
    client = browser(world.curator)
    page = client.get(url("social-contract-list"), {"state": "late"}).content.decode()
    assert "срок прошёл" in page and "Ковалёвы" in page
    assert "Ковалёвы" not in client.get(url("social-contract-list"), {"state": "improved"}).content.decode()
    file = client.get(url("social-contract-list"), {"as": "xlsx"})
    assert b"".join(file.streaming_content)[:2] == b"PK"
    with django_assert_max_num_queries(40) as few:
        client.get(url("social-contract-list"))
    for number in range(8):
        other = make_family(world, surname=f"Иные{number}")
        conclude(world, other)
    with django_assert_num_queries(len(few)):
        client.get(url("social-contract-list"))


def test_families_are_informed_by_number_or_by_name(world, family):
    client = browser(world.curator)
    said = {"informed_on": TODAY().isoformat(), "topic": "Контракт на своё дело"}
    assert client.post(url("informing-new"), said).status_code == 422
    assert client.post(url("informing-new"), said | {"number": "99999"}).status_code == 422
    both = client.post(url("informing-new"), said | {"number": family.number, "families_count": "3"})
    assert both.status_code == 422
    assert client.post(url("informing-new"), said | {"families_count": "25"}).status_code == 302
    assert client.post(url("informing-new"), said | {"number": family.number}).status_code == 302
    named, counted = InformingEvent.objects.order_by("-pk")
    assert (named.family, named.families_count, counted.families_count) == (family, 1, 25)
    page = client.get(url("informing-list")).content.decode()
    assert "25" in page and "Ковалёвы" in page
    assert "Контракт на своё дело" in client.get(url("family-detail", family.pk) + "?tab=papers").content.decode()
    elsewhere = browser(world.other_curator)
    assert "Контракт на своё дело" not in elsewhere.get(url("informing-list")).content.decode()
    assert elsewhere.post(url("informing-new"), said | {"number": family.number}).status_code == 422


def test_colleague_sees_the_contract_in_brief(world, family):
    contract = conclude(world, family, plan="Купить корову")
    page = browser(world.colleague).get(contract.get_absolute_url()).content.decode()
    assert "личное подсобное хозяйство" in page and "Купить корову" not in page
    assert browser(world.colleague).get(url("social-contract-end", contract.pk)).status_code == 409
    assert browser(world.other_head).get(contract.get_absolute_url()).status_code == 404


def test_region_without_the_module_has_none_of_it(world, family, settings):
    contract = conclude(world, family)
    settings.SOPR_REGION = "irkutsk"
    client = browser(world.curator)
    for page, *args in (
        ("social-contract-list",),
        ("social-contract-new", family.pk),
        ("social-contract-detail", contract.pk),
        ("social-contract-end", contract.pk),
        ("informing-list",),
        ("informing-new",),
    ):
        assert client.get(url(page, *args)).status_code == 404, page
    assert "Социальные контракты" not in client.get(url("family-list")).content.decode()
    assert "Социальные контракты" not in client.get(url("family-detail", family.pk) + "?tab=papers").content.decode()
