"""Figures of a district at a day: each is declared beside its condition, and the same condition counts and lists.

A `Source` is a table of rows in scope; one aggregated statement counts all figures of a source. Families are the
cards that stand in the district today (a card keeps one address, not its history); everything else — members,
categories, registers, levels — is taken as it was on the day. A family and a person are counted once.

Apps above declare theirs by `add_figures(function)` in their `ready()`.
"""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, Model, OuterRef, Q, QuerySet

from families.categories import Category
from families.models.family import Family
from families.models.health import HealthStatus
from families.models.membership import FamilyMembership
from families.models.person import Person
from families.models.statuses import CategoryPeriod, RegisterEntry
from sopr import profile
from sopr.calendar import add_months

SECTIONS = {
    "families": "Семьи",
    "children": "Дети",
    "categories": "Семьи по категориям",
    "registers": "Учёты",
    "support": "Социальное сопровождение",
}
AGES = ((0, 2), (3, 6), (7, 13), (14, 17))
LAST_OF_CHILDHOOD = 17
YEAR = 12  # months


@dataclass(frozen=True)
class Source:
    """Rows of one table: `rows(district, day)` in scope, `counts` the path to what is counted once, of `model`."""

    code: str
    rows: Callable[[int, datetime.date], QuerySet]
    counts: str
    model: type[Model] = Family


@dataclass(frozen=True)
class Figure:
    """One number. `where(day)` is its condition on the rows of the source.

    `optional`: not shown when zero. `sensitive`: to be in its list tells something of health, so the list names people
    to the head only (domain.md §5).
    """

    code: str
    section: str
    title: str
    source: Source
    where: Callable[[datetime.date], Q]
    definition: str
    level: int = 0
    optional: bool = False
    sensitive: bool = False

    @property
    def unit(self) -> str:
        return "семей" if self.source.model is Family else "детей"

    def subjects(self, district: int, day: datetime.date) -> QuerySet:
        """The families or people counted, as a queryset of their model."""
        found = self.source.rows(district, day).filter(self.where(day)).order_by()
        return self.source.model.objects.filter(pk__in=found.values(self.source.counts))


_roads: list[Callable[[], Iterable[Figure]]] = []


def add_figures(road: Callable[[], Iterable[Figure]]) -> None:
    """Declare further figures."""
    if road not in _roads:
        _roads.append(road)


def figures() -> list[Figure]:
    """All figures, section after section."""
    found = [*_families(), *_children(), *_categories(), *_registers()]
    for road in _roads:
        found += road()
    order = list(SECTIONS)
    return sorted(found, key=lambda figure: order.index(figure.section))


def find(code: str) -> Figure | None:
    """The figure of this code, or None."""
    return next((figure for figure in figures() if figure.code == code), None)


def count(district: int, day: datetime.date) -> dict[str, int]:
    """Code → number, in one statement for each source."""
    by_source: dict[str, list[Figure]] = {}
    for figure in figures():
        by_source.setdefault(figure.source.code, []).append(figure)
    found = {}
    for group in by_source.values():
        source = group[0].source
        found |= source.rows(district, day).aggregate(
            **{
                figure.code.replace("-", "_"): Count(source.counts, filter=figure.where(day), distinct=True)
                for figure in group
            }
        )
    return {figure.code: found[figure.code.replace("-", "_")] for figure in figures()}


def in_district(district: int, day: datetime.date, road: str = "") -> Q:
    """Cards in scope, seen from a row that `road` leads to the family from («case__family__»)."""
    return Q(
        **{
            f"{road}district": district,
            f"{road}merged_into": None,
            f"{road}registered_on__lte": day,
        }
    )


def valid_on(day, prefix="") -> Q:
    """Periods that include `day`; an unknown beginning counts as long ago."""
    since = Q(**{f"{prefix}since": None}) | Q(**{f"{prefix}since__lte": day})
    return since & (Q(**{f"{prefix}until": None}) | Q(**{f"{prefix}until__gte": day}))


def aged(day: datetime.date, youngest: int, oldest: int, prefix="") -> Q:
    """Born so that on `day` they have from `youngest` to `oldest` full years."""
    born = f"{prefix}birth_on"
    return Q(
        **{
            f"{born}__lte": add_months(day, -youngest * YEAR),
            f"{born}__gt": add_months(day, -(oldest + 1) * YEAR),
        }
    )


# --- Families ----------------------------------------------------------------------------------------------------


def _family_rows(district, day):
    child = valid_on(day, "memberships__") & Q(memberships__person__merged_into=None)
    child &= aged(day, 0, LAST_OF_CHILDHOOD, "memberships__person__")
    primary = CategoryPeriod.objects.filter(valid_on(day), family=OuterRef("pk"), is_primary=True)
    rows = Family.objects.filter(in_district(district, day)).annotate(has_primary=Exists(primary))
    return rows.annotate(children_then=Count("memberships__person", filter=child, distinct=True))


FAMILIES = Source("families", _family_rows, "pk")


