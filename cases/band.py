"""Уровни случая over time: periods of levels, pauses, contacts, reviews, the council; for the band and its table."""

from collections.abc import Callable, Iterable

from django.utils import timezone

CONTACTS_SHOWN = 200

# function(case) → marks {"on", "kind": "council" or "next", "title"} of apps above
_marks: list[Callable[[object], Iterable[dict]]] = []


def add_marks(marks) -> None:
    """Declare what else is marked on the band of a case (councils: decisions and the coming meeting)."""
    if marks not in _marks:
        _marks.append(marks)


def band_of(case) -> dict | None:
    """What `level_band` draws and the table beside it tells, for a case that has or had a level; else None."""
    levels = list(case.level_periods.all())
    if not levels:
        return None
    today = timezone.localdate()
    contacts = list(case.contacts.exclude(kind="attempt").values_list("at", "kind")[:CONTACTS_SHOWN])
    kinds = dict(case.contacts.model.Kind.choices)
    reviews = list(case.reviews.values_list("done_on", flat=True))
    pauses = list(case.suspensions.all())
    marks = [{"on": timezone.localdate(at), "kind": "contact", "title": kinds[kind]} for at, kind in contacts]
    marks += [{"on": day, "kind": "review", "title": "мониторинг"} for day in reviews]
    marks += [mark for marks_of in _marks for mark in marks_of(case)]
    told = {mark["on"] for mark in marks if mark["kind"] == "council"}
    marks += [  # of a case that came from another system or organisation: its decisions stand elsewhere
        {"on": level.since, "kind": "council", "title": level.basis or "установлен уровень"}
        for level in levels
        if level.since not in told
    ]
    last = levels[-1]
    over_on = last.term_on if last.until is None and last.term_on and last.term_on < today else None
    periods = [
        {
            "since": level.since,
            "until": level.until or level.term_on,
            "code": level.level,
            "title": level.get_level_display(),
        }
        for level in levels
    ]
    days = [mark["on"] for mark in marks] + [period["until"] for period in periods if period["until"]]
    end = max([case.closed_on or today, *days])
    return {
        "start": min([levels[0].since, *days]),
        "end": end,
        "today": today if case.closed_on is None else None,
        "periods": periods,
        "marks": marks,
        "pauses": [{"since": pause.since, "until": pause.until} for pause in pauses],
        "over_on": over_on,
        "next": next((mark for mark in marks if mark["kind"] == "next"), None),
        "levels": levels,
        "suspensions": pauses,
        "contacts": len(contacts),
        "reviews": len(reviews),
    }
