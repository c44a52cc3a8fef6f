"""A case outlives a birth, a death and a move; individual and group form; several children with their own programmes."""

import datetime

import pytest
from django.utils import timezone

from cases.models import Activity, Assessment, Case, CaseMember, Contract, Programme, Review
from cases.tests.papers import says
from cases.words import Domain
from families.models.family import new_person
from sopr.errors import Refused
from sopr.tests.casework import add_papers, hold_council, make_family, open_case

TODAY = timezone.localdate
DAY = datetime.timedelta(days=1)


def birth(world, family, days_ago=3):
    """A newborn enters the family's card."""
    day = TODAY() - days_ago * DAY
    child = new_person(
        by=world.curator, last_name="Ковалёва", first_name="Вера", patronymic="Петровна", sex="f", birth_on=day
    )
    family.add_member(child, by=world.curator, relation="child", since=day)
    return child


@pytest.fixture
def older(world, active):
    """A case opened ten days ago."""
    Case.objects.filter(pk=active.pk).update(opened_on=TODAY() - 10 * DAY)
    active.refresh_from_db()
    return active


def card(enter, world, case, **query):
    return enter(world.curator).get("cases:case-detail", case.pk, **query).content.decode()


def fact_on(page):
    return page.split('name="fact" value="')[1].split('"')[0]


# --- birth ------------------------------------------------------------------------------------------------------------


def test_newborn_is_hinted_covered_and_remembered(world, older, enter):
    assert "Родился ребёнок" not in card(enter, world, older)
    child = birth(world, older.family)
    page = card(enter, world, older)
    assert "Родился ребёнок: Вера" in page and "Согласие" in page
    assert not older.members.filter(person=child).exists()  # nothing changes by itself
    browser = enter(world.curator)
    form = browser.get("cases:member-cover", older.pk).content.decode()
    assert f'value="{child.pk}"' in form and "checked" in form
    values = {"people": [child.pk], "since": (TODAY() - 3 * DAY).isoformat()}
    assert browser.post("cases:member-cover", older.pk, **values).status_code == 302
    assert older.members.get(person=child).since == TODAY() - 3 * DAY
    assert "Родился ребёнок" not in card(enter, world, older)
    history = card(enter, world, older, tab="history")
    assert "Случай охватывает с этого дня: Ковалёва Вера Петровна" in history
    assert browser.get("cases:member-cover", older.pk).status_code == 409


def test_change_may_be_taken_note_of_and_a_new_fact_hints_again(world, older, enter):
    birth(world, older.family)
    browser = enter(world.curator)
    fact = fact_on(card(enter, world, older))
    assert browser.post("cases:change-check", older.pk, fact="joined:0").status_code == 422
    assert browser.post("cases:change-check", older.pk, fact=fact).status_code == 302
    assert browser.post("cases:change-check", older.pk, fact=fact).status_code == 422
    assert "Родился ребёнок" not in card(enter, world, older)
    assert enter(world.other_curator).post("cases:change-check", older.pk, fact=fact).status_code == 404


def test_stranger_to_the_family_is_not_covered(world, older):
    other = make_family(world, surname="Иные").memberships.first().person
    with pytest.raises(Refused, match="не в составе семьи"):
        CaseMember.add(older, [other], by=world.curator)
    with pytest.raises(Refused, match="уже охватывает"):
        CaseMember.add(older, [older.members.first().person], by=world.curator)


# --- death and leaving ------------------------------------------------------------------------------------------------


def test_death_of_the_only_child_leads_to_the_conclusion(world, older, enter):
    child = older.family.memberships.get(relation="child")
    browser = enter(world.curator)
    page = browser.get("families:member-end", child.pk).content.decode()
    assert "смерть" in page
    browser.post("families:member-end", child.pk, until=TODAY().isoformat(), because="death")
    child.refresh_from_db()
    assert child.left_because == "death"
    assert "выбыл" not in card(enter, world, older)  # the last day in the family is today
    child.until = TODAY() - DAY
    child.save()
    page = card(enter, world, older)
    assert "выбыл из семьи" in page and "(смерть)" in page and "решите, снимать ли" in page
    assert f"/cases/{older.pk}/closure/" in page
    older.refresh_from_db()
    assert older.stage == "active"


def test_death_of_the_only_representative_calls_for_a_new_one(world, older, enter):
    mother = older.family.memberships.get(relation="mother")
    older.family.end_membership(mother, by=world.curator, until=TODAY() - DAY, because="death")
    page = card(enter, world, older)
    assert "выбыла из семьи" in page and "не осталось законного представителя" in page


def test_cover_ends_by_a_day_and_never_for_the_last_one(world, older, enter):
    browser = enter(world.curator)
    mother, child = older.members.order_by("pk")
    assert browser.post("cases:member-end", mother.pk, until=(TODAY() + DAY).isoformat()).status_code == 422
    assert browser.post("cases:member-end", mother.pk, until=TODAY().isoformat()).status_code == 302
    assert browser.get("cases:member-end", mother.pk).status_code == 409
    last = browser.post("cases:member-end", child.pk, until=TODAY().isoformat())
    assert last.status_code == 422 and "Вынесите на совет" in last.content.decode()
    assert enter(world.other_curator).get("cases:member-end", child.pk).status_code == 404


