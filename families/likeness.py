"""Search before create: families and people like the ones being typed (domain.md §5, §6.2).

Candidates are narrowed by the database (СНИЛС, birth date, telephone, address, beginning of the surname), then compared
in Python, the same on both databases. The number of queries does not depend on the number of people typed.
"""

import datetime
from collections import defaultdict
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import IntEnum

from django.db.models import Q
from django.utils import timezone

from families.models import Family, FamilyMembership, Person
from families.names import address_key, normalise, tidy_phone

CANDIDATES = 400  # rows of one query; a surname borne by more says nothing by itself
SUREST = 40  # families taken further; a panel shows eight
SAME_NAME = 0.92  # «Ковалёва Анна» and «Ковалева Анна»; one slip in a long name
LIKE_NAME = 0.78  # two slips, swapped letters
COMMON_WORDS = frozenset(["семья", "семье", "семьи", "семью", "ребенок", "ребенка", "дети", "детей", "мать", "отец"])
LIKE_SURNAME = 0.75  # «Ковалёвы» and «Ковалёва»


class Grade(IntEnum):
    """How sure the likeness is; from NEAR up the curator must answer before creating."""

    WEAK = 1
    NEAR = 2
    STRONG = 3


@dataclass(frozen=True)
class Typed:
    """A person as typed so far."""

    last_name: str = ""
    first_name: str = ""
    patronymic: str = ""
    birth_on: datetime.date | None = None
    snils: str = ""
    phone: str = ""

    @property
    def name(self) -> str:
        return normalise(f"{self.last_name} {self.first_name} {self.patronymic}")


@dataclass
class Likeness:
    """A family like the typed one. `facts` are shown for own families only; others show `organisations` and no more."""

    family: Family
    own: bool
    grade: Grade
    facts: list[str] = field(default_factory=list)

    @property
    def organisations(self):
        return list(self.family.holders.all())

    @property
    def must_answer(self) -> bool:
        return self.grade >= Grade.NEAR


def similarity(one: str, other: str) -> float:
    """0–1 for two normalised words or names; the order of words does not matter."""
    if not one or not other:
        return 0.0
    if sorted(one.split()) == sorted(other.split()):
        return 1.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def name_likeness(typed: Typed, person: Person) -> float:
    """0–1: how alike the names are; the patronymic counts when both have one; without a first name 0."""
    if not typed.last_name or not typed.first_name:
        return 0.0
    theirs = [normalise(person.last_name), normalise(person.first_name), normalise(person.patronymic)]
    ours = [normalise(typed.last_name), normalise(typed.first_name), normalise(typed.patronymic)]
    if not ours[2] or not theirs[2]:
        ours, theirs = ours[:2], theirs[:2]
    if sorted(ours) == sorted(theirs):
        return 1.0
    weights = (5, 4, 2)
    pairs = list(zip(ours, theirs, weights, strict=False))
    return sum(similarity(a, b) * weight for a, b, weight in pairs) / sum(weight for *_words, weight in pairs)


def compare(typed: Typed, person: Person) -> tuple[Grade | None, list[str]]:
    """Grade of one typed person against one stored, with the facts that agree, in Russian."""
    if typed.snils and typed.snils == person.snils:
        return Grade.STRONG, ["СНИЛС", person.full_name]
    names = name_likeness(typed, person)
    dates = _dates_agree(typed.birth_on, person.birth_on)
    born = [f"{person.birth_on:%d.%m.%Y}"] if person.birth_on and dates else []
    same_phone = bool(typed.phone) and typed.phone == person.phone
    facts = ([person.full_name] if names >= LIKE_NAME else []) + born + (["телефон"] if same_phone else [])
    if names >= SAME_NAME and dates == "same":
        return Grade.STRONG, facts
    if names >= LIKE_NAME and (dates in ("same", "slip") or same_phone):
        return Grade.NEAR, facts
    if names >= SAME_NAME and dates == "unknown":
        return Grade.NEAR, facts
    if names >= SAME_NAME or same_phone:
        return Grade.WEAK, facts
    return None, []


def _dates_agree(one, other) -> str:
    """«same», «slip» (day and month swapped, or one digit wrong), «unknown» (one is missing), or empty."""
    if one is None or other is None:
        return "unknown"
    if one == other:
        return "same"
    if (one.year, one.month, one.day) == (other.year, other.day, other.month):
        return "slip"
    wrong = sum(a != b for a, b in zip(one.isoformat(), other.isoformat(), strict=True))
    return "slip" if wrong == 1 else ""


