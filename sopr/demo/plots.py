"""Who comes when and what becomes of them: the plots dealt to families, and the cast around the demo curator."""

import datetime
import random
from dataclasses import dataclass, field, replace

from cases.words import ClosureReason, Domain, Level, Outcome
from families.categories import Category
from sopr import profile
from sopr.accounts.models import Organisation, User
from sopr.calendar import add_working_days
from sopr.demo.region import Place, Region

SEED = 442
DAYS = datetime.timedelta(days=1)
INTAKE_WORKING_DAYS = 20  # from the signal to the council's queue, at the longest

EMERGENCY, CRISIS, BASIC, ADAPTATION = Level.EMERGENCY, Level.CRISIS, Level.BASIC, Level.ADAPTATION

# Signals of which no family's card came (yet): so many beside every hundred families.
SIGNALS = {"new": 1.5, "screening": 2, "rejected": 5, "referred_on": 3}
# How a family's story goes, and how many of a hundred go so.
COURSES = {
    "known": 3,
    "assessment": 5,
    "queue": 2,
    "returned": 0.7,
    "refused": 3.5,
    "active": 36,
    "suspended": 1.5,
    "aftercare": 6,
    "closed": 32,
}
# Levels one after another (the same twice: prolonged), and how many days ago such a story came to the council.
ACTIVE_PATHS = (
    ((EMERGENCY,), (20, 60)),
    ((CRISIS,), (30, 130)),
    ((BASIC,), (30, 300)),
    ((ADAPTATION,), (40, 300)),
    ((EMERGENCY, CRISIS), (115, 210)),
    ((CRISIS, BASIC), (200, 420)),
    ((BASIC, CRISIS), (150, 270)),
    ((EMERGENCY, CRISIS, BASIC), (290, 480)),
    ((BASIC, BASIC), (390, 600)),
    ((CRISIS, CRISIS), (200, 310)),
    ((CRISIS, EMERGENCY), (125, 165)),
    ((BASIC,), (30, 300)),
    ((CRISIS, BASIC), (200, 420)),
)
ENDED_PATHS = (
    ((CRISIS,), (100, 150)),
    ((EMERGENCY, CRISIS), (140, 200)),
    ((BASIC,), (180, 320)),
    ((CRISIS, BASIC), (260, 380)),
    ((EMERGENCY, CRISIS, BASIC), (300, 400)),
    ((BASIC, CRISIS), (190, 260)),
)
# Outcome, reason, whether aftercare follows. First one of each kind, then the usual ones again.
RARE_ENDINGS = (
    (Outcome.OVERCAME, ClosureReason.GOALS_REACHED, True),
    (Outcome.IMPROVED, ClosureReason.TERM_ENDED, False),
    (Outcome.UNCHANGED, ClosureReason.FAMILY_REFUSED, False),
    (Outcome.WORSE, ClosureReason.CHILD_PLACED, False),
    (Outcome.OVERCAME, ClosureReason.SELF_SUFFICIENT, True),
    (Outcome.UNCHANGED, ClosureReason.TRANSFERRED, False),
    (Outcome.IMPROVED, ClosureReason.MOVED, False),
    (Outcome.OVERCAME, ClosureReason.CHILDREN_GREW_UP, False),
    (Outcome.UNCHANGED, ClosureReason.DEATH, False),
    (Outcome.WORSE, ClosureReason.PROGRAMME_NOT_FOLLOWED, False),
)
USUAL_ENDINGS = (
    (Outcome.OVERCAME, ClosureReason.GOALS_REACHED, True),
    (Outcome.OVERCAME, ClosureReason.GOALS_REACHED, True),
    (Outcome.OVERCAME, ClosureReason.SELF_SUFFICIENT, False),
    (Outcome.IMPROVED, ClosureReason.GOALS_REACHED, True),
    (Outcome.OVERCAME, ClosureReason.GOALS_REACHED, False),
    (Outcome.IMPROVED, ClosureReason.SELF_SUFFICIENT, True),
    (Outcome.OVERCAME, ClosureReason.SELF_SUFFICIENT, True),
    (Outcome.IMPROVED, ClosureReason.TERM_ENDED, False),
    (Outcome.UNCHANGED, ClosureReason.TERM_ENDED, False),
    (Outcome.IMPROVED, ClosureReason.FAMILY_REFUSED, False),
    (Outcome.OVERCAME, ClosureReason.GOALS_REACHED, True),
    (Outcome.UNCHANGED, ClosureReason.TRANSFERRED, False),
    (Outcome.IMPROVED, ClosureReason.MOVED, False),
    (Outcome.WORSE, ClosureReason.PROGRAMME_NOT_FOLLOWED, False),
    (Outcome.OVERCAME, ClosureReason.CHILDREN_GREW_UP, False),
    (Outcome.WORSE, ClosureReason.CHILD_PLACED, False),
)
USUAL_CATEGORIES = (
    *(Category.SINGLE_PARENT, Category.LARGE, Category.LOW_INCOME) * 2,
    *(Category.DISABLED_CHILD, Category.SOCIAL_CONTRACT, Category.FOSTER, Category.OTHER),
    *(Category.CHILD_IN_CONFLICT_WITH_LAW, Category.SINGLE_PARENT, Category.CHILD_UNDER_3_WITH_OVZ),
    *(Category.LARGE, Category.LOW_INCOME, Category.UNDERAGE_PARENTS, Category.REFUGEES, Category.NEWBORN_REFUSAL_RISK),
)


