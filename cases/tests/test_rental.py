"""Пункт проката: what is lent, to whom, until when; repaired, written off; and no rental point where a region has none."""

import datetime
import io

import openpyxl
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from cases.models import RentalItem, RentalLoan
from conftest import make_user
from families.merging.verbs import merge_families
from families.models import FamilyEvent
from sopr.errors import Refused
from sopr.obligations.models import Obligation
from sopr.tests.casework import make_family

DAY = datetime.timedelta(days=1)


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def family(world):
    return make_family(world)


def enter_item(world, number="К-1", **fields):
    day = timezone.localdate() - 400 * DAY
    values = {"kind": "pram", "title": "Коляска «Аист»", "acquired_on": day, "condition": "good"} | fields
    return RentalItem.enter(by=world.curator, inventory_number=number, **values)


def mother_of(family):
    return family.memberships.get(relation="mother").person


def lend(world, item, family, days_ago=0, term=30, **fields):
    since = timezone.localdate() - days_ago * DAY
    return item.lend(
        by=world.curator, family=family, person=mother_of(family), since=since, due_on=since + term * DAY, **fields
    )


def test_an_item_is_entered_lent_and_returned_on_the_pages(world, family, enter, today):
    curator = enter(world.curator)
    answer = curator.post(
        "cases:rental-new", inventory_number="К-1", kind="pram", title="Коляска", acquired_on=today, condition="good", note="дождевик"
    )  # fmt: skip
    item = RentalItem.objects.get()
    assert answer["Location"] == item.get_absolute_url()
    chosen = curator.post("cases:rental-choose", item.pk, number=family.number)
    assert chosen["Location"] == f"{reverse('cases:rental-lend', args=[family.pk])}?item={item.pk}"
    assert f'<option value="{item.pk}" selected>' in curator.client.get(chosen["Location"]).content.decode()
    due_on = today + 90 * DAY
    curator.post(
        "cases:rental-lend", family.pk, item=item.pk, person=mother_of(family).pk, since=today, due_on=due_on, condition="good", note=""
    )  # fmt: skip
    loan = RentalLoan.objects.get()
    assert (loan.family, loan.due_on, loan.by) == (family, due_on, world.curator)
    duty = Obligation.objects.about(loan).open().get()
    assert (duty.kind, duty.due_on, duty.assignee) == ("rental.return", due_on, world.curator)
    page = curator.get("cases:rental-detail", item.pk).content.decode()
    assert "Сейчас у семьи" in page and family.surname in page
    curator.post("cases:rental-return", loan.pk, day=today, condition="worn", note="скрипит колесо")
    loan.refresh_from_db()
    item.refresh_from_db()
    assert (loan.returned_on, loan.condition_back, loan.returned_to) == (today, "worn", world.curator)
    assert (item.state, item.condition) == ("available", "worn")
    assert not Obligation.objects.about(loan).open().exists()
    kinds = FamilyEvent.objects.filter(family=family, kind__startswith="rental").values_list("kind", flat=True)
    assert set(kinds) == {"rental_lent", "rental_returned"}


def test_one_item_is_with_one_family(world, family, today):
    item = enter_item(world)
    loan = lend(world, item, family)
    with pytest.raises(Refused, match="выдать нельзя. Вещь сейчас выдана"):
        lend(world, item, make_family(world, surname="Ершовы"))
    with pytest.raises(IntegrityError), transaction.atomic():
        RentalLoan.objects.create(
            item=item, number=9, year=2026, family=family, person=loan.person, since=today, due_on=today, condition_out="good", by=world.curator
        )  # fmt: skip
    with pytest.raises(Refused, match="Вещь сейчас выдана"):
        lend(world, RentalItem.objects.get(pk=item.pk), family)


def test_days_that_cannot_be(world, family, today):
    item = enter_item(world, acquired_on=today - 10 * DAY)
    with pytest.raises(Refused, match="не наступила"):
        lend(world, item, family, days_ago=-1)
    with pytest.raises(Refused, match="раньше выдать"):
        lend(world, item, family, days_ago=11)
    with pytest.raises(Refused, match="через два года"):
        lend(world, item, family, term=800)
    stranger = mother_of(make_family(world, surname="Ершовы"))
    with pytest.raises(Refused, match="члену семьи"):
        item.lend(by=world.curator, family=family, person=stranger, since=today, due_on=today)
    loan = lend(world, item, family, days_ago=5)
    with pytest.raises(Refused, match="от дня выдачи"):
        loan.give_back(by=world.curator, day=today - 6 * DAY, condition="good")
    loan.give_back(by=world.curator, day=today - 2 * DAY, condition="good")
    with pytest.raises(Refused, match="уже записан"):
        loan.give_back(by=world.curator, day=today, condition="good")
    with pytest.raises(Refused, match="Прошлый раз вещь вернули"):
        lend(world, item, family, days_ago=3)


def test_a_term_is_prolonged_and_a_late_return_is_seen(world, family, enter, today):
    item = enter_item(world)
    loan = lend(world, item, family, days_ago=40, term=30)
    assert loan.days_late == 10
    assert RentalLoan.objects.overdue(today).get() == loan
    curator = enter(world.curator)
    assert "Просрочено" in curator.get("cases:rental-list", state="late").content.decode()
    assert curator.post("cases:rental-prolong", loan.pk, due_on=loan.due_on).status_code == 422
    curator.post("cases:rental-prolong", loan.pk, due_on=today + 20 * DAY)
    assert not RentalLoan.objects.overdue(today).exists()
    assert Obligation.objects.about(loan).open().get().due_on == today + 20 * DAY


