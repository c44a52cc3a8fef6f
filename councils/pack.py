"""Материалы заседания одного читателя: the agenda without names, in full what he is called to; who has read it."""

import datetime
from dataclasses import dataclass, field

from django.db.models import Prefetch

from councils import wording
from councils.brief import briefs
from councils.models import AgendaItem, Opinion
from sopr.audit.models import Action, AuditRecord


@dataclass
class Card:
    """One question of the agenda as this reader may see it; without `brief` he is not called to it."""

    item: AgendaItem
    about: str
    nameless: str
    brief: object = None
    opinions: list = field(default_factory=list)

    @property
    def is_called(self) -> bool:
        return self.brief is not None


def cards_for(meeting, user) -> list[Card]:
    """The agenda of `meeting` for `user`, in a number of queries that does not depend on its length."""
    called = {item.pk: item for item in _called(meeting, user)}
    found = briefs(called.values())
    cards = []
    for plain in meeting.agenda_items.only("question", "level", "position", "meeting"):
        item = called.get(plain.pk)
        nameless = wording.about_nobody(plain)
        if item is None:
            cards.append(Card(plain, nameless, nameless))
        else:
            cards.append(Card(item, wording.about(item), nameless, found[item.pk], list(item.opinions.all())))
    return cards


def _called(meeting, user):
    items = meeting.agenda_items.filter(pk__in=AgendaItem.objects.filter(meeting=meeting).called(user).values("pk"))
    return items.select_related(
        "case__family", "case__organisation", "case__curator", "case__closure", "decision"
    ).prefetch_related(Prefetch("opinions", Opinion.objects.for_reading()))


@dataclass(frozen=True)
class Reading:
    """When a member last opened the pack, how often, and whether he printed it."""

    last: datetime.datetime
    times: int
    printed: bool


def readings(meeting) -> dict[int, Reading]:
    """{user id: Reading} out of the audit log, which knows of every look at this pack."""
    log = AuditRecord.objects.filter(subject_type=meeting._meta.label_lower, subject_id=meeting.pk)
    found = {}
    rows = log.filter(action__in=(Action.READ, Action.PRINT)).order_by("seq")
    for actor, at, action, detail in rows.values_list("actor", "at", "action", "detail"):
        printed = action == Action.PRINT and detail.get("document") == "pack"
        if printed or detail.get("page") == "councils:pack-detail":
            before = found.get(actor)
            found[actor] = Reading(at, (before.times if before else 0) + 1, printed or bool(before and before.printed))
    return found
