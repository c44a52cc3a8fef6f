"""The first draft of what the council is told about a case: from the paper that asks for the question."""

from cases.models import Review
from cases.returns import summary_for_council
from cases.words import SUPPORTED_STAGES
from councils.models import AgendaItem
from councils.words import Question

ASKED_BY_REVIEW = {
    Review.Conclusion.CHANGE_LEVEL: Question.LEVEL,
    Review.Conclusion.AMEND: Question.PROGRAMME,
    Review.Conclusion.REMOVE: Question.REMOVE,
}


def question_of(case, review, asked, questions) -> str:
    """The question the form opens with: the one asked for, the review's conclusion, else the first that makes sense."""
    possible = [code for code, _title in questions]
    wanted = asked or (ASKED_BY_REVIEW.get(review.conclusion) if review and case.stage in SUPPORTED_STAGES else "")
    return wanted if wanted in possible else possible[0]


def summary_of(case, review, question) -> str:
    """What was written when the question came back, else what the conclusion, the review or the return says."""
    last = case.agenda_items.filter(state=AgendaItem.State.RETURNED).order_by("-pk").first()
    if last is not None:
        return last.summary
    closure = getattr(case, "closure", None)
    if question == Question.REMOVE and closure is not None:
        return closure.conclusion
    if review is not None and ASKED_BY_REVIEW.get(review.conclusion) == question:
        return f"Мониторинг {review.done_on:%d.%m.%Y}. {review.changes}\n{review.progress}"
    return "" if case.stage in SUPPORTED_STAGES else summary_for_council(case)
