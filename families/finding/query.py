"""What was typed into the search box, sorted out by what it can be."""

import datetime
import re
from dataclasses import dataclass, field

from django.utils import timezone

from families.names import normalise, tidy_phone

EARLIEST_YEAR = 1900
DATES = ((r"\b(\d{1,2})[.](\d{1,2})[.](\d{4})\b", "dmy"), (r"\b(\d{4})-(\d{2})-(\d{2})\b", "ymd"))
DIGITS = r"\+?\d[\d\s()-]{8,}\d"  # СНИЛС or telephone
MARKED = r"[№#]\s*([^\s,;№#]*\d[^\s,;]*)"  # a number as cards and cases are called: «Ковалёвы, № 0318»
NUMBER = r"\s*(?:(?:семья|карточка|случай|номер)\s+)*([^\s,;]*\d[^\s,;]*)\s*"  # a single word with a digit in it
LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
RUSSIAN = "йцукенгшщзхъфывапролджэячсмитьбюё"


@dataclass
class Query:
    """The search words sorted out by what they can be."""

    text: str
    number: str = ""
    snils: str = ""
    phone: str = ""
    birth_on: datetime.date | None = None
    birth_year: int | None = None
    words: list[str] = field(default_factory=list)

    @property
    def has_birth(self) -> bool:
        return self.birth_on is not None or self.birth_year is not None

    @property
    def identifies(self) -> bool:
        """Whether the words point at one family: only then families of others are looked up."""
        return bool(self.snils or self.phone or (len(self.words) >= 2 and self.has_birth))

    def __bool__(self):
        return bool(self.number or self.snils or self.phone or self.has_birth or self.words)


def read_query(text: str) -> Query:
    """Sort out what was typed: «№ 0318», «12.03.2015», «2015», «112-233-445 95», «+7 912 …», «Ковалёва Анна»."""
    query = Query(text=text.strip())
    rest = _take_digits(query, _take_date(query, query.text))
    number = re.search(MARKED, rest) or re.fullmatch(NUMBER, rest, re.IGNORECASE)
    if number and not query.birth_on:
        query.number = number.group(1)
        query.birth_year = int(query.number) if _is_year(query.number) else None
        return query
    query.words = normalise(rest).split()
    year = next(filter(_is_year, query.words), "")
    if year and not query.birth_on:
        query.birth_year = int(year)
        query.words.remove(year)
    return query


def in_russian_layout(text: str) -> str:
    """«Rjdfktdf» as «Ковалева»: what the same keys give in the Russian layout; empty when it was typed in Russian."""
    if re.search(r"[а-яё]", text, re.IGNORECASE) or not re.search(r"[a-z]", text, re.IGNORECASE):
        return ""
    return text.lower().translate(str.maketrans(LATIN, RUSSIAN))


def _take_date(query, text):
    """`text` without the date in it; a day that does not exist stays as it is."""
    for pattern, order in DATES:
        match = re.search(pattern, text)
        if match:
            parts = dict(zip(order, map(int, match.groups()), strict=True))
            try:
                query.birth_on = datetime.date(parts["y"], parts["m"], parts["d"])
            except ValueError:
                continue
            return text.replace(match.group(), " ")
    return text


def _take_digits(query, text):
    """`text` without the СНИЛС or telephone in it."""
    match = re.search(DIGITS, text)
    digits = re.sub(r"\D", "", match.group()) if match else ""
    if not 10 <= len(digits) <= 12:
        return text
    if len(digits) == 11:
        query.snils = digits
    query.phone = tidy_phone(match.group())
    return text.replace(match.group(), " ")


def _is_year(word) -> bool:
    return re.fullmatch(r"\d{4}", word) is not None and EARLIEST_YEAR <= int(word) <= timezone.localdate().year
