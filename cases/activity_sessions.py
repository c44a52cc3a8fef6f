"""Attendance of a repeated activity: who takes part, how it went, the report that follows from it."""

from dataclasses import dataclass

from django.utils import timezone

from families.models import Person


def participants(activity) -> list[Person]:
    """Whose attendance is marked: the person the activity is for, else everybody the case covers."""
    if activity.person_id:
        return [activity.person]
    return list(Person.objects.filter(case_memberships__case=activity.case_id).order_by("birth_on", "pk"))


@dataclass(frozen=True)
class SessionRow:
    """A session as the page shows it: who came and who did not, in names for the reader."""

    session: object
    came: list
    missed: list
    minutes: int | None
    is_due: bool  # its day has come and nobody has marked it


def attendance_of(activity) -> list[SessionRow]:
    """Sessions of the activity in order with their attendance, three statements however many."""
    today = timezone.localdate()
    rows = []
    for session in activity.sessions.prefetch_related("attendances__person"):
        marks = list(session.attendances.all())
        minutes = next((mark.minutes for mark in marks if mark.minutes), None)
        came = [mark.person for mark in marks if mark.came]
        missed = [mark.person for mark in marks if not mark.came]
        rows.append(SessionRow(session, came, missed, minutes, session.is_planned and session.planned_on <= today))
    return rows


def report_of_sessions(activity, name_of) -> dict:
    """Initial values of the report's form: of a repeated activity its last day and what the attendance says.

    `name_of` names an activity's person as the reader may see him.
    """
    if not activity.repeats:
        return {"done_on": timezone.localdate()}
    rows = attendance_of(activity)
    held = [row for row in rows if row.session.held_on]
    if not held:
        return {}
    lines = [f"Проведено занятий: {len(held)} из {activity.times}."]
    came, marked = sum(len(row.came) for row in held), sum(len(row.came) + len(row.missed) for row in held)
    if activity.person_id:
        lines.append(f"{name_of(activity)}: присутствовал на {came}, пропустил {marked - came}.".replace("\u00a0", " "))
    else:
        lines.append(f"Явка: {came} из {marked}.")
    minutes = sum(row.minutes or 0 for row in held)
    if minutes:
        lines.append(f"Всего {minutes} минут.")
    cancelled = [row for row in rows if row.session.cancelled]
    if cancelled:
        lines.append(f"Отменено занятий: {len(cancelled)}.")
    return {"done_on": max(row.session.held_on for row in held), "result": " ".join(lines)}
