"""Numbers of minutes between the file and the register: councils number them anew every year.

An export writes «3/2026», so that a number stands once in the sheet; an import understands both «3» and «3/2026».
"""

from councils.models import Minutes


def paper_number(minutes) -> str:
    """The number with its year, as an export writes it."""
    tail = f"/{minutes.year}"
    return minutes.number if minutes.number.endswith(tail) else minutes.number + tail


class Papers:
    """The minutes of some councils, found by what a file calls them."""

    def __init__(self, codes):
        self.codes = set(codes)
        found = Minutes.objects.filter(council__code__in=self.codes).select_related("meeting", "council")
        self._by_number = {}
        # Imported ones last: a bare number means the one that the old system gave.
        for minutes in sorted(found.defer("content"), key=lambda one: (one.meeting.imported, one.year)):
            names = {minutes.number, paper_number(minutes)}
            for name in names:
                self._by_number[(minutes.council.code, name)] = minutes
                self._by_number[(minutes.council.code, name, minutes.year)] = minutes

    def find(self, code, number, year=None) -> Minutes | None:
        """The minutes a row means; a row with a date means those of its year."""
        return self._by_number.get((code, number) if year is None else (code, number, year))
