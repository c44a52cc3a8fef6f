"""Application, consents, survey of the home: what support does not begin without."""

import pytest
from django.urls import reverse
from django.utils import timezone

from families.models import Family
from sopr.tests.casework import Case, make_family


@pytest.fixture
def family(world, client):
    client.force_login(world.curator)
    return make_family(world)


def post(client, name, family, **data):
    return client.post(reverse(f"families:{name}", args=[family.pk]), data)


def say(response):
    return response.content.decode()


def person(family, relation):
    return family.memberships.get(relation=relation).person


def application(family, **changes):
    return {
        "received_on": timezone.localdate().isoformat(),
        "applicant": person(family, "mother").pk,
        "capacity": "parent",
        "document": "паспорт",
        "help_asked": "Устроить ребёнка в школу",
        "circumstances": "",
    } | changes


def consent(family, **changes):
    mother, child = person(family, "mother").pk, person(family, "child").pk
    return {
        "adults": [mother],
        "children": [child],
        "representative": mother,
        "recipients": "министерство",
        "until": "",
        "given_on": timezone.localdate().isoformat(),
        "paper": "on",
    } | changes


def test_with_application_and_consents_a_case_may_be_opened(world, family, client):
    assert Case.missing_for_opening(family, world.centre)
    assert post(client, "application-new", family, **application(family)).url.endswith("?tab=papers")
    assert post(client, "consent-new", family, **consent(family)).status_code == 302
    assert Case.missing_for_opening(family, world.centre) == []
    child = family.consents.get(subject=person(family, "child"))
    assert child.given_by == person(family, "mother")
    page = say(client.get(reverse("families:family-detail", args=[family.pk]) + "?tab=papers"))
    assert "Устроить ребёнка в школу" in page and "до отзыва" in page


def test_recipients_are_offered_from_the_profile(family, client):
    page = say(client.get(reverse("families:consent-new", args=[family.pk])))
    assert "входящие в него органы и организации" in page


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"adults": [], "children": []}, "Отметьте тех, за кого получено согласие."),
        ({"representative": ""}, "укажите, кто именно"),
        ({"paper": ""}, "Согласие действует на бумаге"),
        ({"given_on": "2090-01-01"}, "ещё не наступила"),
        ({"until": "2020-01-01"}, "не может закончиться раньше"),
    ],
)
def test_consents_that_would_not_hold(family, client, changes, says):
    response = post(client, "consent-new", family, **consent(family, **changes))
    assert response.status_code == 422 and says in say(response)
    assert not family.consents.exists()


def test_an_application_of_a_stranger_is_refused(world, family, client):
    stranger = person(make_family(world, surname="Щукины"), "mother")
    response = post(client, "application-new", family, **application(family, applicant=stranger.pk))
    assert response.status_code == 422
    assert not family.applications.exists()


def test_papers_need_people_first(world, client):
    client.force_login(world.curator)
    empty = Family.register(by=world.curator, surname="Пустые", municipality=world.north)
    for name in ("application-new", "consent-new"):
        response = client.get(reverse(f"families:{name}", args=[empty.pk]))
        assert response.status_code == 409 and "Сначала добавьте людей" in say(response)


def survey(**changes):
    return {
        "done_on": timezone.localdate().isoformat(),
        "commission": "Куратова О.Н., специалист",
        "present": "мать",
        "housing": "2 комнаты, печное отопление",
        "income_per_head": "9500,50",
        "children_conditions": "Есть кровать",
        "safety": "",
        "conclusion": "Нужна помощь с дровами",
        "acquainted": "on",
    } | changes


def test_a_survey_of_the_home(family, client):
    assert post(client, "home-survey-new", family, **survey()).status_code == 302
    row = family.home_surveys.get()
    assert (str(row.income_per_head), row.acquainted) == ("9500.50", True)
    page = say(client.get(reverse("families:family-detail", args=[family.pk])))
    assert "Нужна помощь с дровами" in page  # in the timeline


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"housing": ""}, "Обязательное поле"),
        ({"income_per_head": "-5"}, "Доход не может быть меньше нуля"),
        ({"done_on": "2090-01-01"}, "ещё не наступила"),
    ],
)
def test_a_survey_that_is_not_one(family, client, changes, says):
    response = post(client, "home-survey-new", family, **survey(**changes))
    assert response.status_code == 422 and says in say(response)
    assert not family.home_surveys.exists()
