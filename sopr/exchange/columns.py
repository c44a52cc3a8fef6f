"""Kinds of columns: each turns a cell into a value, or says in Russian what is wrong with it."""

import datetime
import re
from dataclasses import dataclass, field
from functools import cached_property

from django.utils import timezone

from families.names import normalise

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
DAY = datetime.timedelta(days=1)
EARLIEST = datetime.date(1900, 1, 1)
YES_NO = {"да": True, "нет": False}


@dataclass(frozen=True)
class Text:
    """A text of at most `length` characters; a number in the cell is read as people see it («17», not 17.0)."""

    title: str
    required: bool = False
    length: int = 300
    refers: str = ""  # sheet whose number this is

    def read(self, value):
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, datetime.date):
            raise ValueError("здесь ожидается текст или номер, а стоит дата")
        text = str(value).strip()
        if len(text) > self.length:
            raise ValueError(f"слишком длинный текст: {len(text)} знаков, можно не больше {self.length}")
        if UNPRINTABLE.search(text):
            raise ValueError("в тексте есть непечатаемые знаки: удалите их")
        return text


@dataclass(frozen=True)
class Snils(Text):
    """Eleven digits; the checksum of history is not judged here."""

    def read(self, value):
        digits = re.sub(r"\D", "", super().read(value))
        if len(digits) > 11 or len(digits) < 9:
            raise ValueError("в СНИЛС должно быть 11 цифр")
        return digits.zfill(11)


@dataclass(frozen=True)
class Date:
    """An Excel date or `YYYY-MM-DD`."""

    title: str
    required: bool = False
    may_be_future: bool = False

    def read(self, value):
        day = self._day(value)
        if day < EARLIEST:
            raise ValueError(f"слишком ранняя дата ({day})")
        if not self.may_be_future and day > datetime.date.today() - DAY and day > timezone.localdate():
            raise ValueError(f"дата в будущем ({day})")
        return day

    def _day(self, value):
        if isinstance(value, datetime.datetime):
            return value.date()
        if isinstance(value, datetime.date):
            return value
        text = str(value).strip()
        if ISO_DATE.fullmatch(text):
            try:
                return datetime.date.fromisoformat(text)
            except ValueError:
                raise ValueError(f"такой даты нет («{text}»)") from None
        raise ValueError(f"не дата («{text[:30]}»): нужна дата Excel или ГГГГ-ММ-ДД")


@dataclass(frozen=True)
class YesNo:
    title: str
    required: bool = False

    def read(self, value):
        if isinstance(value, bool):
            return value
        answer = YES_NO.get(str(value).strip().lower())
        if answer is None:
            raise ValueError(f"должно быть «да» или «нет», а стоит «{str(value)[:30]}»")
        return answer


@dataclass(frozen=True)
class Count:
    """A whole number from 0."""

    title: str
    required: bool = False

    def read(self, value):
        if isinstance(value, str) and value.strip().isdigit():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value) or value < 0:
            raise ValueError(f"должно быть целое число от 0, а стоит «{str(value)[:30]}»")
        if value > 2_147_483_647:
            raise ValueError("слишком большое число")
        return int(value)


@dataclass(frozen=True)
class Choice:
    """One of the words of a dictionary: its code or its Russian title, whatever the case and ё."""

    title: str
    choices: type
    required: bool = False
    also: dict = field(default_factory=dict)  # other accepted titles → code

    @cached_property
    def codes(self) -> dict[str, str]:
        """{every accepted word, normalised: code}."""
        words = [(code, code) for code in self.choices.values]
        words += [(label, code) for code, label in self.choices.choices]
        return {normalise(word): code for word, code in [*words, *self.also.items()]}

    def read(self, value):
        code = self.codes.get(normalise(str(value)))
        if code is None:
            allowed = ", ".join(f"«{label}»" for label in self.choices.labels)
            raise ValueError(f"неизвестное значение «{str(value)[:60]}». Допустимы: {allowed}")
        return code
