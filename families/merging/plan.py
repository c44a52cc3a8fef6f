"""What goes where when two cards, or two records of one human being, become one: the plan of a merge.

A plan only reads. The page shows it, the verb carries out the very same steps (verbs.py beside). Conflicts either have
a rule (the same thing stands twice: one row stays, its empty fields are filled from the other) or are blockers.
"""

import datetime
from collections import Counter
from dataclasses import dataclass, field

from django.db import models

from families.merging.journal import Change, Move, Remove
from families.merging.references import Reference, references_to, sentence_for
from families.models import CategoryPeriod, Family, Person
from sopr.web.forms import format_snils
from sopr.web.models import Draft


@dataclass(frozen=True)
class Dated:
    """Rows by dates of which one person or family has one at a time: overlapping ones are joined into one."""

    keys: tuple[str, ...]  # columns that with the dates make the same thing
    since: str
    until: str
    agree: tuple[str, ...] = ()  # columns that must say the same, else the rows contradict each other
    sentence: str = ""  # what to do about it


DATED = {
    "families.familymembership": Dated(("family_id", "person_id"), "since", "until"),
    "families.registerentry": Dated(("family_id", "kind"), "placed_on", "removed_on"),
    "families.healthstatus": Dated(
        ("person_id", "kind"),
        "since",
        "until",
        ("detail",),
        "Нельзя объединить, пока у двух записей на одни и те же дни указаны разные инвалидность или ОВЗ: исправьте "
        "сведения о здоровье у одной из них по документам.",
    ),
}
EMPTY = ("", None, {}, [])
# Rules of the database whose two rows are one thing entered twice, though details may differ.
SAME_THING = {"one_social_contract_per_day", "obligation_open_once", "one_case_membership_per_person"}
RULED = {"one_open_primary_category"}  # by `_demote`
# Values that follow another field's choice, that take the earliest, and that are no facts about people.
FOLLOWS = {"district_id": "municipality_id"}
EARLIEST = {"registered_on"}
LEFT = {"number", "version", "merged_into_id"}
BEGINNING, END = datetime.date.min, datetime.date.max


@dataclass(frozen=True)
class Difference:
    """A field in which the two disagree; `chosen` is «kept», «absorbed» or, for long texts, «both»."""

    name: str
    title: str
    kept: str
    absorbed: str
    chosen: str
    may_join: bool = False


@dataclass(frozen=True)
class Blocker:
    """Why the two cannot become one yet, and the rows to open (those that have a page)."""

    sentence: str
    rows: tuple = ()

    @property
    def links(self) -> list[tuple[str, str]]:
        return [(str(row), row.get_absolute_url()) for row in self.rows if hasattr(row, "get_absolute_url")]


@dataclass
class Part:
    """Rows of one kind: how many come over, how many stood twice, how many the kept card has of its own."""

    title: str
    tab: str
    coming: int
    twice: int
    own: int


@dataclass
class Plan:
    kept: Family | Person
    absorbed: Family | Person
    steps: list = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    filled: list[str] = field(default_factory=list)
    blockers: list[Blocker] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    def refusal(self) -> str:
        return " ".join(blocker.sentence for blocker in self.blockers)


def make_plan(kept, absorbed, values=None) -> Plan:
    """The plan of merging `absorbed` into `kept`; `values` is {field: kept, absorbed or both} where the two differ."""
    planner = _Planner(Plan(kept, absorbed))
    planner.choose_values(values or {})
    planner.absorb(kept, absorbed)
    planner.lead_drafts_on()
    planner.count()
    return planner.plan


