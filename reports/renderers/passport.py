"""What every file says of itself: number, revision, time and checksum; read back by the page «Проверить файл»."""

import re
from dataclasses import dataclass

LINE = re.compile(r"SOPR-REPORT (?P<number>\d*)/(?P<revision>\d+)/(?P<computed_at>\S+)/(?P<checksum>[0-9a-f]{64})")


@dataclass(frozen=True)
class Passport:
    """A passport found in a file; `number` empty for a report that was not stored."""

    number: str
    revision: int
    computed_at: str
    checksum: str


def line(report) -> str:
    """The passport as one line of text without personal data."""
    number = report.number if report.pk else ""
    return f"SOPR-REPORT {number}/{report.revision}/{report.snapshot['computed_at']}/{report.checksum}"


def read(text: str) -> Passport | None:
    """The first passport in a text; None when there is none."""
    found = LINE.search(text)
    return Passport(found["number"], int(found["revision"]), found["computed_at"], found["checksum"]) if found else None


def numbered(report) -> str:
    """«Отчёт № 12, редакция 1»; «б/н» for one that was not stored."""
    return f"Отчёт № {report.number if report.pk else 'б/н'}, редакция {report.revision}"


def owner_of(report) -> str:
    """Whose report it is, for the metadata of files: an organisation, never a person."""
    return report.snapshot["title"]