def find_like(*, by, people=(), surname="", address="", phone="", besides=None) -> list[Likeness]:
    """Families like the typed one, surest first: own with the facts that agree, others only from grade NEAR.

    `people` are `Typed`; `besides` is a family left out (the one being edited).
    """
    people = [_tidy(person) for person in people]
    phone, key = tidy_phone(phone), address_key(address)
    grades = _by_people(people)
    candidates = Family.objects.live().filter(_same_home(key, phone) | Q(pk__in=grades))
    if besides is not None:
        candidates = candidates.exclude(pk=besides.pk)
    candidates = candidates.select_related("municipality").prefetch_related("holders")[:CANDIDATES]
    likes = []
    for family in candidates:
        grade, facts = _with_home(family, grades.get(family.pk), surname, key, phone)
        own = any(holder.pk == by.organisation_id for holder in family.holders.all())
        if grade is not None and (own or grade >= Grade.NEAR):
            likes.append(Likeness(family, own, grade, facts))
    return sorted(likes, key=lambda like: (-like.grade, not like.own, -len(like.facts), like.family.pk))[:8]


def find_people_like(typed: Typed, *, by) -> list[tuple[Grade, Person]]:
    """People of own families like the typed one, surest first: the choice when a member is added."""
    ranked = []
    for person in Person.objects.visible_to(by).filter(_same_person([_tidy(typed)]))[:CANDIDATES]:
        grade, _facts = compare(_tidy(typed), person)
        if grade is not None:
            ranked.append((grade, person))
    return sorted(ranked, key=lambda pair: (-pair[0], pair[1].pk))[:5]


def _tidy(typed: Typed) -> Typed:
    return Typed(
        typed.last_name, typed.first_name, typed.patronymic, typed.birth_on, typed.snils, tidy_phone(typed.phone)
    )


def _same_home(key, phone) -> Q:
    same = Q(pk__in=[])
    if key and any(sign.isdigit() for sign in key):  # a street without a house is nobody's address
        same |= Q(address_key=key)
    if phone:
        same |= Q(phone=phone)
    return same


def _same_person(people) -> Q:
    """The condition that narrows people to candidates by СНИЛС, telephone, birth date, beginning of the name."""
    same = Q(pk__in=[])
    for typed in people:
        if typed.snils:
            same |= Q(snils=typed.snils)
        if typed.phone:
            same |= Q(phone=typed.phone)
        if typed.birth_on:
            same |= Q(birth_on__in=_date_variants(typed.birth_on))
        first, last = normalise(typed.first_name), normalise(typed.last_name)
        if first and last:
            around = Q(birth_on=None) | Q(birth_on__year=typed.birth_on.year) if typed.birth_on else Q()
            for head, rest in ((last, first), (first, last)):
                same |= (
                    Q(search_name__startswith=head[: max(3, len(head) - 2)], search_name__contains=rest[:3]) & around
                )
    return same


def _date_variants(day) -> list[datetime.date]:
    variants = [day]
    if day.day <= 12:
        variants.append(datetime.date(day.year, day.day, day.month))
    return variants


def _by_people(people) -> dict[int, tuple[Grade, list[str]]]:
    """Grade and facts by family id, from its present members; two people alike say more than one."""
    if not people:
        return {}
    memberships = FamilyMembership.objects.valid_on(timezone.localdate()).select_related("person")
    memberships = memberships.filter(person__in=Person.objects.filter(_same_person(people)).order_by()[:CANDIDATES])
    found = defaultdict(lambda: [None, [], set()])
    for membership in memberships:
        for typed in people:
            grade, facts = compare(typed, membership.person)
            if grade is None:
                continue
            entry = found[membership.family_id]
            entry[0] = grade if entry[0] is None else max(entry[0], grade)
            entry[1].extend(fact for fact in facts if fact not in entry[1])
            entry[2].add(membership.person_id)
    for entry in found.values():
        if entry[0] == Grade.WEAK and len(entry[2]) > 1:
            entry[0] = Grade.NEAR
    surest = sorted(found.items(), key=lambda item: (-item[1][0], -len(item[1][1]), item[0]))[:SUREST]
    return {family_id: (entry[0], entry[1]) for family_id, entry in surest}


def _with_home(family, by_people, surname, key, phone):
    """Grade and facts with the address, telephone and surname of the family itself taken into account."""
    grade, facts = by_people or (None, [])
    facts = list(facts)
    surnames = similarity(normalise(surname), normalise(family.surname)) >= LIKE_SURNAME
    same_address = bool(key) and family.address_key == key
    same_phone = bool(phone) and family.phone == phone
    if same_address and not family.address_hidden:
        facts.append(family.address)
    if same_phone and "телефон" not in facts:
        facts.append("телефон")
    if same_address or same_phone:
        grade = max(grade or Grade.WEAK, Grade.NEAR if surnames or grade else Grade.WEAK)
    if grade and surnames:
        facts.insert(0, f"фамилия семьи «{family.surname}»")
    return grade, facts


def families_named_in(text, address, *, by) -> list[Family]:
    """Own families a signal may be about: the surname begins like a word of `text`, or the address is the same."""
    condition = _same_home(address_key(address), "")
    for word in normalise(text).split():
        if len(word) >= 5 and word not in COMMON_WORDS:
            condition |= Q(search_text__startswith=word[:-2])
    return list(Family.objects.visible_to(by).filter(condition).select_related("municipality").order_by("pk")[:8])
