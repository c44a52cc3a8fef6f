"""One queue of events over the whole history: everyone's next act, the earliest first, under a clock that is moved."""

import datetime
import heapq
import itertools

from django.utils import timezone

from sopr import calendar

DAY = datetime.timedelta(days=1)


def moment(day: datetime.date, hour: int = 10, minute: int = 0) -> datetime.datetime:
    """A time of `day` by the region's clock."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(hour, minute)))


def workday(day: datetime.date) -> datetime.date:
    """`day` itself, or the next working day."""
    while not calendar.is_working_day(day):
        day += DAY
    return day


class Timeline:
    """Lives are generators. Each yields the moment of its next act, or an item whose decision it awaits.

    What would happen after `now` does not happen: the life stops where it stands, as in every real register.
    """

    def __init__(self, clock, now: datetime.datetime):
        self.clock, self.now, self.today = clock, now, timezone.localdate(now)
        self.current = None
        self._queue, self._order, self._waiting = [], itertools.count(), {}

    def follow(self, life):
        """Let `life` go on until it names the next moment."""
        try:
            wish = next(life)
        except StopIteration:
            return
        if isinstance(wish, datetime.datetime):
            self._push(wish, life)
        else:
            self._waiting[wish.pk] = life

    def decided(self, item):
        """A council has decided `item`: who waited for it goes on two hours later."""
        life = self._waiting.pop(item.pk, None)
        if life is not None:
            self._push(self.current + datetime.timedelta(hours=2), life)

    def run(self):
        while self._queue:
            at, _order, life = heapq.heappop(self._queue)
            self.current = max(at, self.current or at)
            self.clock.move_to(self.current.astimezone(datetime.UTC))
            self.follow(life)

    def _push(self, at, life):
        if timezone.localdate(at) > self.today:
            return
        heapq.heappush(self._queue, (min(at, self.now), next(self._order), life))
