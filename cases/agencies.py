"""Исполнители: the load of each agency and the share it does in time, for a head and for the ministry.

Each number is counted, and the list behind it is read, by the same condition (`conditions`).
"""

import datetime

from django.db.models import Case as Choose
from django.db.models import Count, F, FloatField, Q, Value, When
from django.db.models.functions import Cast
from django.utils import timezone

from cases.models import Activity
from sopr.accounts.models import Organisation
from sopr.calendar import add_months

State, Why = Activity.State, Activity.NotDoneReason
COUNTED = [state for state in State.values if state not in Activity.GONE_STATES]
DECLINED = (State.DECLINED, State.HANDED_ON)  # handed on since: the agency declined all the same
# Not the agency's fault: these are left out of the share done in time [choice].
NOT_THEIRS = (Why.FAMILY_REFUSED, Why.NO_LONGER_NEEDED)
DAY = datetime.timedelta(days=1)


def periods(today) -> dict[str, tuple[str, datetime.date, datetime.date]]:
    """code → (title, first day, last day) of the periods the register is counted for; the first is the default."""
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    year = today.replace(month=1, day=1)
    before = add_months(quarter, -3)
    return {
        "year": (f"{year.year} год", year, add_months(year, 12) - DAY),
        "quarter": (_title(quarter), quarter, add_months(quarter, 3) - DAY),
        "last_quarter": (_title(before), before, quarter - DAY),
        "last_year": (f"{year.year - 1} год", add_months(year, -12), year - DAY),
    }


def _title(day) -> str:
    return f"{'I II III IV'.split()[(day.month - 1) // 3]} квартал {day.year}"


# The figures of the register: code → what the list behind it is called. What is counted today comes first.
FIGURES = {
    "load": "Сейчас в работе",
    "overdue": "Просрочено",
    "planned": "Запланировано",
    "in_time": "Исполнено в срок",
    "late": "Исполнено позже срока",
    "failed": "Не исполнено",
    "family": "Семья отказалась или стало не нужно",
    "declined": "Отклонено",
    "base": "Из чего считается доля",
}
AS_OF_TODAY = ("load", "overdue")  # whatever the period


def conditions(since, until, road="") -> dict[str, Q]:
    """Figure → the condition on an activity due from `since` to `until`; `road` leads to it from the row counted.

    `load`, `overdue` and `unanswered` are as of today whatever the period.
    """
    today = timezone.localdate()

    def where(**values):
        return Q(**{f"{road}{name}": value for name, value in values.items()})

    due_on = F(f"{road}due_on")
    open_now = where(state__in=Activity.TO_DO_STATES, case__closed_on=None)
    over = open_now & where(due_on__lt=today)
    period = where(due_on__gte=since, due_on__lte=until)
    done, not_done = period & where(state=State.DONE), period & where(state=State.NOT_DONE)
    theirs = where(not_done_reason__in=NOT_THEIRS)
    in_time, late = done & where(done_on__lte=due_on), done & where(done_on__gt=due_on)
    failed = not_done & ~theirs
    return {
        "load": open_now,
        "unanswered": open_now & where(state=State.PLANNED),
        "overdue": over,
        "planned": period & where(state__in=COUNTED),
        "in_time": in_time,
        "late": late,
        "failed": failed,
        "family": not_done & theirs,
        "declined": period & where(state__in=DECLINED),
        "base": in_time | late | failed | (over & period),
    }


def _asked_of_others(road="") -> Q:
    """Activities of approved programmes that count, those handed on since among them."""
    approved = Q(**{f"{road}goal": None}) | Q(**{f"{road}goal__revision__state__in": ("approved", "superseded")})
    return approved & Q(**{f"{road}state__in": (*COUNTED, State.HANDED_ON)})


def with_load(since, until, organisation_id=None):
    """Agencies with what they owe now and what became of activities due from `since` to `until`; one statement.

    `organisation_id` limits to the cases of one service. What a service does itself for its own cases is left out.
    Each row has the figures of `conditions`; `share` is percent of in_time in `base`, None where the base is empty.
    """
    road = "activities__"
    rows = Q(activities__case__organisation__gt=F("pk")) | Q(activities__case__organisation__lt=F("pk"))
    rows &= _asked_of_others(road)
    if organisation_id is not None:
        rows &= Q(activities__case__organisation=organisation_id)
    counts = {code: Count("activities", filter=where) for code, where in conditions(since, until, road).items()}
    share = Cast(F("in_time"), FloatField()) * 100 / Cast(F("base"), FloatField())
    return (
        Organisation.objects.filter(rows)
        .annotate(**counts)
        .annotate(share=Choose(When(base__gt=0, then=share), default=Value(None), output_field=FloatField()))
        .select_related("municipality")
    )


def behind(figure, agency, since, until, organisation_id=None):
    """The activities that one number of `with_load` counts."""
    rows = Activity.objects.filter(_asked_of_others(), conditions(since, until)[figure], agency=agency)
    rows = rows.exclude(case__organisation=agency)
    if organisation_id is not None:
        rows = rows.filter(case__organisation=organisation_id)
    return rows.select_related("case__family", "case__organisation", "person")
