"""The list behind a figure of a district: families, or children with their families.

Whoever reads it sees the families of the own organisation only. Of another organisation's family it shows that there
is one and whom to ask, as the search does; where an address is hidden, or a list would tell something of health, a
curator sees that there is such a card and no more (domain.md §5).
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet
from django.urls import reverse

from families.districts.figures import valid_on
from families.models import CategoryPeriod, Family, FamilyMembership, Person
from sopr.accounts.models import Organisation
from sopr.accounts.policy import Role
from sopr.web.tables import Column

CHUNK = 500
CLOSED = "открыта куратору семьи и руководителю"


@dataclass(frozen=True)
class Line:
    """One row of the list; what the reader may not see is empty, `note` says why and whom to ask."""

    title: str
    number: str = ""
    url: str = ""
    category: str = ""
    address: str = ""
    age: int | None = None
    birth_on: datetime.date | None = None
    note: str = ""


FAMILY_COLUMNS = [
    Column("number", "№", width=12),
    Column("title", "Семья", url=lambda line: line.url, note=lambda line: line.note, width=28),
    Column("category", "Основная категория", width=44),
    Column("address", "Адрес", width=44),
]
CHILD_COLUMNS = [
    Column("title", "Ребёнок", url=lambda line: line.url, note=lambda line: line.note, width=36),
    Column("age", "Полных лет", kind="number", width=12),
    Column("birth_on", "Родился", kind="date", width=14),
    Column("number", "№ семьи", width=12),
    Column("address", "Адрес", width=44),
]
NOTE = Column("note", "Примечание", width=60)


def columns_of(model) -> list[Column]:
    """Columns of a list of families or of people."""
    return FAMILY_COLUMNS if model is Family else CHILD_COLUMNS


class Lines:
    """Makes lines of rows for `user`: `day` is that of the figure, `families` ids (or a queryset) of its families."""

    def __init__(self, user, day, families, *, sensitive=False):
        self.user, self.day, self.families, self.sensitive = user, day, families, sensitive

    def of(self, rows: list) -> list[Line]:
        """Lines of the families or people `rows`, in a constant number of statements."""
        if not rows:
            return []
        if isinstance(rows[0], Family):
            found = self._cards(Family.objects.filter(pk__in=[row.pk for row in rows]))
            return [self._family(found[row.pk]) for row in rows]
        return self._children(rows)

    def all(self, subjects: QuerySet) -> Iterator[Line]:
        """Lines of a whole queryset, piece by piece: for the spreadsheet."""
        piece = []
        for row in subjects.iterator(chunk_size=CHUNK):
            piece.append(row)
            if len(piece) == CHUNK:
                yield from self.of(piece)
                piece = []
        yield from self.of(piece)

    def _cards(self, families) -> dict[int, Family]:
        primary = CategoryPeriod.objects.filter(valid_on(self.day), is_primary=True)
        holders = Organisation.objects.only("name", "short_name", "phone").order_by("pk")
        families = families.prefetch_related(
            Prefetch("category_periods", primary, to_attr="primary_then"), Prefetch("holders", holders)
        )
        return {family.pk: family for family in families.select_related("merged_into")}

    def _sees(self, family) -> str:
        """«own», «closed» (own, but not this reader's) or «other» organisation's."""
        if self.user.organisation_id not in {holder.pk for holder in family.holders.all()}:
            return "other"
        closed = family.address_hidden or self.sensitive
        return "closed" if closed and self.user.role != Role.HEAD else "own"

    def _family(self, family) -> Line:
        seen = self._sees(family)
        if seen == "closed":
            return Line(title="Карточка закрыта", note=CLOSED)
        if seen == "other":
            return Line("Другая организация", note=_whom(family))
        category = family.primary_then[0].get_category_display() if family.primary_then else "не указана"
        merged = f"объединена с № {family.merged_into.number}" if family.merged_into else ""
        return Line(
            title=family.surname,
            number=family.number,
            url=reverse("families:family-detail", args=[(family.merged_into or family).pk]),
            category=category,
            address=family.address,
            note=merged,
        )

    def _children(self, people) -> list[Line]:
        members = FamilyMembership.objects.filter(valid_on(self.day), person__in=[person.pk for person in people])
        members = members.filter(family__in=self.families).order_by("pk")
        family_of = {}
        for row in members:
            family_of.setdefault(row.person_id, row.family_id)
        cards = self._cards(Family.objects.filter(pk__in=set(family_of.values())))
        return [self._child(person, cards.get(family_of.get(person.pk))) for person in people]

    def _child(self, person: Person, family) -> Line:
        seen = self._sees(family) if family else "closed"
        if seen == "own" and person.address_hidden and self.user.role != Role.HEAD:
            seen = "closed"
        age = person.age_on(self.day)
        if seen == "closed":
            return Line(title="Карточка закрыта", age=None if self.sensitive else age, note=CLOSED)
        if seen == "other":
            return Line("Другая организация", note=_whom(family))
        return Line(
            title=person.full_name,
            number=family.number,
            url=reverse("families:family-detail", args=[(family.merged_into or family).pk]),
            address=family.address,
            age=age,
            birth_on=person.birth_on,
        )


def _whom(family) -> str:
    """Whom to ask about another organisation's card."""
    return "; ".join(", ".join(filter(None, [str(holder), holder.phone])) for holder in family.holders.all())
