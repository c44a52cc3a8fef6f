"""Срок уровня: when it comes near, a question stands in the council's queue by itself; it prolongs nothing by itself.

Domain.md §2 («Reaching the term … puts an item on the next agenda») and §4; the longest terms are those of the model
programme of the Irkutsk region, section 5.
"""

import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from cases.models import Case
from cases.words import SUPPORTED_STAGES, Level
from councils.models import AgendaItem, Council, Decision
from councils.models.agenda import OF_TERM
from councils.words import Cause, Question
from sopr import profile


def sweep(today: datetime.date) -> int:
    """Follow every case whose term is near, or about which the system's question stands; returns how many were asked.

    Safe to run at any time and any number of times.
    """
    asked = AgendaItem.objects.filter(case=OuterRef("pk")).waiting()
    near = Case.objects.supported().filter(level_term_on__lte=today + _ahead())
    new = near.exclude(Exists(asked.filter(question__in=OF_TERM)))
    count = sum(follow(case) for case in new.select_related("family", "organisation").iterator(chunk_size=500))
    for case in Case.objects.filter(Exists(asked.about_term())).exclude(pk__in=near.values("pk")):
        follow(case)
    return count


def follow(case) -> bool:
    """Bring the system's question about the level's term in line with the case; returns whether one was put.

    It is put once when the term comes near (profile, `level_remind_days`) and once more when the term is reached,
    unless a question that answers the term has been put since; it is withdrawn when the term has moved away.
    """
    today = timezone.localdate()
    near = is_near(case, today)
    standing = AgendaItem.objects.filter(case=case).about_term().waiting()
    if not near:
        for item in standing:
            item.withdraw()
        return False
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)
        since = case.level_term_on if today >= case.level_term_on else case.level_term_on - _ahead()
        put = AgendaItem.objects.filter(case=case, question__in=OF_TERM)
        if put.filter(proposed_at__date__gte=since).exists() or put.waiting().exists():
            return False
        question, level = _question(case)
        council = council_for(case, question)
        if council is None:
            return False
        item = AgendaItem.objects.create(
            council=council, case=case, question=question, level=level, summary=_summary(case, today), by_system=True,
            cause=Cause.TERM,
        )  # fmt: skip
        case.log("term_proposed", item=item.pk, question=question)
    return True


def is_near(case, today: datetime.date) -> bool:
    """Whether the case is supported on a level whose longest term is reached, or near enough to be reminded of."""
    return bool(case.level_term_on) and case.stage in SUPPORTED_STAGES and case.level_term_on <= today + _ahead()


def marks_of(case) -> list[dict]:
    """For the band of levels: the council's decisions about the case and the meeting it is to be heard at."""
    decided = Decision.objects.filter(item__case=case).order_by("decided_on", "pk")
    marks = [
        {"on": row.decided_on, "kind": "council", "title": f"совет: {row.get_question_display()}"} for row in decided
    ]
    waiting = AgendaItem.objects.filter(case=case, meeting__isnull=False).waiting().select_related("meeting")
    marks += [
        {"on": item.meeting.held_on, "kind": "next", "title": f"на совет: {item.get_question_display()}"}
        for item in waiting
    ]
    return marks


def _ahead() -> datetime.timedelta:
    return datetime.timedelta(days=max(profile.current().deadlines.level_remind_days))


def council_for(case, question) -> Council | None:
    """The council that last heard the case, if it may decide this `question`, else the nearest one that may."""
    last = AgendaItem.objects.filter(case=case).select_related("council").order_by("-pk").first()
    if last is not None and not last.council.why_not(question, case.family):
        return last.council
    return Council.objects.of_case(case, question).first()


def _question(case) -> tuple[str, str]:
    """(question, level) as the last review on this level concluded; to prolong when it says nothing of the kind."""
    since = case.level_periods.filter(until=None).values_list("since", flat=True).first()
    reviews = case.reviews.filter(done_on__gte=since) if since else case.reviews.all()
    review = reviews.order_by("-done_on", "-pk").first()
    if review is not None and review.conclusion == "remove" and hasattr(case, "closure"):
        return Question.REMOVE, ""
    level = review.proposed_level if review is not None and review.conclusion == "change_level" else ""
    if level and level != case.level and not profile.current().levels[level].entry_only:
        return Question.LEVEL, level
    return Question.PROLONG, ""


def _summary(case, today) -> str:
    """For the council: why the question is here. No word about the family: the curator has written none yet."""
    level = Level(case.level).label
    reached = "истёк" if case.level_term_on < today else "истекает"
    return (
        f"Наибольший срок уровня «{level}» {reached} {case.level_term_on:%d.%m.%Y}. Вопрос вынесла система: "
        "сам уровень не продлевается, решение принимает совет."
    )
