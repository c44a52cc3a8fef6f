"""The list of families: what it reads of each family, its own columns, and the road by which upper apps add theirs.

Level, curator and stage are facts of cases, which stand above this app: they come through `extend`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone

from families.models import CategoryPeriod, FamilyMembership, RegisterEntry
from sopr.web.tables import Column
from sopr.web.words import counted

HIDDEN_ADDRESS = "адрес скрыт"


@dataclass(frozen=True)
class Extension:
    """What an upper app knows of families.

    `filters(user)` → filters by name; `decorate(families, user)` sets on the families shown what `columns` read, in a
    constant number of queries; `curator(organisation_id)` → an expression of a family: the id of who works with it.
    """

    filters: Callable[[Any], dict]
    columns: tuple[Column, ...]
    decorate: Callable[[list, Any], None]
    curator: Callable[[int], Any]


_extensions: list[Extension] = []


def extend(**parts):
    """Declare filters, columns and facts of families; called in the upper app's `ready()`."""
    _extensions.append(Extension(**parts))


def filters_from_above(user) -> dict:
    return {name: each for extension in _extensions for name, each in extension.filters(user).items()}


def columns_from_above() -> list[Column]:
    return [column for extension in _extensions for column in extension.columns]


def decorate(families: Iterable, user) -> list:
    """The families shown with the facts of the apps above."""
    families = list(families)
    for extension in _extensions:
        extension.decorate(families, user)
    return families


def curator_of_family(organisation_id: int):
    """The expression for the id of who works with a family in the organisation, or None when no app above knows."""
    return next((extension.curator(organisation_id) for extension in _extensions), None)


def with_list_facts(families):
    """Families with what the columns read; each fact is one more query for the rows shown, not a join on all."""
    present = FamilyMembership.objects.valid_on(timezone.localdate()).filter(relation=FamilyMembership.Relation.CHILD)
    primary = CategoryPeriod.objects.filter(is_primary=True, until=None)
    sop = RegisterEntry.objects.filter(kind=RegisterEntry.Kind.SOP, removed_on=None)
    return families.select_related("municipality", "district").prefetch_related(
        Prefetch("memberships", present.order_by(), to_attr="children_now"),
        Prefetch("category_periods", primary, to_attr="primary_now"),
        Prefetch("register_entries", sop, to_attr="sop_now"),
    )


def count_children(family) -> int:
    return len(family.children_now)


def category_of(family):
    return family.primary_now[0].get_category_display() if family.primary_now else None


def address_of(family):
    return HIDDEN_ADDRESS if family.address_hidden else family.address


def district_of(family) -> str:
    """A district is a village: that of a family in hiding says where it lives."""
    if family.address_hidden:
        return HIDDEN_ADDRESS
    return family.district.name if family.district else ""


def in_brief(family) -> str:
    """«многодетная семья, 5 детей»."""
    children = count_children(family)
    words = counted(children, "ребёнок,ребёнка,детей") if children else ""
    return ", ".join(filter(None, [category_of(family) or "категория не указана", words]))


def _url(family) -> str:
    return reverse("families:family-detail", args=[family.pk])


NUMBER = Column("number", "№", "number", sort="number_key", width=12)
SURNAME = Column(
    "surname",
    "Семья",
    "surname",
    sort="search_text",
    url=_url,
    note=in_brief,
    note_title="Категория, дети",
    mark=lambda family: "СОП" if family.sop_now else "",
    width=28,
)
ADDRESS = Column(
    "address",
    "Адрес",
    address_of,
    tone=lambda family: "muted" if family.address_hidden else "",
    width=40,
)
FURTHER = [
    Column("category", "Основная категория", category_of, width=40, optional=True),
    Column("children", "Детей", count_children, kind="number", width=8, optional=True),
    Column("municipality", "Муниципальное образование", "municipality.name", width=28, optional=True),
    Column("district", "Участок", district_of, width=24, optional=True),
    Column(
        "sop",
        "Учёт СОП с",
        lambda family: family.sop_now[0].placed_on if family.sop_now else None,
        kind="date",
        width=12,
        optional=True,
    ),
    Column("registered_on", "Заведена", kind="date", sort="registered_on", width=12, optional=True),
]


def columns() -> list[Column]:
    """The columns of the list in their first order: the card's, those of the apps above, those to choose."""
    return [NUMBER, SURNAME, ADDRESS, *columns_from_above(), *FURTHER]
