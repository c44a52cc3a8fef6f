"""Filters that the demo's head and curator keep for the list of families, as their pages would."""

from sopr.accounts.models import User
from sopr.web.models import SavedFilter

LIST = "families:family-list"
KEPT = (
    ("head", "На учёте СОП, случая нет", "sop=yes&stage=none", True),
    ("head", "Кризисный уровень", "level=crisis", True),
    ("curator", "Мои на диагностике", "sort=-registered_on&stage=assessment", False),
)


def saved_filters():
    """Keep the filters: two that the head shares with the organisation, one of the curator's own."""
    for login, name, query, shared in KEPT:
        SavedFilter.keep(User.objects.get(username=login), LIST, name, query, shared=shared)
