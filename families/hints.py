"""Hints to review a card: an age is reached, a family is large or no longer, a term is about to end.

A hint changes nothing by itself. Whoever works with the family looks, mends what has to be mended, or says
«проверено»; that answer is an event of the card and holds for this very fact: a new fact gives a new hint.
All functions cost the same number of statements for one family and for a thousand.
"""

import datetime
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q
from django.urls import reverse

from families.categories import Category
from families.models import CategoryPeriod, Consent, Family, FamilyEvent, FamilyMembership, HealthStatus, Representation
from sopr import profile
from sopr.calendar import add_months
from sopr.errors import Refused

AHEAD = datetime.timedelta(days=30)
# How long a passed age or term is still spoken of [choice]: what is older is a matter of the check of data.
BEHIND = datetime.timedelta(days=365)
# Categories that lean on a child under eighteen: they are reviewed when he grows up.
OF_CHILDREN = (
    Category.FOSTER,
    Category.DISABLED_CHILD,
    Category.LARGE,
    Category.SINGLE_PARENT,
    Category.CHILD_IN_CONFLICT_WITH_LAW,
    Category.UNDERAGE_PARENTS,
)
# What the history says of a checked hint, by the first word of its fact; health is not named there.
TITLES = {
    "age3": "ребёнку три года",
    "age18": "ребёнку восемнадцать лет",
    "large": "многодетность",
    "consent": "срок согласия",
    "representation": "срок полномочий представителя",
    "status": "срок документа",
}


@dataclass(frozen=True)
class Hint:
    """One thing to review. `fact` names it exactly: code, ids and dates, no personal text."""

    family_id: int
    fact: str
    on: datetime.date
    title: str
    what_to_do: str
    url: str
    act: str
    protected: bool = False  # speaks of health: only for those who may see it


def hints_of(family_ids, organisation_id, today, *, with_health=False) -> list[Hint]:
    """Hints about these families that nobody has checked yet, the nearest date first.

    `organisation_id` is the reader's: consents count for their operator alone.
    """
    ids = list(family_ids)
    if not ids:
        return []
    found = [
        *_birthdays(ids, today),
        *_large(ids, today),
        *_consents(ids, organisation_id, today),
        *_representations(ids, today),
        *(_statuses(ids, today) if with_health else ()),
    ]
    checked = set(FamilyEvent.objects.filter(family__in=ids, kind="hint_checked").values_list("family", "refs__hint"))
    left = [hint for hint in found if (hint.family_id, hint.fact) not in checked]
    return sorted(left, key=lambda hint: (hint.on, hint.family_id, hint.fact))


def check(family, fact, *, by, today, with_health=False):
    """Note that `by` has looked at the hint; raises Refused when there is no such hint (any more)."""
    with transaction.atomic():
        family.lock()
        if fact not in {
            hint.fact for hint in hints_of([family.pk], by.organisation_id, today, with_health=with_health)
        }:
            raise Refused("Этой подсказки уже нет: её проверил другой сотрудник или данные изменились.")
        family.log("hint_checked", by=by, hint=fact)


def title_of(fact: str) -> str:
    """What a checked hint was about, for the history."""
    return TITLES.get(fact.split(":")[0], "подсказка")


def _present(today):
    """Children in the family today."""
    rows = FamilyMembership.objects.valid_on(today).filter(relation=FamilyMembership.Relation.CHILD)
    return rows.filter(person__merged_into=None)


def _birthdays(ids, today):
    """A child turns three where the category says «до трёх лет», or eighteen; soon, or within the last year."""
    claims = CategoryPeriod.objects.filter(family=OuterRef("family"), until=None)
    three = Q(person__birth_on__range=_born(3, today)) & Exists(claims.filter(category=Category.CHILD_UNDER_3_WITH_OVZ))
    soon = Q(person__birth_on__range=(add_months(today, -12 * 18), add_months(today + AHEAD, -12 * 18)))
    grown = Q(person__birth_on__range=_born(18, today)) & Exists(claims.filter(category__in=OF_CHILDREN))
    rows = _present(today).filter(three | soon | grown, family__in=ids).select_related("person")
    for row in rows:
        age = 3 if row.person.birth_on > add_months(today, -12 * 10) else 18
        on = add_months(row.person.birth_on, 12 * age)
        name = row.person.first_name or row.person.last_name
        if age == 3:
            title, act = f"{name}: 3 года {on:%d.%m.%Y}", "Категория"
            todo, url = "Пересмотрите категорию «ребёнок с ОВЗ до 3 лет».", "category-set"
        else:
            title, act = f"{name}: 18 лет {on:%d.%m.%Y}", "Согласие"
            todo, url = "Пересмотрите категории, возьмите собственное согласие.", "consent-new"
        yield _hint(row.family_id, f"age{age}:{row.person_id}:{on}", on, title, todo, url, act)


def _born(age, today):
    """Birth dates of those who reached `age` within the last year or reach it within a month."""
    return add_months(today - BEHIND, -12 * age), add_months(today + AHEAD, -12 * age)


