"""What every life and every council shares: the region, the timeline, wishes about verdicts, the log."""

import itertools
import random
from dataclasses import dataclass, field

from django.utils import timezone

from cases.models import Activity
from sopr.audit.log import record
from sopr.demo import phrases
from sopr.demo.region import Region
from sopr.demo.timeline import Timeline

# Whether the position is better, whether the contract was terminated; None: nobody has recorded the result yet.
FATES = ((False, True), (True, False), (None, False), (False, False))


@dataclass
class Scene:
    region: Region
    timeline: Timeline
    since: object  # first day of the history
    rng: random.Random
    verdicts: dict = field(default_factory=dict)  # agenda item's id: what the council shall say, if not «granted»
    decided_items: set = field(default_factory=set)
    annulled: bool = False  # a decision has been asked to be annulled
    decided_cases: set = field(default_factory=set)  # cases changed by a council since their life last looked
    reasons: object = field(default_factory=lambda: itertools.cycle(Activity.NotDoneReason.values))
    fates: object = field(default_factory=lambda: itertools.cycle(FATES))  # of social contracts

    refusals: object = field(default_factory=lambda: itertools.cycle(phrases.REFUSALS))
    handed: object = field(default_factory=lambda: itertools.cycle((False, True)))  # declined ones handed on at once

    @property
    def day(self):
        """Today by the moved clock."""
        return timezone.localdate()

    def secretary(self, meeting):
        return self._councils[meeting.council_id].secretary

    def place_of(self, case):
        return next(place for place in self.region.places if case.organisation in place.centres)

    def note(self, actor, action, subject):
        """Write into the audit log what a page would have written."""
        record(actor, action, subject)

    @property
    def _councils(self):
        return {place.council.pk: place for place in self.region.places}
