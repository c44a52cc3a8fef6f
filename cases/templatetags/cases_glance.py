"""Cases at a glance: the band of levels on the card of a family and on that of a case."""

from django import template

from cases.band import band_of
from cases.reading import cases_of_family

register = template.Library()


@register.inclusion_tag("cases/_band.html")
def family_band(family, user):
    """The episode that goes on: levels, pauses, contacts, reviews and decisions, from acceptance to the level's end."""
    case = next((case for case in cases_of_family(family, user) if case.accepted_on and not case.closed_on), None)
    return {"case": case, "band": band_of(case) if case else None}


@register.inclusion_tag("cases/_band.html")
def case_band(case):
    """The same of one case, over as well."""
    return {"case": case, "band": band_of(case)}
