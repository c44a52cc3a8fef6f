"""Stand-ins in the demo curator's centre: one that is over, one that goes on, one that is to come."""

from cases.models import StandIn
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