class _Planner:
    def __init__(self, plan):
        self.plan = plan

    # -- values of the card itself ---------------------------------------------------------------------------------

    def choose_values(self, chosen):
        kept, absorbed, taken = self.plan.kept, self.plan.absorbed, {}
        for column in _facts_of(type(kept)):
            name, ours, theirs = column.attname, getattr(kept, column.attname), getattr(absorbed, column.attname)
            if ours == theirs or theirs in EMPTY:
                continue
            lead = FOLLOWS.get(name)
            if lead and getattr(kept, lead) != getattr(absorbed, lead):
                continue
            if ours in EMPTY:
                taken[name] = theirs
                self.plan.filled.append(f"{column.verbose_name}: {_shown(absorbed, column)}")
            elif name in EARLIEST:
                taken[name] = min(ours, theirs)
            elif isinstance(column, models.BooleanField):
                self._warn(column, theirs, taken)
            elif not isinstance(column, models.JSONField):  # forms of a name follow the name that stands
                self._differ(column, chosen.get(column.name, "kept"), taken)
        for name in [name for name, lead in FOLLOWS.items() if lead in taken and hasattr(kept, name)]:
            taken[name] = getattr(absorbed, name)
        self._write_values(taken)

    def _warn(self, column, theirs, taken):
        """«Скрыт», «есть»: what one of the two cards warns of holds for both."""
        if theirs:
            taken[column.attname] = True
            self.plan.filled.append(str(column.verbose_name))

    def _differ(self, column, choice, taken):
        kept, absorbed = self.plan.kept, self.plan.absorbed
        may_join = isinstance(column, models.TextField)
        self.plan.differences.append(
            Difference(
                column.name,
                str(column.verbose_name),
                _shown(kept, column),
                _shown(absorbed, column),
                choice,
                may_join,
            )
        )
        theirs = getattr(absorbed, column.attname)
        if choice == "both" and may_join:
            taken[column.attname] = f"{getattr(kept, column.attname)}\n\n{theirs}"
        elif choice == "absorbed":
            taken[column.attname] = theirs

    def _write_values(self, taken):
        kept, absorbed = self.plan.kept, self.plan.absorbed
        if "snils" in taken:  # one_person_per_snils: the number leaves the one before it comes to the other
            self.plan.steps.append(Change.of(absorbed, {"snils": ""}, apart=True))
        changed = {name: value for name, value in taken.items() if value != getattr(kept, name)}
        if changed:
            self.plan.steps.append(Change.of(kept, changed, apart=True))

    # -- rows that refer to it -------------------------------------------------------------------------------------

    def absorb(self, kept, absorbed):
        """Everything that points at `absorbed` comes to point at `kept`."""
        for reference in references_to(type(kept)):
            theirs = list(reference.rows(absorbed.pk))
            if not theirs:
                continue
            if reference.label in DATED and reference.attname in DATED[reference.label].keys:
                theirs = self._join(reference, DATED[reference.label], kept, theirs)
            elif reference.model is CategoryPeriod:
                theirs = self._demote(reference, kept, theirs)
            theirs = self._apart(reference, kept, absorbed, theirs)
            self._repath(reference, kept, absorbed, theirs)
            if theirs:
                pks = tuple(row.pk for row in theirs)
                self.plan.steps.append(Move(reference.label, reference.attname, pks, absorbed.pk, kept.pk))

    def _join(self, reference, dated, kept, theirs):
        """Overlapping rows of one thing become one, from the first day to the last; returns those that just move."""
        apart = [name for name in dated.keys if name != reference.attname]
        ours, staying = list(reference.rows(kept.pk)), []
        for key in sorted({_key(row, apart) for row in theirs}):
            group = [row for row in [*ours, *theirs] if _key(row, apart) == key]
            for cluster in _clusters(group, dated):
                own = [row for row in cluster if row in ours]
                if not own:
                    staying += cluster
                elif len({_key(row, dated.agree) for row in cluster}) > 1:
                    self.plan.blockers.append(Blocker(dated.sentence))
                elif len(cluster) > len(own):
                    self._make_one(own[-1], [row for row in cluster if row is not own[-1]], dated)
        return [row for row in theirs if row in staying]

    def _make_one(self, standing, others, dated):
        values = {}
        for row in others:
            values |= _to_fill(standing, row, besides={dated.since, dated.until, *dated.keys})
            self._give_way(row, standing)
        cluster = [standing, *others]
        since = min(getattr(row, dated.since) or BEGINNING for row in cluster)
        until = max(getattr(row, dated.until) or END for row in cluster)
        values |= {dated.since: None if since == BEGINNING else since, dated.until: None if until == END else until}
        changed = {name: value for name, value in values.items() if value != getattr(standing, name)}
        if changed:
            self.plan.steps.append(Change.of(standing, changed))
        self.plan.notes.append(f"{standing}: записано дважды, останется одна запись.")

    def _demote(self, reference, kept, theirs):
        """The kept card's primary category stays; the other's becomes a further one while the two overlap."""
        ours, moving = list(reference.rows(kept.pk)), []
        for row in theirs:
            same = [own for own in ours if own.category == row.category and _covers(own, row)]
            if same:
                self._give_way(row, same[0])
                continue
            if row.is_primary and any(own.is_primary and _overlap(own, row) for own in ours):
                self.plan.steps.append(Change.of(row, {"is_primary": False}))
                self.plan.notes.append(
                    f"Категория «{row.get_category_display()}» станет дополнительной: основной остаётся категория "
                    "сохраняемой карточки."
                )
            moving.append(row)
        return moving

    def _apart(self, reference, kept, absorbed, theirs):
        """Rows that a rule of the database does not allow beside the kept card's: one thing twice, or a blocker."""
        moving = theirs
        for name, columns, condition in _rules(reference):
            if not moving:
                break
            ours = {_key(row, columns): row for row in _under(reference.rows(kept.pk), condition)}
            bound = {row.pk for row in reference.rows(absorbed.pk).filter(condition)} if condition else None
            staying = []
            for row in moving:
                own = ours.get(_key(row, columns)) if bound is None or row.pk in bound else None
                if own is None or None in _key(row, columns):
                    staying.append(row)
                elif name in SAME_THING or _alike(row, own, reference):
                    self._fill(own, row, reference)
                    self._give_way(row, own)
                else:
                    self.plan.blockers.append(Blocker(sentence_for(name, own, row), (own, row)))
            moving = staying
        return moving

    def _fill(self, own, row, reference):
        values = _to_fill(own, row, besides={reference.attname})
        if values:
            self.plan.steps.append(Change.of(own, values))

    def _give_way(self, row, twin):
        """`row` stands for the same thing as `twin`: what points at it goes to `twin`, and it is removed."""
        self.absorb(twin, row)
        self.plan.steps.append(Remove.of(row, twin))

    def _repath(self, reference, kept, absorbed, rows):
        """Addresses written into rows («/families/17/survey/») lead to the kept card."""
        if not isinstance(kept, Family):
            return
        old, new = f"/families/{absorbed.pk}/", f"/families/{kept.pk}/"
        for row in rows:
            path = getattr(row, "path", "")
            if isinstance(path, str) and path.startswith(old):
                self.plan.steps.append(Change.of(row, {"path": new + path.removeprefix(old)}))

    def lead_drafts_on(self):
        """What somebody has typed into a form of the absorbed card is found on the same form of the kept one."""
        if not isinstance(self.plan.kept, Family):
            return
        old, new = f"/families/{self.plan.absorbed.pk}/", f"/families/{self.plan.kept.pk}/"
        taken = set(Draft.objects.filter(address__startswith=new).values_list("user_id", "address"))
        for draft in Draft.objects.filter(address__startswith=old).order_by("pk"):
            address = new + draft.address.removeprefix(old)
            if (draft.user_id, address) not in taken:
                self.plan.steps.append(Change.of(draft, {"address": address}))

    # -- what the page shows ---------------------------------------------------------------------------------------

    def count(self):
        """Counts by kind: coming over, standing twice, the kept card's own."""
        kept = self.plan.kept
        own_references = {(reference.label, reference.attname): reference for reference in references_to(type(kept))}
        coming, twice = Counter(), Counter()
        for step in self.plan.steps:
            if isinstance(step, Move) and (step.model, step.field) in own_references and step.new == kept.pk:
                coming[step.model] += len(step.pks)
            elif isinstance(step, Remove):
                twice[step.model] += 1
        shown: dict[str, Part] = {}
        for (label, _attname), reference in own_references.items():
            if not coming[label]:  # what only stood twice is told by a note
                continue
            part = shown.setdefault(label, Part(reference.title, reference.tab, coming[label], twice[label], 0))
            part.own += reference.rows(kept.pk).count()
        self.plan.parts = sorted(shown.values(), key=lambda part: (-part.coming, part.title))


