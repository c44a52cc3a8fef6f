"""Which rights and benefits concern a family on a day, why, and what became of each: what the navigator shows."""

import tomllib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.db import transaction

from cases.models import Benefit, BenefitNote, BenefitVersion
from cases.models.benefit import OLDEST_CHILD, WHOM, Trait
from families.categories import Category
from families.models import FamilyMembership, HealthStatus, RegisterEntry
from sopr import profile
from sopr.web.words import counted

FEDERAL = Path(__file__).parent / "data" / "federal_benefits.toml"
YEARS = "год,года,лет"


@dataclass(frozen=True)
class Facts:
    """What of a family decides: codes of its categories and traits, ages of its children in full years."""

    codes: frozenset
    ages: tuple[int, ...]
    health: bool  # whether a record of somebody's health is among them


@dataclass
class Match:
    """A measure that concerns the family: why, and the notes on it, newest first."""

    version: BenefitVersion
    reasons: list[str]
    notes: list[BenefitNote] = field(default_factory=list)

    @property
    def note(self) -> BenefitNote | None:
        return self.notes[0] if self.notes else None


def facts_of(family, day: date) -> Facts:
    """The family's categories, registers, statuses of health and children's ages as of `day`."""
    periods = family.category_periods.all()
    codes = {row.category for row in periods if row.since <= day and (row.until is None or row.until >= day)}
    present = {row.person_id: row for row in family.members_on(day)}
    ages = [
        age
        for row in present.values()
        if row.relation == FamilyMembership.Relation.CHILD
        and (age := row.person.age_on(day)) is not None
        and age < OLDEST_CHILD
    ]
    if len(ages) >= profile.current().large_from:
        codes.add(Category.LARGE)
    traits = {_trait(status, present[status.person_id].person, day) for status in _statuses(present, day)}
    registers = {RegisterEntry.Kind.SOP: Trait.SOP, RegisterEntry.Kind.PATRONAGE: Trait.PATRONAGE}
    for entry in family.register_entries.all():
        if entry.placed_on <= day and (entry.removed_on is None or entry.removed_on > day):
            codes.add(registers[RegisterEntry.Kind(entry.kind)])
    return Facts(frozenset(str(code) for code in codes | traits), tuple(sorted(ages)), bool(traits))


def _statuses(present, day):
    return HealthStatus.objects.valid_on(day).filter(person__in=present)


def _trait(status, person, day) -> Trait:
    age = person.age_on(day)
    child = age is not None and age < OLDEST_CHILD
    if status.kind == HealthStatus.Kind.DISABILITY:
        return Trait.DISABLED_CHILD if child else Trait.DISABLED_ADULT
    return Trait.CHILD_WITH_OVZ


def why(version, facts) -> list[str] | None:
    """Reasons in Russian for which the measure concerns the family; None when it does not."""
    reasons = []
    if version.whom:
        common = [code for code in version.whom if code in facts.codes]
        if not common:
            return None
        reasons += [WHOM[code] for code in common]
    bounded = version.child_from is not None or version.child_under is not None
    fitting = [age for age in facts.ages if (version.child_from or 0) <= age < (version.child_under or OLDEST_CHILD)]
    needed = version.children_min or (1 if bounded else 0)
    if len(fitting) < needed:
        return None
    if bounded:
        reasons += [f"ребёнку {counted(age, YEARS) if age else 'нет года'}" for age in dict.fromkeys(fitting)]
    elif needed:
        reasons.append(f"детей в семье: {len(fitting)}")
    return reasons or ["положено каждой семье"]


def navigate(family, user, day: date) -> tuple[Facts, list[Match]]:
    """Measures in force on `day` that concern the family, those with a note on top of nothing: in the order of level
    and title; and measures noted for the family that no longer match, so that nothing written down is lost.
    """
    facts = facts_of(family, day)
    versions = BenefitVersion.objects.visible_to(user).valid_on(day).select_related("benefit__organisation")
    notes = {}
    for note in family.benefit_notes.filter(happened_on__lte=day).select_related("by"):
        notes.setdefault(note.benefit_id, []).append(note)
    matches = []
    for version in versions.order_by("level", "title", "pk"):
        reasons = why(version, facts)
        if reasons is not None or version.benefit_id in notes:
            matches.append(Match(version, reasons or [], notes.get(version.benefit_id, [])))
    return facts, matches


def load_federal(*, by) -> int:
    """Enter the federal measures of the set that comes along; those entered before are left alone. How many were new.

    Source of the set: the laws named in it; no version is confirmed until the region's lawyer has read it.
    """
    rows = tomllib.loads(FEDERAL.read_text(encoding="utf-8"))["benefit"]
    known = set(Benefit.objects.exclude(code=None).values_list("code", flat=True))
    new = [row for row in rows if row["code"] not in known]
    with transaction.atomic():
        for row in new:
            Benefit.add(by=by, **{"level": BenefitVersion.Level.FEDERAL} | row)
    return len(new)
