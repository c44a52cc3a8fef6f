"""What precedes signing: does the balance hold, and which cases lack data (indicators.md, «Report life»)."""

import datetime

from django.db.models import Count, Exists, OuterRef, Q

from cases.models import Case, LevelPeriod, Review
from families.categories import Category
from reports.engine import REGION
from reports.forms import Column
from reports.indicators import measures as m
from reports.indicators.sources import CATEGORIES

MEASURES = (m.ON_SUPPORT, m.ACCEPTED, m.REMOVED)
MOST_LISTED = 200


def extra_columns(main: Column) -> list[Column]:
    """The day before the main column begins: where its balance starts from."""
    return [Column("eve", "на начало", day=main.since - datetime.timedelta(days=1))]


def balance(figures, main: Column, organisation=None) -> dict:
    """stock(end) = stock(start) + accepted − removed, in all and by category; a mismatch lists the cases behind it."""
    scope = organisation.pk if organisation else REGION
    rows = [_line("Всего", figures, main, scope, ())]
    rows += [line for code in CATEGORIES if any((line := _line(_title(code), figures, main, scope, (code,)))["values"])]
    ok = all(row["ok"] for row in rows)
    return {"ok": ok, "rows": rows, "cases": [] if ok else _suspects(main, organisation)}


def _line(title, figures, main, scope, categories) -> dict:
    values = [
        figures.count(scope, "eve", m.ON_SUPPORT, categories),
        figures.count(scope, main.code, m.ACCEPTED, categories),
        figures.count(scope, main.code, m.REMOVED, categories),
        figures.count(scope, main.code, m.ON_SUPPORT, categories),
    ]
    start, accepted, removed, end = values
    return {"title": title, "values": values, "ok": end == start + accepted - removed}


def _title(code) -> str:
    title = Category(code).label
    return title[0].upper() + title[1:]


def _suspects(main: Column, organisation) -> list[dict]:
    """Cases of families with more than one case about the period: only these can upset the balance."""
    touching = Case.objects.filter(accepted_on__lte=main.until).filter(Q(closed_on=None) | Q(closed_on__gte=main.since))
    if organisation:
        touching = touching.filter(organisation=organisation)
    several = touching.values("family").annotate(cases=Count("pk")).filter(cases__gt=1).order_by().values("family")
    listed = touching.filter(family__in=several).order_by("family_id", "accepted_on", "pk")[:MOST_LISTED]
    return [{"id": pk, "number": number} for pk, number in listed.values_list("pk", "number")]


def missing(period, organisation=None) -> list[dict]:
    """Cases that lack something the report is about: {code, title, count, cases[{id, number}]}; one statement each."""
    on_support = Case.objects.on_support_at(period.until)
    touching = Case.objects.filter(accepted_on__lte=period.until)
    if organisation:
        on_support, touching = (rows.filter(organisation=organisation) for rows in (on_support, touching))
    reviewed = Review.objects.filter(case=OuterRef("pk"), done_on__range=(period.since, period.until))
    overdue = LevelPeriod.objects.filter(case=OuterRef("pk"), since__lte=period.until, term_on__lt=period.until).filter(
        Q(until=None) | Q(until__gt=period.until)
    )
    found = [
        (
            "outcome",
            "снятые без результата",
            touching.filter(closed_on__range=(period.since, period.until), outcome=""),
        ),
        (
            "review",
            "на сопровождении весь период, а мониторинга не было",
            on_support.filter(~Exists(reviewed), accepted_on__lt=period.since, imported=False),
        ),
        ("level", "срок уровня истёк, решения совета нет", on_support.filter(Exists(overdue))),
    ]
    return [_describe(code, title, cases) for code, title, cases in found]


def _describe(code, title, cases) -> dict:
    listed = list(cases.order_by("number_key", "pk").values_list("pk", "number")[: MOST_LISTED + 1])
    count = len(listed) if len(listed) <= MOST_LISTED else cases.count()
    return {
        "code": code,
        "title": title,
        "count": count,
        "cases": [{"id": pk, "number": number} for pk, number in listed[:MOST_LISTED]],
    }
