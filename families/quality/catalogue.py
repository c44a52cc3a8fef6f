"""What can be missing or contradictory in a card, and where it is mended.

Each problem is declared once, as data beside its condition. The apps above declare what they know (`declare`).
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThan
from django.urls import reverse

from families.categories import Category
from families.models import CategoryPeriod, FamilyMembership, Representation
from sopr import profile
from sopr.calendar import add_months

CHILDHOOD, INFANCY = 18, 3  # years
Relation = FamilyMembership.Relation


@dataclass(frozen=True)
class Scope:
    """For whom and as of when problems are sought: some are about an organisation's own work with the family."""

    today: datetime.date
    organisation_id: int

    def born_after(self, years: int) -> datetime.date:
        """Who was born later is not yet `years` old today."""
        return add_months(self.today, -12 * years)


@dataclass(frozen=True)
class Problem:
    """One thing that can be wrong.

    `where(scope)` is a condition on a family; or `who(scope)` one on a membership, and the family has the problem when
    it has such a member. `page` is the address where it is mended; it takes the id of `about`: the
    family, the person or the membership.
    """

    code: str
    title: str
    page: str
    where: Callable[[Scope], Any] | None = None
    who: Callable[[Scope], Q] | None = None
    about: str = "family"

    def condition(self, scope) -> Q:
        """The condition on a family, for `filter` and for counting."""
        if self.who is not None:
            return Q(_of_family(FamilyMembership.objects.filter(self.who(scope))))
        return Q(self.where(scope))

    def url_for(self, family, membership=None) -> str:
        """Where the problem of `family` (of its member) is mended."""
        ids = {"family": family.pk}
        if membership is not None:
            ids |= {"person": membership.person_id, "membership": membership.pk}
        return reverse(self.page, args=[ids[self.about]])


# -- what the conditions are made of -----------------------------------------------------------------------------------


def there(scope, *relations) -> Q:
    """The condition on a membership that it lasts today."""
    condition = Q(Q(since=None) | Q(since__lte=scope.today), Q(until=None) | Q(until__gte=scope.today))
    condition &= Q(person__merged_into=None)
    return condition & Q(relation__in=relations) if relations else condition


def _present(scope, *relations):
    return FamilyMembership.objects.filter(there(scope, *relations))


def _of_family(rows) -> Exists:
    return Exists(rows.order_by().filter(family=OuterRef("pk")))


def _children(scope, years=CHILDHOOD):
    """Children under `years`; one whose birth date is unknown may be one."""
    return _present(scope, Relation.CHILD).filter(
        Q(person__birth_on=None) | Q(person__birth_on__gt=scope.born_after(years))
    )


def _category(scope, category) -> Exists:
    periods = CategoryPeriod.objects.filter(category=category, since__lte=scope.today)
    return _of_family(periods.filter(Q(until=None) | Q(until__gte=scope.today)))


def _fewer_children_than(scope, number):
    counted = _children(scope).order_by().filter(family=OuterRef("pk")).values("family").annotate(n=Count("pk"))
    return LessThan(Coalesce(Subquery(counted.values("n")), 0), number)


# -- the problems ------------------------------------------------------------------------------------------------------


def _no_category(scope):
    primary = CategoryPeriod.objects.filter(is_primary=True, since__lte=scope.today)
    return ~_of_family(primary.filter(Q(until=None) | Q(until__gte=scope.today)))


def _no_child(scope):
    return Q(_of_family(_present(scope))) & ~_of_family(_children(scope))


def _no_phone(scope):
    return Q(phone="") & ~_of_family(_present(scope).exclude(person__phone=""))


def _no_document(scope):
    proved = Representation.objects.filter(membership=OuterRef("pk")).exclude(until__lt=scope.today)
    return there(scope, Relation.GUARDIAN, Relation.FOSTER_PARENT) & ~Exists(proved)


def _in_two_families(scope):
    elsewhere = _present(scope).order_by().filter(person=OuterRef("person"), family__merged_into=None)
    return there(scope) & Exists(elsewhere.exclude(family=OuterRef("family")))


def _both_parents(scope):
    both = Q(_of_family(_present(scope, Relation.MOTHER))) & _of_family(_present(scope, Relation.FATHER))
    return both & _category(scope, Category.SINGLE_PARENT)


def _no_underage_parent(scope):
    young = _present(scope, Relation.MOTHER, Relation.FATHER)
    young = young.filter(Q(person__birth_on=None) | Q(person__birth_on__gt=scope.born_after(CHILDHOOD)))
    return Q(_category(scope, Category.UNDERAGE_PARENTS)) & ~_of_family(young)


def _no_infant(scope):
    return Q(_category(scope, Category.CHILD_UNDER_3_WITH_OVZ)) & ~_of_family(_children(scope, INFANCY))


def _no_substitute_parent(scope):
    present = _present(scope, Relation.GUARDIAN, Relation.FOSTER_PARENT)
    return Q(_category(scope, Category.FOSTER)) & ~_of_family(present)


CATALOGUE: list[Problem] = [
    Problem("no_category", "нет основной категории", "families:category-set", where=_no_category),
    Problem("nobody", "никого нет в составе", "families:member-add", where=lambda s: ~_of_family(_present(s))),
    Problem("no_child", "нет детей до 18 лет", "families:member-add", where=_no_child),
    Problem(
        "child_without_birth",
        "у ребёнка нет даты рождения",
        "families:person-edit",
        who=lambda s: there(s, Relation.CHILD) & Q(person__birth_on=None),
        about="person",
    ),
    Problem(
        "without_snils",
        "нет СНИЛС",
        "families:person-edit",
        who=lambda s: there(s) & Q(person__snils=""),
        about="person",
    ),
    Problem(
        "no_document",
        "нет документа опекуна или приёмного родителя",
        "families:representation-add",
        who=_no_document,
        about="membership",
    ),
    Problem("no_address", "нет адреса", "families:family-edit", where=lambda s: Q(address="")),
    Problem("no_phone", "нет телефона", "families:family-edit", where=_no_phone),
    Problem(
        "before_birth",
        "в семье раньше, чем родился",
        "families:member-edit",
        who=lambda s: Q(since__lt=F("person__birth_on")),
        about="membership",
    ),
    Problem(
        "in_two_families", "числится в двух семьях", "families:member-end", who=_in_two_families, about="membership"
    ),
    Problem(
        "large_with_few",
        "многодетная, а детей до 18 лет меньше, чем нужно",
        "families:category-set",
        where=lambda s: Q(_category(s, Category.LARGE)) & Q(_fewer_children_than(s, profile.current().large_from)),
    ),
    Problem("single_with_both", "один родитель, а в составе оба", "families:category-set", where=_both_parents),
    Problem("no_infant", "ребёнок с ОВЗ до 3 лет, а такого нет", "families:category-set", where=_no_infant),
    Problem(
        "no_underage_parent",
        "несовершеннолетние родители, а все взрослые",
        "families:category-set",
        where=_no_underage_parent,
    ),
    Problem(
        "no_substitute_parent",
        "замещающая семья, а опекуна или приёмного родителя нет",
        "families:category-set",
        where=_no_substitute_parent,
    ),
]
_declared: list[Problem] = []


def declare(*problems: Problem):
    """Declare problems that an upper app knows of; called in its `ready()`."""
    _declared.extend(problems)


def problems() -> list[Problem]:
    return [*CATALOGUE, *_declared]


def choices() -> list[tuple[str, str]]:
    """(code, title) for a filter; «any» comes first."""
    return [("any", "любые замечания"), *((problem.code, problem.title) for problem in problems())]
