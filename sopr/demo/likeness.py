"""A labelled set for the duplicate check: people of a generated register as somebody else would type them, and others.

Each probe says which family it is about, or that it is about nobody in the register.
"""

import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from families.finding.sameness import Typed, date_slips
from families.models import Family, FamilyMembership, Person
from sopr.accounts.models import Municipality, Organisation
from sopr.demo import names

LETTERS = "абвгдежзийклмнопрстуфхцчшщыьэюя"
TWINS = (
    "Мария Марина,Алина Алиса,Дарья Марья,Арина Карина,Кира Мира,Елена Алёна,Александра Александр,Евгения Евгений,Иван Ян,"
    "Тимур Тимофей,Роман Родион,Рустам Рустем,Марат Мурат,Матвей Макар,Анна Жанна,Полина Алина,Аврора Аурора,Айлин Эйлин"
).split(",")


@dataclass(frozen=True)
class Probe:
    """One person typed. `family` is where he stands already, or None when he is new."""

    kind: str
    typed: Typed
    family: int | None = None


@dataclass(frozen=True)
class Entry:
    """A person of the register with the family's id."""

    person: Person
    family: int
    adult: bool

    @property
    def typed(self) -> Typed:
        row = self.person
        return Typed(row.last_name, row.first_name, row.patronymic, row.birth_on, row.snils, "")


def fill_register(rng: random.Random, families: int) -> tuple[Organisation, list[Entry]]:
    """Families of a mother, perhaps a father, and one to three children; returns who holds them and who is in them."""
    municipality = Municipality.objects.create(code="likeness", name="Проверочный район")
    holder = Organisation.objects.create(code="likeness", name="Проверочный центр", municipality=municipality)
    surnames, people, members, cards = names.surnames(), [], [], []
    for number in range(families):
        surname, father = rng.choice(surnames), rng.choice(sorted(names.FATHERS))
        cards.append(_card(rng, number, surname, municipality))
        household = [(_mother(rng, surname), FamilyMembership.Relation.MOTHER)]
        if rng.random() < 0.6:
            household.append((_man(rng, surname.man, father, _born(rng, 1965, 2003)), FamilyMembership.Relation.FATHER))
        for _ in range(rng.choice((1, 1, 2, 3))):
            household.append((_child(rng, surname, father), FamilyMembership.Relation.CHILD))
        for person, relation in household:
            person.number = f"likeness-{len(people)}"
            person.fill_keys()
            people.append(person)
            members.append((number, relation))
    Family.objects.bulk_create(cards, batch_size=1000)
    Family.holders.through.objects.bulk_create(
        [Family.holders.through(family=card, organisation=holder) for card in cards], batch_size=1000
    )
    Person.objects.bulk_create(people, batch_size=1000)
    FamilyMembership.objects.bulk_create(
        [
            FamilyMembership(family=cards[number], person=person, relation=relation)
            for person, (number, relation) in zip(people, members, strict=True)
        ],
        batch_size=1000,
    )
    adult = [relation != FamilyMembership.Relation.CHILD for _number, relation in members]
    return holder, [
        Entry(person, cards[number].pk, grown)
        for person, (number, _relation), grown in zip(people, members, adult, strict=True)
    ]


def probes(rng: random.Random, entries: list[Entry], each: int) -> Iterator[Probe]:
    """`each` probes of every kind, of people drawn at random."""
    for kind, change in SAME.items():
        for entry in _drawn(rng, entries, each, kind):
            yield Probe(kind, change(rng, entry.typed), entry.family)
    for kind, change in OTHERS.items():
        for entry in _drawn(rng, entries, each, kind):
            yield Probe(kind, change(rng, replace(entry.typed, snils="")))


def _drawn(rng, entries, each, kind):
    fits = FITS.get(kind, lambda entry: True)
    return rng.sample(fitting, min(each, len(fitting))) if (fitting := [e for e in entries if fits(e)]) else []


# -- the register ------------------------------------------------------------------------------------------------------


def _card(rng, number, surname, municipality):
    card = Family(
        number=f"likeness-{number}",
        surname=surname.family,
        municipality=municipality,
        address=names.address(rng, "Проверочное"),
    )
    card.fill_keys()
    return card


