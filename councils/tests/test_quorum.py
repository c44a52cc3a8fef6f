"""Quorum of each item: strictly more than the share, the required agencies, recusals, arrivals and departures."""

import datetime

import pytest
from django.utils import timezone

from councils.minutes import describe_meeting
from councils.models import AgendaItem, Attendance, Council, Meeting, Quorum
from sopr.errors import Refused
from sopr.tests.casework import add_pack, decide, make_council, make_family, open_case, start_meeting


@pytest.mark.parametrize(
    ("present", "members", "share", "reached"),
    [
        (5, 10, 50, False),  # exactly half is not more than half
        (6, 10, 50, True),
        (4, 9, 50, False),
        (5, 9, 50, True),
        (6, 9, 66, True),  # 66 % of nine is 5.94
        (2, 3, 66, True),  # 66 % of three is 1.98
        (66, 100, 66, False),
        (67, 100, 66, True),
        (1, 1, 50, True),
        (0, 0, 50, False),
        (0, 4, 0, False),
        (1, 4, 0, True),
    ],
)
def test_strictly_more_than_the_share(present, members, share, reached):
    quorum = Quorum(present=present, members=members, share=share)
    assert quorum.reached is reached
    assert (present * 100 > share * members and members > 0) is reached  # the rule as it is written
    assert (present >= quorum.needed and members > 0) is reached


@pytest.fixture
def meeting(world):
    """A running meeting of seven members, all present, with three questions."""
    world.council = make_council(world, members=7)
    world.items = [propose(world, name) for name in ("Ивановы", "Петровы", "Сидоровы")]
    world.meeting = start_meeting(world, world.council, *world.items)
    for item in world.items:
        item.refresh_from_db()
    return world


def propose(w, surname):
    case = open_case(w, family=make_family(w, surname=surname))
    add_pack(w, case)
    return AgendaItem.propose(case, by=w.curator, council=w.council, question="recognise", level="basic")


def leave_out(w, count):
    """The last `count` members are absent."""
    rows = list(w.meeting.attendances.order_by("pk"))
    for row in rows[len(rows) - count :]:
        row.mark(by=w.secretary, state="absent")


def test_no_decision_without_a_required_agency(meeting):
    w = meeting
    w.council.required_agencies.add(w.guardianship)
    row = w.meeting.attendances.get(membership__user=w.member)
    row.mark(by=w.secretary, state="excused")
    with pytest.raises(Refused, match="отсутствует Отдел опеки"):
        decide(w, w.items[0])
    row.mark(by=w.secretary, state="present", substitute="Заменова А.А.")  # a substitute counts
    decide(w, w.items[0])


def test_a_recusal_breaks_the_quorum_of_one_item_only(meeting):
    w = meeting
    leave_out(w, 3)  # four of seven: the least that decides
    first, second, _third = w.items
    member = w.meeting.attendances.first().membership
    first.recuse(member, by=w.secretary, reason="родственник")
    assert (w.meeting.quorum_for(first).present, w.meeting.quorum_for(second).present) == (3, 4)
    with pytest.raises(Refused, match="присутствуют 3 из 7, нужно не меньше 4"):
        decide(w, first)
    decide(w, second)
    first.cancel_recusal(member, by=w.secretary)
    decide(w, first)


def test_the_recused_agency_is_missing(meeting):
    w = meeting
    w.council.required_agencies.add(w.guardianship)
    w.items[0].recuse(w.meeting.attendances.get(membership__user=w.member).membership, by=w.secretary)
    with pytest.raises(Refused, match="отсутствует Отдел опеки"):
        decide(w, w.items[0])


def test_a_stranger_cannot_recuse(meeting):
    other = make_council(meeting, members=4, code="other")
    with pytest.raises(Refused, match="входит в его состав"):
        meeting.items[0].recuse(other.memberships.first(), by=meeting.secretary)