def test_a_broken_item_is_mended_before_it_is_lent(world, family, enter, today):
    item = enter_item(world)
    lend(world, item, family, days_ago=3).give_back(by=world.curator, day=today, condition="broken", note="ось")
    item.refresh_from_db()
    with pytest.raises(Refused, match="неисправна"):
        lend(world, item, family)
    curator = enter(world.curator)
    curator.post("cases:rental-repair", item.pk, since=today, fault="сломана ось")
    assert curator.post("cases:rental-repair", item.pk, since=today, fault="ещё раз").status_code == 409
    assert curator.get("cases:rental-choose", item.pk).status_code == 409
    curator.post("cases:rental-repaired", item.pk, until=today, condition="good")
    item.refresh_from_db()
    assert (item.state, item.condition, item.repairs.get().until) == ("available", "good", today)


def test_what_is_written_off_is_never_lent_again(world, family, enter, today):
    item = enter_item(world)
    loan = lend(world, item, family)
    curator = enter(world.curator)
    assert curator.get("cases:rental-write-off", item.pk).status_code == 409  # it is with a family
    loan.give_back(by=world.curator, day=today, condition="good")
    curator.post("cases:rental-write-off", item.pk, day=today, ground="акт № 3")
    item.refresh_from_db()
    assert (item.state, item.written_off_on) == ("written_off", today)
    with pytest.raises(Refused):
        lend(world, item, family)
    assert curator.get("cases:rental-edit", item.pk).status_code == 409


def test_an_inventory_number_is_one_items(world, enter, today):
    first, second = enter_item(world), enter_item(world, "К-2")
    data = {"kind": "cot", "title": "Кроватка", "acquired_on": today, "condition": "good"}
    curator = enter(world.curator)
    assert "уже внесена" in curator.post("cases:rental-new", inventory_number="К-1", **data).content.decode()
    assert (
        "уже внесена" in curator.post("cases:rental-edit", second.pk, inventory_number="К-1", **data).content.decode()
    )
    curator.post("cases:rental-edit", first.pk, inventory_number="К-1", **data)
    first.refresh_from_db()
    assert (first.kind, first.title) == ("cot", "Кроватка")
    RentalItem.enter(by=world.other_curator, inventory_number="К-1", **data)  # another rental point counts its own


@pytest.mark.parametrize("page", ["cases:rental-list", "cases:rental-loan-list"])
def test_a_list_costs_the_same_for_many(
    world, family, enter, page, django_assert_num_queries, django_assert_max_num_queries
):
    curator = enter(world.curator)
    lend(world, enter_item(world), family)
    curator.get(page)
    with django_assert_max_num_queries(14) as few:
        curator.get(page)
    for number in range(2, 12):
        lend(world, enter_item(world, f"К-{number}"), make_family(world, surname=f"Семья{number}"))
    with django_assert_num_queries(len(few)):
        assert curator.get(page).content.decode().count("К-") >= 11


def test_the_journal_goes_to_excel(world, family, enter):
    loan = lend(world, enter_item(world), family)
    found = enter(world.curator).get("cases:rental-loan-list", since=loan.since, until=loan.since, state="open")
    assert found.context["total"] == 1
    later = enter(world.curator).get("cases:rental-loan-list", since=loan.since + DAY)
    assert later.context["total"] == 0
    answer = enter(world.curator).get("cases:rental-loan-list", **{"as": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer))).active
    assert any(family.surname in row for row in sheet.iter_rows(values_only=True))


def test_the_act_is_printed_for_the_families_own_organisation(world, family, enter):
    loan = lend(world, enter_item(world), family)
    answer = enter(world.curator).get("cases:rental-print", loan.pk)
    assert answer["Content-Type"] == "application/pdf"
    assert enter(world.other_curator).get("cases:rental-print", loan.pk).status_code == 404


def test_a_region_without_the_module_has_no_rental_point(world, family, enter, settings):
    item = enter_item(world)
    loan = lend(world, item, family)
    settings.SOPR_REGION = "primorye"
    head = enter(world.head)
    for name, args in [("list", []), ("loan-list", []), ("new", []), ("detail", [item.pk]), ("lend", [family.pk]), ("print", [loan.pk])]:  # fmt: skip
        assert head.get(f"cases:rental-{name}", *args).status_code == 404, name
    assert "rental" not in head.get("families:family-list").content.decode()
    assert "rental" not in head.get("families:family-detail", family.pk).content.decode()
    settings.SOPR_REGION = "bashkortostan"
    assert head.get("cases:rental-list").status_code == 200
    assert reverse("cases:rental-list") in head.get("families:family-list").content.decode()
    assert (
        reverse("cases:rental-lend", args=[family.pk]) in head.get("families:family-detail", family.pk).content.decode()
    )


def test_loans_go_with_a_merged_family(world):
    kept, absorbed = make_family(world), make_family(world, surname="Ковалева")
    loan = lend(world, enter_item(world), absorbed)
    merge_families(kept, absorbed, by=world.head, reason="twice")
    loan.refresh_from_db()
    assert loan.family == kept


def test_another_curator_of_the_service_keeps_the_same_rental_point(world, family, enter):
    item = enter_item(world)
    colleague = make_user("curator", world.centre, "curator-3", last_name="Третьякова")
    assert enter(colleague).get("cases:rental-detail", item.pk).status_code == 200
    assert enter(world.executor).get("cases:rental-list").status_code == 403
