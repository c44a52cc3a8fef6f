"""A meeting in progress: who presides, how it is voted, what is added, put off, broken off and annulled."""

import datetime

import pytest
import time_machine
from django.utils import timezone

from cases.models import LevelPeriod
from councils.models import AgendaItem, Attendance, FailedVote, Urgency
from councils.words import Question
from sopr.errors import Refused
from sopr.tests.casework import activate, add_pack, decide, make_council, make_family, open_case, start_meeting


def propose(w, surname):
    case = open_case(w, family=make_family(w, surname=surname))
    add_pack(w, case)
    return AgendaItem.propose(case, by=w.curator, council=w.council, question="recognise", level="basic")


@pytest.fixture
def sitting(world):
    """A running meeting of six members, all present, with three questions; the second member is the deputy."""
    w = world
    w.council = make_council(w, members=6)
    w.deputy = w.council.memberships.get(user=w.member)
    w.deputy.role = "deputy"
    w.deputy.save()
    w.chair = w.council.memberships.get(role="chair")
    w.items = [propose(w, name) for name in ("Ивановы", "Петровы", "Сидоровы")]
    w.meeting = start_meeting(w, w.council, *w.items)
    for item in w.items:
        item.refresh_from_db()
    w.meeting.refresh_from_db()
    return w


def attendance(w, membership):
    row = w.meeting.attendances.get(membership=membership)
    row.meeting = w.meeting
    return row


def away(w, *memberships):
    for membership in memberships:
        attendance(w, membership).mark(by=w.secretary, state="excused")


def vote(w, item, **votes):
    return item.decide(by=w.secretary, verdict="granted", text="Решили.", **votes)


# --- who presides -----------------------------------------------------------------------------------------------------


def test_the_chair_presides_and_the_decision_keeps_it(sitting):
    w = sitting
    assert decide(w, w.items[0]).chaired_by == w.chair


def test_the_deputy_presides_when_the_chair_is_absent_or_recused(sitting):
    w = sitting
    w.items[0].recuse(w.chair, by=w.secretary, reason="родственник")
    assert decide(w, w.items[0]).chaired_by == w.deputy
    attendance(w, w.chair).leave(by=w.secretary, at=2)
    assert decide(w, w.items[1]).chaired_by == w.deputy
    content = w.meeting.describe()
    assert content["chair"]["sign"].endswith(w.chair.last_name)
    assert [point["chair"] for point in content["items"]] == [str(w.deputy), str(w.deputy), ""]


def test_without_both_a_member_is_chosen_on_the_spot(sitting):
    w = sitting
    away(w, w.chair, w.deputy)
    with pytest.raises(Refused, match="Выберите, кто ведёт заседание"):
        decide(w, w.items[0])
    secretary = w.council.memberships.get(role="secretary")
    with pytest.raises(Refused, match="Секретарь ведёт протокол"):
        w.meeting.choose_chair(secretary, by=w.secretary)
    with pytest.raises(Refused, match="на нём присутствует"):
        w.meeting.choose_chair(w.chair, by=w.secretary)
    member = w.council.memberships.filter(role="member").first()
    w.meeting.choose_chair(member, by=w.secretary)
    w.meeting.refresh_from_db()
    for item in w.items:
        item.refresh_from_db()
    assert decide(w, w.items[0]).chaired_by == member
    attendance(w, w.chair).arrive(by=w.secretary, at=2)  # by right: who was chosen gives way
    w.items[1].refresh_from_db()
    assert decide(w, w.items[1]).chaired_by == w.chair
    points = w.meeting.describe()["items"]
    assert (points[0]["chair"], points[1]["chair"]) == (str(member), "")


# --- votes ------------------------------------------------------------------------------------------------------------


def test_a_tie_is_no_decision_without_the_casting_vote(sitting):
    w = sitting
    with pytest.raises(Refused, match="большинство"):
        vote(w, w.items[0], votes_for=3, votes_against=3, chair_for=True)


def test_the_casting_vote_decides_a_tie_and_nothing_else(sitting):
    w = sitting
    w.council.casting_vote = True
    w.council.save()
    item = AgendaItem.objects.get(pk=w.items[0].pk)
    for votes in ({"votes_for": 3, "votes_against": 3}, {"votes_for": 2, "votes_against": 4, "chair_for": True}):
        with pytest.raises(Refused, match="большинство"):
            vote(w, item, **votes)
    decision = vote(w, item, votes_for=3, votes_against=2, abstained=1, chair_for=True)
    assert decision.by_casting_vote is True
    assert w.meeting.describe()["items"][0]["votes"]["casting"] is True


def roll_of(w, **votes):
    """Everybody for, but for those named by their role."""
    named = {w.council.memberships.get(role=role).pk: how for role, how in votes.items()}
    everybody = dict.fromkeys(w.meeting.attendances.values_list("membership_id", flat=True), "for")
    return everybody | named