def test_one_who_comes_late_counts_from_his_item(meeting):
    w = meeting
    leave_out(w, 1)
    decide(w, w.items[0])
    late = w.meeting.attendances.get(state="absent")
    late.arrive(by=w.secretary, at=2)
    assert (late.from_item, w.meeting.quorum_for(w.items[0]).present) == (2, 6)
    assert decide(w, w.items[1]).present == 7


def test_one_who_leaves_counts_until_then_and_may_come_back(meeting):
    w = meeting
    row = w.meeting.attendances.last()
    decide(w, w.items[0])
    row.leave(by=w.secretary, at=2)
    assert decide(w, w.items[1]).present == 6
    row.refresh_from_db()
    row.arrive(by=w.secretary, at=3)
    assert [row.in_room_at(n) for n in (1, 2, 3)] == [True, False, True]
    assert decide(w, w.items[2]).present == 7


def test_who_voted_cannot_be_made_absent_afterwards(meeting):
    w = meeting
    decide(w, w.items[0])
    row = w.meeting.attendances.first()
    with pytest.raises(Refused, match="По вопросу 1 решение уже принято"):
        row.mark(by=w.secretary, state="absent")
    row.refresh_from_db()
    assert row.state == Attendance.State.PRESENT


def test_votes_add_up_and_have_a_majority(meeting):
    w = meeting
    item = w.items[0]
    for votes, why in [
        ({"votes_for": 6}, "всего 6, а голосуют 7"),
        ({"votes_for": 8}, "всего 8, а голосуют 7"),
        ({"votes_for": 3, "votes_against": 2, "abstained": 2}, "не проголосовало большинство"),
        ({"votes_for": 9, "votes_against": -2}, "не бывает отрицательным"),
    ]:
        with pytest.raises(Refused, match=why):
            item.decide(by=w.secretary, verdict="granted", text="Да.", **votes)
    item.decide(by=w.secretary, verdict="granted", text="Да.", votes_for=4, votes_against=2, abstained=1)


def test_half_of_those_present_is_no_majority(meeting):
    w = meeting
    leave_out(w, 1)
    with pytest.raises(Refused, match="большинство"):
        w.items[0].decide(by=w.secretary, verdict="granted", text="Да.", votes_for=3, votes_against=3)


def test_a_new_council_takes_the_regions_share(world):
    assert Council(code="x", name="Совет", municipality=world.north).quorum_share == 50


# --- the table of the rule: who counts, at the border and beyond --------------------------------------------------------


def council_of(w, members, share=50, invited=0, mute=0):
    """A council of so many voting members, with invited people and members without a vote beside them."""
    council = make_council(w, members=members, quorum_share=share)
    for number in range(invited + mute):
        council.seat(
            by=w.administrator, organisation=w.clinic, role="invited" if number < invited else "member", votes=False,
            since=timezone.localdate(), last_name=f"Гость{number}", first_name="Я",
        )  # fmt: skip
    return council


@pytest.mark.parametrize(
    ("members", "share", "invited", "mute", "absent", "reached"),
    [
        (6, 50, 0, 0, 3, False),  # exactly half is not more than half
        (6, 50, 0, 0, 2, True),
        (9, 66, 0, 0, 3, True),  # 6 of 9 is 66.7 %: more than 66
        (9, 67, 0, 0, 3, False),
        (3, 66, 0, 0, 1, True),  # 2 of 3
        (4, 75, 0, 0, 1, False),  # exactly three quarters
        (4, 74, 0, 0, 1, True),
        (5, 0, 0, 0, 5, False),  # nobody is no quorum, whatever the share
        (6, 50, 4, 0, 3, False),  # the invited fill no chair
        (6, 50, 0, 4, 3, False),  # nor do members without a vote
        (6, 50, 4, 4, 2, True),  # and they are no part of the base either
    ],
)
def test_the_share_at_its_border(world, members, share, invited, mute, absent, reached):
    w = world
    council = council_of(w, members, share, invited, mute)
    item = put(w, council)
    meeting = start_meeting(w, council, item)
    voting = meeting.attendances.filter(membership__votes=True).order_by("-pk")[:absent]
    for row in voting:
        row.mark(by=w.secretary, state="absent")
    quorum = meeting.quorum_for(item)
    assert (quorum.members, quorum.present, quorum.reached) == (members, members - absent, reached)


