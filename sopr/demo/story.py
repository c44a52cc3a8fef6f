"""Tells the whole story: the region is entered, the plots are dealt, the timeline runs up to this very minute."""

import gc
import random
from contextlib import contextmanager

import time_machine
from django.db import transaction
from django.utils import timezone

from cases import terms
from sopr.calendar import add_months
from sopr.demo import names
from sopr.demo.agencies import agencies_now
from sopr.demo.cards import entered_twice, parted
from sopr.demo.contracts import copy_is_owed
from sopr.demo.convening import meetings_to_come
from sopr.demo.correspondence import by_correspondence, councils_today
from sopr.demo.dictionary import dictionaries
from sopr.demo.districts import districts_are_known
from sopr.demo.drafts import begun_forms
from sopr.demo.exchange import exchange_register
from sopr.demo.facts import territory_facts
from sopr.demo.life import Life
from sopr.demo.matches import match_requests
from sopr.demo.meetings import calendar_of, season
from sopr.demo.own_forms import own_forms
from sopr.demo.particulars import curator_looks
from sopr.demo.plans import plans_of_the_year
from sopr.demo.plots import SEED, Dealer
from sopr.demo.practices import practices
from sopr.demo.region import Builder
from sopr.demo.reporting import QUARTERS, drafts_of_today, follow_quarters, reports_now
from sopr.demo.saved import saved_filters
from sopr.demo.scene import Scene
from sopr.demo.standins import question_of_ones_own, stand_ins
from sopr.demo.tatarstan import fill_dictionaries
from sopr.demo.timeline import Timeline, moment
from sopr.demo.transfers import offer_cases
from sopr.demo.visits import visits_are_promised
from sopr.obligations.engine import escalate


def first_day(today):
    """First day of the history: the beginning of the quarter eight quarters before today's."""
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    return add_months(quarter, -3 * QUARTERS)


@contextmanager
def rare_collection():
    """Let Python look for garbage seldom: short-lived rows by the hundred thousand cost a seventh of the time else."""
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def tell(families: int) -> Scene:
    """Build the demo region with so many families, in one transaction, the clock moved act by act."""
    now, today = timezone.now(), timezone.localdate()
    since = first_day(today)
    travel = time_machine.travel(moment(since, 9).timestamp(), tick=False)
    with rare_collection(), travel as clock, transaction.atomic():
        region = Builder(random.Random(SEED), since).build()
        dictionaries(region)
        scene = Scene(region, Timeline(clock, now), since, random.Random(SEED + 1))
        fill_dictionaries(scene)
        for index, place in enumerate(region.places):
            season(scene, place, calendar_of(index, since, today))
        scene.timeline.follow(by_correspondence(scene))
        surnames = names.surnames()
        random.Random(SEED).shuffle(surnames)
        for plot in Dealer(region, since, today).deal(families):
            rng = random.Random(SEED * 1000 + plot.number)
            scene.timeline.follow(Life(scene, plot, rng, surnames[plot.number % len(surnames)]).live())
        scene.timeline.follow(territory_facts(scene))
        scene.timeline.follow(curator_looks(scene))
        scene.timeline.follow(stand_ins(scene))
        scene.timeline.follow(districts_are_known(scene))
        scene.timeline.follow(match_requests(scene))
        scene.timeline.follow(entered_twice(scene))
        scene.timeline.follow(parted(scene))
        scene.timeline.follow(begun_forms(scene))
        scene.timeline.follow(visits_are_promised(scene))
        follow_quarters(scene)
        scene.timeline.follow(own_forms(scene))
        with terms.gathered():
            scene.timeline.run()
            clock.move_to(now)
            offer_cases(scene)
            copy_is_owed(scene)
            practices(scene)
        plans_of_the_year(scene)
        drafts_of_today(scene)
        question_of_ones_own(scene)
        councils_today(scene)
        agencies_now(scene)
        meetings_to_come(scene, clock, now)
        reports_now(scene)
        escalate(today)
        saved_filters()
    exchange_register(scene)
    return scene
