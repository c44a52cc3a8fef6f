"""Households: who lives in a family of each category, as of the day it comes to the service."""

import datetime
import random
from dataclasses import dataclass, field

from families.categories import Category
from families.models import FamilyMembership
from sopr.demo import names

Relation = FamilyMembership.Relation
YEAR = 365

WOMENS_WORK = (
    "продавец в магазине", "швея на дому", "няня в детском саду", "не работает, ухаживает за ребёнком",
    "санитарка районной больницы", "уборщица в школе", "медицинская сестра", "повар в столовой", "ищет работу",
    "в отпуске по уходу за ребёнком", "почтальон", "бухгалтер, неполный день",
)  # fmt: skip
MENS_WORK = (
    "водитель", "разнорабочий", "вахтовый работник", "электрик", "ищет работу", "слесарь котельной", "сторож",
    "тракторист", "сварщик", "работает без договора", "охранник",
)  # fmt: skip
CHILD_HEALTH = ("", "", "", "частые простуды", "задержка речевого развития", "близорукость слабой степени", "аллергия")


@dataclass
class Member:
    """One person of a household; the surname is in the person's own form."""

    relation: str
    sex: str
    last_name: str
    first_name: str
    patronymic: str
    birth_on: datetime.date
    since: datetime.date
    is_representative: bool = False
    occupation: str = ""
    health: str = ""


@dataclass
class Household:
    surname: str  # of the family, in the plural
    members: list[Member] = field(default_factory=list)


def household(category: str, rng: random.Random, on: datetime.date, surname, youngest_grows_up=False) -> Household:
    """Make up a family of `category` as it is on the date `on`; `surname` is one of names.surnames()."""
    maker = _Maker(rng, on, surname)
    if category == Category.FOSTER:
        maker.foster()
    elif category == Category.UNDERAGE_PARENTS:
        maker.underage_mother()
    else:
        maker.parents(category)
        maker.children(category, youngest_grows_up)
    return Household(surname.family, maker.members)


class _Maker:
    def __init__(self, rng, on, surname):
        self.rng, self.on = rng, on
        self.his, self.her = surname.man, surname.woman
        self.father_name = rng.choice(list(names.FATHERS))
        self.members = []

    def born(self, youngest: float, oldest: float) -> datetime.date:
        """A birthday that gives an age between two numbers of years."""
        return self.on - datetime.timedelta(days=self.rng.randint(int(youngest * YEAR), int(oldest * YEAR)))

    def woman(self, relation, birth_on, last_name=None, representative=True):
        self._add(relation, "f", last_name or self.her, self.rng.choice(names.WOMEN), birth_on, representative,
                  self.rng.choice(WOMENS_WORK))  # fmt: skip

    def man(self, relation, birth_on, name=None, representative=True):
        name = name or self.rng.choice(list(names.FATHERS))
        self._add(relation, "m", self.his, name, birth_on, representative, self.rng.choice(MENS_WORK))

    def child(self, birth_on, health="", last_names=None):
        sex = self.rng.choice("mf")
        his, her = last_names or (self.his, self.her)
        used = {member.first_name for member in self.members}
        first = self.rng.choice([name for name in (names.BOYS if sex == "m" else names.GIRLS) if name not in used])
        age = (self.on - birth_on).days // YEAR
        busy = "дома" if age < 2 else "детский сад" if age < 7 else f"школа, {min(age - 6, 11)} класс"
        self._add(
            Relation.CHILD, sex, his if sex == "m" else her, first, birth_on, False, busy, self.father_name, health
        )

    def _add(self, relation, sex, last, first, birth_on, representative, occupation, father=None, health=""):
        son, daughter = names.FATHERS[father or self.rng.choice(list(names.FATHERS))]
        since = birth_on if relation == Relation.CHILD else None
        self.members.append(
            Member(relation, sex, last, first, son if sex == "m" else daughter, birth_on, since, representative,
                   occupation, health or (self.rng.choice(CHILD_HEALTH) if relation == Relation.CHILD else ""))
        )  # fmt: skip

    def parents(self, category):
        alone = category in (Category.SINGLE_PARENT, Category.NEWBORN_REFUSAL_RISK) or self.rng.random() < 0.35
        father_alone = category == Category.SINGLE_PARENT and self.rng.random() < 0.2
        ages = (19, 26) if category == Category.NEWBORN_REFUSAL_RISK else (34, 43)
        if not father_alone:
            self.woman(Relation.MOTHER, self.born(*ages))
        if father_alone or not alone:
            self.man(Relation.FATHER, self.born(35, 48), self.father_name)
        if self.rng.random() < 0.12:
            self.woman(Relation.OTHER, self.born(58, 71), representative=False)

    def children(self, category, youngest_grows_up):
        if category == Category.NEWBORN_REFUSAL_RISK:
            self.child(self.born(0.02, 0.06))
            return
        if youngest_grows_up:
            self.child(self.born(17.2, 17.5))
            return
        first_ages = {
            Category.CHILD_UNDER_3_WITH_OVZ: (0.5, 1.2),
            Category.CHILD_IN_CONFLICT_WITH_LAW: (14, 15.5),
        }.get(category, (2, 14))
        health = {
            Category.DISABLED_CHILD: "ребёнок-инвалид, детский церебральный паралич, программа реабилитации",
            Category.CHILD_UNDER_3_WITH_OVZ: "задержка психоречевого развития, наблюдается у невролога",
        }.get(category, "")
        self.child(self.born(*first_ages), health)
        more = self.rng.randint(2, 4) if category == Category.LARGE else self.rng.choice((0, 0, 1, 1, 2))
        for low in (3, 6, 9, 12)[:more]:
            self.child(self.born(low, low + 2.5))

    def foster(self):
        foster = self.rng.random() < 0.6
        relation = Relation.FOSTER_PARENT if foster else Relation.GUARDIAN
        self.woman(relation, self.born(38, 56))
        if foster and self.rng.random() < 0.6:
            self.man(Relation.FOSTER_PARENT, self.born(40, 58))
        other = self.rng.choice([name for name in names.surnames() if name.man != self.his])
        for low in (4, 9, 13)[: self.rng.randint(1, 3)]:
            self.child(self.born(low, low + 3), last_names=other[:2])
            self.members[-1].since = self.on - datetime.timedelta(days=self.rng.randint(20, 90))

    def underage_mother(self):
        """A mother of sixteen or seventeen with a baby; her own mother represents them both."""
        self.woman(Relation.OTHER, self.born(38, 48))
        self.woman(Relation.MOTHER, self.born(16.1, 16.9), representative=False)
        self.members[-1].occupation = "колледж, первый курс, академический отпуск"
        self.child(self.born(0.1, 0.8))
