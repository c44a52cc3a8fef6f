"""The figures of a dashboard's quarter, kept with the stamp of what they were counted from."""

from django.db import models


class QuarterFigures(models.Model):
    """A cache of the engine: it may be emptied at any time."""

    quarter = models.CharField(max_length=32, unique=True)
    stamp = models.CharField(max_length=64)  # engine.stamp
    counts = models.JSONField()  # [[organisation id or null, column, measure, {category: number}]]
    checked_at = models.DateTimeField()  # when casework was last seen to be the same
    counted_at = models.DateTimeField()

    def __str__(self):
        return f"Показатели {self.quarter}"
