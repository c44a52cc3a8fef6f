"""Numbers of minutes between the file and the register: councils number them anew every year.

An export writes «3/2026», so that a number stands once in the sheet; an import understands both «3» and «3/2026».
"""

from councils.models import Minutes


def paper_number(minutes) -> str:
    """The number with its year, as an export writes it."""
    tail = f"/{minutes.year}"
    return minutes.number if minutes.number.endswith(tail) else minutes.number + tail


class Papers:
    """The minutes that the rows of a batch mean, found by what the file calls them."""

    def __init__(self, batch):
        codes = {row["Код совета"] for _n, row in batch}
        numbers = {row["Номер протокола"] for _n, row in batch}
        numbers |= {number.rpartition("/")[0] or number for number in numbers}
        found = Minutes.objects.filter(council__code__in=codes, number__in=numbers)
        found = found.select_related("meeting", "council")
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
