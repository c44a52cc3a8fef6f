"""Cases at a glance on the card of a family: the band of levels."""

from django import template
from django.utils import timezone

from cases.reading import cases_of_family

register = template.Library()

CONTACTS_SHOWN = 200


@register.inclusion_tag("cases/_family_band.html")
def family_band(family, user):
    """The whole episode: levels, contacts, reviews and the council's decisions, from acceptance to the level's end."""
    case = next((case for case in cases_of_family(family, user) if case.accepted_on and not case.closed_on), None)
    if case is None:
        return {"band": None}
    today = timezone.localdate()
    levels = list(case.level_periods.all())
    contacts = list(case.contacts.exclude(kind="attempt").values_list("at", flat=True)[:CONTACTS_SHOWN])
    reviews = list(case.reviews.values_list("done_on", flat=True))
    marks = [{"on": timezone.localdate(at), "kind": "contact"} for at in contacts]
    marks += [{"on": day, "kind": "review"} for day in reviews]
    marks += [{"on": level.since, "kind": "council"} for level in levels]
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
    band = {
        "start": min([case.accepted_on, *days]),
        "end": max([today, *days]),
        "today": today,
        "periods": periods,
        "marks": marks,
    }
    return {"band": band, "contacts": len(contacts), "reviews": len(reviews)}
