"""The printed documents the product can make. Higher apps declare theirs in `<app>/documents.py`:

    MINUTES = register(Document(
        code="minutes", title="Протокол заседания", template="documents/minutes.html",
        context=minutes_context, long=True,
        file_name=lambda meeting: f"protokol-{meeting.number}-{meeting.held_on.year}",
    ))

and import that module in their `AppConfig.ready`. Nothing here knows what a family or a case is.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# Latin letters, digits and hyphens: a file name travels by e-mail and lies about, so it carries no names of people.
NEUTRAL_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

_documents: dict[str, "Document"] = {}


@dataclass(frozen=True)
class Document:
    """One kind of printed document.

    code       the one name of the document: registry key, `detail` of the audit entry
    title      Russian name of the kind, shown on buttons and in lists
    template   extends documents/base.html
    context    obj (and keyword options of the print) → context of the template; the keys are listed at the top
               of each template
    long       kept over ten years: left margin of 30 mm (ГОСТ Р 7.0.97-2016, 3.1)
    file_name  obj → stem of the file without extension, such as "protokol-12-2026"; without it "<code>-<pk>"
    """

    code: str
    title: str
    template: str
    context: Callable[..., dict[str, Any]]
    long: bool = False
    file_name: Callable[[Any], str] | None = None

    def stem(self, obj) -> str:
        """File name without extension; raises `ValueError` if it is not neutral (see NEUTRAL_NAME)."""
        stem = self.file_name(obj) if self.file_name else f"{self.code.replace('_', '-')}-{obj.pk}"
        if not NEUTRAL_NAME.fullmatch(stem):
            raise ValueError(f"File name of the document {self.code} must match {NEUTRAL_NAME.pattern}.")
        return stem


def register(document: Document) -> Document:
    """Add a document to the registry and return it; raises `ValueError` if another one already has its code."""
    known = _documents.setdefault(document.code, document)
    if known is not document:
        raise ValueError(f"The document {document.code} is already registered.")
    return document


def get(code: str) -> Document:
    """The document of this code; raises `KeyError` if nothing is registered under it."""
    return _documents[code]


def registered() -> list[Document]:
    """All documents in the order of their codes."""
    return [_documents[code] for code in sorted(_documents)]
