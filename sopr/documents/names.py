"""Russian names in the cases of printed documents.

Works on anything with `last_name`, `first_name`, `patronymic` and, where known, `sex` ('m', 'f' or '').
The library declines by rules; a rare name may come out wrong, so every place that keeps a person or a family
can keep a form typed by hand, which goes here as `override` and wins.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache

from pytrovich.detector import PetrovichGenderDetector
from pytrovich.enums import Case as LibraryCase
from pytrovich.enums import Gender, NamePart
from pytrovich.maker import PetrovichDeclinationMaker


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
# Surnames whose vowel runs away in a way the library's rules do not know.
FLEETING = {"заяц": "зайц", "соловей": "соловь", "воробей": "воробь", "муравей": "муравь"}


@lru_cache(maxsize=1)
def _maker() -> PetrovichDeclinationMaker:
    return PetrovichDeclinationMaker()


@lru_cache(maxsize=1)
def _detector() -> PetrovichGenderDetector:
    return PetrovichGenderDetector()


def sex_of(person) -> str:
    """'m', 'f' or '' : what is recorded, else what the patronymic or the first name tells."""
    known = getattr(person, "sex", "")
    if known in ("m", "f"):
        return known
    gender = _detector().detect(firstname=person.first_name or None, middlename=person.patronymic or None)
    return {Gender.MALE: "m", Gender.FEMALE: "f"}.get(gender, "")
