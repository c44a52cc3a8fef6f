"""What differs between two revisions of one programme: goals and activities added, removed, changed, side by side.

A row of a later revision knows the one it carries on (`continues`), so any two revisions can be compared, not only
neighbours. Goals written before that was kept are known by their domain and words.
"""

from dataclasses import dataclass, field

from django.utils.text import capfirst

from cases.models import Activity, ProgrammeRevision

ADDED, REMOVED, CHANGED, SAME, FINISHED = "added", "removed", "changed", "same", "finished"
WORDS = {
    ADDED: "добавлено",
    REMOVED: "исключено",
    CHANGED: "изменено",
    SAME: "без изменений",
}
_GOAL_FIELDS = ("problem", "text", "criterion", "family_wording")


@dataclass(frozen=True)
class Change:
    """A field that differs: its title, what it was, what it is."""

    title: str
    was: str
    now: str


@dataclass
class Pair:
    """A goal or an activity in both revisions; `was` or `now` is None where it stands in one only."""

    was: object
    now: object
    changes: list[Change] = field(default_factory=list)
    activities: list["Pair"] = field(default_factory=list)

    @property
    def row(self):
        return self.now or self.was

    @property
    def kind(self) -> str:
        """What became of it; an activity that was finished before the later revision is not «excluded»."""
        if self.was is None:
            return ADDED
        if self.now is None:
            done = isinstance(self.was, Activity) and self.was.state in (Activity.State.DONE, Activity.State.NOT_DONE)
            return FINISHED if done else REMOVED
        return CHANGED if self.changes else SAME

    @property
    def words(self) -> str:
        if self.kind == FINISHED:
            return "исполнено раньше" if self.was.state == Activity.State.DONE else "не исполнено"
        return WORDS[self.kind]

    @property
    def kept(self) -> list["Pair"]:
        """Activities that stand in both as they were."""
        return [pair for pair in self.activities if pair.kind == SAME]

    @property
    def differs(self) -> bool:
        return self.kind != SAME or any(pair.kind not in (SAME, FINISHED) for pair in self.activities)


@dataclass(frozen=True)
class Difference:
    """`old` and `new` are revisions read `for_comparing`."""

    old: ProgrammeRevision
    new: ProgrammeRevision
    changes: list[Change]
    goals: list[Pair]

    @property
    def summary(self) -> list[str]:
        """«целей добавлено: 1», «мероприятий исключено: 2»: what differs, in counts; empty when nothing does."""
        said = [f"{capfirst(change.title)}: {change.was} – стало {change.now}" for change in self.short_changes]
        for title, pairs in (("целей", self.goals), ("мероприятий", self.activities)):
            for kind in (ADDED, REMOVED, CHANGED):
                number = sum(pair.kind == kind for pair in pairs)
                if number:
                    said.append(f"{title} {WORDS[kind]}: {number}")
        long = [change.title for change in self.changes if change not in self.short_changes]
        return said + [f"{title}: изменено" for title in long]

    @property
    def short_changes(self) -> list[Change]:
        """Those that fit a line: level and term."""
        return [change for change in self.changes if len(change.was) + len(change.now) < 60]

    @property
    def activities(self) -> list[Pair]:
        return [pair for goal in self.goals for pair in goal.activities]

    @property
    def differs(self) -> bool:
        return bool(self.changes) or any(goal.differs for goal in self.goals)


def for_comparing(revisions):
    """With goals and activities, in a fixed number of statements."""
    return revisions.for_reading()


def compare(old, new, revisions) -> Difference:
    """`old` beside `new`; `revisions` are all of the programme between them, the two among them, read for_comparing."""
    ordered = sorted(revisions, key=lambda revision: revision.number)
    roots = _roots(ordered)
    goals = _pair(old.goals.all(), new.goals.all(), lambda goal: roots["goal", goal.pk])
    pairs = [Pair(was, now, _goal_changes(was, now)) for was, now in goals]
    home = {}
    for pair in pairs:
        for goal in filter(None, (pair.was, pair.now)):
            home[goal.pk] = pair
    rows = [
        [activity for goal in revision.goals.all() for activity in goal.activities.all()] for revision in (old, new)
    ]
    for was, now in _pair(*rows, lambda activity: roots["activity", activity.pk]):
        changes = _activity_changes(was, now) if was and now else []
        home[(now or was).goal_id].activities.append(Pair(was, now, changes))
    return Difference(old, new, _revision_changes(old, new), pairs)


def _roots(revisions) -> dict:
    """{(kind, id): what first began it} of goals and activities: rows with one root are one thing in many revisions."""
    roots, by_words = {}, {}
    for revision in revisions:
        for goal in revision.goals.all():
            words = (goal.domain, goal.text.strip().lower())
            root = roots.get(("goal", goal.continues_id)) or by_words.get(words) or ("goal", goal.pk)
            roots["goal", goal.pk] = by_words[words] = root
            for activity in goal.activities.all():
                key = ("activity", activity.pk)
                roots[key] = roots.get(("activity", activity.continues_id), key)
    return roots


def _pair(old, new, root_of) -> list[tuple]:
    """Rows of both sides by their root: the later side's order, then what only the earlier one has."""
    before = {}
    for row in old:
        before.setdefault(root_of(row), row)
    pairs, met = [], set()
    for row in new:
        root = root_of(row)
        first = root not in met
        met.add(root)
        pairs.append((before.get(root) if first else None, row))
    return pairs + [(row, None) for root, row in before.items() if root not in met]


def _goal_changes(was, now) -> list[Change]:
    if was is None or now is None:
        return []
    titles = {name: was._meta.get_field(name).verbose_name for name in _GOAL_FIELDS}
    return _changes((titles[name], getattr(was, name), getattr(now, name)) for name in _GOAL_FIELDS)


def _activity_changes(was, now) -> list[Change]:
    told = [
        (row.title, row.get_kind_display(), str(row.agency), _person(row), f"{row.due_on:%d.%m.%Y}")
        for row in (was, now)
    ]
    return _changes(zip(("мероприятие", "вид помощи", "исполнитель", "для кого", "срок"), *told, strict=True))


def _person(activity) -> str:
    return activity.person.first_name or activity.person.last_name if activity.person else "вся семья"


def _revision_changes(old, new) -> list[Change]:
    def told(row):
        return [row.get_level_display(), f"{row.since:%d.%m.%Y}", f"{row.until:%d.%m.%Y}", row.resources, row.duties]

    titles = ("уровень", "начало", "окончание", "ресурсы семьи", "обязательства семьи")
    return _changes(zip(titles, told(old), told(new), strict=True))


def _changes(rows) -> list[Change]:
    return [
        Change(str(title), was.strip() or "–", now.strip() or "–")
        for title, was, now in rows
        if was.strip() != now.strip()
    ]
