"""Who lives in a generated family: 2.3 people on average, surnames as unequal as in life."""

import datetime
from itertools import accumulate

from families.categories import Category
from families.models import FamilyMembership, Person
from sopr.demo import names
from sopr.demo.people import CHILD_HEALTH, MENS_WORK, WOMENS_WORK

Relation = FamilyMembership.Relation
SIZES = {2: 0.82, 3: 0.10, 4: 0.04, 5: 0.04}  # people: share of the families; 2.3 on average
WITH_SNILS = 0.85
TWO_PEOPLE = {
    Category.SINGLE_PARENT: 30, Category.LOW_INCOME: 20, Category.DISABLED_CHILD: 12, Category.OTHER: 12,
    Category.CHILD_IN_CONFLICT_WITH_LAW: 8, Category.SOCIAL_CONTRACT: 8, Category.NEWBORN_REFUSAL_RISK: 4,
    Category.CHILD_UNDER_3_WITH_OVZ: 4, Category.REFUGEES: 2,
}  # fmt: skip
# Surnames of two parts make the long tail of rare ones.
FIRST_PARTS = "Бело Черно Красно Криво Добро Мало Сухо Старо Ново Густо Остро Право Синь Верхо Низо Звоно".split()
LAST_PARTS = "глаз нос бород руков пал вод зуб рог щек лоб бров хвост гор сел мельник град пол бок усов".split()
MODULUS = 890_000_000  # of nine-digit numbers above 001-001-998, whose checksum is checked


class Households:
    def __init__(self, rng):
        self.rng = rng
        common = names.surnames()
        rare = [
            names.Surname(f"{name}ов", f"{name}ова", f"{name}овы", f"{name}овых")
            for name in (first + last for first in FIRST_PARTS for last in LAST_PARTS)
        ]
        self.surnames = common + rare
        weights = [1 / (rank + 12) for rank in range(len(common))] + [1 / (len(common) + 12) / 3] * len(rare)
        self.bounds = list(accumulate(weights))
        self.fathers = list(names.FATHERS)
        self.people = rng.randrange(MODULUS)

    def surname(self) -> names.Surname:
        return self.rng.choices(self.surnames, cum_weights=self.bounds)[0]

    def category(self, size, guardian) -> str:
        if guardian:
            return Category.FOSTER
        if size >= 5:
            return Category.LARGE
        return self.rng.choices(list(TWO_PEOPLE), weights=TWO_PEOPLE.values())[0]

    def make(self, surname, today) -> tuple[str, list[tuple[Person, str, bool]]]:
        """The family's category and its people: (unsaved person, relation, whether a legal representative)."""
        rng = self.rng
        size = rng.choices(list(SIZES), weights=SIZES.values())[0]
        guardian = rng.random() < 0.05
        category = self.category(size, guardian)
        father_name = rng.choice(self.fathers)
        people = []
        if guardian:
            people.append((self._adult(surname, "f", today, (35, 60)), Relation.GUARDIAN, True))
        elif rng.random() < 0.05:
            people.append((self._adult(surname, "m", today, (24, 50), father_name), Relation.FATHER, True))
        else:
            people.append((self._adult(surname, "f", today, (19, 45)), Relation.MOTHER, True))
            if size > 2 and rng.random() < 0.6:
                people.append((self._adult(surname, "m", today, (22, 50), father_name), Relation.FATHER, True))
        while len(people) < size:
            youngest = (
                (0.1, 2.5) if category in (Category.CHILD_UNDER_3_WITH_OVZ, Category.NEWBORN_REFUSAL_RISK) else None
            )
            people.append((self._child(surname, today, father_name, youngest or (0.2, 17.5)), Relation.CHILD, False))
        return category, people

    def _born(self, today, ages) -> datetime.date:
        return today - datetime.timedelta(days=self.rng.randint(int(ages[0] * 365), int(ages[1] * 365)))

    def _adult(self, surname, sex, today, ages, first_name=None) -> Person:
        rng = self.rng
        first = first_name or rng.choice(names.WOMEN if sex == "f" else self.fathers)
        work = rng.choice(WOMENS_WORK if sex == "f" else MENS_WORK)
        person = self._person(surname, sex, first, rng.choice(self.fathers), self._born(today, ages), work)
        if rng.random() < 0.6:
            person.phone = names.phone(rng)
        return person

    def _child(self, surname, today, father_name, ages) -> Person:
        sex = self.rng.choice("mf")
        first = self.rng.choice(names.BOYS if sex == "m" else names.GIRLS)
        person = self._person(surname, sex, first, father_name, self._born(today, ages), "")
        person.health = self.rng.choice(CHILD_HEALTH)
        return person

    def _person(self, surname, sex, first, father_name, birth_on, occupation) -> Person:
        son, daughter = names.FATHERS[father_name]
        self.people += 1
        body = 100_000_000 + self.people * 387_420_489 % MODULUS  # no two alike: the factor shares no divisor with it
        return Person(
            last_name=surname.man if sex == "m" else surname.woman,
            first_name=first,
            patronymic=son if sex == "m" else daughter,
            sex=sex,
            birth_on=birth_on,
            occupation=occupation,
            snils=names.with_control(body) if self.rng.random() < WITH_SNILS else "",
        )
