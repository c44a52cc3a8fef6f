"""The journal of signals: entry, assignment, visit, end."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from families.models import Family, Referral
from sopr.obligations.models import Obligation
from sopr.tests.casework import make_family, make_referral


def url(name, row=None, **query):
    address = reverse(f"families:{name}", args=[row.pk] if row else [])
    return address + ("?" + "&".join(f"{key}={value}" for key, value in query.items()) if query else "")


def say(response):
    return response.content.decode()


def entry(world, **changes):
    return {
        "received_at": "2026-03-02T10:15",
        "channel": "phone",
        "source_agency": "",
        "informant": "соседка Петрова",
        "about": "семья Ковалёвых",
        "municipality": world.north.pk,
        "address": "ул. Лесная, 4",
        "substance": "Ребёнок не посещает школу.",
        "notified_whom": "",
        "notified_how": "",
        "notified_at": "",
    } | changes


@pytest.fixture
def assigned(world):
    referral = make_referral(world)
    referral.assign(by=world.head, curator=world.curator)
    return Referral.objects.get(pk=referral.pk)


def test_a_signal_is_written_down(world, client):
    client.force_login(world.curator)
    response = client.post(url("referral-new"), entry(world))
    referral = Referral.objects.get()
    assert response.url == url("referral-detail", referral)
    assert (referral.number, referral.organisation, referral.state) == (1, world.centre, "new")


def test_a_threat_names_who_was_told(world, client):
    client.force_login(world.curator)
    response = client.post(url("referral-new"), entry(world, threat_to_life="on"))
    assert response.status_code == 422 and "Укажите, кого известили" in say(response)
    assert not Referral.objects.exists()
    told = {"notified_whom": "отдел опеки, Смирнова", "notified_how": "phone", "notified_at": "2026-03-02T10:30"}
    client.post(url("referral-new"), entry(world, threat_to_life="on", **told))
    assert Referral.objects.get().notified == "02.03.2026 10:30, по телефону: отдел опеки, Смирнова"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"received_at": "2090-01-01T00:00"}, "ещё не наступило"),
        ({"channel": "agency"}, "укажите, от какого"),
        ({"substance": ""}, "Обязательное поле"),
    ],
)
def test_an_entry_that_is_not_one(world, client, changes, says):
    client.force_login(world.curator)
    response = client.post(url("referral-new"), entry(world, **changes))
    assert response.status_code == 422 and says in say(response)


def test_the_journal_of_a_curator_and_of_the_head(world, client, assigned):
    make_referral(world, about="семья Щукиных").assign(by=world.head, curator=world.colleague)
    client.force_login(world.colleague)
    page = say(client.get(url("referral-list")))
    assert "Щукиных" in page and "Ковалёвых" not in page
    client.force_login(world.head)
    page = say(client.get(url("referral-list")))
    assert "Щукиных" in page and "Ковалёвых" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state": "new"}, ["Новые"]),
        ({"state": "open"}, ["Новые", "Старые", "Опасные"]),
        ({"threat": "on"}, ["Опасные"]),
        ({"overdue": "on"}, ["Старые"]),
        ({"until": "2025-12-31"}, ["Старые"]),
        ({"since": "2026-01-01"}, ["Новые", "Опасные"]),
    ],
)
def test_filters_of_the_journal(world, client, query, found):
    make_referral(world, about="Новые")
    old = make_referral(world, about="Старые", received_at=timezone.make_aware(datetime.datetime(2025, 5, 5, 9)))
    old.assign(by=world.head, curator=world.curator)
    Referral.objects.filter(pk=old.pk).update(due_on=datetime.date(2025, 5, 8))
    make_referral(world, about="Опасные", threat_to_life=True, notified="опека").assign(
        by=world.head, curator=world.curator
    )
    client.force_login(world.head)
    page = say(client.get(url("referral-list", **query)))
    assert [name for name in ("Новые", "Старые", "Опасные") if name in page] == found


def test_only_the_head_takes_the_journal_away(world, client, assigned):
    client.force_login(world.curator)
    assert client.get(url("referral-list", **{"as": "xlsx"})).status_code == 403
    client.force_login(world.head)
    assert client.get(url("referral-list", **{"as": "xlsx"})).status_code == 200


def test_the_journal_costs_the_same_for_five_and_for_fifty(world, client):
    client.force_login(world.head)
    for _ in range(5):
        make_referral(world).assign(by=world.head, curator=world.curator)
    client.get(url("referral-list"))
    counts = []
    for more in (0, 45):
        for _ in range(more):
            make_referral(world).assign(by=world.head, curator=world.curator)
        with CaptureQueriesContext(connection) as queries:
            client.get(url("referral-list"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_informant_is_for_those_who_check(world, client):
    referral = make_referral(world, informant="соседка Петрова")
    for user, seen in ((world.curator, True), (world.head, True)):  # the one who wrote it down, and the head
        client.force_login(user)
        assert ("соседка Петрова" in say(client.get(url("referral-detail", referral)))) is seen
    referral.assign(by=world.head, curator=world.colleague)
    for user, seen in ((world.curator, False), (world.colleague, True), (world.head, True)):
        client.force_login(user)
        assert ("соседка Петрова" in say(client.get(url("referral-detail", referral)))) is seen


def test_the_head_assigns_and_sees_the_load(world, client, assigned):
    referral = make_referral(world, about="семья Щукиных")
    client.force_login(world.head)
    page = say(client.get(url("referral-assign", referral)))
    assert page.index("Коллегина") < page.index("Куратова О")  # the least loaded first
    assert "сигналов в работе: 1, дел со сроком: 1, просрочено: 0" in page
    assert client.post(url("referral-assign", referral), {"curator": world.colleague.pk}).status_code == 302
    referral.refresh_from_db()
    assert (referral.assigned_to, referral.state) == (world.colleague, "screening")
    assert Obligation.objects.open().about(referral).get().assignee == world.colleague


def test_a_curator_of_another_organisation_cannot_be_chosen(world, client):
    referral = make_referral(world)
    client.force_login(world.head)
    assert client.post(url("referral-assign", referral), {"curator": world.other_curator.pk}).status_code == 422


def test_a_curator_does_not_assign(world, client):
    referral = make_referral(world)
    client.force_login(world.curator)
    assert client.get(url("referral-assign", referral)).status_code == 403
    assert "Проверяющего назначает руководитель службы." in say(client.get(url("referral-detail", referral)))


def visit(**changes):
    return {
        "visited_on": timezone.localdate().isoformat(),
        "result": "Дети дома, еды нет.",
        "family": "none",
        "number": "",
    } | changes


def test_a_visit_meets_the_term(world, client, assigned):
    client.force_login(world.curator)
    assert client.post(url("referral-visit", assigned), visit()).url == url("referral-detail", assigned)
    assigned.refresh_from_db()
    assert (assigned.visited_on, assigned.result) == (timezone.localdate(), "Дети дома, еды нет.")
    assert not Obligation.objects.open().about(assigned).exists()


def test_a_visit_offers_the_family_it_may_be_about(world, client, assigned):
    family = make_family(world)
    make_family(world, surname="Щукины")
    client.force_login(world.curator)
    page = say(client.get(url("referral-visit", assigned)))
    assert f"Ковалёвы, № {family.number}" in page and "Щукины" not in page
    client.post(url("referral-visit", assigned), visit(family=str(family.pk)))
    assigned.refresh_from_db()
    assert assigned.family == family


def test_a_visit_finds_a_card_by_its_number(world, client, assigned):
    family = make_family(world, surname="Щукины")
    client.force_login(world.curator)
    wrong = client.post(url("referral-visit", assigned), visit(number="777"))
    assert wrong.status_code == 422 and "Карточки № 777 в Вашей организации нет" in say(wrong)
    client.post(url("referral-visit", assigned), visit(number=f"№ {int(family.number)}"))
    assigned.refresh_from_db()
    assert assigned.family == family


def test_a_visit_leads_to_a_new_card_prefilled_from_the_signal(world, client, assigned):
    Referral.objects.filter(pk=assigned.pk).update(address="ул. Новая, 9", municipality=world.south)
    client.force_login(world.curator)
    response = client.post(url("referral-visit", assigned), visit(family="new"))
    assert response.url == url("family-new", referral=assigned.pk)
    page = say(client.get(response.url))
    assert "ул. Новая, 9" in page and "По сигналу № 1/" in page


def test_a_new_card_is_linked_to_its_signal(world, client, assigned):
    from families.tests.test_duplicates import form_data

    client.force_login(world.curator)
    client.post(url("family-new", referral=assigned.pk), form_data(world))
    assigned.refresh_from_db()
    assert assigned.family == Family.objects.get()


def test_a_card_cannot_be_made_from_a_signal_of_others(world, client, assigned):
    client.force_login(world.other_curator)
    assert client.get(url("family-new", referral=assigned.pk)).status_code == 404


@pytest.mark.parametrize(("way", "state"), [("refer_on", "referred_on"), ("reject", "rejected")])
def test_a_signal_is_closed_with_a_reason(world, client, assigned, way, state):
    client.force_login(world.curator)
    empty = client.post(url("referral-close", assigned), {"way": way, "result": ""})
    assert empty.status_code == 422 and "без него сигнал не закрывается" in say(empty)
    assert client.post(url("referral-close", assigned), {"way": way, "result": "Проверено"}).status_code == 302
    assigned.refresh_from_db()
    assert (assigned.state, assigned.result) == (state, "Проверено")
    for name in ("referral-close", "referral-visit"):
        assert client.get(url(name, assigned)).status_code == 409


def test_wrong_moments_and_hands(world, client):
    referral = make_referral(world)
    client.force_login(world.curator)  # wrote it down, but does not check it
    for name in ("referral-visit", "referral-close"):
        response = client.get(url(name, referral))
        assert response.status_code == 409 and "проверяет другой сотрудник" in say(response)
    client.force_login(world.head)
    assert client.get(url("referral-visit", referral)).status_code == 409  # nobody was assigned yet


def test_a_stranger_finds_no_signal(world, client, assigned):
    for user in (world.other_head, world.other_curator, world.colleague):
        client.force_login(user)
        for name in ("referral-detail", "referral-visit", "referral-close"):
            assert client.get(url(name, assigned)).status_code == 404
