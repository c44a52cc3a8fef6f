"""The statistics of councils and the region's report count the same things: the one is held against the other."""

import datetime

from django.utils import timezone

from councils import statistics
from councils.models import AgendaItem, Council, Meeting
from reports import engine, periods
from reports.compute import trend_columns
from reports.indicators import measures as m
from sopr.tests.casework import add_pack, decide, make_council, make_family, open_case, start_meeting

NOW = datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC)


def test_meetings_questions_and_families_are_those_of_the_report(world, time_machine):
    w = world
    time_machine.move_to(NOW)
    for name, municipality in (("north", w.north), ("south", w.south)):
        council = make_council(w, code=name, municipality=municipality)
        for number in range(2):
            w.council = council
            items = []
            for surname in ("Ивановы", "Петровы")[: number + 1]:
                case = open_case(w, family=make_family(w, surname=surname))
                add_pack(w, case)
                items.append(
                    AgendaItem.propose(case, by=w.curator, council=council, question="recognise", level="basic")
                )
            meeting = start_meeting(w, council, *items)
            for item in items:
                decide(w, item)
            if name == "north" or number:  # one meeting of the south is not signed yet
                meeting.sign_minutes(by=w.secretary)
            time_machine.shift(datetime.timedelta(days=1))
    Meeting.objects.create(
        council=council, held_on=timezone.localdate(), starts_at="08:00", state="signed", had_quorum=False
    )
    quarter = periods.quarter(2026, 1)
    column = trend_columns(quarter)[-1]
    figures = engine.count((m.MEETINGS, m.ITEMS, m.ITEM_FAMILIES), [column])
    counted = statistics.count(Council.objects.all(), statistics.find_period("quarter-2026-01", timezone.localdate()))
    measures = (m.MEETINGS, m.ITEMS, m.ITEM_FAMILIES)
    reported = [figures.count(engine.REGION, column.code, measure) for measure in measures]
    assert [counted.meetings, counted.items, counted.families] == reported == [3, 5, 5]
