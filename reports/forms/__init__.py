"""The catalogue of report forms: every form the product can fill, by its code."""

from reports.forms import (
    bashkortostan_newborn,
    irkutsk_15,
    kaluga_social_contract,
    novgorod_plan,
    novosibirsk_services,
    omsk_dispatch,
    primorye_monitoring,
    tatarstan_414,
    tver_resolution,
)
from reports.forms.base import Column, Form, with_plan
from sopr import profile
from sopr.errors import Refused

CATALOGUE = {
    module.FORM.code: module.FORM
    for module in (
        tatarstan_414,
        primorye_monitoring,
        irkutsk_15,
        novgorod_plan,
        kaluga_social_contract,
        omsk_dispatch,
        bashkortostan_newborn,
        novosibirsk_services,
        tver_resolution,
    )
}

__all__ = ["CATALOGUE", "Column", "Form", "find", "of_this_region", "with_plan"]


def find(code: str) -> Form:
    """The form of this code; raises Refused with the codes there are."""
    if code not in CATALOGUE:
        raise Refused(f"Формы «{code[:60]}» нет. Есть: {', '.join(CATALOGUE)}.")
    return CATALOGUE[code]


def of_this_region(due_for: str = "") -> list[Form]:
    """The forms this region's profile uses, in the profile's order; with `due_for`, those due for such a period."""
    used = [CATALOGUE[rule.code] for rule in profile.current().report_forms if rule.code in CATALOGUE]
    return [form for form in used if not due_for or due_for in form.periodicity]
