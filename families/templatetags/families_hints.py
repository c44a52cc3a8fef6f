"""Hints as panels: on a card, on «Мой день» and «Служба»."""

from django import template
from django.utils import timezone

from families import hints
from sopr.accounts.policy import Perm

register = template.Library()

ON_CARD = 6
ON_DESK = 3
BEHIND = 12  # further ones behind «Ещё»: the rest comes up as these are seen to


@register.inclusion_tag("families/_hints.html", takes_context=True)
def family_hints(context, family, user, keeps):
    """Hints of one card; nothing for those who do not work with the family."""
    found = []
    if keeps:
        found = hints.hints_of(
            [family.pk], user.organisation_id, timezone.localdate(), with_health=user.may(Perm.HEALTH_VIEW)
        )
    return _panel(context, found, ON_CARD, {})


@register.inclusion_tag("families/_hints.html", takes_context=True)
def desk_hints(context, family_ids, user):
    """Hints of all the families the reader works with (`family_ids`), in a constant number of statements."""
    found = hints.hints_of(
        family_ids, user.organisation_id, timezone.localdate(), with_health=user.may(Perm.HEALTH_VIEW)
    )
    return _panel(context, found, ON_DESK, hints.families_named(found[: ON_DESK + BEHIND]))


def _panel(context, found, shown, families):
    rows = [{"hint": hint, "family": families.get(hint.family_id)} for hint in found]
    return {
        "rows": rows[:shown],
        "more": rows[shown : shown + BEHIND],
        "total": len(found),
        "on_desk": bool(families),
        "csrf_token": context.get("csrf_token"),
    }
