"""Whether two entries are one human being: names, birth date and СНИЛС compared, the same on both databases."""

import datetime
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import IntEnum

from families.finding.closeness import slips, slips_allowed
from families.finding.first_names import same_name, two_names
from families.models import Person
from families.names import normalise

SAME_NAME = 0.92  # of `name_likeness`: one slip in a long name
MANY = 100  # slips: not the same word
MOVED = ((0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1))  # the places in which a name's words are found
GENERATION = 12  # years: a date as far away is no slip of the pen but a father's or a mother's


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
    """Grade of one typed person against one stored, with the facts that agree, in Russian.

    Never STRONG without the same first name: twins differ in nothing else. Never above WEAK with birth dates that
    differ by more than a slip: so do a father and a son of one name.
    """
    names = compare_names(typed, person)
    dates = _dates_agree(typed.birth_on, person.birth_on)
    numbers = _numbers_agree(typed.snils, person.snils)
    same_phone = bool(typed.phone) and typed.phone == person.phone
    if numbers == "same":
        grade = Grade.STRONG
    elif numbers == "differ":  # one human being has one number: likely namesakes, else a mistake in a paper
        grade = Grade.NEAR if names.same and dates == "same" else None
    else:
        grade = _grade(names, dates, numbers)
    if same_phone and numbers != "differ":
        grade = max(grade or Grade.WEAK, Grade.NEAR if names.first == 0 and dates else Grade.WEAK)
    return grade, _facts(names, dates, numbers, same_phone, person) if grade else []


def _grade(names, dates, numbers) -> Grade | None:
    if names.one_other:  # a maiden name, a child's former surname; a patronymic given after an adoption
        return Grade.NEAR if dates == "same" else None
    if names.wrong is None:
        return None
    if dates == "same":
        return Grade.STRONG if names.first == 0 and names.wrong <= 1 else Grade.NEAR
    if dates == "slip":
        return Grade.NEAR if names.wrong <= 1 else Grade.WEAK
    if dates == "unknown":
        sure = names.wrong <= 1 and (names.patronymic is not None or numbers == "slip")
        return Grade.NEAR if sure else Grade.WEAK
    return Grade.WEAK if names.same else None


def _facts(names, dates, numbers, same_phone, person) -> list[str]:
    """What agrees, and how exactly."""
    facts = []
    if names.one_other and dates == "same":
        facts.append(f"{person.full_name} ({names.one_other})")
    elif names.wrong is not None:
        note = " (слова переставлены)" if names.moved else " (написано похоже)" if names.wrong else ""
        facts.append(person.full_name + note)
    elif numbers == "same":
        facts.append(person.full_name)
    if dates in ("same", "slip"):
        facts.append(f"{person.birth_on:%d.%m.%Y}" + (" (в дате отличие)" if dates == "slip" else ""))
    if numbers in ("same", "slip"):
        facts.insert(0, "СНИЛС" if numbers == "same" else "СНИЛС (отличается одной цифрой)")
    return facts + (["телефон"] if same_phone else [])


@dataclass(frozen=True)
class Names:
    """Slips in surname, first name and patronymic: 0 = the same, None = not compared, MANY = another one."""

    last: int
    first: int
    patronymic: int | None
    moved: bool = False  # the words stand in each other's places

    @property
    def wrong(self) -> int | None:
        """Slips in all; None when some part is another one."""
        total = self.last + self.first + (self.patronymic or 0)
        return total if total < MANY else None

    @property
    def same(self) -> bool:
        return self.wrong == 0

    @property
    def one_other(self) -> str:
        """What alone is another one, in words: the surname or the patronymic, with the rest the same; else empty."""
        if self.first == 0 and self.last == MANY and self.patronymic == 0:
            return "другая фамилия"
        return "другое отчество" if self.first == 0 and self.last == 0 and self.patronymic == MANY else ""


def compare_names(typed: Typed, person: Person) -> Names:
    """How the names differ, in the order in which they differ least."""
    ours = [normalise(typed.last_name), normalise(typed.first_name), normalise(typed.patronymic)]
    theirs = [normalise(person.last_name), normalise(person.first_name), normalise(person.patronymic)]
    if not ours[0] or not ours[1] or not theirs[0] or not theirs[1]:
        return Names(MANY, MANY, None)
    straight = _in_order(ours, theirs)
    if straight.wrong is not None:
        return straight
    for order in MOVED:
        moved = _in_order([ours[place] for place in order], theirs, moved=True)
        if moved.wrong is not None and moved.wrong <= 1:
            return moved
    return straight


def _in_order(ours, theirs, moved=False) -> Names:
    patronymic = _word_slips(ours[2], theirs[2]) if ours[2] and theirs[2] else None
    return Names(_surname_slips(ours[0], theirs[0]), _name_slips(ours[1], theirs[1]), patronymic, moved)


def _word_slips(one, other) -> int:
    if one == other:
        return 0
    if not one or not other:
        return MANY
    wrong = slips(one, other)
    if wrong <= slips_allowed(max(one, other, key=len)):
        return wrong
    return 2 if wrong == 1 else MANY  # a letter of a short word weighs more: «Ева» and «Ива»


def _surname_slips(one, other) -> int:
    """A double surname with one of its halves counts as a slip: «Орлова» and «Орлова-Белова»."""
    if one != other and set(one.split()) & set(other.split()):
        return 1
    return _word_slips(one, other)


def _name_slips(one, other) -> int:
    if same_name(one, other):
        return 0
    return MANY if two_names(one, other) else _word_slips(one, other)


def _dates_agree(one, other) -> str:
    """«same», «slip» (day and month swapped, or one digit wrong), «unknown» (one is missing), or empty."""
    if one is None or other is None:
        return "unknown"
    if one == other:
        return "same"
    return "slip" if one in date_slips(other) else ""


def date_slips(day) -> set[datetime.date]:
    """Dates that one slip makes of `day`: day and month exchanged, or one digit wrong, but not a generation away."""
    text = day.isoformat()
    variants = {f"{text[:5]}{text[8:]}-{text[5:7]}"}
    for place, sign in enumerate(text):
        if sign != "-":
            variants.update(f"{text[:place]}{digit}{text[place + 1 :]}" for digit in "0123456789")
    dates = set()
    for variant in variants:
        try:
            dates.add(datetime.date.fromisoformat(variant))
        except ValueError:
            continue  # no such day
    return {date for date in dates if date != day and abs(date.year - day.year) < GENERATION}


def _numbers_agree(one, other) -> str:
    """«same», «slip» (one digit wrong or two neighbours swapped), «differ», or empty when one is missing."""
    if not one or not other:
        return ""
    if one == other:
        return "same"
    return "slip" if len(one) == len(other) and slips(one, other) == 1 else "differ"
