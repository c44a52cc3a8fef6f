"""What falls due in a case (domain.md §4). `reset` is called by every verb and opens exactly what is due next."""

import datetime

from django.utils import timezone

from cases.words import Stage
from sopr import profile
from sopr.calendar import add_months
from sopr.obligations.engine import close_obligations, open_obligation


def reset(case):
    """Close the case's obligations and open those that its stage, level and last acts call for."""
    close_obligations(case)
    if case.stage == Stage.ASSESSMENT:
        _open(case, "case.assessment", _working_days_from(case.opened_on), "Подготовить пакет на совет")
    elif case.stage == Stage.ACTIVE:
        _open_for_active(case)
    elif case.stage == Stage.AFTERCARE:
        _open_for_aftercare(case)


def _open_for_active(case):
    level = profile.current().levels[case.level] if case.level else None
    started = case.accepted_on or case.opened_on
    if not case.imported and not case.contracts.filter(terminated_on=None).exists():
        _open(case, "case.contract", _working_days_from(started), "Заключить договор")
    if level is None:
        return
    contact = case.contacts.exclude(kind="attempt").order_by("-at").first()
    last_contact = timezone.localdate(contact.at) if contact else started
    _open(case, "case.contact", last_contact + datetime.timedelta(days=level.contact_days), "Связаться с семьёй")
    review = case.reviews.order_by("-done_on").first()
    _open(case, "case.review", next_review_on(case, level, review), "Провести мониторинг")
    if case.level_term_on:
        _open(case, "case.level_term", case.level_term_on, "Вынести на совет: заканчивается срок уровня")


def next_review_on(case, level, review) -> datetime.date:
    """Day of the next review: the level's interval after the last one, or after the level began (domain.md §4)."""
    last = review.done_on if review else (case.accepted_on or case.opened_on)
    if level.review_months:
        return add_months(last, level.review_months)
    return last + datetime.timedelta(days=level.review_days)


def _open_for_aftercare(case):
    check = case.aftercare_checks.filter(done_on=None).order_by("due_on").first()
    if check:
        _open(case, "case.aftercare", check.due_on, "Проверка постсопровождения")
    else:
        _open(case, "case.aftercare", timezone.localdate(), "Завершить постсопровождение")


def _working_days_from(day) -> datetime.date:
    from sopr.calendar import add_working_days

    return add_working_days(day, profile.current().deadlines.pack_working_days)


def _open(case, kind, due_on, title):
    open_obligation(
        kind,
        case,
        due_on=due_on,
        assignee=case.curator,
        organisation=case.organisation,
        title=f"{title}: случай № {case.number}",
        path=case.get_absolute_url(),
    )


def open_activities(activities):
    """Each planned activity of an approved programme is due from its agency on its date."""
    for activity in activities.select_related("agency", "case"):
        open_activity(activity)


def open_activity(activity):
    open_obligation(
        "activity.report",
        activity,
        due_on=activity.due_on,
        assignee=None,
        organisation=activity.agency,
        title=f"Отчитаться о мероприятии № {activity.pk}",
        path=f"/activities/{activity.pk}/",
    )


def follow_activity(activity):
    """After a move: the agency's term is met, and what waits for the curator falls due at once."""
    close_obligations(activity)
    if activity.state == activity.State.PLANNED:
        open_activity(activity)
    elif activity.state == activity.State.REPORTED:
        open_obligation(
            "activity.accept",
            activity,
            due_on=_working_days_from(timezone.localdate()),
            assignee=activity.case.curator,
            organisation=activity.case.organisation,
            title=f"Принять отчёт исполнителя: случай № {activity.case.number}",
            path=activity.case.get_absolute_url(),
        )
