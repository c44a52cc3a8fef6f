"""Исполнители: the load of each agency and the share it does in time, for a head and for the ministry."""

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


def with_load(since, until, organisation_id=None):
    """Agencies with what they owe now and what became of activities due from `since` to `until`; one statement.

    `organisation_id` limits to the cases of one service. What a service does itself for its own cases is left out.
    `load`, `overdue` are as of today whatever the period; `planned`, `in_time`, `late`, `declined`, `failed` and
    `family` are of the period; `share` is percent of in_time in `base`, None where the base is empty.
    """
    today = timezone.localdate()
    of_others = Q(activities__case__organisation__gt=F("pk")) | Q(activities__case__organisation__lt=F("pk"))
    approved = Q(activities__goal=None) | Q(activities__goal__revision__state__in=("approved", "superseded"))
    rows = of_others & approved & Q(activities__state__in=(*COUNTED, State.HANDED_ON))
    if organisation_id is not None:
        rows &= Q(activities__case__organisation=organisation_id)
    open_now = Q(activities__state__in=Activity.TO_DO_STATES, activities__case__closed_on=None)
    over = open_now & Q(activities__due_on__lt=today)
    period = Q(activities__due_on__gte=since, activities__due_on__lte=until)
    done = period & Q(activities__state=State.DONE)
    not_done = period & Q(activities__state=State.NOT_DONE)
    theirs = Q(activities__not_done_reason__in=NOT_THEIRS)

    def count(where):
        return Count("activities", filter=where)

    counted = Organisation.objects.filter(rows).annotate(
        load=count(open_now),
        unanswered=count(open_now & Q(activities__state=State.PLANNED)),
        overdue=count(over),
        planned=count(period & Q(activities__state__in=COUNTED)),
        in_time=count(done & Q(activities__done_on__lte=F("activities__due_on"))),
        late=count(done & Q(activities__done_on__gt=F("activities__due_on"))),
        failed=count(not_done & ~theirs),
        family=count(not_done & theirs),
        declined=count(period & Q(activities__state__in=DECLINED)),
        overdue_of_period=count(over & period),
    )
    counted = counted.annotate(base=F("in_time") + F("late") + F("failed") + F("overdue_of_period"))
    share = Cast(F("in_time"), FloatField()) * 100 / Cast(F("base"), FloatField())
    return counted.annotate(
        share=Choose(When(base__gt=0, then=share), default=Value(None), output_field=FloatField())
    ).select_related("municipality")
