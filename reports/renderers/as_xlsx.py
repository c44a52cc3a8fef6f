"""Excel as ministries want it: one book of one report, or of several forms of one period and one owner."""

import datetime
from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone

from reports.pictures import pictures_of
from reports.renderers import passport
from reports.renderers.book import annexes, table
from reports.renderers.book.base import Book

CONTENTS = "Содержание"
LABEL_LENGTH = 16  # of a form's name in the names of its sheets


def render(report) -> bytes:
    """The workbook of a report, from its snapshot."""
    return render_book([report])


def render_book(reports) -> bytes:
    """One workbook of computed reports of one period and one owner, in the order given; at least one."""
    book = Book(properties(reports))
    names = book.free_name(CONTENTS)
    alone = len(reports) == 1
    parts = [Part.of(book, report, names, alone) for report in reports]
    annexes.contents(book, names, parts)
    for part in parts:
        table.write(book, part)
        if part.organisations:
            annexes.organisations(book, part)
        if part.pictures:
            annexes.pictures(book, part)
        annexes.definitions(book, part)
        book.workbook.set_custom_property(f"СОПР: {part.table}", passport.line(part.report), "text")
    return book.close()


def properties(reports) -> dict:
    """Title, author and the moment the figures were computed: a book made again is the same book."""
    first = reports[0]
    names = ", ".join(report.definition.name for report in reports)
    computed = max(datetime.datetime.fromisoformat(report.snapshot["computed_at"]) for report in reports)
    return {
        "title": f"Отчёт {names}, {first.span.title}",
        "subject": first.definition.title if len(reports) == 1 else "",
        "author": passport.owner_of(first),
        "created": computed.astimezone(datetime.UTC).replace(tzinfo=None),
        "comments": "Проверить файл: «Отчёты», «Проверить файл».",
    }


@dataclass(frozen=True)
class Part:
    """One report in a book: the names of its sheets and the words on them."""

    report: object
    contents: str
    table: str
    organisations: str
    pictures: str
    definitions: str

    @classmethod
    def of(cls, book, report, contents, alone) -> "Part":
        label = "" if alone else report.definition.name.strip("«»")[:LABEL_LENGTH]

        def named(what):
            return book.free_name(f"{label}, {what.lower()}" if label else what)

        return cls(
            report=report,
            contents=contents,
            table=book.free_name(label or "Отчёт"),
            organisations=named("Организации") if report.snapshot["organisations"] else "",
            pictures=named("Рисунки") if pictures_of(report.snapshot) else "",
            definitions=named("Как посчитано"),
        )

    @property
    def form(self):
        return self.report.definition

    @property
    def whose(self) -> str:
        return self.report.snapshot["title"]

    @property
    def state(self) -> str:
        return self.report.get_state_display()

    @property
    def annexes(self) -> list[tuple[str, str]]:
        """(sheet, what is on it) of everything beside the table."""
        named = [
            (self.organisations, "значения по организациям"),
            (self.pictures, "рисунки и их таблицы"),
            (self.definitions, "как посчитано"),
        ]
        return [(name, title) for name, title in named if name]

    @property
    def numbered(self) -> str:
        return passport.numbered(self.report)

    @property
    def mark(self) -> str:
        return f"{self.numbered}, {self.report.checksum[:8]}"

    @cached_property
    def computed_at(self) -> str:
        moment = datetime.datetime.fromisoformat(self.report.snapshot["computed_at"])
        return f"{timezone.localtime(moment):%d.%m.%Y %H:%M}"

    @property
    def passport(self) -> list[tuple[str, str]]:
        snapshot = self.report.snapshot
        return [
            ("Профиль региона", snapshot["profile_version"]),
            ("Версия определений", snapshot["definitions_version"]),
            ("Рассчитано", self.computed_at),
            ("Отчёт", self.numbered),
            ("Контрольная сумма SHA-256", self.report.checksum),
        ]

    @property
    def signatures(self) -> list[tuple[str, str]]:
        """(post, name) of who signs."""
        who = self.report.signed_by or self.report.reviewed_by
        if who:
            return [(who.post or "Руководитель", who.short_name)]
        return [("Руководитель", "")]
