"""Russian names in the cases of printed documents.

Works on anything with `last_name`, `first_name`, `patronymic` and, where known, `sex` ('m', 'f' or '').
The library declines by rules; a rare name may come out wrong. So a person may keep forms typed by hand in
`name_forms` ({case: full name}), which win wherever his name is printed; a family's come as `override`.
"""

import logging
import re
from enum import StrEnum
from functools import lru_cache

from pytrovich.detector import PetrovichGenderDetector
from pytrovich.enums import Case as LibraryCase
from pytrovich.enums import Gender, NamePart
from pytrovich.maker import PetrovichDeclinationMaker

# The library writes the names it is unsure of into its log; ours carry no personal data.
logging.getLogger("pytrovich").setLevel(logging.CRITICAL)


class Case(StrEnum):
    """Grammatical cases: кто, кого, кому, кого (винительный), кем, о ком."""

    NOM, GEN, DAT, ACC, INS, PREP = "nom", "gen", "dat", "acc", "ins", "prep"


LIBRARY_CASES = {
    Case.GEN: LibraryCase.GENITIVE,
    Case.DAT: LibraryCase.DATIVE,
    Case.ACC: LibraryCase.ACCUSATIVE,
    Case.INS: LibraryCase.INSTRUMENTAL,
    Case.PREP: LibraryCase.PREPOSITIONAL,
}
GENDERS = {"m": Gender.MALE, "f": Gender.FEMALE}
# Men's surnames with a vowel that runs away, which the library's rules do not know: its form, our form of the stem.
FLEETING = {"Заяц": "Зайц", "Соловей": "Соловь", "Воробей": "Воробь", "Муравей": "Муравь"}
FLEETING_ENDINGS = {
    "ц": {Case.GEN: "а", Case.DAT: "у", Case.ACC: "а", Case.INS: "ем", Case.PREP: "е"},
    "ь": {Case.GEN: "я", Case.DAT: "ю", Case.ACC: "я", Case.INS: "ём", Case.PREP: "е"},
}
# Endings of surnames in the plural: кто, кого, кому, кого, кем, о ком.
PLURAL_NOUN = dict(zip(Case, ("ы", "ых", "ым", "ых", "ыми", "ых"), strict=True))  # Ковалёвы
PLURAL_HARD = dict(zip(Case, ("ые", "ых", "ым", "ых", "ыми", "ых"), strict=True))  # Белые
PLURAL_SOFT = dict(zip(Case, ("ие", "их", "им", "их", "ими", "их"), strict=True))  # Вишневские


@lru_cache(maxsize=1)
def _maker() -> PetrovichDeclinationMaker:
    return PetrovichDeclinationMaker()


@lru_cache(maxsize=1)
def _detector() -> PetrovichGenderDetector:
    return PetrovichGenderDetector()


def sex_of(person) -> str:
    """'m', 'f' or '' (cannot tell): what is recorded, else what patronymic, first name or surname says."""
    known = getattr(person, "sex", "")
    if known in GENDERS:
        return known
    # One part at a time, the surest first.
    for argument, value in (
        ("middlename", person.patronymic),
        ("firstname", person.first_name),
        ("lastname", person.last_name),
    ):
        gender = _detector().detect(**{argument: value}) if value else None
        if gender in (Gender.MALE, Gender.FEMALE):
            return "m" if gender == Gender.MALE else "f"
    return ""


def full_name(person, case: str = Case.NOM, *, override: str | None = None) -> str:
    """«Лебедева Ольга Николаевна» in a case; a form typed by hand (`override`, `person.name_forms`) wins.

    Where the sex cannot be told the name stays in the nominative: better undeclined than declined wrong.
    """
    return override or typed(person, case) or machine_form(person, case)


def short(person, case: str = Case.NOM, *, override: str | None = None) -> str:
    """«Лебедева О.Н.»: text, tables, lists. `override` is the surname in this case typed by hand."""
    surname = override or _surname_of(person, typed(person, case)) or _declined(person, Case(case))[0]
    return " ".join(part for part in (surname, initials(person)) if part)


def machine_form(person, case: str) -> str:
    """The full name as the machine declines it, whatever was typed by hand."""
    return " ".join(part for part in _declined(person, Case(case)) if part)


def typed(person, case: str) -> str:
    """The full name in this case as somebody typed it by hand; empty when the machine declines it."""
    return (getattr(person, "name_forms", None) or {}).get(str(case), "")


def _surname_of(person, full: str) -> str:
    """The surname of a typed full name: as many of its first words as the surname has."""
    return " ".join(full.split()[: len((person.last_name or "").split())])


def given_name(person, case: str = Case.NOM) -> str:
    """«Ильи», «Анны Марии»: the first name alone; taken from a form typed by hand where there is one."""
    form = typed(person, case)
    if not form:
        return _declined(person, Case(case))[1]
    start = len((person.last_name or "").split())
    return " ".join(form.split()[start : start + len((person.first_name or "").split())])


