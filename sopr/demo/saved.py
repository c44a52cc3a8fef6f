"""Filters that the demo's head and curator keep for the list of families, and the ministry's selections."""

from django.utils import timezone

from reports import periods
from sopr.accounts.models import User
from sopr.web.models import SavedFilter

LIST = "families:family-list"
KEPT = (
    ("head", "На учёте СОП, случая нет", "sop=yes&stage=none", True),
    ("head", "Кризисный уровень", "level=crisis", True),
    ("curator", "Мои на диагностике", "sort=-registered_on&stage=assessment", False),
)

SELECTIONS = (
    ("Уровни по районам", "first=municipality&period={quarter}&population=on_support&second=level"),
    ("С чем сняты, по категориям", "first=category&period={year}&population=removed&second=outcome"),
)


def saved_filters():
    """Keep the filters: two that the head shares with the organisation, one of the curator's own, two selections."""
    quarter = periods.containing(timezone.localdate(), "quarter").previous()
    for name, query in SELECTIONS:
        asked = query.format(quarter=quarter.text, year=quarter.since.year)
        SavedFilter.keep(User.objects.get(username="ministry"), "reports:selection", name, asked, shared=True)
    for login, name, query, shared in KEPT:
        SavedFilter.keep(User.objects.get(username=login), LIST, name, query, shared=shared)
