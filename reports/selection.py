"""Выборка: how many families of a population there are by one cut or two, without a name; small numbers hidden.

The population is a measure of the catalogue, counted as the region counts it: each family once, by the case that
speaks for it. So the parts of a selection add up to the figure a report shows.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db import models

from cases.words import Ground, Level, Outcome
from families.categories import Category
from reports.engine import REGION, read, stage
from reports.forms import Column
from reports.indicators import measures as m
from reports.indicators.measures import MEASURES, Measure
from sopr.accounts.models import Municipality, Organisation

SMALL = 5  # fewer families than this are not shown without a reason
FEW, HIDDEN = f"<{SMALL}", "скрыто"
NOT_SAID = "не указано"

# What is asked first; the catalogue's other measures of families follow under their own titles.
FIRST = {
    m.ON_SUPPORT: "На сопровождении",
    m.ACCEPTED: "Приняты за период",
    m.REMOVED: "Сняты за период",
    m.OVERCAME: "Преодолели ТЖС за период",
    m.SERVED: "Обслужены за период",
}


@dataclass(frozen=True)
class Cut:
    """By what a population is cut: `sql` gives the part of the case k of the family f, `names` what parts are called.

    `names` is a set of choices, or a model whose rows name themselves.
    """

    code: str
    title: str
    sql: str
    names: type

    def read_names(self, parts) -> dict:
        if issubclass(self.names, models.Choices):
            return {code: label[:1].upper() + label[1:] for code, label in self.names.choices}
        return {each.pk: str(each) for each in self.names.objects.filter(pk__in=[part for part in parts if part])}

    def in_order(self, names: dict) -> list:
        """Parts in the order of the choices, rows by their names, what is not said last."""
        if issubclass(self.names, models.Choices):
            places = {code: place for place, code in enumerate(self.names.values)}
            return sorted(names, key=lambda part: places.get(part, len(places)))
        return sorted(names, key=lambda part: (part is None, names[part]))


_LAST_DAY = "CASE WHEN k.closed_on < c.day THEN k.closed_on ELSE c.day END"
_LEVEL = f"""(SELECT MAX(p.level) FROM cases_levelperiod p WHERE p.case_id = k.id
             AND p.since <= {_LAST_DAY} AND (p.until IS NULL OR p.until >= {_LAST_DAY}))"""  # noqa: S608

CUTS = {
    cut.code: cut
    for cut in (
        Cut("municipality", "Муниципальное образование", "f.municipality_id", Municipality),
        Cut("organisation", "Организация", "k.organisation_id", Organisation),
        Cut("category", "Категория", "k.primary_category", Category),
        Cut("level", "Уровень", _LEVEL, Level),
        Cut("outcome", "Результат", "NULLIF(k.outcome, '')", Outcome),
        Cut("ground", "Основание", "k.ground", Ground),
    )
}


def populations() -> dict[str, str]:
    """{name of a measure: title}: those that count families by their cases, the usual ones first."""
    families = [each for each in MEASURES.values() if each.by_category and each.source == m.ON_SUPPORT.source]
    rest = [each for each in families if each not in FIRST and each != m.COHORT]
    return {each.name: title for each, title in FIRST.items()} | {
        each.name: each.title[:1].upper() + each.title[1:] for each in rest
    }


def count(measure: Measure, column: Column, cuts: list[Cut]) -> dict[tuple, int]:
    """{(part of the first cut, part of the second): families}, by one statement; None for what is not said."""
    parts = ", ".join(cut.sql for cut in cuts)
    places = ", ".join(str(place) for place in range(1, len(cuts) + 1))
    sql = (
        f"{stage(measure.source, [measure], REGION)} "  # noqa: S608 — our own constants
        f"SELECT {parts}, COUNT(*) FROM subjects s JOIN facts r ON r.{measure.pick} = s.{measure.name} "
        "JOIN cols c ON c.col = s.col JOIN cases_case k ON k.id = r.id JOIN families_family f ON f.id = k.family_id "
        f"GROUP BY {places}"
    )
    return {tuple(found): number for *found, number in read(sql, [column], REGION)}


@dataclass
class Selection:
    """A counted selection as a table; `second` is None when it is cut once. TOTAL stands for a whole line."""

    measure: Measure
    first: Cut
    second: Cut | None
    counts: dict
    open: bool = False  # a reason was given: small numbers are shown
    rows: list = field(default_factory=list)  # (part, name)
    columns: list = field(default_factory=list)

    def __post_init__(self):
        if self.second is None:
            self.counts = {(part, TOTAL): number for (part,), number in self.counts.items()}
        self.rows = _named(self.first, {part for part, _other in self.counts})
        self.columns = [] if self.second is None else _named(self.second, {part for _own, part in self.counts})
        self.shown = self._with_totals()
        self.hidden = {} if self.open else hide(self.shown)

    def _with_totals(self) -> dict:
        shown = defaultdict(int)
        for (row, column), number in self.counts.items():
            for place in {(row, column), (row, TOTAL), (TOTAL, column), (TOTAL, TOTAL)}:
                shown[place] += number
        lines, heads = [part for part, _name in self.rows], [part for part, _name in self.columns]
        return {(row, column): shown[row, column] for row in (*lines, TOTAL) for column in (*heads, TOTAL)}

    def text(self, row, column):
        """The number, or the words that stand in its place."""
        return self.hidden.get((row, column), self.shown[row, column])

    def bar(self, row) -> int:
        """The length of a row's bar: its total, nothing where that is hidden."""
        return 0 if (row, TOTAL) in self.hidden else self.shown[row, TOTAL]

    @property
    def total(self) -> int:
        return self.shown[TOTAL, TOTAL]


TOTAL = "total of the line"


def make(measure: Measure, column: Column, cuts: list[Cut], *, open=False) -> Selection:
    """Count a selection by one cut or two; with `open` small numbers are shown."""
    return Selection(measure, cuts[0], cuts[1] if len(cuts) > 1 else None, count(measure, column, cuts), open)


def hide(shown: dict) -> dict:
    """What is not to be shown: {place: words}. Small numbers, and as many others as keep them from being reckoned.

    A line whose total and all numbers but one are shown gives that one away: then its smallest other number goes too.
    """
    hidden = {place: FEW for place, number in shown.items() if 0 < number < SMALL}
    lines = defaultdict(list)
    for row, column in shown:
        lines["row", row].append((row, column))
        lines["column", column].append((row, column))
    again = True
    while again:
        again = False
        for line in lines.values():
            inside = [place for place in line if place in hidden]
            others = [place for place in line if place not in hidden and shown[place]]
            if len(inside) == 1 and others:
                hidden[min(others, key=lambda place: (TOTAL in place, shown[place]))] = HIDDEN
                again = True
    return hidden


def _named(cut: Cut, parts: set) -> list[tuple]:
    names = cut.read_names(parts)
    named = {part: names.get(part, NOT_SAID) for part in parts}
    return [(part, named[part]) for part in cut.in_order(named)]
