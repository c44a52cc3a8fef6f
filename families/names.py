"""Words as the search compares them: case, ё and punctuation do not matter (SQLite folds no Cyrillic)."""

import re

from django.core.exceptions import ValidationError

from sopr.web.forms import format_phone

# Words of an address that people write, shorten or leave out as they please.
ADDRESS_WORDS = frozenset(
    [
        "ул",
        "улица",
        "д",
        "дом",
        "кв",
        "квартира",
        "г",
        "город",
        "с",
        "село",
        "п",
        "пос",
        "поселок",
        "пгт",
        "дер",
        "деревня",
        "х",
        "хутор",
        "ст",
        "станица",
        "пер",
        "переулок",
        "пр",
        "просп",
        "проспект",
        "т",
        "б",
        "р",
        "бульвар",
        "бр",
        "ш",
        "шоссе",
        "пл",
        "площадь",
        "к",
        "корп",
        "корпус",
        "стр",
        "строение",
        "обл",
        "область",
        "район",
        "рн",
        "н",
        "мкр",
    ]
)


def normalise(text: str) -> str:
    """Lower case, ё as е, everything but letters and digits as single spaces."""
    return " ".join(re.findall(r"[0-9a-zа-я]+", text.lower().replace("ё", "е")))


def number_key(number: str) -> str:
    """A number that sorts as people count: every run of digits padded to twelve places («9» before «10»)."""
    return re.sub(r"\d+", lambda digits: digits.group().zfill(12), number)[:120]


def snils_is_valid(snils: str) -> bool:
    """Whether eleven digits carry the right checksum (the pension fund's rule, numbers above 001-001-998)."""
    digits = [int(sign) for sign in clean_snils(snils)]
    if len(digits) != 11:
        return False
    total = sum(digit * weight for digit, weight in zip(digits[:9], range(9, 0, -1), strict=True))
    return total % 101 % 100 == digits[9] * 10 + digits[10]


def clean_snils(snils: str) -> str:
    """Digits of a СНИЛС only, the form in which it is stored and compared."""
    return "".join(sign for sign in snils if sign in "0123456789")  # not «²», which is a digit to Python


def address_key(address: str) -> str:
    """An address as it is compared: «ул. Лесная, д. 8» and «Лесная 8» give «лесная 8»."""
    return " ".join(word for word in normalise(address).split() if word not in ADDRESS_WORDS)[:300]


def tidy_phone(text: str) -> str:
    """A telephone in the one form in which it is compared; what is no telephone stays as it was written."""
    try:
        return format_phone(text) if text else ""
    except ValidationError:
        return text


def check_snils(digits: str) -> None:
    """Form validator: raises ValidationError when the checksum of eleven digits does not agree."""
    if digits and not snils_is_valid(digits):
        raise ValidationError("В СНИЛС ошибка: не сходится контрольное число. Проверьте цифры по документу.")