def _facts_of(model):
    """Columns people fill in: what may differ between two cards."""
    return [
        column
        for column in model._meta.concrete_fields
        if column.editable and not column.primary_key and column.attname not in LEFT
    ]


def _shown(row, column) -> str:
    """A value as people read it."""
    if column.is_relation:
        return str(getattr(row, column.name) or "")
    if column.choices:
        return str(getattr(row, f"get_{column.name}_display")())
    value = getattr(row, column.attname)
    if column.name == "snils":
        return format_snils(value)
    return f"{value:%d.%m.%Y}" if isinstance(value, datetime.date) else str(value)


def _clusters(rows, dated):
    """Rows in groups that hang together by overlapping dates, in the order of time."""
    clusters, until = [], None
    for row in sorted(rows, key=lambda row: (getattr(row, dated.since) or BEGINNING, row.pk)):
        since, last = getattr(row, dated.since) or BEGINNING, getattr(row, dated.until) or END
        if clusters and since <= until:
            clusters[-1].append(row)
            until = max(until, last)
        else:
            clusters.append([row])
            until = last
    return clusters


def _covers(own, row) -> bool:
    return own.since <= row.since and (own.until or END) >= (row.until or END)


def _overlap(one, other) -> bool:
    return one.since <= (other.until or END) and other.since <= (one.until or END)


