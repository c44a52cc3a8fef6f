"""The secretary's page of a running meeting."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from councils.models import AgendaItem, Meeting
from sopr.tests.casework import add_pack, decide, make_council, make_family, open_case, start_meeting


def propose(w, surname="Ершовы"):
    case = open_case(w, family=make_family(w, surname=surname))
    add_pack(w, case)
    return AgendaItem.propose(
        case,
        by=w.curator,
        council=w.council,
        question="recognise",
        level="crisis",
        summary=f"О семье {surname} коротко.",
    )


@pytest.fixture
def running(world):
    world.council = make_council(world)
    world.items = [propose(world, name) for name in ("Ершовы", "Савиных")]
    world.meeting = start_meeting(world, world.council, *world.items, absent=1)
    for item in world.items:
        item.refresh_from_db()
    return world


def url(page, row, query=""):
    return reverse(f"councils:{page}", args=[row.pk]) + query


def notes(item, **fields):
    return {
        "agendaitem": item.pk,
        "item_version": item.version,
        "heard": "",
        "spoke": "",
        "draft": "",
        "at": 1,
    } | fields


def votes(item, **fields):
    granted = {"verdict": "granted", "draft": "Установить кризисный уровень.", "level": "crisis", "votes_for": 4}
    return notes(item) | {"votes_against": 0, "abstained": 0} | granted | fields


def test_shows_the_case_without_protected_fields(client, running):
    w, case = running, running.items[0].case
    family = case.family
    family.phone, family.address_hidden = "+7 912 000-11-22", True
    family.save()
    person = family.memberships.first().person
    person.health = "Диагноз скрыт"
    person.save()
    score = case.assessments.get().scores.first()
    score.evidence = "Записка психолога"
    score.save()
    client.force_login(w.secretary)
    html = client.get(w.meeting.get_absolute_url()).content.decode()
    assert "О семье Ершовы коротко." in html
    assert "обучение и развитие детей" in html
    for secret in ("Диагноз скрыт", "Записка психолога", "912 000-11-22", "Лесная"):
        assert secret not in html


def test_one_click_marks_and_keeps_the_typed_text(client, running):
    w, item = running, running.items[0]
    absent = w.meeting.attendances.get(state="absent")
    client.force_login(w.secretary)
    answer = client.post(url("attendance-mark", absent), notes(item, heard="о нужде", mark="arrive"))
    assert answer["Location"] == url("meeting-detail", w.meeting, f"?item={item.pk}")
    absent.refresh_from_db()
    item.refresh_from_db()
    assert (absent.state, item.heard) == ("present", "о нужде")
    client.post(url("attendance-mark", absent), notes(item, mark="leave"))
    absent.refresh_from_db()
    assert absent.state == "absent"
    client.post(url("attendance-mark", absent), notes(item, mark="excuse"))
    absent.refresh_from_db()
    assert absent.state == "excused"


def test_exact_attendance_by_a_form(client, running):
    w = running
    row = w.meeting.attendances.first()
    client.force_login(w.secretary)
    assert client.get(url("attendance-mark", row)).status_code == 200
    wrong = client.post(url("attendance-mark", row), {"state": "present", "from_item": 2, "until_item": 1})
    assert (wrong.status_code, "раньше вопроса прихода" in wrong.content.decode()) == (422, True)
    client.post(url("attendance-mark", row), {"state": "present", "from_item": 2, "substitute": "Заменова А.А."})
    row.refresh_from_db()
    assert (row.from_item, row.substitute) == (2, "Заменова А.А.")


def test_a_refused_click_answers_with_one_line(client, running):
    w = running
    decide(w, w.items[0])
    row = w.meeting.attendances.first()
    client.force_login(w.secretary)
    answer = client.post(url("attendance-mark", row), {"mark": "leave", "at": 1}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#saved")
    assert "По вопросу 1 решение уже принято" in answer.content.decode()


def test_texts_save_themselves_and_a_second_window_does_not_overwrite(client, running):
    w, item = running, running.items[0]
    client.force_login(w.secretary)
    saved = client.post(
        url("item-notes", item), notes(item, spoke="Климов Р.С.: согласен", auto=1), headers={"HX-Request": "true"}
    )
    assert saved.json()["version"] == item.version + 1
    stale = client.post(url("item-notes", item), notes(item, spoke="Другое", auto=1), headers={"HX-Request": "true"})
    assert stale.status_code == 422
    assert "в другом окне" in stale.json()["trouble"]
    assert stale.json()["stored"]["texts"]["spoke"] == "Климов Р.С.: согласен"
    assert stale.json()["stored"]["by"] == w.secretary.short_name
    whole = client.post(url("item-notes", item), notes(item, spoke="Другое"))  # without scripts: both texts on the page
    assert whole.status_code == 422
    for text in ("Другое", "Климов Р.С.: согласен", w.secretary.short_name):
        assert text in whole.content.decode()
    item.refresh_from_db()
    assert item.spoke == "Климов Р.С.: согласен"
    shown = client.get(url("meeting-detail", w.meeting, f"?item={item.pk}")).content.decode()
    assert "Климов Р.С.: согласен" in shown


def test_the_agenda_leads_on_without_losing_a_word(client, running):
    w, (first, second) = running, running.items
    client.force_login(w.secretary)
    answer = client.post(url("item-notes", first), notes(first, heard="о многом", goto=second.pk))
    assert answer["Location"].endswith(f"?item={second.pk}")
    answer = client.post(url("item-notes", second), notes(second, next="postpone"))
    assert answer["Location"] == url("item-postpone", second)
    first.refresh_from_db()
    assert first.heard == "о многом"


def test_a_decision_leads_to_the_next_question(client, running):
    w, (first, second) = running, running.items
    client.force_login(w.secretary)
    answer = client.post(url("item-decide", first), votes(first))
    assert answer["Location"].endswith(f"?item={second.pk}")
    html = client.get(answer["Location"]).content.decode()
    assert "решено 1 из 2" in html


def test_the_text_must_name_the_level_decided(client, running):
    w, item = running, running.items[0]
    client.force_login(w.secretary)
    wrong = client.post(url("item-decide", item), votes(item, level="basic", spoke="Слова не пропадают"))
    html = wrong.content.decode()
    assert wrong.status_code == 422
    assert "не назван базовый уровень" in html
    assert "Слова не пропадают" in html
    assert (
        client.post(url("item-decide", item), votes(item, level="basic", draft="Базовый уровень.")).status_code == 302
    )
    item.case.refresh_from_db()
    assert item.case.level == "basic"


def test_refusing_and_returning_need_a_reason_and_write_it_down(client, running):
    w, (first, second) = running, running.items
    client.force_login(w.secretary)
    silent = client.post(url("item-decide", first), votes(first, verdict="refused"))
    assert "Запишите причину" in silent.content.decode()
    client.post(url("item-decide", first), votes(first, verdict="refused", reason="помогла разовая консультация."))
    first.refresh_from_db()
    first.case.refresh_from_db()
    assert first.decision.text == (
        "Отказать в признании семьи Ершовых нуждающейся в социальном сопровождении: помогла разовая консультация."
    )
    assert (first.decision.question, first.case.stage) == ("refuse", "refused")
    client.post(url("item-decide", second), votes(second, verdict="returned", reason="нет характеристики"))
    second.case.refresh_from_db()
    assert second.case.stage == "assessment"


def test_the_council_may_name_another_curator_of_the_same_service(client, running):
    w, item = running, running.items[0]
    client.force_login(w.secretary)
    wrong = client.post(url("item-decide", item), votes(item, curator=w.other_curator.pk))
    assert wrong.status_code == 422
    client.post(url("item-decide", item), votes(item, curator=w.colleague.pk))
    item.case.refresh_from_db()
    assert item.case.curator == w.colleague


def test_a_recusal_is_written_down_and_taken_back(client, running):
    w, item = running, running.items[0]
    member = w.meeting.attendances.first().membership
    client.force_login(w.secretary)
    client.post(url("item-recuse", item), notes(item, recused=member.pk, recusal_reason="родственник"))
    assert item.recusals.get().reason == "родственник"
    html = client.get(url("meeting-detail", w.meeting, f"?item={item.pk}")).content.decode()
    assert "голосуют 3" in html
    client.post(url("item-recuse", item), notes(item, cancel=member.pk))
    assert not item.recusals.exists()


def test_before_it_opens_and_when_cancelled(client, running):
    w = running
    later = Meeting.plan(w.council, by=w.secretary, held_on=timezone.localdate() + datetime.timedelta(days=3))
    item = propose(w, "Тарасовы")
    item.schedule(later, by=w.secretary)
    client.force_login(w.secretary)
    html = client.get(later.get_absolute_url()).content.decode()
    assert "день заседания ещё не наступил" in html
    assert client.post(url("meeting-start", later)).status_code == 409
    assert client.post(url("item-decide", item), votes(item)).status_code == 409
    assert client.post(url("meeting-cancel", later), {"reason": "Карантин"}).status_code == 302
    item.refresh_from_db()
    assert (item.state, item.meeting) == ("queued", None)
    assert client.get(url("minutes-print", later)).status_code == 409


def test_queries_do_not_grow_with_agenda_and_members(client, world):
    """Five questions before five members, then forty before twenty-five: the same number of statements."""

    def build(members, questions, code):
        world.council = make_council(world, members=members, code=code)
        items = [propose(world, f"Семья{code}{number}") for number in range(questions)]
        meeting = start_meeting(world, world.council, *items)
        for item in items[:2]:
            decide(world, item)
        return meeting

    small, large = build(5, 5, "small"), build(25, 40, "large")

    client.force_login(world.secretary)

    def count(act):
        with CaptureQueriesContext(connection) as queries:
            act()
        return len(queries)

    def read(address):
        def act():
            assert client.get(address).status_code == 200

        client.get(address)  # what is read once for all
        return count(act)

    def press(address, data, **headers):
        def act():
            assert client.post(address, data, headers=headers).status_code in (200, 302)

        return count(act)

    def all_of(meeting):
        """Statements of each act of the page: {what: number}."""
        waiting = list(meeting.agenda_items.filter(state="scheduled").order_by("position"))
        item, row = waiting[0], meeting.attendances.last()
        member = meeting.attendances.all()[1].membership_id

        def typed(**fields):
            item.refresh_from_db()
            return notes(item, **fields)

        numbers = {
            "page": read(meeting.get_absolute_url()),
            "pack": read(url("pack-detail", meeting)),
            "pulse": read(url("meeting-pulse", meeting, f"?stamp=0-&item={item.pk}&open=1")),
        }
        meeting.refresh_from_db()
        quiet = url("meeting-pulse", meeting, f"?stamp={meeting.stamp}-&item={item.pk}&open=1")
        numbers["quiet pulse"] = count(lambda: client.get(quiet))
        numbers["left"] = press(url("attendance-mark", row), typed(mark="leave", at=item.position))
        numbers["back"] = press(url("attendance-mark", row), typed(mark="arrive", at=item.position))
        numbers["notes"] = press(url("item-notes", item), typed(heard="о нужде", auto=1))
        numbers["recusal"] = press(url("item-recuse", item), typed(recused=member))
        numbers["recusal back"] = press(url("item-recuse", item), typed(cancel=member))
        numbers["dissent"] = press(url("item-dissent", item), typed(dissenting=member, dissent="Нет."))
        numbers["first"] = press(url("item-rearrange", item), typed(way="first"))
        due = timezone.localdate() + datetime.timedelta(days=9)
        task = {"task": "Записать", "executor": world.school.pk, "due_on": due.isoformat()}
        numbers["task"] = press(url("item-task", item), typed(**task))
        present = meeting.quorum_for(item).present
        numbers["no majority"] = press(
            url("item-decide", item), votes(item, votes_for=0, votes_against=present, verdict="no_majority") | typed()
            | {"draft": "Кризисный."},
        )  # fmt: skip
        numbers["decision"] = press(
            url("item-decide", item), votes(item, votes_for=present) | {"item_version": typed()["item_version"]}
        )
        return numbers

    few, many = all_of(small), all_of(large)
    assert few == many
    assert few["quiet pulse"] <= 6  # every few seconds, all through the meeting
