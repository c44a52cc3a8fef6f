"""«Хроника» as it is asked for: by kind, period, author, or only what is new since one's last visit; page by page."""

import datetime
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.dateparse import parse_date

from families.timeline import GROUPS, Entry
from sopr.audit.models import Action, AuditRecord

PAGE = 40  # entries shown at first, and by how many more «Показать раньше» goes on
HOUR = datetime.timedelta(hours=1)


@dataclass(frozen=True)
class Asked:
    """What the reader wants to see. `who` is a user's id; `new` leaves what was entered after `last_visit`."""

    kind: str = ""
    since: datetime.date | None = None
    until: datetime.date | None = None
    who: int | None = None
    new: bool = False
    shown: int | None = PAGE  # None = all, for print
    last_visit: datetime.datetime | None = None
    reader: int | None = None  # what the reader entered is not new to him

    @classmethod
    def read(cls, query, *, last_visit=None, reader=None, whole=False) -> "Asked":
        """From the query of the page; what is not understood is left out."""
        who, shown = query.get("who", ""), query.get("shown", "")
        return cls(
            kind=query.get("kind", "") if query.get("kind") in GROUPS else "",
            since=_day(query.get("from", "")),
            until=_day(query.get("to", "")),
            who=int(who) if who.isdecimal() and len(who) < 18 else None,
            new=query.get("new") == "1" and last_visit is not None,
            shown=None if whole else min(int(shown), 5000) if shown.isdecimal() and len(shown) < 6 else PAGE,
            last_visit=last_visit,
            reader=reader,
        )

    def link(self, **changes) -> str:
        """The query of the same page with other wishes."""
        values = {
            "kind": self.kind,
            "from": self.since and self.since.isoformat(),
            "to": self.until and self.until.isoformat(),
            "who": self.who,
            "new": "1" if self.new else "",
        } | changes
        return "?" + urlencode({name: value for name, value in values.items() if value})

    @property
    def narrowed(self) -> bool:
        return bool(self.since or self.until or self.who)

    def is_new(self, entry: Entry) -> bool:
        """Entered by somebody else since the reader's last visit, whenever it happened."""
        if self.last_visit is None or entry.entered_at is None or entry.by_id == self.reader:
            return False
        return entry.entered_at > self.last_visit

    def fits(self, entry: Entry) -> bool:
        """Whether the entry is of the period, by the author and new where that is asked; the kind is asked apart."""
        if (self.since and entry.day < self.since) or (self.until and entry.day > self.until):
            return False
        if self.who is not None and entry.by_id != self.who:
            return False
        return not self.new or self.is_new(entry)


def _day(text):
    try:
        return parse_date(text)
    except ValueError:
        return None


def last_visit(family, user) -> datetime.datetime | None:
    """When `user` read the card before this visit: the last time at least an hour ago, from the audit log."""
    looks = AuditRecord.objects.filter(
        subject_type=family._meta.label_lower, subject_id=family.pk, actor=user, action=Action.READ
    )
    looks = looks.filter(at__lte=timezone.now() - HOUR, detail__page="families:family-detail")
    return looks.order_by("-seq").values_list("at", flat=True).first()


def lay_out(entries, asked: Asked) -> dict:
    """Context of families/timeline_panel.html: entries, chips, authors, what is left to show."""
    entries = [replace(entry, is_new=asked.is_new(entry)) for entry in entries]
    fitting = [entry for entry in entries if asked.fits(entry)]
    chosen = sorted((entry for entry in fitting if not asked.kind or entry.group == asked.kind), key=_order)[::-1]
    shown = chosen if asked.shown is None else chosen[: asked.shown]
    rest = chosen[len(shown) :]
    return {
        "asked": asked,
        "entries": shown,
        "chips": chips(fitting, asked),
        "new_count": sum(entry.is_new for entry in entries),
        "authors": sorted({(entry.who, entry.by_id) for entry in entries if entry.by_id}),
        "rest": len(rest),
        "earlier_url": asked.link(shown=asked.shown + PAGE) + "#timeline" if rest else "",
        "new_url": asked.link(new="1", kind="") + "#timeline",
        "wide_url": asked.link(**dict.fromkeys(("from", "to", "who"), "")) + "#timeline",
        "print_query": asked.link(),
        "narrowed": asked.narrowed,
    }


def chips(entries, asked: Asked) -> list[tuple[str, str, int, bool]]:
    """Filters of the timeline as (title, link, count, active); groups without entries are left out."""
    counts = dict.fromkeys(GROUPS, 0)
    for entry in entries:
        counts[entry.group] += 1
    groups = [
        (title, asked.link(kind=code), counts[code], code == asked.kind)
        for code, title in GROUPS.items()
        if counts[code] or code == asked.kind
    ]
    return [("Всё", asked.link(kind=""), len(entries), not asked.kind), *groups]


def _order(entry):
    """Days in order; within a day as they were entered."""
    return entry.day, entry.entered_at.timestamp() if entry.entered_at else 0
