"""The search box: families by number, people, birth date, СНИЛС, telephone or address, best first.

What the reader may see comes with links; a family of another organisation only as «served, by whom», and only when the
words identify it (so that nobody leafs through the region's families by surname).
"""

import datetime
import re
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils import timezone

from families.likeness import LIKE_NAME, similarity
from families.models import Family, FamilyMembership, Person
from families.names import address_key, normalise, number_key, tidy_phone

SHOWN = 50
CANDIDATES = 300
EARLIEST_YEAR = 1900


@dataclass
class Query:
    """The search words sorted out by what they can be."""

    text: str
    number: str = ""
    snils: str = ""
    phone: str = ""
    birth_on: datetime.date | None = None
    birth_year: int | None = None
    words: list[str] = field(default_factory=list)

    @property
    def has_birth(self) -> bool:
        return self.birth_on is not None or self.birth_year is not None

    @property
    def identifies(self) -> bool:
        """Whether the words point at one family: only then families of others are looked up."""
        return bool(self.snils or self.phone or (len(self.words) >= 2 and self.has_birth))

    def __bool__(self):
        return bool(self.number or self.snils or self.phone or self.has_birth or self.words)


@dataclass
class Found:
    """One family of the reader, with the people and the facts that answered."""

    family: Family
    rank: int
    people: list[Person] = field(default_factory=list)
    why: str = ""


@dataclass
class Results:
    found: list[Found] = field(default_factory=list)
    elsewhere: list = field(default_factory=list)  # organisations that serve a family like the one asked for
    more: bool = False
    guessed: bool = False  # nothing matched as typed: these are like it
    identifies: bool = False

    def __len__(self):
        return len(self.found) + len(self.elsewhere)


def read_query(text: str) -> Query:
    """Sort out what was typed: «№ 0318», «12.03.2015», «2015», «112-233-445 95», «+7 912 …», «Ковалёва Анна»."""
    query = Query(text=text.strip())
    rest = query.text
    for pattern, order in ((r"\b(\d{1,2})[.](\d{1,2})[.](\d{4})\b", "dmy"), (r"\b(\d{4})-(\d{2})-(\d{2})\b", "ymd")):
        match = re.search(pattern, rest)
        if match:
            parts = dict(zip(order, map(int, match.groups()), strict=True))
            try:
                query.birth_on = datetime.date(parts["y"], parts["m"], parts["d"])
            except ValueError:
                continue
            rest = rest.replace(match.group(), " ")
    match = re.search(r"\+?\d[\d\s()-]{8,}\d", rest)
    if match:
        digits = re.sub(r"\D", "", match.group())
        if len(digits) == 11:
            query.snils = digits
        if 10 <= len(digits) <= 12:
            query.phone = tidy_phone(match.group())
        rest = rest.replace(match.group(), " ")
    words = normalise(rest).split()
    if len(words) == 1 and any(sign.isdigit() for sign in words[0]):
        query.number = re.sub(r"^[№#\s]+", "", rest).strip()
    years = [word for word in words if re.fullmatch(r"\d{4}", word) and _is_year(int(word))]
    if years and not query.birth_on:
        query.birth_year = int(years[0])
        words.remove(years[0])
    query.words = [] if query.number and not query.birth_year else words
    if query.number and query.birth_year:
        query.words = []
    return query


def _is_year(number) -> bool:
    return EARLIEST_YEAR <= number <= timezone.localdate().year


def find_families(user, text: str) -> Results:
    """Families that answer `text`: the user's own with links, others as organisations only."""
    query = read_query(text)
    if not query:
        return Results()
    own = Family.objects.visible_to(user)
    found = _rank(query, own)
    results = Results(identifies=query.identifies)
    if not found and query.words:
        found, results.guessed = _guess(query, own), True
    results.found, results.more = found[:SHOWN], len(found) > SHOWN
    if query.identifies or query.number:
        results.elsewhere = _serving(query, own)
    return results


