"""Stand-ins in the demo curator's centre (over, going on, to come), and a question put in place of the system's."""

from cases.models import StandIn
from councils.models import AgendaItem
from councils.words import Question
from sopr.demo import phrases
from sopr.demo.timeline import DAY, moment, workday


def stand_ins(scene):
    """The head names them as they become known, on the days of the history."""
    today, region = scene.timeline.today, scene.region
    centre = region.places[0].centres[0]
    demo = region.users["curator"]
    ill, other = [user for user in region.curators[centre.pk] if user != demo][:2]
    for day, curator, user, reason, since, until in [
        (today - 80 * DAY, ill, other, StandIn.Reason.TRIP, today - 78 * DAY, today - 65 * DAY),
        (today - 6 * DAY, ill, demo, StandIn.Reason.ILLNESS, today - 5 * DAY, today + 9 * DAY),
        (today - 4 * DAY, demo, other, StandIn.Reason.LEAVE, today + 14 * DAY, today + 27 * DAY),
    ]:
        yield moment(workday(day), 10)
        cases = StandIn.cases_of(curator).filter(organisation=centre)
        if cases:
            StandIn.name(
                curator,
                by=region.heads[centre.pk],
                user=user,
                since=max(since, scene.day),
                until=until,
                reason=reason,
                cases=cases,
            )


def question_of_ones_own(scene):
    """A colleague's term is near and the system has put a question: he puts his own, and the system's is withdrawn."""
    asked = AgendaItem.objects.queued().filter(by_system=True, case__level_term_on__gt=scene.timeline.today)
    item = asked.exclude(case__curator__username="curator").select_related("case__curator", "council").first()
    if item is not None and asked.count() > 1:  # one stays to be seen in the queue
        AgendaItem.propose(
            item.case,
            by=item.case.curator,
            council=item.council,
            question=Question.PROLONG,
            summary=phrases.PROLONG_SUMMARIES[0],
        )