def _mother(rng, surname):
    father = rng.choice(sorted(names.FATHERS))
    return Person(
        last_name=surname.woman,
        first_name=rng.choice(names.WOMEN),
        patronymic=names.FATHERS[father][1],
        sex=Person.Sex.FEMALE,
        birth_on=_born(rng, 1970, 2005),
        snils=names.snils(rng),
        phone=names.phone(rng),
    )


def _man(rng, surname, first, born):
    return Person(
        last_name=surname,
        first_name=first,
        patronymic=names.FATHERS[rng.choice(sorted(names.FATHERS))][0],
        sex=Person.Sex.MALE,
        birth_on=born,
        snils=names.snils(rng),
    )


def _child(rng, surname, father):
    girl = rng.random() < 0.5
    return Person(
        last_name=surname.woman if girl else surname.man,
        first_name=rng.choice(names.GIRLS if girl else names.BOYS),
        patronymic=names.FATHERS[father][girl],
        sex=Person.Sex.FEMALE if girl else Person.Sex.MALE,
        birth_on=_born(rng, 2008, 2025),
        snils=names.snils(rng) if rng.random() < 0.8 else "",
    )


def _born(rng, first_year, last_year):
    return datetime.date(rng.randint(first_year, last_year), 1, 1) + datetime.timedelta(days=rng.randrange(365))


# -- the same person, typed by somebody else ---------------------------------------------------------------------------


def _slip(rng, word):
    """A wrong, missing or spare letter, or two swapped."""
    place = rng.randrange(len(word))
    kind = rng.choice(("wrong", "missing", "spare", "swapped"))
    if kind == "swapped" and place < len(word) - 1 and word[place] != word[place + 1]:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if kind == "missing":
        return word[:place] + word[place + 1 :]
    letter = rng.choice([sign for sign in LETTERS if sign != word[place]])
    return word[:place] + letter + word[place + (kind != "spare") :]


def _digit(rng, digits):
    place = rng.randrange(len(digits))
    return digits[:place] + rng.choice([sign for sign in "0123456789" if sign != digits[place]]) + digits[place + 1 :]


def _without_number(change):
    """The change, with no СНИЛС typed: with it the answer would be easy."""
    return lambda rng, typed: change(rng, replace(typed, snils=""))


def _other_surname(rng, typed):
    woman = typed.patronymic.endswith("а")
    forms = [surname.woman if woman else surname.man for surname in names.surnames()]
    return replace(typed, last_name=rng.choice([form for form in forms if form[:3] != typed.last_name[:3]]))


def _married(rng, typed):
    return replace(_other_surname(rng, typed), snils=typed.snils)


def _yo(_rng, typed):
    swap = str.maketrans("ёЁ", "еЕ")
    words = (typed.last_name, typed.first_name, typed.patronymic)
    return replace(typed, **dict(zip(NAME, (word.translate(swap).upper() for word in words), strict=True)))


NAME = ("last_name", "first_name", "patronymic")
SAME = {
    "как записан": _without_number(lambda rng, typed: typed),
    "ё и е, заглавные": _without_number(_yo),
    "описка в фамилии": _without_number(lambda rng, typed: replace(typed, last_name=_slip(rng, typed.last_name))),
    "описка в имени": _without_number(lambda rng, typed: replace(typed, first_name=_slip(rng, typed.first_name))),
    "описка в отчестве": _without_number(lambda rng, typed: replace(typed, patronymic=_slip(rng, typed.patronymic))),
    "две описки": _without_number(
        lambda rng, typed: replace(
            typed, last_name=_slip(rng, typed.last_name), patronymic=_slip(rng, typed.patronymic)
        )
    ),
    "имя и отчество местами": _without_number(
        lambda rng, typed: replace(typed, first_name=typed.patronymic, patronymic=typed.first_name)
    ),
    "фамилия и имя местами": _without_number(
        lambda rng, typed: replace(typed, last_name=typed.first_name, first_name=typed.last_name)
    ),
    "без отчества": _without_number(lambda rng, typed: replace(typed, patronymic="")),
    "девичья фамилия": _without_number(_other_surname),
    "день и месяц местами": _without_number(
        lambda rng, typed: replace(
            typed, birth_on=typed.birth_on.replace(day=typed.birth_on.month, month=typed.birth_on.day)
        )
    ),
    "цифра в дате": _without_number(
        lambda rng, typed: replace(typed, birth_on=rng.choice(sorted(date_slips(typed.birth_on))))
    ),
    "описка и цифра в дате": _without_number(
        lambda rng, typed: replace(
            typed, last_name=_slip(rng, typed.last_name), birth_on=rng.choice(sorted(date_slips(typed.birth_on)))
        )
    ),
    "без даты рождения": _without_number(lambda rng, typed: replace(typed, birth_on=None)),
    "без даты, описка": _without_number(
        lambda rng, typed: replace(typed, birth_on=None, last_name=_slip(rng, typed.last_name))
    ),
    "цифра в СНИЛС": lambda rng, typed: replace(typed, snils=_digit(rng, typed.snils)),
    "цифра в СНИЛС, без даты": lambda rng, typed: replace(typed, snils=_digit(rng, typed.snils), birth_on=None),
    "СНИЛС, другая фамилия": _married,
}

