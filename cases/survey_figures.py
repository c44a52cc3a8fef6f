"""Что ответили семьи, организация за организацией: counts only, so that nobody is known by his answer.

Small cells (1–2 families) are hidden (domain.md §5, [choice]): an organisation with so few answers shows that there are
some, and nothing else; in a larger one a count of one or two is said as «меньше 3». The region is told in shares only,
so that what is hidden cannot be found by subtraction.
"""

import datetime

from django.db.models import Avg, Count, Q

from cases.models import Survey
from sopr.accounts.models import Organisation
from sopr.calendar import add_months

FEWEST = 3  # a count below this is hidden unless it is zero [choice]
HIDDEN = f"меньше\u00a0{FEWEST}"
QUARTERS = 4
DAY = datetime.timedelta(days=1)
Change = Survey.Change


def periods(today) -> dict[str, tuple[str, datetime.date, datetime.date]]:
    """code → (title, first day, last day): the last four quarters together, then each of them, newest first.

    Nothing shorter than a quarter: an anonymous answer keeps no day (decisions.md).
    """
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    starts = [add_months(quarter, -3 * back) for back in range(QUARTERS)]
    whole = {"year": ("последние четыре квартала", starts[-1], add_months(quarter, 3) - DAY)}
    return whole | {f"{day:%Y-%m}": (title_of(day), day, add_months(day, 3) - DAY) for day in starts}


def title_of(day) -> str:
    """«IV квартал 2026»."""
    return f"{'I II III IV'.split()[(day.month - 1) // 3]} квартал {day.year}"


def by_organisation(since, until):
    """Organisations about which families answered from `since` to `until`, with `answers`, `satisfied`, one average
    (`mean`) over all questions asked, `better` and `worse`; one statement."""
    inside = Q(surveys__answered_on__gte=since, surveys__answered_on__lte=until)
    counts = {
        "answers": Count("surveys", filter=inside),
        "satisfied": Count("surveys", filter=inside & Q(surveys__satisfied=True)),
        "better": Count("surveys", filter=inside & Q(surveys__change__in=(Change.OVERCAME, Change.BETTER))),
        "worse": Count("surveys", filter=inside & Q(surveys__change=Change.WORSE)),
    }
    means = {f"mean_{name}": Avg(f"surveys__{name}", filter=inside) for name in Survey.QUESTIONS}
    return Organisation.objects.annotate(**counts, **means).filter(answers__gt=0)


def is_small(row) -> bool:
    """Whether so few families answered about the organisation that nothing but this may be said."""
    return row.answers < FEWEST


def say_count(row, name):
    """A count of the row: as it is, or hidden where it, or the row, is small."""
    value = getattr(row, name)
    return HIDDEN if is_small(row) or 0 < value < FEWEST else value


def mean_of(row) -> float | None:
    """The average score of all questions that families answered; None where the row is small or nobody scored."""
    means = [mean for name in Survey.QUESTIONS if (mean := getattr(row, f"mean_{name}")) is not None]
    return None if is_small(row) or not means else sum(means) / len(means)


def say_region(since, until) -> str:
    """«По региону довольны 93 %, средний балл 4,6», or nothing while fewer than three families have answered."""
    rows = Survey.objects.filter(answered_on__gte=since, answered_on__lte=until)
    found = rows.aggregate(
        answers=Count("pk"), satisfied=Count("pk", filter=Q(satisfied=True)), **{n: Avg(n) for n in Survey.QUESTIONS}
    )
    if found["answers"] < FEWEST:
        return ""
    share = (200 * found["satisfied"] + found["answers"]) // (2 * found["answers"])
    means = [found[name] for name in Survey.QUESTIONS if found[name] is not None]
    score = f", средний балл {sum(means) / len(means):.1f} из 5".replace(".", ",") if means else ""
    return f"По региону довольны помощью {share}\u202f%{score}."
