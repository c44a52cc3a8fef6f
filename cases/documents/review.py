"""The sheet of a review, for the case's file and the council."""

from cases import progress
from cases.documents.people import adult_of, family_signer_of, signers_of
from families.documents import organisation_context
from sopr.documents.registry import Document, register


def review_context(review) -> dict:
    """Review → context of documents/review.html; the numbers are those counted on its day."""
    case = review.case
    counted = review.activities_total is not None
    return {
        "organisation": organisation_context(case.organisation),
        "status": "",
        "done_on": review.done_on,
        "case_number": case.number,
        "family_gen": case.family.surname_in("gen"),
        "facts": [
            ("Уровень сопровождения", _level_on(case, review.done_on)),
            ("Мониторинг провёл", f"{review.by.full_name}, {review.by.post}".strip(", ")),
            ("Мероприятий выполнено", f"{review.activities_done} из {review.activities_total}" if counted else ""),
            ("Просрочено", str(review.activities_overdue) if counted else ""),
        ],
        "progress": review.progress,
        "changes": review.changes,
        "conclusion": review.get_conclusion_display(),
        "proposed_level": review.get_proposed_level_display() if review.proposed_level else "",
        "next_on": review.next_on,
        "signers": signers_of(case),
        "family_signer": family_signer_of(adult_of(case)),
    } | change_context(case, review.done_on)


def change_context(case, day) -> dict:
    """First and last assessment by `day` for documents/_assessments.html."""
    change = progress.change_of_risk(case, day)
    if change is None:
        return {"change": None}
    then, now = change.sums
    return {
        "change": change,
        "change_rows": [
            {"title": title, "then": was, "now": is_now, "word": _word(was or 0, is_now or 0)}
            for title, was, is_now in change.rows
        ],
        "change_word": _word(then, now),
    }


def _word(then, now) -> str:
    if then == now:
        return "без изменений"
    return f"лучше на {then - now}" if now < then else f"хуже на {now - then}"


def _level_on(case, day) -> str:
    period = case.level_periods.filter(since__lte=day).order_by("since", "pk").last()
    if period is None:
        return ""
    return period.get_level_display() + (f", срок до {period.term_on:%d.%m.%Y}" if period.term_on else "")


REVIEW = register(
    Document(
        code="review",
        title="Лист промежуточного мониторинга",
        template="documents/review.html",
        context=review_context,
        long=True,
        file_name=lambda review: f"monitoring-{review.pk}",
    )
)
