"""The calendar and convening: repeated, moved, called off, extraordinary meetings; what collides."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from conftest import make_user
from councils import planning
from councils.models import Council, Meeting
from sopr.accounts.policy import Role
from sopr.errors import Refused
from sopr.tests.casework import make_council

DAY = datetime.timedelta(days=1)
MARCH = datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC)
TEN = datetime.time(10, 0)


@pytest.fixture
def march(world, time_machine):
    time_machine.move_to(MARCH, tick=False)
    world.council = make_council(world)
    return world


def form(council, **fields):
    values = {
        "council": council.pk, "rule": "month", "weekday": "3", "weeks": ["2", "4"], "since": "2026-04-01",
        "until": "2026-06-30", "starts_at": "10:00",
    }  # fmt: skip
    return values | fields


def test_every_second_and_fourth_thursday():
    days = planning.by_month(datetime.date(2026, 4, 1), datetime.date(2026, 6, 30), 3, [2, 4])
    assert [f"{day:%d.%m}" for day in days] == ["09.04", "23.04", "14.05", "28.05", "11.06", "25.06"]
    last = planning.by_month(datetime.date(2026, 4, 1), datetime.date(2026, 5, 31), 3, [planning.LAST])
    assert [f"{day:%d.%m}" for day in last] == ["30.04", "28.05"]


def test_every_three_weeks_begins_on_the_first_such_weekday():
    days = planning.by_weeks(datetime.date(2026, 4, 1), datetime.date(2026, 5, 20), 1, 3)
    assert [f"{day:%d.%m}" for day in days] == ["07.04", "28.04", "19.05"]


def test_a_day_off_gives_way_to_the_next_working_day():
    may_first, russia_day = datetime.date(2026, 5, 1), datetime.date(2026, 6, 12)
    lines = planning.propose([may_first, russia_day, datetime.date(2026, 6, 15)])
    assert [line.held_on for line in lines] == [datetime.date(2026, 5, 4), datetime.date(2026, 6, 15)]
    assert lines[0].is_moved and lines[0].by_rule == may_first


def test_days_are_shown_before_meetings_are_planned(client, march):
    w, url = march, reverse("councils:meeting-series")
    client.force_login(w.secretary)
    Meeting.plan(w.council, by=w.secretary, held_on=datetime.date(2026, 4, 9))
    shown = client.post(url, form(w.council, weekday="4"))  # Fridays: 12 June is a day off
    html = shown.content.decode()
    assert shown.status_code == 200 and Meeting.objects.count() == 1
    assert 'value="2026-06-15"' in html and "по правилу 12.06.2026" in html
    assert "уже назначено" in client.post(url, form(w.council)).content.decode()
    ticked = form(w.council, create="yes", days=["2026-04-23", "2026-05-14", "2026-05-15"])  # the last is no such day
    answer = client.post(url, ticked)
    assert answer.status_code == 302 and answer["Location"].endswith("month=2026-04")
    assert sorted(w.council.meetings.values_list("held_on", flat=True)) == [
        datetime.date(2026, 4, 9), datetime.date(2026, 4, 23), datetime.date(2026, 5, 14),
    ]  # fmt: skip
    nothing = client.post(url, form(w.council, create="yes"))
    assert "Отметьте хотя бы один день" in nothing.content.decode()


def test_a_series_is_planned_whole_or_not_at_all(march):
    w = march
    taken = datetime.date(2026, 4, 23)
    Meeting.plan(w.council, by=w.secretary, held_on=taken)
    with pytest.raises(Refused, match="уже запланировано"):
        Meeting.plan_series(w.council, by=w.secretary, days=[taken - 7 * DAY, taken])
    assert w.council.meetings.count() == 1


def test_series_errors_say_what_to_mend(client, march):
    w, url = march, reverse("councils:meeting-series")
    client.force_login(w.secretary)
    for fields, words in [
        ({"weeks": []}, "Отметьте хотя бы одну неделю"),
        ({"until": "2026-03-31"}, "раньше первого"),
        ({"since": "2026-03-01"}, "уже прошёл"),
        ({"until": "2028-01-01"}, "на год вперёд"),
        ({"since": "2026-04-10", "until": "2026-04-12"}, "таких дней нет"),
    ]:
        answer = client.post(url, form(w.council, **fields))
        assert answer.status_code == 422 and words in answer.content.decode(), words


def test_moving_tells_the_new_hour_and_asks_the_invited_anew(client, march):
    w = march
    meeting = Meeting.plan(w.council, by=w.secretary, held_on=datetime.date(2026, 3, 12))
    other = Meeting.plan(w.council, by=w.secretary, held_on=datetime.date(2026, 3, 19))
    seat = meeting.seat_of(w.member)
    meeting.invitations.create(membership=seat, answer="yes")
    client.force_login(w.secretary)
    url = reverse("councils:meeting-move", args=[meeting.pk])
    same = {"held_on": "2026-03-12", "starts_at": "10:00", "duration": "120"}
    assert "Ничего не изменилось" in client.post(url, same).content.decode()
    taken = same | {"held_on": "2026-03-19", "despite": "on"}
    assert "уже запланировано" in client.post(url, taken).content.decode()
    assert client.post(url, same | {"place": "Зал № 2"}).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.place, meeting.sequence, meeting.invitations.get().answer) == ("Зал № 2", 1, "yes")
    assert client.post(url, same | {"held_on": "2026-03-13", "place": "Зал № 2"}).status_code == 302
    meeting.refresh_from_db()
    assert (f"{meeting.held_on:%d.%m}", meeting.sequence, meeting.invitations.get().answer) == ("13.03", 2, "")
    with pytest.raises(Refused, match="уже прошла"):
        other.move(by=w.secretary, held_on=datetime.date(2026, 3, 1), starts_at=TEN)


def test_a_meeting_is_called_off_with_a_reason_that_the_invited_read(client, march):
    w = march
    meeting = Meeting.plan(w.council, by=w.secretary, held_on=datetime.date(2026, 3, 12))
    url = reverse("councils:meeting-cancel", args=[meeting.pk])
    client.force_login(w.secretary)
    assert client.post(url, {"reason": " "}).status_code == 422
    assert client.post(url, {"reason": "Карантин в здании"}).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.state, meeting.sequence) == ("cancelled", 1)
    client.force_login(w.member)
    html = client.get(reverse("councils:calendar") + "?month=2026-03").content.decode()
    assert "отменено: Карантин в здании" in html
    assert client.get(reverse("councils:pack-detail", args=[meeting.pk])).status_code == 404
    with pytest.raises(Refused, match="только запланированное"):
        meeting.move(by=w.secretary, held_on=datetime.date(2026, 3, 20), starts_at=TEN)


def test_an_extraordinary_meeting_names_its_ground(client, march):
    w, url = march, reverse("councils:meeting-new")
    client.force_login(w.secretary)
    data = {"council": w.council.pk, "held_on": "2026-03-04", "starts_at": "9:30", "extraordinary": "on"}
    assert "почему заседание внеочередное" in client.post(url, data).content.decode()
    data |= {"ground": "Обращение опеки", "video_link": "https://telemost.example.ru/j/1"}
    assert client.post(url, data).status_code == 302
    meeting = w.council.meetings.get()
    client.force_login(w.member)
    html = client.get(reverse("councils:pack-detail", args=[meeting.pk])).content.decode()
    assert "Обращение опеки" in html and "https://telemost.example.ru/j/1" in html
    assert client.post(url, data).status_code == 403


def test_a_taken_hall_and_a_busy_member_are_warned_of(client, march):
    w, url = march, reverse("councils:meeting-new")
    other = make_council(w, name="Консилиум Северного района")
    Meeting.plan(other, by=w.secretary, held_on=datetime.date(2026, 3, 12), starts_at=TEN, place="Малый зал")
    client.force_login(w.secretary)
    data = {"council": w.council.pk, "held_on": "2026-03-12", "starts_at": "11:59", "place": "малый  зал"}
    html = client.post(url, data).content.decode()
    assert "занято в 10:00" in html
    assert "заседает и в другом совете: Консилиум Северного района" in html
    assert w.council.meetings.count() == 0
    assert client.post(url, data | {"despite": "on"}).status_code == 302
    data |= {"held_on": "2026-03-12", "starts_at": "12:00", "place": "Малый зал"}
    assert Meeting.collisions(other, held_on=datetime.date(2026, 3, 12), starts_at=datetime.time(13, 59)) == []


def test_the_calendar_shows_each_role_its_councils(client, march):
    w = march
    south = make_council(w, name="Совет Южного района", municipality=w.south)
    south.memberships.exclude(role="chair").delete()
    day = datetime.date(2026, 3, 12)
    meeting = Meeting.plan(w.council, by=w.secretary, held_on=day)
    Meeting.plan(south, by=w.secretary, held_on=day)
    url = reverse("councils:calendar") + "?month=2026-03"
    for user, sees, not_sees in [
        (w.secretary, [w.council.name, meeting.get_absolute_url()], ["Южного"]),
        (w.member, [w.council.name, reverse("councils:pack-detail", args=[meeting.pk])], ["Южного"]),
        (w.head, [w.council.name], ["Южного", meeting.get_absolute_url()]),
        (w.minister, [w.council.name, "Южного"], [meeting.get_absolute_url()]),
    ]:
        client.force_login(user)
        html = client.get(url).content.decode()
        assert all(text in html for text in sees), user
        assert not any(text in html for text in not_sees), user
    only_south = client.get(f"{url}&council={south.pk}").content.decode()
    assert "10:00" in only_south and f"10:00</b> {w.council.name}" not in only_south
    assert client.get(reverse("councils:calendar") + "?month=nonsense&council=x").status_code == 200


def test_the_calendar_asks_no_more_for_forty_meetings(client, march, django_assert_max_num_queries):
    w = march
    client.force_login(w.secretary)
    url = reverse("councils:calendar") + "?month=2026-04"
    first = datetime.date(2026, 4, 1)
    Meeting.plan(w.council, by=w.secretary, held_on=first)
    client.get(url)
    with django_assert_max_num_queries(100) as one:
        client.get(url)
    for number in range(1, 30):
        Meeting.plan(w.council, by=w.secretary, held_on=first + number * DAY)
    with django_assert_max_num_queries(len(one)):
        client.get(url)


def test_a_strangers_meeting_is_not_moved(client, march):
    w = march
    meeting = Meeting.plan(w.council, by=w.secretary, held_on=timezone.localdate() + 5 * DAY)
    for name in ("meeting-move", "meeting-cancel", "invitation-list", "invitation-file"):
        client.force_login(w.other_secretary)
        assert client.get(reverse(f"councils:{name}", args=[meeting.pk])).status_code == 404
    plain = make_user(Role.SECRETARY, w.centre, "secretary-2")
    client.force_login(plain)
    assert client.get(reverse("councils:meeting-series")).status_code == 409
    assert Council.objects.visible_to(plain).count() == 0
