"""What is known over the territory besides the clients: informing, events with children."""

from families.models import ChildEvent, InformingEvent
from sopr.demo import phrases
from sopr.demo.timeline import DAY, moment, workday


def territory_facts(scene):
    """A life of its own: every few weeks something is entered for one of the municipalities."""
    rng, places = scene.rng, scene.region.places
    turn = 0
    while True:
        yield moment(workday(scene.day + rng.randint(5, 12) * DAY), 17)
        place = places[turn % len(places)]
        turn += 1
        InformingEvent.record(
            by=scene.region.heads[place.centres[0].pk],
            informed_on=scene.day,
            topic=rng.choice(phrases.INFORMING),
            families_count=rng.randint(6, 30),
        )
        if rng.random() < 0.5:
            kinds = (*ChildEvent.Kind.values, ChildEvent.Kind.DEPRIVATION)
            ChildEvent.objects.create(
                municipality=place.municipality,
                happened_on=scene.day,
                kind=rng.choice(kinds),
                confirmed=rng.random() < 0.8,
            )
