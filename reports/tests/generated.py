"""Casework put straight into the tables, many rows at once: for figures, where the way of each row does not matter."""

import datetime
from itertools import count

from cases.models import Case
from cases.words import Outcome, Stage
from conftest import make_organisation
from families.categories import Category
from families.models import Family
from families.names import number_key
from sopr.accounts.models import Municipality

_numbers = count(1)


def make_region(organisations=3):
    """A municipality with organisations that support families."""
    municipality, _made = Municipality.objects.get_or_create(code="R", defaults={"name": "Район"})
    return [
        make_organisation(f"R{next(_numbers)}", f"Центр {number}", municipality=municipality)
        for number in range(1, organisations + 1)
    ]


def make_families(number, municipality=None):
    municipality = municipality or Municipality.objects.get_or_create(code="R", defaults={"name": "Район"})[0]
    texts = [str(next(_numbers)) for _ in range(number)]
    return Family.objects.bulk_create(
        [
            Family(number=f"F{text}", number_key=number_key(f"F{text}"), surname="Ковалёвы", municipality=municipality)
            for text in texts
        ],
        batch_size=5000,
    )


def a_case(family, organisation, accepted_on, closed_on=None, outcome=Outcome.OVERCAME, **fields):
    """An unsaved case with the columns reports ask about; an open one has no outcome."""
    number = fields.pop("number", None) or f"C{next(_numbers)}"
    values = {
        "primary_category": Category.LARGE,
        "stage": Stage.CLOSED if closed_on else Stage.ACTIVE,
        "outcome": outcome if closed_on else "",
        "opened_on": accepted_on or datetime.date(2020, 1, 1),
        "imported": True,
    } | fields
    return Case(
        number=number,
        number_key=number_key(number),
        family=family,
        organisation=organisation,
        accepted_on=accepted_on,
        closed_on=closed_on,
        **values,
    )


def save_cases(cases):
    return Case.objects.bulk_create(cases, batch_size=2000)


def many_cases(number, organisations, *, categories=tuple(Category.values), per_family=1.4):
    """`number` cases of three years spread evenly over families, organisations, categories and days."""
    families = make_families(max(int(number / per_family), 1))
    first = datetime.date(2019, 1, 1)
    outcomes = list(Outcome.values)
    cases = []
    for index in range(number):
        accepted_on = first + datetime.timedelta(days=index * 7919 % 1095)
        stays = index * 104729 % 400
        # A family's second case is always a finished one: an organisation keeps one open case of a family.
        is_open = index < len(families) and index % 3 == 0
        cases.append(
            a_case(
                families[index % len(families)],
                organisations[index * 31 % len(organisations)],
                accepted_on,
                None if is_open else accepted_on + datetime.timedelta(days=stays),
                outcome=outcomes[index % len(outcomes)],
                primary_category=categories[index * 13 % len(categories)],
                ground="social_contract" if index % 5 == 0 else "appeal",
            )
        )
    return save_cases(cases)
