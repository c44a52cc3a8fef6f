"""Search before create: families and people like the ones being typed (domain.md §5, §6.2).

Candidates are narrowed by the database (СНИЛС, birth date, telephone, address, pieces of the name), then compared one
by one (families.finding.sameness). The number of queries does not depend on the number of people typed.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace

from django.db.models import Q
from django.utils import timezone

from families.finding.sameness import Grade, Typed, compare, date_slips, similarity
from families.models import Family, FamilyMembership, Person
from families.names import address_key, normalise, tidy_phone

CANDIDATES = 1000  # rows of one query; a name borne by more says nothing by itself
SUREST = 40  # families taken further; a panel shows eight
COMMON_WORDS = frozenset(["семья", "семье", "семьи", "семью", "ребенок", "ребенка", "дети", "детей", "мать", "отец"])
LIKE_SURNAME = 0.75  # «Ковалёвы» and «Ковалёва»


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


@dataclass
class PersonLikeness:
    """A person of own families like the typed one."""

    person: Person
    grade: Grade
    facts: list[str]

    @property
    def must_answer(self) -> bool:
        return self.grade >= Grade.NEAR


def find_people_like(typed: Typed, *, by) -> list[PersonLikeness]:
    """People of own families like the typed one, surest first: the choice when a member is added."""
    typed, ranked = _tidy(typed), []
    candidates = Person.objects.filter(_same_person([typed])).order_by()[:CANDIDATES]
    for person in Person.objects.visible_to(by).filter(pk__in=[person.pk for person in candidates]):
        grade, facts = compare(typed, person)
        if grade is not None:
            ranked.append(PersonLikeness(person, grade, facts))
    return sorted(ranked, key=lambda like: (-like.grade, -len(like.facts), like.person.pk))[:5]


def _tidy(typed: Typed) -> Typed:
    return replace(typed, phone=tidy_phone(typed.phone))


def _same_home(key, phone) -> Q:
    same = Q(pk__in=[])
    if key and any(sign.isdigit() for sign in key):  # a street without a house is nobody's address
        same |= Q(address_key=key)
    if phone:
        same |= Q(phone=phone)
    return same


def _same_person(people) -> Q:
    """The condition that narrows people to candidates; every alternative has an index to begin from."""
    same = Q(pk__in=[])
    for typed in people:
        if typed.snils:
            same |= Q(snils=typed.snils)
        if typed.phone:
            same |= Q(phone=typed.phone)
        last, first = normalise(typed.last_name).split(), normalise(typed.first_name).split()
        words = [*last, *first]
        if typed.birth_on:
            same |= Q(birth_on=typed.birth_on)
            pieces = Q(*(Q(search_name__contains=word[:3]) for word in words), _connector=Q.OR)
            same |= Q(birth_on__in=date_slips(typed.birth_on)) & pieces if words else Q(pk__in=[])
        if last and first:
            alike = _like_name(last, first)
            same |= alike & Q(birth_on=None) if typed.birth_on else alike
            if typed.birth_on:  # a namesake of the same year: perhaps the day is wrong
                same |= Q(search_name__has_words=words, birth_on__year=typed.birth_on.year)
    return same & Q(merged_into=None)


def _like_name(last, first) -> Q:
    """A slip in the surname or in the first name, not in both: one of them whole keeps the candidates few."""
    return Q(search_name__has_words=first) & Q(search_name__like_words=last) | Q(search_name__has_words=last) & Q(
        search_name__like_words=first
    )


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