def sign(person) -> str:
    """«О.Н. Лебедева»: beside a signature."""
    return " ".join(part for part in (initials(person), person.last_name) if part)


def initials(person) -> str:
    """«О.Н.», «А.-М.Ю.» (Анна-Мария Юрьевна), «Н.» where there is no patronymic."""
    first = "-".join(f"{part[0].upper()}." for part in (person.first_name or "").split("-") if part)
    return first + "".join(f"{part[0].upper()}." for part in (person.patronymic or "").split()[:1])


def by_sex(person, masculine: str, feminine: str, unknown: str | None = None) -> str:
    """The word that agrees with a person: получил, получила; of unknown sex: `unknown` or both with a slash."""
    return agree(sex_of(person), masculine, feminine, unknown)


def agree(sex: str, masculine: str, feminine: str, unknown: str | None = None) -> str:
    """The same for a recorded sex ('m', 'f' or '')."""
    if sex in GENDERS:
        return masculine if sex == "m" else feminine
    return unknown or f"{masculine}/{feminine}"


def family_surname(surname: str, case: str = Case.NOM, *, override: str | None = None) -> str:
    """A surname (of either gender) for the whole family: Ковалёвы, Ковалёвых; Вишневские; семья Шевчук.

    A surname already in the plural («Ковалёвы», as families are registered) is declined from there.
    Only surnames in -ов, -ев, -ин, -ын and adjectives take the plural; all others stay as they are, as good
    usage has it («семья Шевчук», «семьи Дьяченко»). A form typed by hand (`override`) wins.
    """
    if override:
        return override
    return "-".join(_plural(part, Case(case)) for part in surname.split("-"))


class Name:
    """A person's name ready for a template: `{{ curator.full }}`, `{{ speaker.short_acc }}`, `{{ head.full_gen }}`.

    `post` goes along for tables and signatures; `forms` are forms typed by hand, by key: {"full_gen": "…"}.
    """

    def __init__(self, person, *, post: str = "", forms: dict[str, str] | None = None):
        self.person, self.post, self._forms = person, post, forms or {}
        self.sex = sex_of(person)

    def _form(self, key, make, *case):
        return self._forms.get(key) or make(self.person, *case)

    full = property(lambda self: self._form("full", full_name))
    full_gen = property(lambda self: self._form("full_gen", full_name, Case.GEN))
    full_dat = property(lambda self: self._form("full_dat", full_name, Case.DAT))
    full_acc = property(lambda self: self._form("full_acc", full_name, Case.ACC))
    full_ins = property(lambda self: self._form("full_ins", full_name, Case.INS))
    short = property(lambda self: self._form("short", short))
    short_gen = property(lambda self: self._form("short_gen", short, Case.GEN))
    short_dat = property(lambda self: self._form("short_dat", short, Case.DAT))
    short_acc = property(lambda self: self._form("short_acc", short, Case.ACC))
    short_ins = property(lambda self: self._form("short_ins", short, Case.INS))
    sign = property(lambda self: self._form("sign", sign))
    given = property(lambda self: " ".join(filter(None, (self.person.first_name, self.person.patronymic))))

    def __str__(self):
        return self.full


def _declined(person, case: Case) -> tuple[str, str, str]:
    parts = (person.last_name or "", person.first_name or "", person.patronymic or "")
    gender = GENDERS.get(sex_of(person))
    if case == Case.NOM or gender is None:
        return parts
    kinds = (NamePart.LASTNAME, NamePart.FIRSTNAME, NamePart.MIDDLENAME)
    return tuple(_decline(part, kind, gender, case) for part, kind in zip(parts, kinds, strict=True))


def _decline(name: str, kind: NamePart, gender: Gender, case: Case) -> str:
    """Each word of a name on its own; particles (оглы, кызы, фон, де) start small and stay."""
    return " ".join(_decline_word(word, kind, gender, case) for word in name.split())


def _decline_word(word: str, kind: NamePart, gender: Gender, case: Case) -> str:
    if word[:1].islower():
        return word
    if kind == NamePart.LASTNAME and gender == Gender.MALE and word in FLEETING:
        stem = FLEETING[word]
        return stem + FLEETING_ENDINGS[stem[-1]][case]
    return _maker().make(kind, gender, LIBRARY_CASES[case], word)


def _plural(surname: str, case: Case) -> str:
    for pattern, endings in (
        (r"(?P<stem>.{2,}(?:ов|ев|ёв|ин|ын))[аы]?", PLURAL_NOUN),
        (r"(?P<stem>.{2,}[кгхжшчщ])(?:ий|ой|ая|ие)", PLURAL_SOFT),
        (r"(?P<stem>.{2,}[бвдзлмнпрстф])(?:ый|ой|ая|ые)", PLURAL_HARD),
        (r"(?P<stem>.{2,}н)(?:ий|яя|ие)", PLURAL_SOFT),
    ):
        match = re.fullmatch(pattern, surname, re.IGNORECASE)
        if match:
            return match["stem"] + endings[case]
    return surname
