"""Words as the search compares them: case, ё and punctuation do not matter (SQLite folds no Cyrillic)."""

import re


def normalise(text: str) -> str:
    """Lower case, ё as е, everything but letters and digits as single spaces."""
    return " ".join(re.findall(r"[0-9a-zа-я]+", text.lower().replace("ё", "е")))


def number_key(number: str) -> str:
    """A number that sorts as people count: every run of digits padded to twelve places («9» before «10»)."""
    return re.sub(r"\d+", lambda digits: digits.group().zfill(12), number)[:120]


def snils_is_valid(snils: str) -> bool:
    """Whether eleven digits carry the right checksum (the pension fund's rule, numbers above 001-001-998)."""
    digits = [int(sign) for sign in snils if sign.isdigit()]
    if len(digits) != 11:
        return False
    total = sum(digit * weight for digit, weight in zip(digits[:9], range(9, 0, -1), strict=True))
    return total % 101 % 100 == digits[9] * 10 + digits[10]


def clean_snils(snils: str) -> str:
    """Digits of a СНИЛС only, the form in which it is stored and compared."""
    return "".join(sign for sign in snils if sign.isdigit())
