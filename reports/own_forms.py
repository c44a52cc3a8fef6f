"""Forms of the ministry's own: what their rows are chosen from, and plain data turned into a Form.

A definition is {"columns": [codes], "rows": [{"kind", "what", "of", "by", "title"}], "notes", "decimals"}; `kind` is
measure, percent (of the measure `of`) or fact.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from families.categories import Category
from reports import engine
from reports.forms import CATALOGUE
from reports.forms.base import Column, Form
from reports.indicators.facts import BY_CODE, FACTS
from reports.indicators.measures import COHORT, MEASURES, Measure
from reports.indicators.rows import Breakdown, Counted, Declared, Percent, Row
from reports.periods import Period, year

MOST_ROWS = 60
CHARTS = 2  # rows whose course the report draws, as the catalogue's forms do
KINDS = ("measure", "percent", "fact")

# Of each source: the heading its measures stand under, and what they count.
SUPPORT, COUNCILS, TERRITORY = "Семьи и люди на сопровождении", "Кто сопровождает, советы", "Территория и учёты"
PRACTICES, DECLARED = "Практики: диспетчерская, «Под крылом аиста», услуги", "Сведения организаций"
SOURCES = {
    "cases": (SUPPORT, "семей"),
    "case_people": (SUPPORT, "человек"),
    "level_changes": (SUPPORT, "семей"),
    "surveys": (SUPPORT, "семей"),
    "services": (COUNCILS, "организаций"),
    "units": (COUNCILS, "служб"),
    "specialists": (COUNCILS, "человек"),
    "agencies": (COUNCILS, "организаций"),
    "meetings": (COUNCILS, "заседаний"),
    "items": (COUNCILS, "вопросов"),
    "item_families": (COUNCILS, "семей"),
    "councils": (COUNCILS, "советов"),
    "council_meetings": (COUNCILS, "заседаний"),
    "child_events": (TERRITORY, "событий"),
    "event_families": (TERRITORY, "семей"),
    "registers": (TERRITORY, "семей"),
    "social_contracts": (TERRITORY, "контрактов"),
    "contract_families": (TERRITORY, "семей"),
    "help": (PRACTICES, "семей"),
    "help_children": (PRACTICES, "детей"),
    "grouped": (PRACTICES, "семей"),
    "first_services": (PRACTICES, "обращений"),
    "newborn_help": (PRACTICES, "человек"),
    "newborn_outcomes": (PRACTICES, "записей"),
    "newborn_answers": (PRACTICES, "женщин"),
    "loans": (PRACTICES, "женщин"),
    "route_minors": (PRACTICES, "человек"),
    "routes": (PRACTICES, "маршрутов"),
    "visits": (PRACTICES, "посещений"),
    "consultations": (PRACTICES, "консультаций"),
}
# What the rows of parts are called, in the order offered.
CUTS = {
    "category": "по категориям",
    "level": "по уровням",
    "municipality": "по муниципалитетам",
    "council": "по советам",
    "group": "по группам проблем",
    "service": "по услугам",
}
PERIODS = {"month": "месяц", "quarter": "квартал", "year": "год"}


@dataclass(frozen=True)
class Choice:
    """One line of the catalogue a row may be made of: `text` is its definition."""

    kind: str
    code: str
    title: str
    text: str

    @property
    def value(self) -> str:
        """What a button of the page sends."""
        return f"{self.kind}:{self.code}"


def offered() -> dict[str, Measure]:
    """Measures a row may count: those whose list is as long as the number, on a column's own dates."""
    return {name: measure for name, measure in MEASURES.items() if not measure.weight and measure != COHORT}


@cache
def catalogue() -> dict[str, list[Choice]]:
    """{heading: what may be chosen}: measures by what they are about, then the facts organisations declare."""
    found = {heading: [] for heading in (SUPPORT, COUNCILS, TERRITORY, PRACTICES, DECLARED)}
    for name, measure in offered().items():
        when = "на дату" if measure.stock else "за период"
        text = f"{_capital(measure.title)}. {_capital(unit_of(measure))}, {when}."
        found[SOURCES[measure.source.name][0]].append(Choice("measure", name, title_of(measure), text))
    for fact in FACTS:
        text = f"Вносят организации, с основанием. {_capital(fact.unit)}."
        found[DECLARED].append(Choice("fact", fact.code, fact.title, text))
    return found