@dataclass
class Plot:
    """One family's story. Every date of the intake is counted back from `put_on`, the day it goes to the council."""

    number: int
    course: str
    put_on: datetime.date
    place: Place
    centre: Organisation
    curator: User
    category: str
    path: tuple = (BASIC,)
    ending: tuple | None = None
    supported_days: int = 0
    turn_on: datetime.date | None = (
        None  # when the next change of level goes to the council, if not by the level's term
    )
    domains: tuple = ()
    marks: frozenset = field(default_factory=frozenset)  # threat, sop, late, sent_back, amend, pause, handover, …


def last_workday(day):
    """`day`, or the working day before it."""
    return add_working_days(day + DAYS, -1)


class Dealer:
    """Deals plots in fixed proportions, so that each kind occurs even in a small region."""

    def __init__(self, region: Region, since: datetime.date, today: datetime.date):
        self.region, self.since, self.today = region, since, today
        self.rng = random.Random(SEED)
        shown = profile.current().categories
        self.categories = _deck([c for c in Category.values if c in shown], [c for c in USUAL_CATEGORIES if c in shown])
        self.endings = _deck(RARE_ENDINGS, USUAL_ENDINGS)
        self.active_paths, self.ended_paths = _deck(ACTIVE_PATHS), _deck(ENDED_PATHS)
        self.turns = _deck(range(len(region.places)), [0, 1, 0, 1, 2, 3, 4, 5, 0, 1, 2])
        self.loads = {}

    def deal(self, families: int) -> list[Plot]:
        """Plots for so many families and for the signals beside them; the demo curator's own come first."""
        cast = self.cast()
        with_card = [plot for plot in cast if plot.course not in SIGNALS]
        courses = _share(max(0, families - len(with_card)), COURSES)
        courses += _share(max(len(SIGNALS), round(families * sum(SIGNALS.values()) / 100)), SIGNALS)
        self.rng.shuffle(courses)
        return cast + [self._plot(number, course) for number, course in enumerate(courses, len(cast) + 1)]

    def _plot(self, number, course) -> Plot:
        place = self.region.places[next(self.turns)]
        centre = place.centres[self.rng.random() < 0.4]
        plot = Plot(
            number=number, course=course, put_on=self._put_on(course), place=place, centre=centre,
            curator=self._curator(centre), category=next(self.categories), marks=self._marks(),
        )  # fmt: skip
        if course in ("active", "suspended"):
            self._support(plot)
        elif course in ("closed", "aftercare"):
            self._end(plot)
        elif course in ("queue", "assessment", "refused", "returned"):
            plot.path = (self.rng.choice((BASIC, CRISIS, EMERGENCY)),)
        return plot

    def _curator(self, centre):
        """Curators take turns; the demo curator has a cast of her own."""
        curators = [user for user in self.region.curators[centre.pk] if user.username != "curator"]
        turn = self.loads[centre.pk] = self.loads.get(centre.pk, -1) + 1
        return curators[turn % len(curators)]

    def _marks(self):
        chances = {
            "sop": 0.22, "late": 0.12, "amend": 0.2, "pause": 0.07, "handover": 0.08, "sent_back": 0.08, "individual": 0.12,
            "cruelty": 0.05, "returns": 0.2, "threat": 0.06,
        }  # fmt: skip
        return frozenset(mark for mark, chance in chances.items() if self.rng.random() < chance)

    def _put_on(self, course):
        """The day of the council's queue for stories that are still before it, or end before it."""
        ahead = {"new": (16, 18), "screening": (13, 17), "assessment": (2, 8), "queue": (-2, 0), "returned": (-4, -2)}
        if course in ahead:
            return _shift(self.today, self.rng.randint(*ahead[course]))
        return self._between(self.since + 40 * DAYS, self.today - 45 * DAYS)

    def _between(self, first, last):
        return last_workday(first + self.rng.randint(0, max(0, (last - first).days)) * DAYS)

    def _support(self, plot):
        plot.path, ago = next(self.active_paths)
        plot.put_on = last_workday(self.today - self.rng.randint(*ago) * DAYS)
        if plot.path[0] == ADAPTATION:
            plot.category = Category.FOSTER
        if plot.course == "suspended":
            plot.path, plot.put_on = (BASIC,), last_workday(self.today - self.rng.randint(90, 200) * DAYS)

    def _end(self, plot):
        plot.path, length = next(self.ended_paths)
        plot.ending, plot.supported_days = next(self.endings), self.rng.randint(*length)
        if plot.course == "aftercare":
            plot.ending = (*self.rng.choice(USUAL_ENDINGS[:4])[:2], True)
            plot.put_on = last_workday(self.today - (plot.supported_days + 40 + self.rng.randint(10, 70)) * DAYS)
            return
        tail = 140 if plot.ending[2] else 50
        first, last = self.since + 30 * DAYS, self.today - (plot.supported_days + tail) * DAYS
        plot.put_on = self._between(first, max(first, last))

    def cast(self) -> list[Plot]:
        """The demo curator's families: one of everything that a day of hers may bring."""
        place = self.region.places[0]
        centre = place.centres[0]
        curator = self.region.users["curator"]
        ago = lambda days: last_workday(self.today - days * DAYS)  # noqa: E731
        asked = ago(5)  # after the agenda of the meeting before, before that of today's
        plot = Plot(0, "active", ago(60), place, centre, curator, Category.SINGLE_PARENT)
        health, school = (Domain.CHILD_HEALTH, Domain.INCOME), (Domain.EDUCATION, Domain.CHILD_HEALTH)
        colleague = self.region.curators[centre.pk][1]
        now = self.today
        stories = [
            replace(plot, path=(EMERGENCY,), put_on=ago(45), category=Category.LOW_INCOME, marks=frozenset({"threat", "late"}),
                    domains=(Domain.SAFETY, Domain.CHILD_HEALTH)),
            replace(plot, path=(CRISIS,), put_on=ago(190), category=Category.LARGE, domains=health, marks=frozenset({"stays", "leaves"})),
            replace(plot, path=(CRISIS, BASIC), put_on=ago(240), domains=school, marks=frozenset({"slow", "amend"})),
            replace(plot, path=(BASIC, BASIC), put_on=ago(345), turn_on=ago(0), category=Category.DISABLED_CHILD, domains=health),
            replace(plot, path=(BASIC,), put_on=ago(170), category=Category.OTHER, marks=frozenset({"late", "moved"})),
            replace(plot, path=(ADAPTATION,), put_on=ago(130), category=Category.FOSTER, domains=(Domain.PARENTING, Domain.CHILD_HEALTH),
                    marks=frozenset({"remark"})),
            replace(plot, path=(EMERGENCY, CRISIS), put_on=ago(80), turn_on=asked, category=Category.LOW_INCOME,
                    domains=(Domain.ADDICTION, Domain.CHILD_HEALTH), marks=frozenset({"sop", "newborn"})),
            replace(plot, path=(CRISIS,), put_on=ago(40), category=Category.CHILD_UNDER_3_WITH_OVZ, domains=health,
                    marks=frozenset({"slow"})),
            replace(plot, course="queue", path=(CRISIS,), put_on=asked, category=Category.NEWBORN_REFUSAL_RISK,
                    domains=(Domain.PARENTING, Domain.ADULT_HEALTH)),
            replace(plot, course="queue", path=(BASIC,), put_on=asked, category=Category.LARGE, domains=school),
            replace(plot, course="queue", path=(CRISIS,), put_on=ago(0), category=Category.UNDERAGE_PARENTS),
            replace(plot, course="returned", path=(BASIC,), put_on=ago(4), category=Category.REFUGEES,
                    domains=(Domain.LAW, Domain.CHILD_HEALTH)),
            replace(plot, course="assessment", put_on=_shift(now, 1), category=Category.SOCIAL_CONTRACT, marks=frozenset({"stuck"})),
            replace(plot, course="assessment", put_on=_shift(now, 8), category=Category.CHILD_IN_CONFLICT_WITH_LAW),
            replace(plot, course="screening", put_on=_shift(now, 14)),
            replace(plot, course="new", put_on=_shift(now, 18), category=Category.LOW_INCOME, marks=frozenset({"threat"})),
            replace(plot, course="new", put_on=_shift(now, 18), category=Category.LARGE),
            replace(plot, course="new", put_on=_shift(now, 18), category=Category.SINGLE_PARENT),
            replace(plot, course="suspended", put_on=ago(120), category=Category.SINGLE_PARENT),
            replace(plot, course="aftercare", path=(CRISIS, BASIC), put_on=ago(390), supported_days=280, category=Category.LARGE,
                    ending=(Outcome.OVERCAME, ClosureReason.GOALS_REACHED, True), marks=frozenset({"relapse"})),
            replace(plot, course="aftercare", path=(CRISIS,), put_on=ago(150), supported_days=143, turn_on=asked,
                    category=Category.OTHER, ending=(Outcome.IMPROVED, ClosureReason.GOALS_REACHED, True)),
            replace(plot, course="closed", path=(CRISIS,), put_on=ago(540), supported_days=130, category=Category.LOW_INCOME,
                    ending=(Outcome.IMPROVED, ClosureReason.SELF_SUFFICIENT, False), marks=frozenset({"returns"})),
            # its term comes near and nobody has put a question: the system does
            replace(plot, path=(EMERGENCY,), put_on=ago(76), curator=colleague, category=Category.LARGE, domains=school),
        ]  # fmt: skip
        return [
            replace(story, number=number, marks=story.marks | {REVIEWS.get(number, "")} - {""})
            for number, story in enumerate(stories, 1)
        ]


# Stories of the demo curator whose cards want a review: number → mark (sopr.demo.particulars).
REVIEWS = {
    1: "consent_ends",
    2: "no_longer_large",
    3: "turns_18",
    4: "status_ends",
    5: "grew_large",
    6: "trustee_ends",
    8: "turns_3",
}


def _shift(day, working_days):
    return add_working_days(day, working_days) if working_days else last_workday(day)


def _deck(first, then=None):
    """Every card of `first` once, then `then` (or the same again) round and round."""
    yield from first
    while True:
        yield from then or first


def _share(count, proportions) -> list[str]:
    """`count` courses in these proportions, each at least once while there is room."""
    names = list(proportions)
    courses = names[:count]
    rest = count - len(courses)
    total = sum(proportions.values())
    wanted = {name: max(0, count * share / total - 1) for name, share in proportions.items()}
    scale = rest / sum(wanted.values()) if rest else 0
    for name in names:
        courses += [name] * int(wanted[name] * scale)
    return courses + names[-1:] * (count - len(courses))