# --- move -------------------------------------------------------------------------------------------------------------


def test_move_changes_the_address_clears_the_district_and_leaves_the_case(world, older, enter):
    browser = enter(world.curator)
    same = {"moved_on": TODAY().isoformat(), "municipality": world.north.pk, "address": older.family.address}
    assert browser.post("families:family-move", older.family.pk, **same).status_code == 422
    there = same | {"municipality": world.south.pk, "address": "с. Южное, ул. Мира, 1"}
    assert browser.post("families:family-move", older.family.pk, **there).status_code == 302
    older.family.refresh_from_db()
    assert (older.family.municipality, older.family.district) == (world.south, None)
    page = card(enter, world, older)
    assert "Семья переехала" in page and "Южный район" in page and "Предложить передачу" in page
    assert "Семья переехала" in browser.get("families:family-detail", older.family.pk).content.decode()
    browser.post("cases:change-check", older.pk, fact=fact_on(page))
    assert "Предложите передачу" not in card(enter, world, older)


# --- form of the case, several children -------------------------------------------------------------------------------


def test_individual_case_covers_the_one_it_is_opened_for(world, enter):
    family = make_family(world)
    add_papers(family, world.curator)
    child = family.memberships.get(relation="child").person
    browser = enter(world.curator)
    values = {"form": "individual", "ground": "appeal"}
    nobody = browser.post("cases:case-open", family.pk, **values)
    assert nobody.status_code == 422 and "выберите, кого охватывает" in nobody.content.decode()
    assert browser.post("cases:case-open", family.pk, person=child.pk, **values).status_code == 302
    case = Case.objects.get()
    assert [row.person for row in case.members.all()] == [child]
    assert says(browser.get("cases:refusal-print", case.pk), "Ковалёвой Анны Игоревны", "Ковалёва Ильи")


def draft(case, person, kind, domain, agency):
    """A programme of one child with one activity."""
    by = case.curator
    until = TODAY() + 170 * DAY
    revision = Programme.start(case, by=by, since=TODAY(), until=until, level="crisis", person=person)
    goal = revision.add_goal(
        by=by, domain=domain, problem="Есть трудность", text=f"Цель {person.first_name}", criterion="Да"
    )
    title = f"Занятие: {person.first_name}"
    due_on = TODAY() + 20 * DAY
    goal.add_activity(by=by, kind=kind, title=title, agency=agency, due_on=due_on, person=person)
    return revision


def test_two_children_with_their_own_programmes_from_council_to_review(world, enter, settings, time_machine):
    settings.SOPR_REGION = "irkutsk"  # a programme for each member
    family = make_family(world)
    birth(world, family, days_ago=900)
    case = open_case(world, family=family)
    children = [row.person for row in case.family.memberships.filter(relation="child")]
    assert len(children) == 2
    browser = enter(world.curator)
    case.family.home_surveys.create(
        organisation=case.organisation,
        commission="Куратова",
        housing="Дом",
        children_conditions="Есть место",
        conclusion="Нужна помощь",
        by=world.curator,
    )
    scores = dict.fromkeys(Domain.values, 0) | {Domain.EDUCATION: 3, Domain.CHILD_HEALTH: 2}
    Assessment.record(case, by=world.curator, done_on=TODAY(), scores=scores, proposed_level="crisis")
    revisions = [
        draft(case, children[0], "pedagogical", Domain.EDUCATION, world.school),
        draft(case, children[1], "medical", Domain.CHILD_HEALTH, world.clinic),
    ]
    hold_council(world, case, "recognise", level="crisis")
    assert case.stage == "active"
    for revision in revisions:
        revision.refresh_from_db()
    assert {revision.state for revision in revisions} == {"approved"}
    contract = Contract.sign(
        case,
        by=world.curator,
        signed_on=TODAY(),
        until=TODAY() + 90 * DAY,
        party=case.family.memberships.get(relation="mother").person,
    )
    assert says(browser.get("cases:contract-print", contract.pk), "несовершеннолетних детей")
    first = Activity.objects.get(person=children[0])
    first.report_done(by=world.other_executor, done_on=TODAY(), result="Занимались")
    first.accept_report(by=world.curator)
    time_machine.move_to(timezone.now() + 30 * DAY)
    page = enter(world.curator).get("cases:review-new", case.pk).content.decode()
    assert "Выполнено 1 из 2 мероприятий." in page and f"Занятие: {children[1].first_name} (срок" in page
    review = Review.record(
        case, by=world.curator, done_on=TODAY(), progress="Да", changes="Лучше", conclusion="continue"
    )
    assert (review.activities_done, review.activities_total, review.activities_overdue) == (1, 2, 1)
