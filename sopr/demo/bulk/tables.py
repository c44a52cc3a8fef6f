"""Writing many rows at once, and the consecutive numbers of rows that pass by `next_number`."""

from collections import Counter as Tally

from sopr.documents.models import Counter

ROWS = 2000  # of one INSERT


def save(model, rows):
    model.objects.bulk_create(rows, batch_size=ROWS)


class Counters:
    def __init__(self):
        self.last = Tally()

    def next(self, scope: str, year: int = 0) -> int:
        self.last[scope, year] += 1
        return self.last[scope, year]

    def save(self):
        """Leave the counters where the product's own numbering goes on."""
        Counter.objects.bulk_create(
            [Counter(scope=scope, year=year, value=value) for (scope, year), value in self.last.items()],
            update_conflicts=True,
            unique_fields=["scope", "year"],
            update_fields=["value"],
        )
