"""Splitting a family: a divorce, a child who goes to guardians; memberships by dates, both cards know each other."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from families.merging.splitting import Leaver, NewCard, split_family
from families.models import Family
from families.models.family import new_person
from sopr.errors import Refused
from sopr.tests.casework import make_family, open_case

DAY = datetime.timedelta(days=1)


@pytest.fixture
def family(world, client):
    family = make_family(world)
    father = new_person(
        by=world.curator, last_name="Ковалёв", first_name="Пётр", birth_on=datetime.date(1989, 2, 3), sex="m"
    )
    family.add_member(father, by=world.curator, relation="father", since=datetime.date(2016, 9, 3))
    client.force_login(world.curator)
    return family


def member(family, relation):
    return family.memberships.get(relation=relation)


def page_of(family):
    return reverse("families:family-split", args=[family.pk])


def typed(w, family, *leaving, **changes):
    """The form as people fill it: the father leaves to a card of his own unless said otherwise."""
    today = timezone.localdate()
    data = {
        "on": today.isoformat(),
        "to": "new",
        "number": "",
        "surname": "Ковалёв",
        "municipality": w.north.pk,
        "district": "",
        "address": "ул. Новая, 5",
        "phone": "",
        "circumstances": "",
        "category": "other",
        "category_ground": "",
    }
    for row in family.members_on(today):
        data[f"member{row.pk}-relation"] = row.relation
        data[f"member{row.pk}-ground"] = ""
        if row.relation in leaving:
            data[f"member{row.pk}-leaves"] = "on"
    return data | changes


def test_after_a_divorce_the_father_has_a_card_of_his_own(world, family, client):
    today = timezone.localdate()
    child = member(family, "child")
    data = typed(world, family, "father", "child") | {f"member{child.pk}-stays": "on"}
    page = client.post(page_of(family), data)
    other = Family.objects.get(surname="Ковалёв")
    assert page.url == reverse("families:family-detail", args=[other.pk]) + "?tab=members"

    assert member(family, "father").until == today - DAY
    assert member(other, "father").since == today
    assert member(family, "child").until is None and member(other, "child").person == child.person
    assert other.primary_category_on(today) == "other"
    for one, another, words in ((family, other, "Из семьи выделена"), (other, family, "Выделена из семьи")):
        card = client.get(reverse("families:family-detail", args=[one.pk]))
        entry = next(entry for entry in card.context["entries"] if words in entry.title)
        assert another.number in entry.title
        assert entry.url == reverse("families:family-detail", args=[another.pk])


def test_a_child_goes_to_guardians_who_have_a_card_already(world, family, client):
    today = timezone.localdate()
    guardians = make_family(world, surname="Опекуновы")
    child = member(family, "child")
    data = typed(world, family, "child", to="existing", number=f"№ {guardians.number}", surname="", category="")
    data[f"member{child.pk}-ground"] = "акт об опеке № 4"
    client.post(page_of(family), data)
    moved = guardians.memberships.get(person=child.person)
    assert (moved.relation, moved.since, moved.ground) == ("child", today, "акт об опеке № 4")
    assert member(family, "child").until == today - DAY


def test_open_cases_stay_where_they_are(world, family):
    case = open_case(world, family=family)
    other = split_family(
        family,
        by=world.curator,
        leavers=[Leaver(member(family, "father"), "father")],
        on=timezone.localdate(),
        to=NewCard({"surname": "Ковалёв", "municipality": world.north}, "other"),
    )
    case.refresh_from_db()
    assert case.family == family and not other.cases.exists()
    assert case.members.count() == 3


def test_who_leaves_represents_the_children_of_this_family_no_longer(world, family):
    today = timezone.localdate()
    father = member(family, "father")
    paper = father.represent(
        by=world.curator, ground="parents", document_name="Свидетельство", since=datetime.date(2020, 1, 1)
    )[0]
    card = NewCard({"surname": "Ковалёв", "municipality": world.north}, "other")
    split_family(family, by=world.curator, leavers=[Leaver(father, "father")], on=today, to=card)
    paper.refresh_from_db()
    assert paper.until == today - DAY


@pytest.mark.parametrize(
    ("leaving", "changes", "reason"),
    [
        ((), {}, "Отметьте, кто уходит"),
        (("father", "mother", "child"), {}, "никого не останется"),
        (("father",), {"to": "existing", "number": "9999"}, "Карточки с таким номером"),
        (("father",), {"to": "existing", "number": ""}, "Укажите номер карточки"),
        (("father",), {"surname": ""}, "Укажите фамилию семьи"),
        (("father",), {"on": "2016-09-03"}, "дата раздела должна быть позже"),
        (("father",), {"on": "2999-01-01"}, "ещё не наступила"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(world, family, client, leaving, changes, reason):
    families = Family.objects.count()
    page = client.post(page_of(family), typed(world, family, *leaving, **changes))
    assert page.status_code == 422 and reason in page.content.decode()
    assert Family.objects.count() == families and member(family, "father").until is None


def test_a_card_alike_is_asked_about_first(world, family, client):
    make_family(world, surname="Ковалёв").amend(by=world.curator, address="ул. Новая, 5")
    data = typed(world, family, "father")
    page = client.post(page_of(family), data)
    assert page.status_code == 422 and "Похожая семья уже есть" in page.content.decode()
    assert Family.objects.count() == 2
    page = client.post(page_of(family), data | {"other_family": "on", "difference": "relatives"})
    assert page.status_code == 302
    assert Family.objects.latest("pk").events.filter(kind="distinguished").exists()


def test_only_who_works_with_the_family_splits_it(world, family, client):
    client.force_login(world.colleague)
    assert client.get(page_of(family)).status_code == 409
    client.force_login(world.other_curator)
    assert client.get(page_of(family)).status_code == 404
    client.force_login(world.head)
    assert client.get(page_of(family)).status_code == 200


def test_into_a_colleagues_card_only_the_head_moves_people(world, family, client):
    theirs = make_family(world, by=world.colleague, surname="Опекуновы")
    data = typed(world, family, "child", to="existing", number=theirs.number)
    assert client.post(page_of(family), data).status_code == 422
    client.force_login(world.head)
    assert client.post(page_of(family), data).status_code == 302


def test_a_day_in_the_future_is_refused_by_the_verb_too(world, family):
    with pytest.raises(Refused, match="ещё не наступила"):
        split_family(family, by=world.curator, leavers=[], on=timezone.localdate() + DAY, to=family)
