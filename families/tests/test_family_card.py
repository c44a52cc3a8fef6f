"""The list and the card: who sees what, and at what price in queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from families.models import Referral
from sopr.audit.models import Action, AuditRecord
from sopr.tests.casework import activate, make_family, make_referral, open_case

TABS = ["", "members", "support", "contacts", "papers", "councils", "access"]


def card(family, tab=""):
    url = reverse("families:family-detail", args=[family.pk])
    return f"{url}?tab={tab}" if tab else url


def count_queries(client, url):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_opens(world, client, tab):
    case = activate(world)
    client.force_login(world.curator)
    response = client.get(card(case.family, tab))
    assert response.status_code == 200
    assert "Семья Ковалёвых" in response.content.decode()


@pytest.mark.parametrize("tab", TABS)
def test_a_card_costs_the_same_whatever_its_history(world, client, tab):
    case = activate(world)
    family = case.family
    client.force_login(world.curator)
    client.get(card(family, tab))
    few = count_queries(client, card(family, tab))
    for number in range(20):
        family.log("amended", by=world.curator, fields=["address"])
        family.consents.create(
            operator=world.centre,
            subject=case.family.memberships.first().person,
            given_by=case.family.memberships.first().person,
            by=world.curator,
        )
        make_referral(world, family=family)
        case.log("contact", by=world.curator, contact=number, how="phone")
    assert count_queries(client, card(family, tab)) == few


def test_reading_a_card_is_logged_and_seen_on_the_card(world, client):
    family = make_family(world)
    client.force_login(world.colleague)
    client.get(card(family))
    record = AuditRecord.objects.filter(action=Action.READ).latest("seq")
    assert (record.subject_type, record.subject_id, record.actor) == ("families.family", family.pk, world.colleague)
    client.force_login(world.curator)
    page = client.get(card(family, "access")).content.decode()
    assert world.colleague.short_name in page and "просмотр карточки" in page


def test_a_stranger_finds_nothing(world, client):
    family = make_family(world)
    client.force_login(world.other_curator)
    assert client.get(card(family)).status_code == 404
    for name in (
        "family-edit",
        "member-add",
        "category-set",
        "register-place",
        "application-new",
        "consent-new",
        "home-survey-new",
    ):
        assert client.get(reverse(f"families:{name}", args=[family.pk])).status_code == 404, name
    membership = family.memberships.first()
    assert client.get(reverse("families:member-end", args=[membership.pk])).status_code == 404
    assert client.get(reverse("families:person-edit", args=[membership.person_id])).status_code == 404
    assert client.get(reverse("families:category-end", args=[family.category_periods.get().pk])).status_code == 404


def test_hidden_address_and_health_are_for_those_who_work_with_the_family(world, client):
    family = make_family(world, address_hidden=True)
    family.amend_person(family.memberships.get(relation="child").person, by=world.curator, health="Эпилепсия")
    open_case(world, family=family)
    for user, seen in ((world.curator, True), (world.head, True), (world.colleague, False)):
        client.force_login(user)
        assert ("Лесная" in client.get(card(family)).content.decode()) is seen, user
        assert ("Эпилепсия" in client.get(card(family, "members")).content.decode()) is seen, user


def test_a_colleague_reads_but_does_not_change(world, client):
    family = make_family(world)
    open_case(world, family=family)
    client.force_login(world.colleague)
    page = client.get(card(family)).content.decode()
    assert "С этой семьёй работает другой куратор" in page
    response = client.get(reverse("families:family-edit", args=[family.pk]))
    assert response.status_code == 409
    assert "С этой семьёй работает другой куратор" in response.content.decode()


def test_a_colleague_sees_the_family_in_brief(world, client):
    family = make_family(world, circumstances="Долг за тепло")
    open_case(world, family=family)  # the application says «Устроить ребёнка в школу»
    for user, seen in ((world.curator, True), (world.head, True), (world.colleague, False)):
        client.force_login(user)
        overview, papers = (client.get(card(family, tab)).content.decode() for tab in ("", "papers"))
        assert ("Устроить ребёнка в школу" in overview) is seen
        assert ("Устроить ребёнка в школу" in papers) is seen
        assert ("Долг за тепло" in overview) is seen
        assert "Заявление о сопровождении" in overview


def test_who_checks_a_signal_about_the_family_works_with_it(world, client):
    family = make_family(world)
    referral = make_referral(world, family=family)
    referral.assign(by=world.head, curator=world.colleague)
    client.force_login(world.colleague)
    assert client.get(reverse("families:family-edit", args=[family.pk])).status_code == 200
    Referral.objects.get(pk=referral.pk).reject(by=world.head, result="Не подтвердилось")
    assert client.get(reverse("families:family-edit", args=[family.pk])).status_code == 409


@pytest.mark.parametrize("name", ["family-list", "family-new", "referral-list", "referral-new"])
@pytest.mark.parametrize("role", ["secretary", "member", "executor", "administrator"])
def test_other_roles_have_no_family_pages(world, client, name, role):
    client.force_login(world.users[role])
    assert client.get(reverse(f"families:{name}")).status_code == 403


def test_the_secretary_has_no_card(world, client):
    family = make_family(world)
    client.force_login(world.secretary)
    assert client.get(card(family)).status_code == 403


def test_the_list_shows_the_case_to_its_curator_and_who_keeps_it_to_a_colleague(world, client):
    activate(world)
    url = reverse("families:family-list")
    for user, seen in ((world.curator, True), (world.head, True), (world.colleague, False)):
        client.force_login(user)
        page = client.get(url).content.decode()
        assert world.curator.short_name in page
        assert ("level--crisis" in page) is seen
        assert ("Заключить договор" in page) is seen


def test_a_case_is_opened_by_who_works_with_the_family_or_by_the_head(world, client):
    family = make_family(world)
    for user, offered in ((world.curator, True), (world.head, True), (world.colleague, False)):
        client.force_login(user)
        assert ("Открыть случай" in client.get(card(family)).content.decode()) is offered, user
    answer = client.post(reverse("cases:case-open", args=[family.pk]), {"form": "group", "ground": "appeal"})
    assert answer.status_code == 409 and "другой куратор" in answer.content.decode()
    open_case(world, family=family)
    assert "Открыть случай" not in client.get(card(family)).content.decode()


@pytest.mark.parametrize("hidden", [True, False])
def test_a_hidden_address_leads_to_nobody(world, client, hidden):
    family = make_family(world)
    family.amend(by=world.curator, address_hidden=hidden)
    client.force_login(world.colleague)
    listed = client.post(reverse("families:family-list"), {"q": "лесная"}, follow=True).content.decode()
    client.post(reverse("families:family-search"), {"q": "Лесная 4"})
    found = client.get(reverse("families:family-search")).content.decode()
    assert ("Ковалёвы</a>" in listed) is not hidden
    assert ("Ковалёвы" in found) is not hidden


def test_signals_of_another_organisation_are_not_in_the_chronicle(world, client):
    family = make_family(world)
    make_referral(world).link_family(family, by=world.curator)
    family.holders.add(world.other_centre)
    for user, seen in ((world.head, True), (world.other_head, False)):
        client.force_login(user)
        assert ("Сигнал № 1/" in client.get(card(family)).content.decode()) is seen, user


def test_a_card_is_not_kept_by_the_browser(world, client):
    family = make_family(world)
    client.force_login(world.curator)
    assert client.get(card(family))["Cache-Control"] == "private, no-store"
    assert "Cache-Control" not in client.get(reverse("families:family-edit", args=[family.pk]))
