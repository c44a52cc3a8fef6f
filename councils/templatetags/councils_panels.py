"""What councils show on pages of the apps below: the family card, the case card, the executor's page."""

from django import template
from django.utils import timezone

from cases.words import Stage
from councils.models import AgendaItem, Assignment, Correction, CouncilMembership, Meeting, Minutes
from councils.models.absentee import own_sheets
from sopr.accounts.policy import Perm

register = template.Library()


@register.inclusion_tag("councils/_items.html")
def family_councils(family, user):
    """Every question about the family that this user may see, newest first, with its decision and assignments."""
    return {
        "may_propose": user.may(Perm.CASE_PROPOSE),
        "items": _items(user).filter(case__family=family),
        "may_print": user.may(Perm.CASE_VIEW),
        "may_work": user.may(Perm.CASE_WORK),
        "today": timezone.localdate(),
    }


@register.inclusion_tag("councils/_case_council.html")
def case_council(case, user):
    """The case's questions to councils, and the button to propose the next one (or why it cannot be pressed)."""
    items = list(_items(user).filter(case=case))
    return {
        "case": case,
        "items": items,
        "may_print": user.may(Perm.CASE_VIEW),
        "may_work": user.may(Perm.CASE_WORK),
        "may_propose": user.may(Perm.CASE_PROPOSE),
        "why_not": why_not_propose(case, items),
        "today": timezone.localdate(),
    }


@register.inclusion_tag("councils/_executor_assignments.html")
def executor_assignments(user):
    """Assignments of councils to the user's organisation that are not done yet, those sent back first."""
    given = Assignment.objects.visible_to(user).open().select_related("item__council", "item__meeting")
    return {"assignments": given.order_by("due_on", "pk"), "today": timezone.localdate()}


@register.inclusion_tag("councils/_minutes_to_sign.html")
def minutes_to_sign(user):
    """Minutes, and acts of correction, of meetings at which the user presided, that wait for his signature."""
    mine = {"presided__user": user}
    papers = list(Minutes.objects.awaiting_chair().filter(**mine).select_related("meeting", "council").defer("content"))
    acts = Correction.objects.filter(signature=None, minutes__presided__user=user)
    acts = acts.select_related("minutes__council").defer("minutes__content")
    rows = [{"title": str(row), "council": row.council, "url": row.get_absolute_url()} for row in papers]
    rows += [{"title": str(act), "council": act.minutes.council, "url": act.minutes.get_absolute_url()} for act in acts]
    return {"papers": rows}


@register.inclusion_tag("councils/_own_council.html")
def own_council(user):
    """For whoever sits in a council beside his own work: minutes to sign, coming meetings to read for, ballots owed."""
    if not CouncilMembership.objects.filter(user=user).exists():
        return {}
    today = timezone.localdate()
    coming = Meeting.objects.called(user).filter(state=Meeting.State.PLANNED, held_on__gte=today)
    return minutes_to_sign(user) | {
        "meetings": coming.select_related("council").order_by("held_on", "starts_at")[:5],
        "ballots": own_sheets(user).filter(sheet=None, meeting__ballots_until__gte=today),
    }


def why_not_propose(case, items) -> str:
    """Why no question can be put to a council now, in Russian; empty when one can."""
    waiting = [item for item in items if item.state in (AgendaItem.State.QUEUED, AgendaItem.State.SCHEDULED)]
    if any(not item.by_system or item.state == AgendaItem.State.SCHEDULED for item in waiting):
        return "вопрос уже вынесен на совет"
    if case.stage in (Stage.REFUSED, Stage.CLOSED, Stage.AFTERCARE):
        return "случай завершён"
    return ""


def _items(user):
    return (
        AgendaItem.objects.visible_to(user)
        .select_related(
            "case",
            "council",
            "meeting__minutes",
            "merged_into__meeting__minutes",
            "to_organisation",
            "decision__item__meeting__minutes",
            "decision__item__merged_into__meeting__minutes",
            "decision__annulled_by__item__meeting__minutes",
            "annuls__item__meeting__minutes",
            "decision__curator",
            "extract",
            "notice__receipt",
        )
        .defer(
            "meeting__minutes__content",
            "merged_into__meeting__minutes__content",
            "decision__item__meeting__minutes__content",
            "decision__item__merged_into__meeting__minutes__content",
            "decision__annulled_by__item__meeting__minutes__content",
            "annuls__item__meeting__minutes__content",
            "extract__content",
        )
        .prefetch_related(
            "assignments__executor", "postponements__meeting", "scans__attachment", "meeting__minutes__corrections"
        )
        .order_by("-proposed_at", "-pk")
    )  # fmt: skip


@register.inclusion_tag("councils/_own_items.html")
def own_items(user):
    """«Мой день»: questions about the user's cases that wait for a council, the nearest meeting first."""
    waiting = AgendaItem.objects.visible_to(user).waiting().select_related("case__family", "meeting", "council")
    return {"items": waiting.order_by("meeting__held_on", "proposed_at", "pk")[:10], "today": timezone.localdate()}


@register.inclusion_tag("councils/_members.html")
def council_members(meeting):
    """Who sits in the council on the day of the meeting, while nobody's presence is marked yet."""
    return {"members": meeting.council.members_on(meeting.held_on)}


@register.inclusion_tag("councils/_opinions.html")
def item_opinions(item, user, opinions=None):
    """Opinions of agencies at a question, overdue ones too; the secretary asks for more until the meeting opens."""
    before = item.state in (AgendaItem.State.QUEUED, AgendaItem.State.SCHEDULED)
    runs = user.may(Perm.MEETING_RUN) and before and item.meeting is not None and item.meeting.state == "planned"
    return {
        "item": item,
        "opinions": list(item.opinions.for_reading()) if opinions is None else opinions,
        "may_ask": runs,
        "called": list(item.called_agencies.all()) if runs else [],
        "today": timezone.localdate(),
    }
