"""What else the system brings before a council by itself: an overdue assignment, a relapse after support.

Domain.md §2: «an overdue one returns to the next agenda»; a check of aftercare that finds a relapse. As with the term
of a level (level_terms.py), the system asks and decides nothing.
"""

import datetime

from django.db import transaction

from cases.models import AftercareCheck, Case
from cases.words import OPEN_STAGES, Stage
from councils.level_terms import council_for
from councils.models import AgendaItem, Assignment
from councils.words import Cause, Question

Relapse = AftercareCheck.Outcome.RELAPSE


def sweep(today: datetime.date) -> int:
    """Follow every overdue assignment and every case in aftercare that fell back; returns how many were asked."""
    overdue = Assignment.objects.overdue(today).select_related("item__case__family", "item__council", "executor")
    count = sum(ask_about_assignment(task, today) for task in overdue.order_by("due_on", "pk"))
    fallen = Case.objects.filter(stage=Stage.AFTERCARE, aftercare_checks__outcome=Relapse).distinct()
    return count + sum(follow_relapse(case) for case in fallen.select_related("family", "organisation"))


def ask_about_assignment(task, today) -> bool:
    """Put the overdue assignment into the queue of the council that gave it, once, unless «иное» stands there."""
    case = task.item.case
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)
        asked = AgendaItem.objects.filter(case=case, question=Question.OTHER)
        since_due = asked.filter(cause=Cause.ASSIGNMENT, proposed_at__date__gt=task.due_on)
        if asked.waiting().exists() or since_due.exists():
            return False
        item = AgendaItem.objects.create(
            council=task.item.council, case=case, question=Question.OTHER, summary=task.overdue_words, by_system=True,
            cause=Cause.ASSIGNMENT,
        )  # fmt: skip
        case.log("assignment_proposed", item=item.pk, assignment=task.pk)
    return True


def follow_relapse(case) -> bool:
    """Bring the system's question about a relapse in line with the case; returns whether one was put.

    It is put once for each check that found a relapse, and withdrawn when the family is back on support or the case
    is closed.
    """
    standing = AgendaItem.objects.filter(case=case, cause=Cause.RELAPSE).waiting()
    if case.stage != Stage.AFTERCARE or case.family.cases.filter(stage__in=OPEN_STAGES).exists():
        for item in standing:
            item.withdraw()
        return False
    check = case.aftercare_checks.filter(outcome=Relapse).order_by("done_on", "pk").last()
    if check is None:
        return False
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)
        asked = AgendaItem.objects.filter(case=case, question=Question.OTHER)
        answered = asked.filter(cause=Cause.RELAPSE, proposed_at__date__gte=check.done_on)
        council = None if asked.waiting().exists() or answered.exists() else council_for(case, Question.OTHER)
        if council is None:
            return False
        item = AgendaItem.objects.create(
            council=council, case=case, question=Question.OTHER, summary=_relapse_words(check), by_system=True,
            cause=Cause.RELAPSE,
        )  # fmt: skip
        case.log("relapse_proposed", item=item.pk, check=check.pk)
    return True


def _relapse_words(check) -> str:
    """For the council: why the question is here. What was found stays in the case: the curator tells it himself."""
    return (
        f"Проверка постсопровождения {check.done_on:%d.%m.%Y}: рецидив. Вопрос вынесла система. Предложите, что "
        "делать: вернуть семью на сопровождение (если она согласна) или помочь иначе."
    )
