"""The catalogue of report forms: every form the product can fill, by its code."""

import datetime

from django.utils import timezone

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
from reports.periods import Period
from sopr import profile

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

__all__ = ["CATALOGUE", "Column", "Form", "choices", "find", "for_period", "of_this_region", "with_plan"]


def find(code: str, period: Period | None = None) -> Form:
    """The form of this code: one of the catalogue, or the ministry's own in its version in force for the period.

    Without a period an own form is taken as it is today. Raises Refused with the codes there are.
    """
    if code in CATALOGUE:
        return CATALOGUE[code]
    day = period.since if period else timezone.localdate()
    return _versions().find(code, day).as_form


def of_this_region(due_for: str = "", on: datetime.date | None = None) -> list[Form]:
    """The forms this region's profile uses, in the profile's order, then the ministry's own in force on a day (today).

    With `due_for`, those due for such a period: `on` is its first day.
    """
    used = [CATALOGUE[rule.code] for rule in profile.current().report_forms if rule.code in CATALOGUE]
    return [form for form in (*used, *_own_on(on)) if not due_for or due_for in form.periodicity]


def for_period(period: Period) -> list[Form]:
    """Every form there may be reports of for this period."""
    return [*CATALOGUE.values(), *_own_on(period.since)]


def choices() -> list[tuple[str, str]]:
    """(code, name) of every form a report may be on, for lists: the ministry's own under their latest names."""
    named = {form.code: form.name for form in CATALOGUE.values()}
    return list((named | _versions().names()).items())


def _own_on(day=None) -> list[Form]:
    return [version.as_form for version in _versions().in_use(day or timezone.localdate())]


def _versions():
    from reports.models import OwnFormVersion  # which is made of the forms declared here

    return OwnFormVersion.objects
