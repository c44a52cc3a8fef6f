"""What councils show on pages of the apps below: the family card, the case card, the executor's page."""

from django import template
from django.utils import timezone

from cases.words import Stage
from councils.models import AgendaItem, Assignment
from sopr.accounts.policy import Perm

register = template.Library()


@register.inclusion_tag("councils/_items.html")
def family_councils(family, user):
    """Every question about the family that this user may see, newest first, with its decision and assignments."""
    return {
        "items": _items(user).filter(case__family=family),
        "may_print": user.may(Perm.CASE_VIEW),
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
        "may_propose": user.may(Perm.CASE_PROPOSE),
        "why_not": why_not_propose(case, items),
        "today": timezone.localdate(),
    }


@register.inclusion_tag("councils/_executor_assignments.html")
def executor_assignments(user):
    """Assignments of councils to the user's organisation that are not done yet."""
    given = Assignment.objects.visible_to(user).open().select_related("item__council", "item__meeting__minutes")
    return {"assignments": given.order_by("due_on", "pk"), "today": timezone.localdate()}


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
        .select_related("case", "council", "meeting__minutes", "decision__item__meeting__minutes", "decision__curator")
        .defer("meeting__minutes__content", "decision__item__meeting__minutes__content")
        .prefetch_related("assignments__executor")
        .order_by("-proposed_at", "-pk")
    )


@register.inclusion_tag("councils/_own_items.html")
def own_items(user):
    """«Мой день»: questions about the user's cases that wait for a council, the nearest meeting first."""
    waiting = AgendaItem.objects.visible_to(user).waiting().select_related("case__family", "meeting", "council")
    return {"items": waiting.order_by("meeting__held_on", "proposed_at", "pk")[:10]}


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
