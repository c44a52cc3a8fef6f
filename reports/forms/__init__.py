"""The catalogue of report forms: every form the product can fill, by its code."""

from reports.forms import primorye_monitoring, tatarstan_414
from reports.forms.base import Column, Form
from sopr import profile
from sopr.errors import Refused

CATALOGUE = {form.code: form for form in (tatarstan_414.FORM, primorye_monitoring.FORM)}

__all__ = ["CATALOGUE", "Column", "Form", "find", "of_this_region"]


def find(code: str) -> Form:
    """The form of this code; raises Refused with the codes there are."""
    if code not in CATALOGUE:
        raise Refused(f"Формы «{code[:60]}» нет. Есть: {', '.join(CATALOGUE)}.")
    return CATALOGUE[code]


def of_this_region() -> list[Form]:
    """The forms this region's profile uses, in the profile's order; the catalogue's own when it names none of them."""
    used = [CATALOGUE[rule.code] for rule in profile.current().report_forms if rule.code in CATALOGUE]
    return used or list(CATALOGUE.values())
