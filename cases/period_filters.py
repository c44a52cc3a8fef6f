"""Filters of a list by the days of a column: the first day and the last, each for itself, both included."""

import django_filters

from sopr.web.forms import RussianDateInput


def since_filter(label: str, field: str) -> django_filters.DateFilter:
    """Rows whose `field` is the chosen day or later."""
    return django_filters.DateFilter(label=label, field_name=field, lookup_expr="gte", widget=RussianDateInput)


def until_filter(label: str, field: str) -> django_filters.DateFilter:
    """Rows whose `field` is the chosen day or earlier."""
    return django_filters.DateFilter(label=label, field_name=field, lookup_expr="lte", widget=RussianDateInput)