def test_a_roll_call_is_asked_of_everybody_who_takes_part(sitting):
    w = sitting
    w.council.roll_call = True
    w.council.save()
    item = AgendaItem.objects.get(pk=w.items[0].pk)
    with pytest.raises(Refused, match="голосуют поимённо"):
        vote(w, item, votes_for=6)
    whole = roll_of(w, deputy="against", secretary="abstained")
    with pytest.raises(Refused, match=f"Отметьте, как голосуют: {w.chair}"):
        vote(w, item, roll={pk: how for pk, how in whole.items() if pk != w.chair.pk})
    item.recuse(w.chair, by=w.secretary)
    with pytest.raises(Refused, match="лишних голосов: 1"):
        vote(w, item, roll=whole)
    item.cancel_recusal(w.chair, by=w.secretary)
    decision = vote(w, item, roll=whole)
    assert (decision.votes_for, decision.votes_against, decision.abstained) == (4, 1, 1)
    votes = w.meeting.describe()["items"][0]["votes"]
    assert (votes["against_names"], len(votes["for_names"])) == ([str(w.deputy)], 4)


def test_in_a_roll_call_the_chairs_own_vote_is_the_casting_one(sitting):
    w = sitting
    w.council.roll_call = w.council.casting_vote = True
    w.council.save()
    item = AgendaItem.objects.get(pk=w.items[0].pk)
    rows = list(w.meeting.attendances.order_by("pk").values_list("membership_id", flat=True))
    others = [pk for pk in rows if pk != w.chair.pk]
    against = dict.fromkeys(rows, "for") | dict.fromkeys([w.chair.pk, *others[:2]], "against")
    with pytest.raises(Refused, match="большинство"):
        vote(w, item, roll=against)
    ours = dict.fromkeys(rows, "for") | dict.fromkeys(others[:3], "against")
    assert vote(w, item, roll=ours).by_casting_vote is True


def test_no_majority_is_written_down_and_the_question_stays_open(sitting):
    w, item = sitting, sitting.items[0]
    with pytest.raises(Refused, match="нажмите «Решение принято»"):
        item.record_no_majority(by=w.secretary, text="Признать.", votes_for=6)
    item.record_no_majority(by=w.secretary, text="Признать.", votes_for=2, votes_against=4)
    item.refresh_from_db()
    assert item.state == "scheduled"
    assert item.case.stage == "council"
    with pytest.raises(Refused, match="не решены вопросы 1, 2, 3"):
        w.meeting.sign_minutes(by=w.secretary)
    decide(w, item)  # put again, and found its majority
    w.items[1].refresh_from_db()
    w.items[1].record_no_majority(by=w.secretary, text="Признать.", votes_for=3, votes_against=3)
    w.items[1].postpone(by=w.secretary, reason="Нет единого мнения")
    decide(w, w.items[2])
    points = w.meeting.sign_minutes(by=w.secretary).content["items"]
    assert [vote["votes"]["against"] for vote in points[0]["failed"]] == [4]
    assert points[0]["adopted"] is True
    assert (points[1]["failed"][0]["votes"]["for"], points[1]["postponed"]) == (3, "Вопрос отложен: нет единого мнения")


def test_a_vote_without_a_quorum_is_not_written_down(sitting):
    w = sitting
    away(w, w.chair, *w.council.memberships.filter(role="member"))
    with pytest.raises(Refused, match="Без кворума не голосуют"):
        w.items[0].record_no_majority(by=w.secretary, text="Признать.", votes_for=1, votes_against=1)
    assert not FailedVote.objects.exists()


def test_a_dissenting_opinion_stands_in_the_minutes_and_not_in_the_extract(sitting):
    w, (first, second, _third) = sitting, sitting.items
    decide(w, first)
    first.dissent(w.deputy, by=w.secretary, text="Уровень нужен кризисный.")
    first.dissent(w.chair, by=w.secretary, text="Ошибка.")
    first.dissent(w.chair, by=w.secretary, text=" ")
    second.recuse(w.deputy, by=w.secretary)
    with pytest.raises(Refused, match="участвует в этом вопросе"):
        second.dissent(w.deputy, by=w.secretary, text="Против.")
    assert w.meeting.describe()["items"][0]["dissents"] == [
        {"short": str(w.deputy), "text": "Уровень нужен кризисный."}
    ]
    decide(w, second)
    decide(w, w.items[2])
    w.meeting.sign_minutes(by=w.secretary)
    with pytest.raises(Refused, match="Протокол подписан"):
        first.dissent(w.chair, by=w.secretary, text="Поздно.")


# --- the agenda while it runs -----------------------------------------------------------------------------------------


