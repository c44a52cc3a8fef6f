"""Figures of a district's passport that only cases know: families on support, by level."""

from django.db.models import Exists, OuterRef, Q

from cases.models import Case, LevelPeriod
from cases.words import Level
from families.districts.figures import Figure, Source, in_district, valid_on
from sopr import profile


def _case_rows(district, day):
    return Case.objects.on_support_at(day).filter(in_district(district, day, "family__"))


def _level_rows(district, day):
    supported = Q(case__accepted_on__lte=day) & (Q(case__closed_on=None) | Q(case__closed_on__gt=day))
    return LevelPeriod.objects.filter(supported, valid_on(day), in_district(district, day, "case__family__"))


CASES = Source("cases", _case_rows, "family")
LEVELS = Source("levels", _level_rows, "case__family")


def figures():
    """On support at the day, as reports count a stock (STOCK(d) of indicators.md), and at which level."""
    yield Figure(
        "support",
        "support",
        "На социальном сопровождении",
        CASES,
        lambda _day: Q(),
        "Приняты не позже даты и к концу этого дня не сняты, приостановленные тоже; семья один раз.",
    )
    levels = profile.current().levels
    for code in levels:
        yield Figure(
            f"level-{code}",
            "support",
            levels[code].title,
            LEVELS,
            lambda _day, code=code: Q(level=code),
            "Уровень, действующий на дату. Семья, которую ведут две организации, может стоять в двух строках.",
            level=1,
        )
    yield Figure(
        "level-none",
        "support",
        "уровень не указан",
        CASES,
        lambda day: ~Exists(LevelPeriod.objects.filter(valid_on(day), case=OuterRef("pk"), level__in=Level.values)),
        "Случаи, в истории которых на дату нет уровня (перенесённые из прежних систем).",
        level=1,
        optional=True,
    )
