"""Practices that a region's profile switches on, as they show on the pages of a case and of a family."""

from django import template

from cases import acts
from sopr import profile
from sopr.accounts.policy import Perm

register = template.Library()


@register.inclusion_tag("cases/_case_practices.html")
def case_practices(case, user):
    """Panels beside the case: the family's certificate, its points, the way to its rights."""
    region = profile.current()
    shown = {"case": case, "may_work": user.may(Perm.CASE_WORK)}
    if region.has("certificate"):
        certificate = case.certificates.select_related("revision").first()
        shown |= {
            "shows_certificate": True,
            "certificate": certificate,
            "marks": certificate.marks.count() if certificate else 0,
            "why_not_certify": acts.why_not_certify(case),
        }
    shown["shows_rights"] = region.has("legal_navigator") and user.may(Perm.FAMILY_VIEW)
    if region.has("bonus"):
        last = case.bonus_entries.values_list("balance", "happened_on").first() or (0, None)
        shown |= {
            "shows_bonus": True,
            "balance": last[0],
            "last_entry": last[1],
            "why_not_award": acts.why_not_award(case),
        }
    return shown
