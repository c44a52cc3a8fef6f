"""Declared facts by period through HTTP: typed, confirmed, corrected, withdrawn; nothing is overwritten or lost."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from reports import periods
from reports.declared import facts_of_region
from reports.models import DeclaredFact
from sopr.tests.test_drafts import fields
from sopr.web.models import Draft

FORMER, PERIOD = periods.parse("2025Q1"), periods.parse("2025Q2")
URL = "/reports/facts/period/?period=2025Q2"


def entry(code, value="", basis="приказ от 01.06.2025 № 3", day="2025-06-30", **more):
    return {f"value-{code}": value, f"basis-{code}": basis, f"day-{code}": day} | more


def send(client, *entries, url=URL, **more):
    """Post the sheet as it is opened now, with these fields typed."""
    typed = {}
    for each in entries:
        typed |= each
    page = client.get(url, follow=True)
    return client.post(page.wsgi_request.get_full_path(), fields(page, **typed) | more)


@pytest.fixture
def head(client, world):
    client.force_login(world.head)
    return client


@pytest.fixture
def stock(world):
    """What the centre declared a quarter ago."""
    return DeclaredFact.declare(world.centre, "trained_specialists", FORMER, "12", by=world.head, basis="удостоверения")


def now(organisation) -> dict:
    return {
        fact.indicator: fact.shown
        for fact in DeclaredFact.objects.current().filter(organisation=organisation, period=PERIOD.text)
    }


def test_a_sheet_writes_what_is_typed_and_confirms_what_is_ticked(head, world, stock):
    page = head.get(URL, follow=True)
    assert page.context["form"]["keep-trained_specialists"].value() is True
    assert "как в прошлый период" in page.content.decode()
    answer = send(
        head,
        entry("editions", "2", **{"copies-editions": "300"}),
        entry("trained_specialists", basis="", **{"keep-trained_specialists": "on"}),
        entry("volunteers"),
    )
    assert answer.status_code == 302
    assert now(world.centre) == {"editions": "2", "trained_specialists": "12"}  # empty is no data, not zero
    confirmed = DeclaredFact.objects.get(indicator="trained_specialists", period=PERIOD.text)
    assert (confirmed.confirms, confirmed.basis, confirmed.by) == (stock, "удостоверения", world.head)
    assert DeclaredFact.objects.get(indicator="editions").copies == 300


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (entry("volunteers", "много"), "нужно число"),
        (entry("volunteers", "5", basis=""), "Назовите документ"),
        (entry("volunteers", "5", day="2099-01-01"), "ещё не наступила"),
        (entry("volunteers", "5", day=""), "Укажите дату"),
    ],
)
def test_a_mistake_is_explained_and_nothing_typed_is_lost(head, world, typed, said):
    answer = send(head, typed, entry("editions", "7"))
    assert answer.status_code == 422
    text = answer.content.decode()
    assert said in text
    assert 'value="7"' in text
    assert not DeclaredFact.objects.exists()
    assert Draft.objects.filter(user_id=world.head.pk).exists()
    assert head.get(URL, follow=True).context["form"]["value-editions"].value() == "7"


def test_a_correction_and_a_withdrawal_keep_the_former_value(head, world):
    send(head, entry("volunteers", "5"))
    send(head, entry("volunteers", "6", basis="уточнённый журнал"))
    assert send(head, entry("volunteers", "")).status_code == 422  # what is written is not erased by oversight
    fact = DeclaredFact.objects.current().get()
    page = head.get(reverse("reports:fact-history", args=[fact.pk]))
    assert [value.shown for value in page.context["values"]] == ["6", "5"]
    url = reverse("reports:fact-withdraw", args=[fact.pk])
    assert head.post(url, {"reason": ""}).status_code == 422
    assert head.post(url, {"reason": "сосчитаны дважды"}).status_code == 302
    assert now(world.centre) == {}
    assert head.get(url).status_code == 409
    text = head.get(fact.get_absolute_url()).content.decode()
    assert "сосчитаны дважды" in text
    assert world.head.short_name in text


def test_a_value_changed_meanwhile_is_not_overwritten(head, world):
    send(head, entry("volunteers", "5"))
    own = f"/reports/facts/period/?organisation={world.centre.pk}&period=2025Q2"
    opened = fields(head.get(URL, follow=True), **entry("volunteers", "5"), **entry("editions", "1"))
    DeclaredFact.declare(world.centre, "volunteers", PERIOD, "8", by=world.minister, basis="акт проверки")
    answer = head.post(own, opened)
    assert answer.status_code == 422
    assert ("5", "8") in [(each.typed, each.stored) for each in answer.context["stale"]]
    assert now(world.centre) == {"volunteers": "8"}


def test_an_old_draft_on_changed_values_says_so(head, world):
    send(head, entry("volunteers", "5"), keep_draft="auto")
    DeclaredFact.declare(world.centre, "volunteers", PERIOD, "8", by=world.minister, basis="акт проверки")
    page = head.get(URL, follow=True)
    assert page.context["is_stale"]
    assert ("5", "8") in [(each.typed, each.stored) for each in page.context["stale"]]


def test_the_ministry_sees_who_has_not_declared_and_declares_for_the_region(client, world):
    DeclaredFact.declare(world.centre, "volunteers", PERIOD, "8", by=world.head, basis="журнал")
    client.force_login(world.minister)
    page = client.get(reverse("reports:fact-coverage"), {"period": "2025Q2"})
    assert [(row["organisation"], row["declared"]) for row in page.context["rows"]] == [
        (world.other_centre, 0),
        (world.centre, 1),
    ]
    assert send(client, entry("data_banks", "да")).status_code == 302
    assert now(world.ministry) == {"data_banks": "да"}
    other = f"{URL}&organisation={world.other_centre.pk}"
    assert send(client, entry("volunteers", "3"), url=other).status_code == 302
    assert now(world.other_centre) == {"volunteers": "3"}


def test_a_head_declares_for_nobody_else(head, world):
    other = f"{URL}&organisation={world.other_centre.pk}"
    assert head.get(other, follow=True).context["organisation"] == world.centre
    assert head.post(other, entry("volunteers", "3")).status_code == 404
    assert not DeclaredFact.objects.exists()
    fact = DeclaredFact.declare(world.other_centre, "volunteers", PERIOD, "4")
    assert head.get(fact.get_absolute_url()).status_code == 404
    assert head.post(reverse("reports:fact-withdraw", args=[fact.pk]), {"reason": "нет"}).status_code == 404
    assert head.get(reverse("reports:fact-coverage")).status_code == 403


def test_a_period_that_has_not_begun_falls_back_to_the_last_quarter(head):
    last = periods.containing(timezone.localdate(), "quarter").previous()
    for asked in ("2099", "чушь", ""):
        assert head.get("/reports/facts/period/", {"period": asked}, follow=True).context["period"] == last


def test_pages_ask_the_same_number_of_statements_of_any_number_of_facts(
    head, world, stock, django_assert_max_num_queries
):
    with django_assert_max_num_queries(30) as few:
        head.get(URL, follow=True)
    day = datetime.date(2025, 6, 30)
    for _form, rows in facts_of_region():
        for fact in (row.fact for row in rows):
            value = "да" if fact.kind == "flag" else "7"
            DeclaredFact.declare(world.centre, fact.code, PERIOD, value, by=world.head, basis="акт", declared_on=day)
    with django_assert_max_num_queries(30) as many:
        head.get(URL, follow=True)
    assert len(many) == len(few)
