"""Which declared value fills a cell: matching facts' periods with a report's columns (indicators.md, «Source»)."""

from collections import defaultdict

from django.urls import reverse
from django.utils.http import urlencode

from reports.engine import REGION
from reports.forms import Column, Form, of_this_region
from reports.indicators.facts import Fact
from reports.indicators.rows import Row
from reports.models import DeclaredFact
from reports.periods import Period
from sopr.accounts.models import OrganisationKind


def facts_of_region(period: Period | None = None) -> list[tuple[Form, list[Row]]]:
    """The rows that organisations may declare, by form of the region; a fact of several forms stands in the first.

    Forms in force today, and with `period` those in force when it began.
    """
    met, groups = set(), []
    for form in [*of_this_region(), *(of_this_region(on=period.since) if period else ())]:
        rows = [row for row in form.rows if row.fact and row.fact.code not in met]
        met.update(row.fact.code for row in rows)
        groups.append((form, rows))
    return [(form, rows) for form, rows in groups if rows]


def sheet_url(period, organisation) -> str:
    """The sheet on which the organisation's facts of a period are entered."""
    return f"{reverse('reports:fact-sheet')}?{urlencode({'organisation': organisation.pk, 'period': period.text})}"


def facts_missing(organisation, due) -> list[tuple[Period, Fact]]:
    """What `due` (form, period) reads and the organisation has neither declared nor confirmed; by one statement.

    Asked for is what nothing else tells but an organisation, and what it declared for the period before.
    """
    wanted = {}  # {(period, fact): whether some row has no other source}
    for form, period in due:
        for row in form.rows:
            if row.fact:
                place = period, row.fact
                wanted[place] = wanted.get(place, False) or (row.otherwise is None and not row.fact.regional)
    if not wanted:
        return []
    declared = _declared(organisation, wanted)
    return [
        (period, fact)
        for (period, fact), needed in wanted.items()
        if not _tells(fact, declared, period) and (needed or _tells(fact, declared, period.previous()))
    ]


def _declared(organisation, places) -> dict[str, list[tuple]]:
    """{fact's code: [(since, until, value)]} in force for these (period, fact) and the periods before them."""
    found = DeclaredFact.objects.current().filter(
        organisation=organisation,
        indicator__in={fact.code for _period, fact in places},
        until__gte=min(period.previous().since for period, _fact in places),
        since__lte=max(period.until for period, _fact in places),
    )
    declared = defaultdict(list)
    for code, *value in found.order_by("pk").values_list("indicator", "since", "until", "value"):
        declared[code].append(tuple(value))
    return declared


def _tells(fact, declared, period) -> bool:
    """Whether a report for the period would have a value of this fact."""
    return match(fact, declared.get(fact.code, []), Column.of(period)) is not None


class Declarations:
    """The current facts that may fill a form's columns, loaded by one statement."""

    def __init__(self, form, columns):
        facts = {row.fact.code: row.fact for row in form.rows if row.fact}
        found = (
            DeclaredFact.objects.current()
            .filter(
                indicator__in=facts,
                until__gte=min(column.first for column in columns),
                since__lte=max(column.last for column in columns),
            )
            .order_by("pk")
            .values_list("indicator", "organisation_id", "organisation__kind", "since", "until", "value")
        )
        self._facts = defaultdict(lambda: defaultdict(list))
        self._governing = set()
        for code, organisation, kind, since, until, value in found:
            self._facts[code][organisation].append((since, until, value))
            if kind == OrganisationKind.MINISTRY:
                self._governing.add(organisation)
        self._used = {
            code
            for code, by_organisation in self._facts.items()
            if any(
                match(facts[code], declared, column) is not None
                for declared in by_organisation.values()
                for column in columns
            )
        }

    @property
    def organisations(self) -> set[int]:
        """Ids of those that declared anything here."""
        return {organisation for by_organisation in self._facts.values() for organisation in by_organisation}

    def has(self, fact: Fact) -> bool:
        """Whether any organisation declared this fact for any column: then the whole row is of declared values."""
        return fact.code in self._used

    def value(self, fact: Fact, scope, column):
        """The value of one organisation, or the region's; None = no data, which is not zero."""
        by_organisation = self._facts.get(fact.code, {})
        if scope is not REGION:
            return match(fact, by_organisation.get(scope, []), column)
        values = {
            organisation: value
            for organisation, declared in by_organisation.items()
            if (value := match(fact, declared, column)) is not None
        }
        return self._of_region(fact, values)

    def _of_region(self, fact, values):
        """Counts are added up, one «yes» is the region's; shares are not added: the ministry's own, or one of all."""
        if not values:
            return None
        if fact.kind == "flag":
            return max(values.values())
        if fact.kind == "number":
            return sum(values.values())
        own = {value for organisation, value in values.items() if organisation in self._governing}
        shares = own or set(values.values())
        return shares.pop() if len(shares) == 1 else None


def match(fact: Fact, declared, column):
    """The value among `declared` (since, until, value) that fits the column; None when nothing does.

    The exact period comes first. Else a stock takes the latest fact inside the column (for a column that is a day
    alone: one that ends on it), a flow the sum of the facts inside, none of them counted twice.
    """
    if not column.has_flows:
        ending = [(since, value) for since, until, value in declared if until == column.day]
        return max(ending)[1] if fact.stock and ending else None
    for since, until, value in declared:
        if (since, until) == (column.since, column.until):
            return value
    inside = [each for each in declared if column.since <= each[0] and each[1] <= column.until]
    if not inside:
        return None
    if fact.stock:
        return max(inside, key=lambda each: (each[1], each[0]))[2]
    if fact.kind == "number":
        return sum(value for since, until, value in inside if not _nested(since, until, inside))
    return None  # shares of parts make no share of the whole


def _nested(since, until, others) -> bool:
    """Whether a longer fact beside it covers this one already (a month inside a declared quarter)."""
    return any(s <= since and until <= u and (s, u) != (since, until) for s, u, _value in others)