def _rules(reference: Reference):
    """Unique rules of the table in which the reference takes part: (name, the other columns, condition)."""
    meta = reference.model._meta
    column = meta.get_field(reference.name)
    if column.unique:
        yield f"{reference.label}.{reference.name}", (), None
    for names in meta.unique_together:
        if reference.name in names:
            yield f"{reference.label}:{'_'.join(names)}", _columns(meta, names, reference), None
    for rule in meta.constraints:
        if isinstance(rule, models.UniqueConstraint) and reference.name in rule.fields and rule.name not in RULED:
            yield rule.name, _columns(meta, rule.fields, reference), rule.condition


def _columns(meta, names, reference) -> tuple[str, ...]:
    return tuple(meta.get_field(name).attname for name in names if name != reference.name)


def _under(rows, condition):
    return rows.filter(condition) if condition else rows


def _key(row, columns):
    return tuple(getattr(row, name) for name in columns)


def _alike(row, own, reference) -> bool:
    """Whether the two rows say the same in everything but which card they belong to, and nothing hangs on `row`."""
    if any(below.rows(row.pk).exists() for below in references_to(type(row))):
        return False
    names = {column.attname for column in row._meta.concrete_fields if not column.primary_key}
    return all(getattr(row, name) == getattr(own, name) for name in names - {reference.attname, "version"})


def _to_fill(standing, row, besides) -> dict:
    """Values that `standing` lacks and `row` has; a yes of either is a yes."""
    values = {}
    for column in standing._meta.concrete_fields:
        ours, theirs = getattr(standing, column.attname), getattr(row, column.attname)
        if column.primary_key or column.attname in besides or ours == theirs or theirs in EMPTY:
            continue
        if ours in EMPTY or (isinstance(column, models.BooleanField) and ours is False and not column.null):
            values[column.attname] = theirs
    return values
