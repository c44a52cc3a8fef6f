"""The agenda ordered by the keyboard, with JavaScript and without; a ballot handed in from a phone."""

import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from councils.models import AgendaItem, Meeting
from sopr.tests.browser import PHONE, visitor  # noqa: F401 — a fixture
from sopr.tests.casework import add_pack, make_council, make_family, open_case

pytestmark = pytest.mark.browser


def put(w, council, surname):
    case = open_case(w, family=make_family(w, surname=surname))
    add_pack(w, case)
    return AgendaItem.propose(case, by=w.curator, council=council, question="recognise", level="basic")


def surnames(meeting):
    return list(meeting.agenda_items.order_by("position").values_list("case__family__surname", flat=True))


@pytest.mark.parametrize("javascript", [True, False])
def test_questions_move_by_the_keyboard(world, visitor, javascript):  # noqa: F811
    w = world
    council = make_council(w)
    meeting = Meeting.plan(council, by=w.secretary, held_on=timezone.localdate())
    items = [put(w, council, name) for name in ("Авдеевы", "Белкины", "Волковы")]
    for item in items:
        item.schedule(meeting, by=w.secretary)
    secretary = visitor(javascript=javascript).sign_in(w.secretary)
    secretary.open(f"/councils/meetings/{meeting.pk}/agenda/")
    page = secretary.page
    for place in (2, 3):
        page.locator(f"#down-{items[0].pk}").focus() if place == 2 or not javascript else None
        page.keyboard.press("Enter")  # the button keeps the focus, so that the next Enter moves on
        expect(page.locator(".agenda-lines__i").nth(place - 1)).to_contain_text("Авдеевых")
    assert surnames(meeting) == ["Белкины", "Волковы", "Авдеевы"]
    page.locator(f"#up-{items[0].pk}").click()
    expect(page.locator(".agenda-lines__i").nth(1)).to_contain_text("Авдеевых")
    assert surnames(meeting) == ["Белкины", "Авдеевы", "Волковы"]


def test_a_member_votes_by_correspondence_from_the_phone(world, visitor):  # noqa: F811
    w = world
    council = make_council(w, absentee=True)
    meeting = Meeting.plan_absentee(council, by=w.secretary, until=timezone.localdate() + datetime.timedelta(days=3))
    put(w, council, "Авдеевы").schedule(meeting, by=w.secretary)
    meeting.send_ballots(by=w.secretary)
    member = visitor(PHONE).sign_in(w.member)
    member.open("/councils/ballots/")
    member.page.get_by_role("link", name=council.name).or_(member.page.locator("td a")).first.click()
    expect(member.page.locator("main")).to_contain_text("Признать семью Авдеевых")
    assert member.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    member.press("Проголосовать")
    expect(member.page.locator("main")).to_contain_text("Ответьте на вопрос 1")
    member.page.get_by_label("за", exact=True).check()
    member.press("Проголосовать")
    expect(member.page.locator("main")).to_contain_text("принят")
    assert meeting.attendances.get(membership__user=w.member).sheet.ballots.get().choice == "for"