def _large(ids, today):
    """Children under eighteen against the number from which the region calls a family large."""
    least = profile.current().large_from
    minors = _present(today).filter(family__in=ids, person__birth_on__gt=add_months(today, -12 * 18))
    counted = {
        row["family"]: row
        for row in minors.order_by()
        .values("family")
        .annotate(n=Count("person", distinct=True), born=Max("person__birth_on"), came=Max("since"))
    }
    claims = CategoryPeriod.objects.filter(family__in=ids, category=Category.LARGE, until=None)
    claimed = dict(claims.values_list("family", "pk"))
    for family, row in counted.items():
        if row["n"] >= least and family not in claimed:
            on = max(row["born"], row["came"] or row["born"])
            title = f"Многодетная? Детей до 18 лет: {row['n']}"
            todo = "Проверьте состав и укажите категорию."
            yield _hint(family, f"large:gained:{row['n']}:{on}", on, title, todo, "category-set", "Категория")
    for family, period in claimed.items():
        number = counted[family]["n"] if family in counted else 0
        if number < least:
            title = f"Больше не многодетная? Детей до 18 лет: {number}"
            todo = "Проверьте состав и категорию."
            fact = f"large:lost:{number}:{period}"
            yield _hint(family, fact, today, title, todo, "category-set", "Категория")


def _consents(ids, organisation_id, today):
    """A consent to the reader's organisation ends, and the person has given no later one."""
    window = (today - BEHIND, today + AHEAD)
    later = Consent.objects.filter(
        family=OuterRef("family"), subject=OuterRef("subject"), operator=organisation_id, withdrawn_on=None
    ).filter(Q(until=None) | Q(until__gt=OuterRef("until")))
    there = FamilyMembership.objects.valid_on(today).filter(family=OuterRef("family"), person=OuterRef("subject"))
    rows = Consent.objects.filter(
        Exists(there),
        ~Exists(later),
        family__in=ids,
        operator=organisation_id,
        withdrawn_on=None,
        until__range=window,
    )
    by_day = rows.order_by().values("family", "until").annotate(n=Count("subject", distinct=True))
    for row in by_day:
        on = row["until"]
        title = f"Согласия ({row['n']}) {'действуют до' if on >= today else 'истекли'} {on:%d.%m.%Y}"
        todo = "Без действующего согласия данные обрабатывать нельзя: получите новые."
        yield _hint(row["family"], f"consent:{organisation_id}:{on}", on, title, todo, "consent-new", "Согласия")


def _representations(ids, today):
    window = (today - BEHIND, today + AHEAD)
    rows = Representation.objects.filter(membership__family__in=ids, until__range=window)
    later = Representation.objects.filter(membership=OuterRef("membership")).filter(
        Q(until=None) | Q(until__gt=OuterRef("until"))
    )
    # A representation ended on purpose takes the mark along: the hint is about those that run out.
    rows = rows.filter(~Exists(later), membership__is_representative=True).select_related("membership__person")
    for row in rows:
        person = row.membership.person
        yield Hint(
            row.membership.family_id,
            f"representation:{row.pk}:{row.until}",
            row.until,
            f"{person.first_name or person.last_name}: {row.get_ground_display()} до {row.until:%d.%m.%Y}",
            "Проверьте документ представителя и запишите новый срок.",
            reverse("families:representation-add", args=[row.membership_id]),
            "Представитель",
        )


def _statuses(ids, today):
    window = (today - BEHIND, today + AHEAD)
    later = HealthStatus.objects.filter(person=OuterRef("person"), kind=OuterRef("kind")).filter(
        Q(until=None) | Q(until__gt=OuterRef("until"))
    )
    rows = HealthStatus.objects.filter(~Exists(later), until__range=window)
    memberships = FamilyMembership.objects.valid_on(today).filter(family__in=ids)
    families = {}
    rows = list(rows.filter(person__in=memberships.values("person")).select_related("person"))
    if rows:
        pairs = memberships.filter(person__in=[row.person_id for row in rows]).values_list("person", "family")
        for person, family in pairs:
            families.setdefault(person, set()).add(family)
    for row in rows:
        name = row.person.first_name or row.person.last_name
        for family in families.get(row.person_id, ()):
            yield Hint(
                family,
                f"status:{row.pk}:{row.until}",
                row.until,
                f"{name}: {row.get_detail_display()} до {row.until:%d.%m.%Y}",
                "Напомните о переосвидетельствовании, запишите новый срок.",
                reverse("families:person-detail", args=[row.person_id]),
                "Здоровье",
                protected=True,
            )


def _hint(family, fact, on, title, todo, page, act):
    return Hint(family, fact, on, title, todo, reverse(f"families:{page}", args=[family]), act)


def families_named(hints) -> dict[int, Family]:
    """The families the hints are about, by id, in one statement."""
    return Family.objects.in_bulk({hint.family_id for hint in hints})