def test_an_urgent_question_needs_the_majority_of_those_present(sitting):
    w = sitting
    urgent = propose(w, "Срочновы")
    with pytest.raises(Refused, match="с?рочный вопрос добавляют на его странице"):
        urgent.schedule(w.meeting, by=w.secretary)
    for votes, why in [
        ({"reason": " ", "votes_for": 6}, "почему вопрос не может ждать"),
        ({"reason": "Выписка", "votes_for": 5}, "всего 5, а голосуют 6"),
        ({"reason": "Выписка", "votes_for": 3, "votes_against": 3}, "остаётся в очереди"),
    ]:
        with pytest.raises(Refused, match=why):
            w.meeting.add_urgent(urgent, by=w.secretary, **votes)
    w.meeting.add_urgent(urgent, by=w.secretary, reason="Выписка завтра", votes_for=4, votes_against=2)
    urgent.refresh_from_db()
    assert (urgent.state, urgent.position) == ("scheduled", 4)
    assert w.meeting.describe()["items"][3]["urgent"] == {
        "reason": "Выписка завтра", "for": 4, "against": 2, "abstained": 0,
    }  # fmt: skip


def test_an_urgent_question_needs_the_quorum_and_its_own_council(sitting):
    w = sitting
    other = make_council(w, code="other")
    foreign = AgendaItem.propose(
        activate(w, open_case(w, family=make_family(w, surname="Чужие")), council=other), by=w.curator, council=other,
        question="other",
    )  # fmt: skip
    with pytest.raises(Refused, match="на другой совет"):
        w.meeting.add_urgent(foreign, by=w.secretary, reason="Надо", votes_for=6)
    urgent = propose(w, "Срочновы")
    away(w, *w.council.memberships.filter(role="member"))
    with pytest.raises(Refused, match="Без кворума повестку не меняют"):
        w.meeting.add_urgent(urgent, by=w.secretary, reason="Надо", votes_for=3)
    assert not Urgency.objects.exists()


def test_what_waits_changes_places_and_what_is_decided_stays(sitting):
    w = sitting
    decide(w, w.items[1])
    w.items[2].rearrange(by=w.secretary, way="up")

    def order():
        return list(w.meeting.agenda_items.order_by("position").values_list("case__family__surname", flat=True))

    assert order() == ["Сидоровы", "Петровы", "Ивановы"]
    version = w.items[0].version
    w.items[0].refresh_from_db()
    w.items[0].rearrange(by=w.secretary, way="first")
    assert order() == ["Ивановы", "Петровы", "Сидоровы"]
    w.items[0].rearrange(by=w.secretary, way="up")  # at the end nothing moves
    assert order() == ["Ивановы", "Петровы", "Сидоровы"]
    w.items[0].refresh_from_db()
    assert w.items[0].version == version  # what somebody types there is not stale for that
    w.items[1].refresh_from_db()
    with pytest.raises(Refused, match="уже решён"):
        w.items[1].rearrange(by=w.secretary, way="down")


def test_nothing_is_decided_during_a_recess(sitting):
    w = sitting
    w.meeting.take_recess(by=w.secretary, until=datetime.time(11, 30))
    with pytest.raises(Refused, match="уже объявлен"):
        w.meeting.take_recess(by=w.secretary)
    with pytest.raises(Refused, match="Идёт перерыв"):
        decide(w, w.items[0])
    w.items[0].note_down(by=w.secretary, heard="о нужде", spoke="", draft="")  # the secretary may write
    w.meeting.resume(by=w.secretary)
    with pytest.raises(Refused, match="Перерыва нет"):
        w.meeting.resume(by=w.secretary)
    decide(w, w.items[0])
    (recess,) = w.meeting.describe()["recesses"]
    assert recess["began"] <= recess["ended"]


def test_the_minutes_are_not_signed_during_a_recess(sitting):
    w = sitting
    for item in w.items:
        decide(w, item)
    w.meeting.take_recess(by=w.secretary)
    with pytest.raises(Refused, match="идёт перерыв"):
        w.meeting.sign_minutes(by=w.secretary)


# --- another day ------------------------------------------------------------------------------------------------------


