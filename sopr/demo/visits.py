"""Promised visits: the demo curator's route of the next working day, one held, moved, cancelled, one that failed."""

import datetime

from cases.models import Case, Contact, Visit
from cases.words import Stage
from sopr.accounts.models import User
from sopr.demo import phrases
from sopr.demo.timeline import DAY, moment, workday

HOUR = datetime.timedelta(hours=1)
ATTEMPTS = 3


def visits_are_promised(scene):
    """Made a few days ago; what became of them is told at the last minute, when no life goes on with these cases."""
    yield moment(workday(scene.timeline.today - 5 * DAY), 9)
    curator = User.objects.get(username="curator")
    cases = Case.objects.filter(curator=curator, stage=Stage.ACTIVE).with_last_contact().order_by("last_contact_at")
    soon = workday(scene.timeline.today + DAY)
    # the one longest without a contact is the one who is not reached
    days = [scene.timeline.today, scene.timeline.today, soon, soon, soon, soon, soon]
    visits = []
    for number, (case, day) in enumerate(zip(cases, days, strict=False)):
        purpose, caution = phrases.VISIT_PURPOSES[number % len(phrases.VISIT_PURPOSES)]
        kind = Contact.Kind.OFFICE if number == len(days) - 1 else Contact.Kind.VISIT
        at = moment(day, 9 + number) if day > scene.timeline.today else scene.timeline.now - (2 - number) * HOUR
        visits.append(Visit.plan(case, by=curator, at=at, kind=kind, purpose=purpose, caution=caution))
    yield scene.timeline.now
    what_became_of_them(visits, curator, scene.timeline.now)


def what_became_of_them(visits, by, now):
    going_on = [visit for visit in visits if Case.objects.get(pk=visit.case_id).stage == Stage.ACTIVE]
    for visit, tell in zip(going_on, (not_reached, held, moved, cancelled), strict=False):
        tell(visit, by, now)


def not_reached(visit, by, now):
    """Three times in a row: the head sees it on «Служба»."""
    for number in range(ATTEMPTS, 0, -1):
        summary, tried = phrases.ATTEMPTS[number % len(phrases.ATTEMPTS)]
        Contact.record(
            visit.case, by=by, at=now - number * HOUR, kind="attempt", tried=tried, summary=summary,
            visit=visit if number == 1 else None,
        )  # fmt: skip


def held(visit, by, now):
    Contact.record(visit.case, by=by, at=visit.at, kind=visit.kind, summary=phrases.VISIT_HELD, visit=visit)


def moved(visit, by, now):
    visit.move(by=by, at=visit.at + 3 * HOUR, reason=phrases.VISIT_MOVED)


def cancelled(visit, by, now):
    visit.cancel(by=by, reason=phrases.VISIT_CANCELLED)
