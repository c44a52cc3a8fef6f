"""What every file says of itself: number, revision, time and checksum; read back by the page «Проверить файл»."""

import re
from dataclasses import dataclass

from django.utils.crypto import constant_time_compare, salted_hmac

LINE = re.compile(
    r"SOPR-(?P<what>REPORT|PUBLISHED) "
    r"(?P<number>\d*)/(?P<revision>\d+)/(?P<computed_at>\S+)/(?P<checksum>[0-9a-f]{64})"
)
SEAL = re.compile(rb"\n%(SOPR-(?:REPORT|PUBLISHED) [^\n]+)\n%SOPR-SEAL ([0-9a-f]{64})\n\Z")


@dataclass(frozen=True)
class Passport:
    """A passport found in a file; `number` empty for a report not stored, `published` of a published version."""

    number: str
    revision: int
    computed_at: str
    checksum: str
    published: bool = False


def line(report) -> str:
    """The passport as one line of text without personal data."""
    number = report.number if report.pk else ""
    what = "PUBLISHED" if report.snapshot.get("published") else "REPORT"
    return f"SOPR-{what} {number}/{report.revision}/{report.snapshot['computed_at']}/{report.checksum}"


def read(text: str) -> Passport | None:
    """The first passport in a text; None when there is none."""
    found = LINE.search(text)
    if not found:
        return None
    published = found["what"] == "PUBLISHED"
    return Passport(found["number"], int(found["revision"]), found["computed_at"], found["checksum"], published)


def sealed(pdf: bytes, report) -> bytes:
    """A PDF with its passport and a seal over every byte, as comments after its end: readers pass them over."""
    stamped = pdf.rstrip(b"\n") + b"\n%" + line(report).encode()
    return stamped + b"\n%SOPR-SEAL " + _seal(stamped).encode() + b"\n"


def read_seal(pdf: bytes) -> tuple[Passport | None, bool]:
    """(passport, whether no byte has been changed) of a PDF of ours; (None, False) of another's."""
    found = SEAL.search(pdf)
    if not found:
        return None, False
    end = found.start(1) + len(found[1])
    return read(found[1].decode("ascii", "replace")), constant_time_compare(_seal(pdf[:end]), found[2].decode())


def _seal(content: bytes) -> str:
    return salted_hmac("reports.seal", content, algorithm="sha256").hexdigest()


def numbered(report) -> str:
    """«Отчёт № 12, редакция 1»; «б/н» for one that was not stored."""
    published = ", публикуемая версия" if report.snapshot.get("published") else ""
    return f"Отчёт № {report.number if report.pk else 'б/н'}, редакция {report.revision}{published}"


def owner_of(report) -> str:
    """Whose report it is, for the metadata of files: an organisation, never a person."""
    return report.snapshot["title"]
