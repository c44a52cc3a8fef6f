"""Regulation and membership by dates and orders: one by one, and all at once by a new order; a history of both."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from councils.models import CouncilEvent, Meeting
from sopr.errors import Refused
from sopr.tests.casework import make_council

DAY = datetime.timedelta(days=1)


@pytest.fixture
def council(world):
    return make_council(world)


@pytest.fixture
def admin(client, world):
    client.force_login(world.administrator)
    return client


def url(page, row):
    return reverse(f"councils:{page}", args=[row.pk])


def regulation(council, **changes):
    return {
        "code": council.code,
        "name": council.name,
        "municipality": council.municipality_id,
        "quorum_share": council.quorum_share,
        "substitutes": "on",
    } | changes


def test_the_regulation_is_kept_with_who_changed_what(admin, world, council):
    data = regulation(council, quorum_share=66, order_number="12-р", order_on="2026-01-09", absentee="on")
    assert admin.post(url("council-edit", council), data).status_code == 302
    council.refresh_from_db()
    assert (council.quorum_share, council.absentee, council.order) == (66, True, "распоряжение № 12-р от 09.01.2026")
    event = council.events.get(kind="amended")
    assert event.by == world.administrator
    assert ["кворум", "больше 50 % состава", "больше 66 % состава"] in event.changes
    assert ["заочное голосование", "нет", "да"] in event.changes
    html = admin.get(url("council-edit", council)).content.decode()
    assert "больше 50 % состава → больше 66 % состава" in html
    admin.post(url("council-edit", council), data)
    assert council.events.filter(kind="amended").count() == 1  # nothing has changed: nothing to tell


def test_a_council_of_districts_names_one_of_its_municipality(admin, world, novgorod):
    council = make_council(world)
    strange = world.south.districts.create(name="Участок № 9")
    with pytest.raises(Refused, match="другого муниципального образования"):
        council.amend(by=world.administrator, districts=[strange])
    with pytest.raises(Refused, match="Отметьте хотя бы один"):
        council.amend(by=world.administrator, kind="district_commission", districts=[])
    own = world.north.districts.create(name="Участок № 1")
    data = regulation(council, kind="district_commission", districts=[own.pk])
    assert admin.post(url("council-edit", council), data).status_code == 302
    council.refresh_from_db()
    assert (council.rules.short, list(council.districts.all())) == ("Участковая комиссия", [own])


def test_the_kind_is_asked_only_where_there_are_several(admin, council, settings):
    assert "kind" not in admin.get(reverse("councils:council-new")).context["form"].fields
    settings.SOPR_REGION = "novgorod"
    titles = [
        title for _code, title in admin.get(reverse("councils:council-new")).context["form"].fields["kind"].choices
    ]
    assert "Участковая социальная комиссия" in titles


def test_the_invited_never_vote_and_others_only_if_said_so(admin, world, council):
    add = url("member-add", council)
    data = {"last_name": "Гость", "first_name": "Пётр", "organisation": world.school.pk, "since": "2026-01-12"}
    order = {"order_number": "3-р", "order_on": "2026-01-12"}
    admin.post(add, data | {"role": "invited"} | order)
    admin.post(add, data | {"role": "member", "last_name": "Наблюдатель", "no_vote": "on"})
    watcher, guest = council.memberships.order_by("-pk")[:2]
    assert (guest.role, guest.votes, guest.order) == ("invited", False, "распоряжение № 3-р от 12.01.2026")
    assert (watcher.role, watcher.votes) == ("member", False)
    assert council.memberships.voting().count() == 5


def test_a_substitute_is_named_only_where_the_regulation_allows_it(admin, world, council):
    row = council.memberships.get(user=world.member)
    assert admin.post(url("member-substitute", row), {"substitute": "Заменова А.А."}).status_code == 302
    row.refresh_from_db()
    assert row.substitute == "Заменова А.А."
    assert "Заменова" not in str(list(CouncilEvent.objects.values_list("changes", flat=True)))
    council.amend(by=world.administrator, substitutes=False)
    assert admin.get(url("member-substitute", row)).status_code == 409
    with pytest.raises(Refused, match="участвуют лично"):
        council.seat(by=world.administrator, organisation=world.clinic, role="member", since=timezone.localdate(),
                     last_name="Врач", first_name="Ян", substitute="Кто-то Е.Е.")  # fmt: skip


def seats_of(client, council, *, drop=(), **more):
    """The form of a new membership as the page opens it, without the users of `drop`, plus one line `more`."""
    rows = client.get(url("members-replace", council)).context["formsets"]["seats"]
    data = {"seats-INITIAL_FORMS": len(rows.initial), "seats-TOTAL_FORMS": len(rows.initial) + bool(more)}
    for number, row in enumerate(rows.initial):
        for name, value in row.items():
            if value not in (None, False):
                data[f"seats-{number}-{name}"] = getattr(value, "pk", value)
        if row["user"] in drop:
            data[f"seats-{number}-DELETE"] = "on"
    for name, value in more.items():
        data[f"seats-{len(rows.initial)}-{name}"] = getattr(value, "pk", value)
    return data


NEWCOMER = {"last_name": "Новая", "first_name": "Ева", "role": "deputy"}


def test_a_new_order_replaces_the_whole_membership_after_a_look(admin, world, council):
    today = timezone.localdate()
    since = today + 3 * DAY
    data = seats_of(admin, council, drop=[world.member], organisation=world.clinic, **NEWCOMER)
    data |= {"since": since.isoformat(), "order_number": "40-р", "order_on": today.isoformat()}
    shown = admin.post(url("members-replace", council), data | {"preview": "yes"})
    assert shown.status_code == 200
    assert [name for name, _was, _will in shown.context["preview"]["leave"]] == ["Членова Ольга"]
    assert [name for name, _was, _will in shown.context["preview"]["come"]] == ["Новая Ева"]
    assert council.memberships.filter(until=None).count() == 5  # only looked at
    assert admin.post(url("members-replace", council), data).status_code == 302
    assert [row.full_name for row in council.members_on(since - DAY)] != [
        row.full_name for row in council.members_on(since)
    ]
    assert not council.members_on(since).filter(user=world.member).exists()
    assert council.members_on(since).get(role="deputy").order == f"распоряжение № 40-р от {today:%d.%m.%Y}"
    assert council.members_on(since - DAY).count() == 5
    assert council.events.filter(kind="replaced").count() == 1
    council.refresh_from_db()
    assert council.order_number == ""  # the order that made the council is another one
    assert council.members_on(since).get(role="chair").sex == "m"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"drop": "secretary"}, "нет секретаря"),
        ({"drop": "member"}, "Без этих ведомств"),
        ({"role": "chair"}, "один председатель"),
        ({"since": "today"}, "укажите другой первый день"),
    ],
)
def test_a_membership_that_cannot_sit_is_refused_and_nothing_changes(admin, world, council, change, words):
    council.required_agencies.add(world.guardianship)
    today = timezone.localdate()
    if "since" in change:
        council.seat(by=world.administrator, organisation=world.clinic, role="member", since=today,
                     last_name="Свежий", first_name="Ян")  # fmt: skip
    drop = [getattr(world, change["drop"])] if "drop" in change else []
    data = seats_of(
        admin, council, drop=drop, organisation=world.clinic, **(NEWCOMER | {"role": change.get("role", "deputy")})
    )
    data["since"] = (today if "since" in change else today + DAY).isoformat()
    before = council.memberships.count()
    answer = admin.post(url("members-replace", council), data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert (council.memberships.count(), council.memberships.exclude(until=None).count()) == (before, 0)


def test_two_secretaries_and_two_deputies_may_sit(world, council):
    day = timezone.localdate()
    for role, name in (("secretary", "Вторая"), ("deputy", "Первый"), ("deputy", "Другой")):
        council.seat(
            by=world.administrator, organisation=world.clinic, role=role, since=day, last_name=name, first_name="Я"
        )
    roles = [row.role for row in council.members_on(day)]
    assert (roles.count("secretary"), roles.count("deputy")) == (2, 2)
    assert roles == sorted(roles, key=["chair", "deputy", "secretary", "member", "invited"].index)


def test_a_planned_meeting_shows_the_membership_of_its_day(client, world, council):
    day = timezone.localdate() + 7 * DAY
    meeting = Meeting.plan(council, by=world.secretary, held_on=day)
    council.seat(
        by=world.administrator, organisation=world.clinic, role="member", since=day, last_name="Будущий", first_name="Я"
    )
    council.memberships.get(user=world.member).end(by=world.administrator, until=day - DAY)
    client.force_login(world.secretary)
    html = client.get(meeting.get_absolute_url()).content.decode()
    assert "Будущий" in html
    assert "Членова" not in html


def test_the_history_of_a_council_is_only_added_to(world, council):
    council.amend(by=world.administrator, quorum_share=60)
    with pytest.raises(Exception, match="only appended"):
        council.events.first().delete()
