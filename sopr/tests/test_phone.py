"""On a phone: every home page and the pages used most, whole and without trouble."""

import pytest
from django.utils import timezone

from cases.words import Level
from councils.models import AgendaItem
from councils.words import Question
from reports import forms, periods, runs
from reports.models import Report, ReportRun
from sopr.tests.browser import PHONE, visitor  # noqa: F401 — a fixture
from sopr.tests.casework import activate, add_pack, make_council, make_family, open_case, start_meeting

pytestmark = pytest.mark.browser
HOMES = ["curator", "head", "secretary", "member", "executor", "minister", "officer", "administrator"]


def test_a_phone_shows_every_home_and_the_main_pages_whole(world, visitor):  # noqa: F811
    """Nothing sticks out sideways at 390 px; the fixture watches the console, the CSP and the answers."""
    case = activate(world)
    proposed = open_case(world, family=make_family(world, surname="Семёновы"))
    add_pack(world, proposed)
    council = make_council(world, name="Совет Северного района по делам семей")
    item = AgendaItem.propose(
        proposed, by=world.curator, council=council, question=Question.RECOGNISE, level=Level.CRISIS
    )
    running = start_meeting(world, council, item)
    quarter = periods.containing(timezone.localdate(), "quarter")
    report = Report.open_for(forms.of_this_region()[0], quarter, world.centre)
    runs.work(ReportRun.start(report, by=world.head).pk)
    card = f"/families/{case.family_id}/"
    pages = {
        "curator": [card, f"{card}?tab=support", f"/cases/{case.pk}/", f"/cases/{case.pk}/?tab=programme"],
        "secretary": [f"/councils/meetings/{running.pk}/", f"/councils/meetings/{case.agenda_items.get().meeting_id}/"],
        "minister": [f"/reports/{report.pk}/"],
    }
    wide = []
    for role in HOMES:
        person = visitor(PHONE).sign_in(getattr(world, role))
        for path in ["/", *pages.get(role, [])]:
            person.open(path)
            person.shot(f"phone-{role}-{path.strip('/').replace('/', '-').replace('?', '-') or 'home'}")
            wide += [(role, path)] if person.scrolls_sideways() else []
    assert wide == []