def _families():
    def families(code, title, where, definition, **more):
        return Figure(code, "families", title, FAMILIES, where, definition, **more)

    by_children = "Состав семьи на дату; ребёнок — тот, кому на дату нет 18 лет."
    yield families(
        "families",
        "Семей на учёте",
        lambda _day: Q(),
        "Карточки участка, заведённые не позже даты; объединённые — один раз.",
    )
    for number, title in ((1, "с одним ребёнком"), (2, "с двумя детьми")):
        yield families(
            f"children-{number}", title, lambda _day, number=number: Q(children_then=number), by_children, level=1
        )
    yield families("children-3", "с тремя детьми и более", lambda _day: Q(children_then__gte=3), by_children, level=1)
    yield families(
        "children-0", "без детей в составе", lambda _day: Q(children_then=0), by_children, level=1, optional=True
    )
    yield families(
        "no-category",
        "без основной категории",
        lambda _day: Q(has_primary=False),
        "На дату основная категория не указана: её нужно внести в карточку.",
        level=1,
        optional=True,
    )


# --- Children ----------------------------------------------------------------------------------------------------


def _member_rows(district, day):
    rows = FamilyMembership.objects.filter(valid_on(day), in_district(district, day, "family__"))
    return rows.filter(person__merged_into=None)


CHILDREN = Source("children", _member_rows, "person", Person)


def _children():
    def children(code, title, where, definition, **more):
        return Figure(code, "children", title, CHILDREN, where, definition, **more)

    def all_ages(day):
        return aged(day, 0, LAST_OF_CHILDHOOD, "person__")

    def on_sop(day):
        return Exists(RegisterEntry.objects.filter(_on_register(day, "sop"), family=OuterRef("family")))

    yield children(
        "children",
        "Детей до 18 лет",
        all_ages,
        "Люди в составе семей участка на дату, которым нет 18 лет; каждый один раз.",
    )
    for youngest, oldest in AGES:
        yield children(
            f"age-{youngest}-{oldest}",
            f"{youngest}–{oldest} {'года' if oldest == AGES[0][1] else 'лет'}",
            lambda day, ages=(youngest, oldest): aged(day, *ages, "person__"),
            "Полных лет на дату.",
            level=1,
        )
    yield children(
        "children-sop",
        "в семьях на учёте СОП",
        lambda day: all_ages(day) & Q(on_sop(day)),
        "Дети в семьях, которые на дату состоят на учёте СОП.",
        level=1,
    )
    for code, title, health in (
        ("disabled", "дети-инвалиды", Q(kind="disability")),
        ("ovz", "дети с ОВЗ", Q(kind="ovz")),
    ):
        yield children(
            f"children-{code}",
            title,
            lambda day, health=health: (
                all_ages(day) & Q(Exists(HealthStatus.objects.valid_on(day).filter(health, person=OuterRef("person"))))
            ),
            "Статус, записанный в карточке человека, действует на дату.",
            level=1,
            sensitive=True,
        )
    yield children(
        "children-no-birth",
        "дата рождения не указана",
        lambda _day: Q(relation=FamilyMembership.Relation.CHILD, person__birth_on=None),
        "Дети по составу семьи, возраст которых не посчитать; в число детей не входят.",
        level=1,
        optional=True,
    )


# --- Categories and registers --------------------------------------------------------------------------------------


def _category_rows(district, day):
    return CategoryPeriod.objects.filter(valid_on(day), in_district(district, day, "family__"))


CATEGORIES = Source("categories", _category_rows, "family")
BEARS = "category-"  # a family with the category, primary or further


def _categories():
    shown = profile.current().categories
    for code in (*shown, *(code for code in Category.values if code not in shown)):
        title, optional = Category(code).label, code not in shown
        yield Figure(
            f"primary-{code}",
            "categories",
            title,
            CATEGORIES,
            lambda _day, code=code: Q(category=code, is_primary=True),
            "Основная категория, действующая на дату; у семьи она одна.",
            optional=optional,
        )
        yield Figure(
            f"{BEARS}{code}",
            "categories",
            title,
            CATEGORIES,
            lambda _day, code=code: Q(category=code),
            "Категория действует на дату как основная или как дополнительная.",
            optional=optional,
        )


def _on_register(day, kind) -> Q:
    """On the register at the end of `day`: placed by it and not removed by it (STOCK(d) of indicators.md)."""
    return Q(kind=kind, placed_on__lte=day) & (Q(removed_on=None) | Q(removed_on__gt=day))


def _register_rows(district, day):
    return RegisterEntry.objects.filter(in_district(district, day, "family__"))


REGISTERS = Source("registers", _register_rows, "family")


def _registers():
    for kind, title in (
        (RegisterEntry.Kind.SOP, "На учёте СОП"),
        (RegisterEntry.Kind.PATRONAGE, "На межведомственном патронате"),
    ):
        yield Figure(
            f"register-{kind}",
            "registers",
            title,
            REGISTERS,
            lambda day, kind=kind: _on_register(day, kind),
            "Поставлены не позже даты и к концу этого дня не сняты.",
        )
