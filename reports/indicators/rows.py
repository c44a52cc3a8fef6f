"""Rows of a form: an indicator is data beside its formula (architecture.md §4)."""

from dataclasses import dataclass

from reports.indicators.facts import Fact
from reports.indicators.measures import ON_SUPPORT, Measure


@dataclass(frozen=True)
class Row:
    """What every row has. `code` is its number in the form, `level` 1 for a sub-row, `bold` for a total.

    `group` is the heading it stands under, `page` where the source document has it; `norm` what it should reach,
    with the words that say so.
    """

    code: str
    title: str
    unit: str

    level: int = 0
    bold: bool = False
    group: str = ""
    page: str = ""
    norm: tuple[int, str] | None = None

    @property
    def stock(self) -> bool:
        """Whether the row can be filled for a day alone (the column «к началу»)."""
        return False

    @property
    def less_is_better(self) -> bool:
        """Whether the row should fall: its plan is then «не больше»."""
        return False

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Everything that has to be counted for this row."""
        return ()

    @property
    def fact(self) -> Fact | None:
        return None

    @property
    def listed(self) -> tuple[Measure, ...]:
        """The measures whose subjects a reader may open, the first behind the cell itself."""
        return ()


@dataclass(frozen=True)
class Counted(Row):
    """A number of distinct subjects; with `categories`, of those whose category is one of them.

    `beside` is a second number printed in the note («семей: 12»), with the word before it.
    """

    measure: Measure = ON_SUPPORT
    categories: tuple[str, ...] = ()
    beside: tuple[str, Measure] | None = None

    kind = "number"

    @property
    def stock(self):
        return self.measure.stock

    @property
    def less_is_better(self):
        return self.measure.less_is_better

    @property
    def measures(self):
        return (self.measure, *((self.beside[1],) if self.beside else ()))

    @property
    def listed(self):
        return self.measures


@dataclass(frozen=True)
class Pair(Row):
    """«семей/человек»: distinct families and distinct people of theirs."""

    measure: Measure = ON_SUPPORT
    people: Measure = ON_SUPPORT

    kind = "pair"

    @property
    def stock(self):
        return self.measure.stock

    @property
    def measures(self):
        return (self.measure, self.people)

    @property
    def listed(self):
        return self.measures


@dataclass(frozen=True)
class Average(Row):
    """total ÷ number, with one decimal; `monthly` divides it by the months of the column too."""

    total: Measure = ON_SUPPORT
    number: Measure = ON_SUPPORT
    monthly: bool = False

    kind = "number"

    @property
    def less_is_better(self):
        return self.total.less_is_better

    @property
    def measures(self):
        return (self.total, self.number)

    @property
    def measure(self) -> Measure:
        """What the cell's list shows: what the average is over; of a rate by month, what was added up."""
        return self.total if self.monthly else self.number

    @property
    def listed(self):
        return (self.measure,)


@dataclass(frozen=True)
class Change(Row):
    """The change to the period before, in percent of it; no data when there was nothing before."""

    measure: Measure = ON_SUPPORT

    kind = "percent"

    @property
    def less_is_better(self):
        return self.measure.less_is_better

    @property
    def measures(self):
        return (self.measure,)

    @property
    def listed(self):
        return (self.measure,)


@dataclass(frozen=True)
class Breakdown(Row):
    """How many in each part of a cut, as text: «жильё: 12; работа: 5»."""

    measure: Measure = ON_SUPPORT
    by: str = "group"

    kind = "text"

    @property
    def stock(self):
        return self.measure.stock

    @property
    def measures(self):
        return (self.measure,)

    @property
    def listed(self):
        return (self.measure,)


@dataclass(frozen=True)
class Percent(Row):
    """numerator ÷ denominator × 100, rounded as the form says; none when the denominator is empty.

    `cohort`, when given, is the denominator in reports of whole years, whose programme began with a cohort. `beside`
    counts the answers the numerator rests on: with none of them there is no data. `less_is_better` is the share's own:
    the numerator alone does not tell it.
    """

    numerator: Measure = ON_SUPPORT
    denominator: Measure = ON_SUPPORT
    cohort: Measure | None = None
    beside: tuple[str, Measure] | None = None
    less_is_better: bool = False

    kind = "percent"

    @property
    def stock(self):
        return self.numerator.stock and self.denominator.stock

    @property
    def measures(self):
        more = (self.cohort, self.beside and self.beside[1])
        return (self.numerator, self.denominator, *(measure for measure in more if measure))

    @property
    def measure(self) -> Measure:
        """What the cell's list shows."""
        return self.numerator

    @property
    def listed(self):
        return (self.numerator,)


@dataclass(frozen=True)
class Declared(Row):
    """A declared fact; `otherwise` computes the row while no organisation has declared anything for it."""

    declares: Fact | None = None
    otherwise: Row | None = None

    @property
    def kind(self):
        return self.declares.kind

    @property
    def fact(self):
        return self.declares

    @property
    def stock(self):
        return self.declares.stock

    @property
    def less_is_better(self):
        return self.otherwise.less_is_better if self.otherwise else False

    @property
    def measures(self):
        return self.otherwise.measures if self.otherwise else ()

    @property
    def listed(self):
        return self.otherwise.listed if self.otherwise else ()


def by_category(code, measure, unit, groups) -> list[Counted]:
    """Sub-rows code.1, code.2 … for `groups` of (title, categories)."""
    return [
        Counted(f"{code}.{number}", title, unit, level=1, measure=measure, categories=categories)
        for number, (title, categories) in enumerate(groups, start=1)
    ]


def declared(fact: Fact, row: Row) -> Declared:
    """`row` as a declared fact: computed as it says while nobody has declared anything."""
    look = {name: getattr(row, name) for name in ("level", "bold", "group", "page", "norm")}
    return Declared(row.code, row.title, row.unit, declares=fact, otherwise=row, **look)
