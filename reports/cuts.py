"""A cut of one cell: its number in parts, by today's casework, each part with the list it counted (indicators.md).

Parts of most cuts add up: a subject stands in the part of the row that speaks for it. Organisations are the engine's
scopes, each counted as its own report counts, so a family of two organisations stands in both.
"""

from dataclasses import dataclass
from functools import cached_property

from reports import engine
from reports.compute import WORDS, titles_of
from reports.forms import Column
from reports.indicators.measures import Measure
from reports.own_forms import CUTS as TITLES
from sopr.accounts.models import Organisation

ORGANISATION, NOT_SAID = "organisation", "не указано"
CUTS = TITLES | {ORGANISATION: "по организациям"}
NOBODY = "none"  # the key, in addresses, of what belongs to no part


@dataclass(frozen=True)
class Part:
    """One part: `key` names it in addresses; `ids` are of what it counted."""

    key: str
    title: str
    number: int
    ids: list[int]


@dataclass
class Cut:
    """`measure` in `column` for `scope` (an organisation's id or the region), by a word of CUTS.

    With `categories`, only what stands in one of them. `parts` raises ValueError for a cut the measure has not.
    """

    measure: Measure
    column: Column
    scope: int | None
    by: str
    categories: tuple[str, ...] = ()

    @cached_property
    def ids(self) -> list[int]:
        """What the whole cell counts now."""
        return self._of_categories(engine.lists([self.measure], [self.column], self.scope))

    @cached_property
    def number(self) -> int:
        return self._weighed().count(self.scope, *self._what) if self.measure.weight else len(self.ids)

    @cached_property
    def parts(self) -> list[Part]:
        """Words in their own order, others by size; what is in no part last."""
        found = self._organisations() if self.by == ORGANISATION else self._parts()
        titles = self._titles(found)
        places = {part: place for place, part in enumerate(titles)} if self.by in WORDS else {}
        order = sorted(found, key=lambda part: (part is None, places.get(part, 0), -found[part][0], str(part)))
        return [Part(str(part or NOBODY), titles.get(part, NOT_SAID), *found[part]) for part in order]

    @property
    def total(self) -> int:
        """The sum of the parts; the cell's number, except where parts overlap."""
        return sum(part.number for part in self.parts)

    @property
    def _what(self):
        return self.column.code, self.measure

    def _parts(self) -> dict:
        listed = engine.lists([self.measure], [self.column], self.scope, by=self.by)
        whole = set(self.ids)
        found = {
            part: [pk for pk in ids if pk in whole]
            for part, ids in listed.get((self.measure.name, self.column.code), {}).items()
        }
        if not self.measure.weight:
            return {part: (len(ids), ids) for part, ids in found.items() if ids}
        numbers = self._weighed(self.by).parts(self.scope, *self._what)
        return {part: (numbers.get(part, 0), ids) for part, ids in found.items() if ids}

    def _organisations(self) -> dict:
        everyone = engine.lists_of_all([self.measure], [self.column])
        found = {
            scope: self._of_categories(engine.plain(listed)) for scope, listed in everyone.items() if scope is not None
        }
        figures = self._weighed() if self.measure.weight else None
        return {
            scope: (figures.count(scope, *self._what) if figures else len(ids), ids)
            for scope, ids in found.items()
            if ids
        }

    def _of_categories(self, listed) -> list[int]:
        by_category = listed.get((self.measure.name, self.column.code), {})
        return [pk for part, ids in by_category.items() if not self.categories or part in self.categories for pk in ids]

    def _weighed(self, by="") -> engine.Figures:
        return engine.count([self.measure], [self.column], by=by)

    def _titles(self, parts) -> dict:
        if self.by == ORGANISATION:
            return {each.pk: str(each) for each in Organisation.objects.filter(pk__in=parts)}
        return titles_of(self.by)


def cuts_of(measure: Measure, *, of_region: bool) -> list[tuple[str, str]]:
    """(word, title) of what the measure may be cut by; organisations only in the region's report."""
    allowed = {*engine.cuts_of(measure), *([ORGANISATION] if of_region else [])}
    return [(by, title) for by, title in CUTS.items() if by in allowed]
