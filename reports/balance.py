"""The balance of a report: what was there at the start, came and went is what is there at the end.

Families by category come from the engine, as the report's own rows do. People by category, and families and people by
level, are spans of days (a case, a level, a person's cover, cut by one another): whatever touches the period was there
at its start or came, and is there at its end or went. Counted once each, they fail to add up only where a family has
several cases about the period; `suspects` lists those.
"""

import datetime
from dataclasses import dataclass

from django.db.models import Count, F, Q

from cases.models import Case, CaseMember, LevelPeriod
from cases.words import ClosureReason, Level
from families.categories import Category
from reports.engine import REGION
from reports.forms import Column
from reports.indicators import measures as m
from reports.indicators.sources import CATEGORIES

DAY = datetime.timedelta(days=1)
NAMES = ("start", "came", "went", "end")
MEASURES = (m.ON_SUPPORT, m.ACCEPTED, m.REMOVED)
TABLES = {  # the title, and what a line is
    "rows": ("Семьи по категориям", "Категория"),
    "people": ("Люди по категориям", "Категория"),
    "levels": ("Семьи по уровням", "Уровень"),
    "level_people": ("Люди по уровням", "Уровень"),
}


def eve_of(main: Column) -> Column:
    """The day before a column begins."""
    return Column("eve", "на начало", day=main.since - DAY)


def draw_up(figures, main: Column, period, organisation=None) -> dict:
    """{ok, rows, people, levels, level_people}: lines of {title, values: [start, came, went, end], ok}.

    `rows` are families in all and by category; two statements beside the engine's own.
    """
    rows = _families(figures, main, organisation.pk if organisation else REGION)
    levels, level_people = _levels(period, organisation)
    return {
        "ok": all(row["ok"] for row in rows),
        "rows": rows,
        "people": _people(period, organisation),
        "levels": levels,
        "level_people": level_people,
    }


def tables(sheet) -> list[dict]:
    """The tables of a balance with their titles; a sheet of an earlier release has the first one only."""
    found = {name: sheet[name] for name in TABLES if sheet.get(name)}
    return [{"title": TABLES[name][0], "head": TABLES[name][1], "rows": rows} for name, rows in found.items()]


def suspects(period, organisation=None) -> list[int]:
    """Cases that alone can upset the balance: of families with several about the period, of the region transfers too.

    The region counts a transfer neither as removal nor as acceptance, so one that straddles the border shows.
    """
    since, until = period.since, period.until
    touching = Case.objects.filter(accepted_on__lte=until).filter(Q(closed_on=None) | Q(closed_on__gte=since))
    moved = Q()
    if organisation:
        touching = touching.filter(organisation=organisation)
    else:
        came = Q(transferred_from__isnull=False, accepted_on__gte=since)
        moved = came | Q(closure_reason=ClosureReason.TRANSFERRED, closed_on__lte=until)
    several = touching.values("family").annotate(cases=Count("pk")).filter(cases__gt=1).order_by().values("family")
    found = touching.filter(Q(family__in=several) | moved).order_by("family_id", "accepted_on", "pk")
    return list(found.values_list("pk", flat=True))


def _families(figures, main, scope) -> list[dict]:
    def line(title, categories):
        return _line(
            title,
            figures.count(scope, "eve", m.ON_SUPPORT, categories),
            figures.count(scope, main.code, m.ACCEPTED, categories),
            figures.count(scope, main.code, m.REMOVED, categories),
            figures.count(scope, main.code, m.ON_SUPPORT, categories),
        )

    lines = [line(_title(Category(code).label), (code,)) for code in CATEGORIES]
    return [line("Всего", ()), *(each for each in lines if any(each["values"]))]


def _people(period, organisation) -> list[dict]:
    span = _Span(period, _Cut("case__accepted_on", "case__closed_on", ends_before=True), _Cut("since", "until"))
    rows = CaseMember.objects.filter(span.touches, case__accepted_on__isnull=False)
    if organisation:
        rows = rows.filter(case__organisation=organisation)
    counted = rows.order_by().values("case__primary_category").annotate(**span.counts("person"))
    found = {row["case__primary_category"]: row for row in counted}
    return [
        _line(_title(Category(code).label), *(found[code][name] for name in NAMES))
        for code in CATEGORIES
        if code in found
    ]


def _levels(period, organisation) -> tuple[list[dict], list[dict]]:
    case, level = _Cut("case__accepted_on", "case__closed_on", ends_before=True), _Cut("since", "until")
    alone = _Span(period, case, level)
    covered = _Span(period, case, level, _Cut("case__members__since", "case__members__until"))
    rows = LevelPeriod.objects.filter(alone.touches, case__accepted_on__isnull=False)
    if organisation:
        rows = rows.filter(case__organisation=organisation)
    people = {f"people_{name}": count for name, count in covered.counts("case__members__person").items()}
    counted = rows.order_by().values("level").annotate(**alone.counts("case__family"), **people)
    found = {row["level"]: row for row in counted}
    order = [level for level in Level if level in found]
    families = [_line(_title(level.label), *(found[level][name] for name in NAMES)) for level in order]
    return families, [
        _line(_title(level.label), *(found[level][f"people_{name}"] for name in NAMES)) for level in order
    ]


@dataclass(frozen=True)
class _Cut:
    """Two columns between which a row lasts, either may be empty; `until` is the last day, or the day after it."""

    since: str
    until: str
    ends_before: bool = False


class _Span:
    """Conditions on rows that last while all their cuts do, about one period."""

    def __init__(self, period, *cuts):
        first, last = period.since, period.until
        self.touches, self.at_start, self.at_end = Q(), Q(), Q()
        for cut in cuts:
            self.touches &= _until(cut.since, last) & _from(cut.until, first if cut.ends_before else period.eve)
            self.at_start &= _until(cut.since, period.eve)
            self.at_end &= _from(cut.until, last + DAY if cut.ends_before else last)
            for other in cuts:
                if other is not cut:  # somebody covered until a level began was not covered on it
                    self.touches &= Q(**{other.since: None}) | _from(cut.until, F(other.since))

    def counts(self, subject) -> dict:
        """Distinct subjects at the start, come, gone and at the end."""
        where = {"start": self.at_start, "came": ~self.at_start, "went": ~self.at_end, "end": self.at_end}
        return {name: Count(subject, distinct=True, filter=self.touches & where[name]) for name in NAMES}


def _until(field, day) -> Q:
    """The beginning is not after `day`, or is not known."""
    return Q(**{field: None}) | Q(**{f"{field}__lte": day})


def _from(field, day) -> Q:
    """The end is not before `day`, or there is none."""
    return Q(**{field: None}) | Q(**{f"{field}__gte": day})


def _line(title, start, came, went, end) -> dict:
    return {"title": title, "values": [start, came, went, end], "ok": end == start + came - went}


def _title(words) -> str:
    return words[0].upper() + words[1:]
