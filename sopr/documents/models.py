from django.db import models


class Counter(models.Model):
    """The last number given out in a scope and a year (year 0: numbering that never starts anew).

    Written only by `sopr.documents.numbering.next_number`.
    """

    scope = models.CharField("область нумерации", max_length=100)
    year = models.PositiveSmallIntegerField("год")
    value = models.PositiveIntegerField("последний номер", default=0)

    class Meta:
        verbose_name = "счётчик номеров"
        verbose_name_plural = "счётчики номеров"
        constraints = [
            # Also serves the one query on this table: the row of a scope and a year.
            models.UniqueConstraint(fields=["scope", "year"], name="documents_one_counter_per_scope_and_year"),
        ]

    def __str__(self):
        return f"{self.scope}, {self.year}: {self.value}"