def _people_condition(query) -> Q | None:
    """The condition on a person, or None when the words say nothing of people."""
    if query.snils or query.phone:
        known = Q(snils=query.snils) if query.snils else Q(pk__in=[])
        return known | Q(phone=query.phone) if query.phone else known
    if not query.words and not query.has_birth:
        return None
    condition = Q()
    for word in query.words:
        condition &= Q(search_name__startswith=word) | Q(search_name__contains=f" {word}")
    if query.birth_on:
        condition &= Q(birth_on=query.birth_on)
    elif query.birth_year:
        condition &= Q(birth_on__year=query.birth_year)
    return condition


def _family_condition(query) -> Q:
    """The condition on the card itself: number, telephone, surname and address."""
    condition = Q(pk__in=[])
    if query.number:
        condition |= Q(number_key=number_key(query.number))
    if query.phone:
        condition |= Q(phone=query.phone)
    if query.words and not query.has_birth:
        card = Q()
        for word in address_key(" ".join(query.words)).split() or query.words:
            card &= Q(search_text__startswith=word) | Q(search_text__contains=f" {word}")
        condition |= card
    return condition


def _rank(query, families) -> list[Found]:
    found: dict[int, Found] = {}
    for membership in _memberships(query, families):
        entry = found.setdefault(membership.family_id, Found(membership.family, rank=0))
        entry.people.append(membership.person)
        entry.rank = max(entry.rank, _person_rank(query, membership.person))
    for family in families.filter(_family_condition(query)).select_related("municipality")[:CANDIDATES]:
        entry = found.setdefault(family.pk, Found(family, rank=0))
        entry.rank = max(entry.rank, _family_rank(query, family))
    return sorted(found.values(), key=lambda entry: (-entry.rank, entry.family.surname, entry.family.pk))


def _memberships(query, families):
    condition = _people_condition(query)
    if condition is None:
        return []
    people = Person.objects.filter(condition).order_by()
    return (
        FamilyMembership.objects.valid_on(timezone.localdate())
        .filter(person__in=people, family__in=families.order_by())
        .select_related("person", "family__municipality")
        .order_by("family__surname", "pk")[:CANDIDATES]
    )


def _person_rank(query, person) -> int:
    if query.snils and person.snils == query.snils:
        return 90
    if query.phone and person.phone == query.phone:
        return 85
    if query.words and sorted(query.words) == sorted(person.search_name.split()):
        return 80
    if query.words and normalise(person.last_name) in query.words:
        return 70
    return 50


def _family_rank(query, family) -> int:
    if query.number and family.number_key == number_key(query.number):
        return 100
    if query.phone and family.phone == query.phone:
        return 85
    if query.words and normalise(family.surname) == " ".join(query.words):
        return 75
    return 60 if family.search_text.startswith(query.words[0] if query.words else "\0") else 40


def _guess(query, families) -> list[Found]:
    """People of own families whose surname is like the first word: for slips of the pen."""
    word = query.words[0]
    if len(word) < 3:
        return []
    people = Person.objects.filter(search_name__startswith=word[:2]).order_by()
    memberships = (
        FamilyMembership.objects.valid_on(timezone.localdate())
        .filter(person__in=people, family__in=families.order_by())
        .select_related("person", "family__municipality")[: CANDIDATES * 3]
    )
    found: dict[int, Found] = {}
    for membership in memberships:
        rank = int(100 * similarity(word, normalise(membership.person.last_name)))
        if rank >= 100 * LIKE_NAME:
            entry = found.setdefault(membership.family_id, Found(membership.family, rank=rank))
            entry.rank = max(entry.rank, rank)
            entry.people.append(membership.person)
    return sorted(found.values(), key=lambda entry: (-entry.rank, entry.family.surname, entry.family.pk))


def _serving(query, own) -> list:
    """Organisations that hold a family the words identify and that the reader may not see."""
    from sopr.accounts.models import Organisation

    others = Family.objects.exclude(pk__in=own.order_by().values("pk"))
    road = Q(pk__in=[])
    if query.number:
        road |= Q(number_key=number_key(query.number))
    if query.phone:
        road |= Q(phone=query.phone)
    condition = _people_condition(query) if query.identifies else None
    if condition is not None:
        members = FamilyMembership.objects.valid_on(timezone.localdate()).filter(
            person__in=Person.objects.filter(condition).order_by()
        )
        road |= Q(pk__in=members.order_by().values("family"))
    return list(Organisation.objects.filter(families__in=others.filter(road).order_by()).distinct()[:10])
