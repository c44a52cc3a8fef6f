"""Figures of the dashboards «Регион» and «Служба»: the engine's, kept by quarter until casework of it changes."""

import datetime

from django.utils import timezone

from reports import engine
from reports.compute import trend_columns
from reports.indicators import measures as m
from reports.models import QuarterFigures
from reports.periods import Period

MEASURES = (m.ON_SUPPORT, m.ACCEPTED, m.REMOVED, m.OVERCAME, m.SERVED, m.MEETINGS)
QUARTERS = 8


def columns_of(quarter: Period) -> list:
    """The quarter and those before it, oldest first."""
    return trend_columns(quarter, QUARTERS)


def kept_figures(quarter: Period) -> tuple[engine.Figures, datetime.datetime] | None:
    """The figures as they were counted last, and when; None before the first count. Reads no casework."""
    kept = QuarterFigures.objects.filter(quarter=quarter.text).first()
    return (_as_figures(kept.counts), kept.checked_at) if kept else None


def figures_of(quarter: Period) -> tuple[engine.Figures, datetime.datetime]:
    """(figures of every organisation and the region, when they were counted).

    An unchanged quarter costs its stamp and no count.
    """
    now, kept = timezone.now(), QuarterFigures.objects.filter(quarter=quarter.text).first()
    columns = columns_of(quarter)
    stamp = engine.stamp(MEASURES, columns)  # before counting: what changes meanwhile is seen the next time
    if kept and kept.stamp == stamp:
        QuarterFigures.objects.filter(pk=kept.pk).update(checked_at=now)
        return _as_figures(kept.counts), kept.counted_at
    figures = engine.count(MEASURES, columns)
    counts = [[*key, by_category] for key, by_category in figures.counts.items()]
    QuarterFigures.objects.update_or_create(
        quarter=quarter.text,
        defaults={"stamp": stamp, "counts": counts, "checked_at": now, "counted_at": now},
    )
    return figures, now


def _as_figures(counts) -> engine.Figures:
    return engine.Figures({(scope, column, measure): numbers for scope, column, measure, numbers in counts})


def course(figures, quarter, scope) -> list[dict]:
    """Each quarter of the course with its numbers by measure, oldest first."""
    return [
        {"title": column.title, "mark": column.mark}
        | {measure.name: figures.count(scope, column.code, measure) for measure in MEASURES}
        for column in columns_of(quarter)
    ]
