"""A family that came back: its cases point at each other, and a relapse in aftercare opens the way (domain.md §2)."""

from cases import acts
from cases.models import AftercareCheck, Case
from cases.words import Stage


def describe(case, user) -> dict:
    """What the case's page says of returns: links both ways, to cases the user may see, and the relapse if there is."""
    own = Case.objects.visible_to(user)
    ended = case.stage in (Stage.AFTERCARE, Stage.CLOSED)
    relapses = case.aftercare_checks.filter(outcome=AftercareCheck.Outcome.RELAPSE)
    return {
        "previous": case.previous,
        "previous_open": case.previous_id is not None and own.filter(pk=case.previous_id).exists(),
        "came_back": list(own.filter(previous=case)),
        "relapse": relapses.last() if case.stage == Stage.AFTERCARE else None,
        "why_not_return": acts.why_not_return(case) if ended else "",
    }


def summary_for_council(case) -> str:
    """What the council is told of a family that came back; empty for one that did not."""
    previous = case.previous
    if previous is None or previous.closed_on is None:
        return ""
    text = (
        f"Семья вернулась: снята с сопровождения {previous.closed_on:%d.%m.%Y} (случай № {previous.number}), "
        f"результат: {previous.get_outcome_display()}."
    )
    check = previous.aftercare_checks.exclude(done_on=None).last()
    if check is not None:
        outcome = check.get_outcome_display() or "без вывода"
        text += f" Проверка постсопровождения {check.done_on:%d.%m.%Y}: {outcome}. {check.result}"
    return text