def put(w, council):
    case = open_case(w)
    add_pack(w, case)
    return AgendaItem.propose(case, by=w.curator, council=council, question="recognise", level="basic")


def test_one_without_a_vote_does_not_stand_for_the_required_agency(world):
    w = world
    council = council_of(w, 5, mute=1)
    council.required_agencies.add(w.clinic)
    item = put(w, council)
    meeting = start_meeting(w, council, item)
    assert [str(agency) for agency in meeting.quorum_for(item).missing_agencies] == [str(w.clinic)]


def test_a_substitute_counts_only_where_the_regulation_allows_him(world):
    w = world
    council = council_of(w, 5)
    item = put(w, council)
    meeting = start_meeting(w, council, item, absent=3)
    row = meeting.attendances.filter(state="absent").first()
    row.mark(by=w.secretary, state="present", substitute="Заменова А.А.")
    assert meeting.quorum_for(item).reached
    council.amend(by=w.administrator, substitutes=False)
    row = Attendance.objects.filter(meeting=meeting, state="absent").first()
    with pytest.raises(Refused, match="участвуют лично"):
        row.mark(by=w.secretary, state="present", substitute="Другая Б.Б.")


def test_the_membership_of_the_meetings_day_is_the_base(world, time_machine):
    """Changed between convening and meeting: who has come since counts, who has left does not."""
    w = world
    time_machine.move_to(datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC))
    council = council_of(w, 5)
    item = put(w, council)
    meeting = Meeting.plan(council, by=w.secretary, held_on=datetime.date(2026, 3, 12))
    item.schedule(meeting, by=w.secretary)
    council.memberships.last().end(by=w.administrator, until=datetime.date(2026, 3, 11))
    for number in range(3):
        council.seat(by=w.administrator, organisation=w.clinic, role="member", since=datetime.date(2026, 3, 10),
                     last_name=f"Новый{number}", first_name="Я")  # fmt: skip
    late = council.seat(by=w.administrator, organisation=w.clinic, role="member", since=datetime.date(2026, 3, 13),
                        last_name="Поздний", first_name="Я")  # fmt: skip
    time_machine.move_to(datetime.datetime(2026, 3, 12, 9, tzinfo=datetime.UTC))
    meeting.start(by=w.secretary)
    assert meeting.quorum_for(item).members == 7
    assert not meeting.attendances.filter(membership=late).exists()
    council.seat(by=w.administrator, organisation=w.clinic, role="member", since=datetime.date(2026, 3, 12),
                 last_name="Сегодняшний", first_name="Я")  # fmt: skip
    assert meeting.quorum_for(item).members == 7  # the meeting has begun: its base stands


def test_in_the_chairs_absence_the_deputy_presides(world):
    w = world
    council = council_of(w, 5)
    council.seat(by=w.administrator, organisation=w.clinic, role="deputy", since=timezone.localdate(),
                 last_name="Заместителев", first_name="Я")  # fmt: skip
    item = put(w, council)
    meeting = start_meeting(w, council, item)
    meeting.attendances.get(membership__role="chair").mark(by=w.secretary, state="excused")
    assert meeting.quorum_for(item).reached
    assert describe_meeting(meeting)["chair"]["short"] == "Заместителев Я."


def test_the_invited_stand_in_the_minutes_by_themselves(world):
    w = world
    council = council_of(w, 5, invited=2)
    item = put(w, council)
    meeting = start_meeting(w, council, item, absent=1)
    described = describe_meeting(meeting)
    assert (described["quorum"]["of"], described["quorum"]["present"]) == (5, 5)
    assert [text.split(",")[0] for text in described["invited"]] == ["Гость0\u00a0Я."]
    assert not any("Гость" in member["short"] for member in described["members"])