def measure_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Measures under their headings, as a list of choices."""
    return [
        (heading, [(choice.code, choice.title) for choice in found if choice.kind == "measure"])
        for heading, found in catalogue().items()
        if heading != DECLARED
    ]


def cut_choices(measure: Measure) -> list[tuple[str, str]]:
    """By what a row of this measure may be divided."""
    return [(by, title) for by, title in CUTS.items() if by in engine.cuts_of(measure)]


def unit_of(measure: Measure) -> str:
    return SOURCES[measure.source.name][1]


@cache
def _titles() -> dict[Measure, str]:
    """How the forms of the catalogue call what they count; the first form that counts it gives the name."""
    found = {}
    for form in CATALOGUE.values():
        for row in form.rows:
            if isinstance(row, Counted) and not row.categories and not row.level:
                found.setdefault(row.measure, row.title.removesuffix(", в том числе:"))
    return found


def title_of(measure: Measure) -> str:
    """What a row of this measure is called: as in the forms of the catalogue, else by its definition."""
    return _titles().get(measure) or _capital(measure.title)


def definition_of(row: dict) -> str:
    """What a row of a form counts, in full; empty when its title says it already."""
    measures, what, of = offered(), row.get("what", ""), row.get("of", "")
    if row.get("kind") == "measure" and what in measures:
        return _capital(measures[what].title)
    if row.get("kind") == "percent" and what in measures and of in measures:
        return f"{_capital(measures[what].title)} ÷ {measures[of].title}"
    return "Сведения организаций, с основанием" if row.get("kind") == "fact" else ""


def usual_title(row: dict) -> str:
    """How a row is called when the ministry gives it no title of its own; empty while it is not chosen."""
    measures, what, of = offered(), row.get("what", ""), row.get("of", "")
    match row.get("kind"):
        case "measure" if what in measures:
            return title_of(measures[what])
        case "fact" if what in BY_CODE:
            return BY_CODE[what].title
        case "percent" if what in measures and of in measures:
            return f"Доля: {_lower(title_of(measures[what]))} ÷ {_lower(title_of(measures[of]))}"
    return ""


def problem_of(row: dict) -> str:
    """What is wrong with a row, in Russian; empty when it can be counted."""
    measures = offered()
    what, of, by = (row.get(name, "") for name in ("what", "of", "by"))
    match row.get("kind"):
        case "measure" if what in measures:
            if by and by not in engine.cuts_of(measures[what]):
                return "На такие части этот показатель не делится. Выберите другой разрез или «без разреза»."
            return ""
        case "fact" if what in BY_CODE:
            return ""
        case "percent":
            if what not in measures or of not in measures:
                return "Доля: выберите, что делится и на что."
            return "Доля показателя от него самого всегда 100 %. Выберите другой." if what == of else ""
    return "Такого показателя в каталоге нет. Уберите строку и добавьте другую."


# -- columns -----------------------------------------------------------------------------------------------------------


def _day(code: str, title: str, day) -> Column:
    return Column(code, title, day=day)


def _since_january(period: Period) -> Column:
    cumulative = period.months_since_january
    return Column.of(cumulative, f"{cumulative.until.month} мес. {cumulative.until.year}")


# In the order they stand on the sheet. What comes out twice (a year is its own «since January») stands once.
COLUMNS: dict[str, tuple[str, Callable[[Period], Column]]] = {
    "year_start": (
        "На начало года (только показатели на дату)",
        lambda p: _day("year-start", "на начало года", year(p.since.year).eve),
    ),
    "start": (
        "На начало периода (только показатели на дату)",
        lambda p: _day("start", "на начало периода", p.eve),
    ),
    "last_year": ("Прошлый год целиком", lambda p: Column.of(year(p.since.year - 1))),
    "year_ago": ("Тот же период прошлого года", lambda p: Column.of(p.year_ago(), p.year_ago().short)),
    "previous": ("Прошлый период", lambda p: Column.of(p.previous(), p.previous().short)),
    "period": ("Отчётный период", lambda p: Column.of(p, p.short)),
    "since_january_ago": (
        "С начала прошлого года нарастающим итогом",
        lambda p: _since_january(p.year_ago()),
    ),
    "since_january": ("С начала года нарастающим итогом", _since_january),
}


def columns_of(codes: Iterable[str], period: Period) -> list[Column]:
    """The columns of these kinds for a period; the period itself is always among them."""
    whole_years = period.kind in ("year", "years")
    found = {}
    for code, (_title, make) in COLUMNS.items():
        if code != "period" and (code not in codes or (whole_years and code.startswith("since_january"))):
            continue
        column = make(period)
        found.setdefault(column.code, column)
    return list(found.values())


# -- from a definition to a form ---------------------------------------------------------------------------------------


def rows_of(definition: dict) -> tuple[Row, ...]:
    """The rows of a form, numbered; a divided row is a total with its parts below."""
    rows = []
    for number, row in enumerate(definition["rows"], start=1):
        rows += _rows_of(str(number), row, row.get("title") or usual_title(row))
    return tuple(rows)


def _rows_of(code: str, row: dict, title: str) -> list[Row]:
    if row["kind"] == "fact":
        fact = BY_CODE[row["what"]]
        return [Declared(code, title, fact.unit, declares=fact)]
    measure = MEASURES[row["what"]]
    if row["kind"] == "percent":
        return [Percent(code, title, "%", numerator=measure, denominator=MEASURES[row["of"]])]
    unit, by = unit_of(measure), row.get("by", "")
    total = Counted(code, title, unit, measure=measure, bold=bool(by))
    if not by:
        return [total]
    if by == "category" and measure.by_category:
        parts = enumerate(Category.choices, start=1)
        return [
            total,
            *(
                Counted(f"{code}.{place}", label, unit, level=1, measure=measure, categories=(category,))
                for place, (category, label) in parts
            ),
        ]
    return [total, Breakdown(f"{code}.1", CUTS[by], unit, level=1, measure=measure, by=by)]


def charts_of(rows) -> dict[Measure, str]:
    """The first rows of numbers, whose course the report draws."""
    totals = [row for row in rows if isinstance(row, Counted) and not row.level]
    return {row.measure: row.title for row in totals[:CHARTS]}


def make_form(code: str, version: str, definition: dict, *, name: str, **more) -> Form:
    """The Form that a definition describes; `more` goes to it as it is (title, act, periodicity, own)."""
    rows = rows_of(definition)
    return Form(
        code=code,
        name=name,
        rows=rows,
        page="форма министерства",
        columns=lambda period: columns_of(definition["columns"], period),
        notes=lambda period: [line for line in definition.get("notes", "").splitlines() if line.strip()],
        decimals=definition.get("decimals", 0),
        trend=charts_of(rows),
        version=version,
        **more,
    )


def _lower(text: str) -> str:
    """Within a sentence; an abbreviation stays as it is."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
