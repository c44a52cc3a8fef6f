"""Two revisions of a programme side by side: added, excluded, changed, finished; any two, on one page."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases import revision_diff
from cases.models import ProgrammeRevision
from sopr.tests.casework import hold_council

TODAY = timezone.localdate


def difference(old, new):
    revisions = list(ProgrammeRevision.objects.filter(programme=old.programme_id).for_reading())
    by_pk = {row.pk: row for row in revisions}
    return revision_diff.compare(by_pk[old.pk], by_pk[new.pk], revisions)


def kinds(pairs):
    return [(pair.row.title if hasattr(pair.row, "title") else pair.row.domain, pair.kind) for pair in pairs]


@pytest.fixture
def programme(active):
    return active.programmes.get()


def test_a_copy_differs_in_nothing(world, programme):
    old, new = programme.approved, programme.amend(by=world.curator)
    found = difference(old, new)
    assert {kind for _title, kind in kinds(found.activities)} == {"same"}
    assert not any(goal.differs for goal in found.goals)
    assert [change.title for change in found.changes] == []


def test_goals_and_activities_added_excluded_changed_and_finished(world, programme):
    old = programme.approved
    school, income = old.activities().order_by("pk")
    school.record_result(by=world.curator, done_on=TODAY(), result="Сделано")
    new = programme.amend(by=world.curator)
    kept = new.activities().get()
    kept.change(
        by=world.curator, title="Оформить субсидию", kind="legal", agency=world.school, person=None,
        due_on=TODAY() + datetime.timedelta(days=60),
    )  # fmt: skip
    goal = new.add_goal(by=world.curator, domain="law", problem="Нет прописки", text="Прописаться", criterion="Штамп")
    goal.add_activity(by=world.curator, kind="legal", title="Юрист", agency=world.clinic, due_on=new.until)
    new.goals.get(domain="income").change(by=world.curator, criterion="Справка о доходах")
    found = difference(old, new)
    assert kinds(found.goals) == [("education", "same"), ("income", "changed"), ("law", "added")]
    assert dict(kinds(found.activities)) == {school.title: "finished", "Оформить субсидию": "changed", "Юрист": "added"}
    changed = next(pair for pair in found.activities if pair.kind == "changed")
    assert [(change.title, change.was, change.now) for change in changed.changes][:3] == [
        ("мероприятие", income.title, "Оформить субсидию"),
        ("вид помощи", "социальная", "юридическая"),
        ("исполнитель", "Детская поликлиника № 1", "Школа № 7"),
    ]
    assert found.summary == [
        "целей добавлено: 1", "целей изменено: 1", "мероприятий добавлено: 1", "мероприятий изменено: 1",
    ]  # fmt: skip
    assert found.goals[0].activities[0].words == "исполнено раньше"


def test_what_was_dropped_is_excluded_also_when_asked_across_several_revisions(world, active, programme):
    first = programme.approved
    second = programme.amend(by=world.curator)
    gone = second.goals.get(domain="income")
    gone.drop(by=world.curator)
    hold_council(world, active, "programme")
    third = programme.amend(by=world.curator)
    assert kinds(difference(first, third).goals) == [("education", "same"), ("income", "removed")]
    assert ("Помощь: доход и занятость", "removed") in kinds(difference(first, third).activities)
    assert not difference(second, third).differs


def test_level_and_term_are_told_in_words(world, programme):
    old, new = programme.approved, programme.amend(by=world.curator)
    until = old.until + datetime.timedelta(days=30)
    new.change(by=world.curator, since=new.since, until=until, level="basic", resources="Бабушка", duties="")
    said = difference(old, new).summary
    assert "Уровень: кризисный – стало базовый" in said
    assert f"Окончание: {old.until:%d.%m.%Y} – стало {until:%d.%m.%Y}" in said


def test_goals_from_before_the_link_was_kept_are_known_by_their_words(world, programme):
    old, new = programme.approved, programme.amend(by=world.curator)
    new.goals.update(continues=None)
    assert not difference(old, new).differs


def test_the_page_shows_the_neighbour_or_the_one_asked_for(world, active, programme, enter):
    first = programme.approved
    second = programme.amend(by=world.curator)
    second.goals.first().change(by=world.curator, text="Ходить в школу каждый день")
    browser = enter(world.curator)
    text = browser.get("cases:programme-compare", second.pk).content.decode()
    assert "Ходить в школу каждый день" in text and "Решить её" in text and "Целей изменено: 1" in text
    hold_council(world, active, "programme")
    third = programme.amend(by=world.curator)
    text = browser.get("cases:programme-compare", third.pk).content.decode()
    assert "Редакции одинаковы" in text
    text = browser.get("cases:programme-compare", third.pk, **{"with": 1}).content.decode()
    assert "Целей изменено: 1" in text and '<option value="1" selected>' in text
    card = browser.client.get(f"/cases/{active.pk}/?tab=programme").content.decode()
    assert f"/cases/programmes/{second.pk}/compare/" in card
    assert enter(world.colleague).get("cases:programme-compare", first.pk).status_code == 404


def test_one_revision_has_nothing_to_be_compared_with(world, programme, enter):
    answer = enter(world.curator).get("cases:programme-compare", programme.approved.pk)
    assert answer.status_code == 409
    assert "сравнивать не с чем" in answer.content.decode()


def test_statements_do_not_grow_with_activities(world, programme, enter, django_assert_num_queries):
    new = programme.amend(by=world.curator)
    browser = enter(world.curator)
    browser.get("cases:programme-compare", new.pk)
    with CaptureQueriesContext(connection) as few:
        browser.get("cases:programme-compare", new.pk)
    for number in range(30):
        new.goals.first().add_activity(
            by=world.curator, kind="social", title=f"Дело {number}", agency=world.clinic, due_on=new.until
        )
    with django_assert_num_queries(len(few)):
        browser.get("cases:programme-compare", new.pk)
