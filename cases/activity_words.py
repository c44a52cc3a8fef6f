"""How an activity is named to its executor: the least that tells him whom it is for (domain.md §5)."""

from django.utils import timezone

from cases.models import Activity
from sopr.accounts.models import short_name

State = Activity.State
WORDS = {
    State.PLANNED: "новое, ждёт Вашего ответа",
    State.ACCEPTED: "в работе",
    State.DECLINED: "отклонено, решает куратор",
    State.REPORTED: "отчёт у куратора",
    State.DONE: "исполнено, отчёт принят",
}
TONES = {
    State.PLANNED: "plan",
    State.ACCEPTED: "work",
    State.DECLINED: "off",
    State.REPORTED: "wait",
    State.DONE: "done",
    State.NOT_DONE: "off",
    State.HANDED_ON: "off",
    State.REPLACED: "off",
}


def name_for_agency(person) -> str:
    """«Илья К.»: a person as an agency reads him."""
    return f"{person.first_name}\u00a0{person.last_name[:1]}." if person.first_name else f"{person.last_name[:1]}."


def for_whom(activity) -> str:
    """«Илья К.» or «семья»."""
    return name_for_agency(activity.person) if activity.person else "семья"


def curator_of(activity) -> str:
    """«Лебедева О.Н.», or nothing while the case has no curator."""
    curator = activity.case.curator
    return short_name(curator.last_name, curator.first_name, curator.patronymic) if curator else ""


def curators_phone(activity) -> str:
    """The curator's telephone, else the service's."""
    curator = activity.case.curator
    return (curator.phone if curator else "") or activity.case.organisation.phone


def state_of(activity) -> str:
    """The state in the words of its executor."""
    if activity.state in Activity.OPEN_STATES and activity.case.closed_on is not None:
        return "сопровождение завершено"
    if activity.is_overdue(timezone.localdate()):
        return "просрочено"
    if activity.is_to_do and activity.remark:
        return "возвращено куратором"
    return WORDS.get(activity.state) or activity.get_state_display()


def tone_of(activity) -> str:
    """The tone of `state_of` for the `state_label` tag."""
    if activity.state in Activity.OPEN_STATES and activity.case.closed_on is not None:
        return "off"
    if activity.is_overdue(timezone.localdate()):
        return "over"
    return "back" if activity.is_to_do and activity.remark else TONES[activity.state]