def test_on_another_day_membership_and_attendance_are_taken_anew(sitting):
    w, today = sitting, timezone.localdate()
    decide(w, w.items[0])
    tomorrow = today + datetime.timedelta(days=1)
    with pytest.raises(Refused, match="день позже"):
        w.meeting.adjourn(by=w.secretary, held_on=today, starts_at=datetime.time(15))
    w.items[1].note_down(by=w.secretary, heard="о нужде", spoke="", draft="Признать.")
    following = w.meeting.adjourn(by=w.secretary, held_on=tomorrow, starts_at=datetime.time(10))
    assert following.continues == w.meeting
    assert list(w.meeting.agenda_items.values_list("pk", flat=True)) == [w.items[0].pk]
    assert list(following.agenda_items.values_list("position", "pk")) == [(1, w.items[1].pk), (2, w.items[2].pk)]
    with pytest.raises(Refused, match="уже назначено"):
        w.meeting.adjourn(by=w.secretary, held_on=tomorrow, starts_at=datetime.time(10))
    content = w.meeting.sign_minutes(by=w.secretary).content
    assert [point.get("postponed", "")[:38] for point in content["items"][1:]] == [
        "Вопрос отложен: рассмотрение переносит"
    ] * 2
    w.council.memberships.filter(pk=w.deputy.pk).update(until=today)  # left between the days
    zone = timezone.get_default_timezone()
    with time_machine.travel(datetime.datetime.combine(tomorrow, datetime.time(10, 30), zone), tick=True):
        following.refresh_from_db()
        following.start(by=w.secretary)
        rows = following.attendances.all()
        assert {row.state for row in rows} == {Attendance.State.ABSENT}
        assert w.deputy.pk not in {row.membership_id for row in rows}
        following.mark_all_present(by=w.secretary)
        second = AgendaItem.objects.get(pk=w.items[1].pk)
        assert second.draft == "Признать."
        assert decide(w, second).decided_on == tomorrow
        assert following.describe()["continues_on"] == today.isoformat()


def test_with_everything_decided_there_is_nothing_to_move(sitting):
    w = sitting
    for item in w.items:
        decide(w, item)
    with pytest.raises(Refused, match="переносить нечего"):
        w.meeting.adjourn(
            by=w.secretary, held_on=timezone.localdate() + datetime.timedelta(days=1), starts_at=datetime.time(10)
        )


# --- annulment --------------------------------------------------------------------------------------------------------


def days_ago(number):
    day = timezone.localdate() - datetime.timedelta(days=number)
    return time_machine.travel(datetime.datetime.combine(day, datetime.time(9), timezone.get_default_timezone()))


def decided_level(w):
    """A case whose level a council has changed from crisis to basic some days ago."""
    with days_ago(40):
        case = activate(w, level="crisis")
    with days_ago(10):
        council = case.agenda_items.get().council
        item = AgendaItem.propose(case, by=w.curator, council=council, question="level", level="basic")
        start_meeting(w, council, item)
        return case, decide(w, item)


def put(w, item):
    start_meeting(w, item.council, item)
    return decide(w, item)


def test_an_annulled_change_of_level_is_undone_by_the_cases_verb(world):
    w = world
    case, decision = decided_level(w)
    case.refresh_from_db()
    assert case.level == "basic"
    item = decision.item.ask_to_annul(by=w.curator, reason="Диагностика проведена с ошибкой.")
    annulling = put(w, item)
    case.refresh_from_db()
    decision.refresh_from_db()
    assert case.level == "crisis"
    assert (annulling.annuls, decision.annulled_by) == (decision, annulling)
    assert decision.to_do() == ""
    assert LevelPeriod.objects.get(case=case, until=None).decision == annulling.pk
    assert case.events.filter(kind="decision_annulled").exists()
    with pytest.raises(Refused, match="уже отменено"):
        decision.item.ask_to_annul(by=w.curator, reason="Ещё раз.")
    with pytest.raises(Refused, match="об отмене не отменяют"):
        item.ask_to_annul(by=w.curator, reason="Передумали.")


def test_what_no_verb_undoes_is_marked_with_what_to_do(world):
    w = world
    with days_ago(10):
        case = activate(w)
    decision = case.agenda_items.get().decision
    annulling = put(w, decision.item.ask_to_annul(by=w.curator, reason="Решение принято по чужим документам."))
    case.refresh_from_db()
    decision.refresh_from_db()
    assert (case.stage, annulling.question) == ("active", Question.ANNUL)
    assert "заключение о снятии" in decision.to_do()


def test_a_refusal_to_annul_leaves_the_decision_in_force(world):
    w = world
    with days_ago(10):
        case = activate(w)
    first = case.agenda_items.get().decision
    item = first.item.ask_to_annul(by=w.curator, reason="Так решили.")
    start_meeting(w, item.council, item)
    decide(w, item, "refused")
    first.refresh_from_db()
    assert first.is_annulled is False


def test_only_a_decision_can_be_annulled_and_only_by_its_own_question(sitting):
    w = sitting
    with pytest.raises(Refused, match="только принятое решение"):
        w.items[0].ask_to_annul(by=w.curator, reason="Так")
    with pytest.raises(Refused, match="на странице случая"):
        AgendaItem.propose(activate(w, council=make_council(w)), by=w.curator, council=w.council, question="annul")


def test_a_decision_cannot_be_made_twice_for_one_case(sitting):
    w = sitting
    decide(w, w.items[0])
    with pytest.raises(Refused, match="уже решён"):
        decide(w, w.items[0])
