"""What the number of a cell may be cut by, as links."""

from django.urls import reverse

from reports.cuts import cuts_of
from reports.indicators.rows import Percent


def measures_of(row, column) -> list:
    """What the cell counts, and what its share is of, each once."""
    base = []
    if isinstance(row, Percent):
        base = [row.cohort if row.cohort is not None and column.cohort is not None else row.denominator]
    return list(dict.fromkeys((*row.listed, *base)))


def column_of(report, code):
    """The column of figures of the report's form."""
    return next((each for each in report.definition.columns(report.span) if each.code == code), None)


def cut_links(report, row, cell, now=()) -> list[tuple[str, list]]:
    """[(what is counted, [chips of its cuts])]; the one that is `now` (measure, by) is marked."""
    column = column_of(report, cell["column"])
    if column is None:
        return []
    shown = []
    for measure in measures_of(row, column):
        links = [
            {
                "title": title,
                "url": reverse("reports:cell-cut", args=[report.pk, cell["row"], cell["column"], measure.name, by]),
                "active": (measure.name, by) == now,
            }
            for by, title in cuts_of(measure, of_region=report.organisation_id is None)
        ]
        if links:
            shown.append((measure.title, links))
    return shown