# -- somebody else -----------------------------------------------------------------------------------------------------


def _twin(rng, typed):
    """A brother or sister of the same day."""
    girl = typed.patronymic.endswith("а")
    others = [name for name in (names.GIRLS if girl else names.BOYS) if name != typed.first_name]
    return replace(typed, first_name=rng.choice(others))


def _alike_twin(rng, typed):
    """A twin whose name is a letter or two apart."""
    pairs = [pair.split() for pair in TWINS if typed.first_name in pair.split()]
    return replace(typed, first_name=next(name for name in rng.choice(pairs) if name != typed.first_name))


def _namesake(rng, typed):
    """The same full name, born on another day that no slip makes of this one."""
    near = date_slips(typed.birth_on) | {typed.birth_on}
    while (day := _born(rng, typed.birth_on.year - 9, typed.birth_on.year)) in near:
        pass
    return replace(typed, birth_on=day)


def _son(rng, typed):
    """A son named after his father: «Иван Иванович», born a generation later."""
    patronymic = names.FATHERS.get(typed.first_name, (typed.patronymic,))[0]
    day = typed.birth_on + datetime.timedelta(days=round(365.25 * rng.randint(17, 38)) + rng.randrange(365))
    return replace(typed, patronymic=patronymic, birth_on=day)


def _father_of_one_name(rng, typed):
    """A father and a son alike in all three words, on one day of the year."""
    year = typed.birth_on.year + rng.choice((18, 20, 24, 30))
    return replace(typed, birth_on=typed.birth_on.replace(year=year, day=min(typed.birth_on.day, 28)))


def _sibling(rng, typed):
    day = typed.birth_on + datetime.timedelta(days=rng.randint(320, 2500))
    return replace(_twin(rng, typed), birth_on=day)


def _same_day(rng, typed):
    surname = rng.choice(names.surnames())
    return replace(_mother_typed(rng, surname), birth_on=typed.birth_on)


def _stranger(rng, _typed):
    return _mother_typed(rng, rng.choice(names.surnames()))


def _mother_typed(rng, surname):
    person = _mother(rng, surname)
    return Typed(person.last_name, person.first_name, person.patronymic, person.birth_on)


OTHERS = {
    "близнецы": _twin,
    "близнецы с похожими именами": _alike_twin,
    "отец и сын": _son,
    "отец и сын, один день года": _father_of_one_name,
    "однофамильцы, другая дата": _namesake,
    "братья и сёстры": _sibling,
    "один день рождения": _same_day,
    "посторонние": _stranger,
}
PAIRED = {name for pair in TWINS for name in pair.split()}
FITS = {
    "ё и е, заглавные": lambda entry: "ё" in entry.person.full_name.lower(),
    "девичья фамилия": lambda entry: entry.adult and entry.person.sex == Person.Sex.FEMALE,
    "день и месяц местами": lambda entry: (
        entry.person.birth_on.day <= 12 and entry.person.birth_on.day != entry.person.birth_on.month
    ),
    "цифра в СНИЛС": lambda entry: bool(entry.person.snils),
    "цифра в СНИЛС, без даты": lambda entry: bool(entry.person.snils),
    "СНИЛС, другая фамилия": lambda entry: bool(entry.person.snils),
    "близнецы": lambda entry: not entry.adult,
    "близнецы с похожими именами": lambda entry: entry.person.first_name in PAIRED,
    "отец и сын": lambda entry: entry.adult and entry.person.sex == Person.Sex.MALE,
    "отец и сын, один день года": lambda entry: entry.adult and entry.person.sex == Person.Sex.MALE,
    "братья и сёстры": lambda entry: not entry.adult,
}
