"""The norm of meetings a month: the secretary is warned on the 15th and the 20th (domain.md §4)."""

import datetime

import pytest
from django.urls import reverse

from councils import duties, norm
from councils.models import Meeting
from sopr.obligations.models import Obligation
from sopr.tests.casework import activate, make_council, start_meeting


@pytest.fixture
def council(world, time_machine):
    time_machine.move_to(moment(1))
    return make_council(world)


def moment(day, month=3):
    return datetime.datetime(2026, month, day, 9, tzinfo=datetime.UTC)


def watch(time_machine, day, month=3):
    """The nightly look on that day; the open duty, or None."""
    time_machine.move_to(moment(day, month))
    norm.sweep(moment(day, month).date())
    return Obligation.objects.open().filter(kind=duties.NORM.code).first()


def hold(w, council, time_machine, day):
    """A meeting of that day with one decision and signed minutes."""
    time_machine.move_to(moment(day))
    case = activate(w, council=council)
    case.agenda_items.get().meeting.sign_minutes(by=w.secretary)


def test_a_kind_may_have_a_norm_of_its_own(world, council, time_machine, settings):
    settings.SOPR_REGION = "novgorod"
    council.kind = "district_commission"
    council.save()
    assert watch(time_machine, 20) is None
    council.kind = "working_group"
    council.save()
    assert watch(time_machine, 20) is not None


def test_the_fifteenth_warns_of_none_held(world, council, time_machine):
    Meeting.plan(council, by=world.secretary, held_on=datetime.date(2026, 3, 25))  # planned is not held
    assert watch(time_machine, 14) is None
    duty = watch(time_machine, 15)
    assert (duty.assignee, duty.organisation) == (world.secretary, world.centre)
    assert (duty.due_on, duty.title) == (
        datetime.date(2026, 3, 31),
        "Провести заседание по норме месяца: проведено 0 из 2",
    )
    assert duty in Obligation.objects.near(datetime.date(2026, 3, 15)), "shown from the day it was opened"
    assert watch(time_machine, 16).pk == duty.pk, "one duty however often it is looked"


def test_one_held_is_warned_of_on_the_twentieth_and_two_close_it(world, council, time_machine):
    hold(world, council, time_machine, 5)
    assert watch(time_machine, 19) is None
    duty = watch(time_machine, 20)
    assert "проведено 1 из 2" in duty.title
    hold(world, council, time_machine, 24)  # signing closes it, no night passes
    duty.refresh_from_db()
    assert duty.done_on == datetime.date(2026, 3, 24)
    assert watch(time_machine, 25) is None


def test_a_meeting_without_quorum_does_not_count(world, council, time_machine):
    time_machine.move_to(moment(5))
    meeting = start_meeting(world, council)
    Meeting.objects.filter(pk=meeting.pk).update(state="signed", had_quorum=False)
    assert "проведено 0 из 2" in watch(time_machine, 15).title


def test_the_next_month_forgets_the_last(council, time_machine):
    assert watch(time_machine, 20) is not None
    assert watch(time_machine, 1, month=4) is None
    assert Obligation.objects.get(kind=duties.NORM.code).done_on is None, "cancelled, not done"


def test_a_region_without_a_norm_warns_nobody(council, time_machine, settings):
    settings.SOPR_REGION = "tatarstan"
    assert watch(time_machine, 20) is None


def test_the_secretarys_home_says_what_is_late(client, world, council, time_machine):
    time_machine.move_to(moment(20))
    client.force_login(world.secretary)
    html = client.get(reverse("councils:meeting-list")).content.decode()
    assert "panel--warn" in html and "проведено 0, назначено 0, нужно не меньше 2" in html
    assert f"{reverse('councils:meeting-new')}?council={council.pk}" in html
