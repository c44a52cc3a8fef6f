"""Questions between two centres about one family: one waits for the head's answer, the others are answered."""

from families.models import Family, MatchRequest
from sopr.demo import phrases
from sopr.demo.timeline import DAY, moment, workday

Answer = MatchRequest.Answer
# days before today, what is answered (empty: it still waits), whether it is the demo centre that is asked
QUESTIONS = ((25, Answer.SAME, False), (18, Answer.DIFFERENT, True), (2, "", True))


def match_requests(scene):
    """The last days: two centres find each other's families alike and ask before entering them twice."""
    first, second = scene.region.places[0].centres[0], scene.region.places[1].centres[0]
    for days, answer, asked_is_first in QUESTIONS:
        yield moment(scene.timeline.today - days * DAY, 11)
        organisation, other = (first, second) if asked_is_first else (second, first)
        served = list(Family.objects.live().filter(holders=organisation).exclude(holders=other).order_by("-pk")[:10])
        if not served:  # a very small region
            continue
        family = served[days % len(served)]
        people = [membership.person for membership in family.members_on(scene.day)[:2]]
        asked = MatchRequest.ask(
            family,
            by=scene.region.curators[other.pk][0],
            organisation=organisation,
            about="\n".join(f"{person.full_name}, {person.birth_on:%d.%m.%Y}" for person in people),
            reason=phrases.MATCH_REASONS[days % len(phrases.MATCH_REASONS)],
        )
        if answer:
            yield moment(workday(scene.day + DAY), 12)
            asked.reply(by=scene.region.heads[organisation.pk], answer=answer, remark=phrases.MATCH_REMARKS[answer])
