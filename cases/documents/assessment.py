"""The assessment on paper: picture of the profile, table «было, стало», factors, the level and the rule."""

from cases import levels_rule
from cases.comparison import MOST, compare
from cases.models import Factor
from cases.words import SCORE_MEANINGS, Level
from families.documents import organisation_context
from sopr.documents.names import Name
from sopr.documents.registry import Document, register


def assessment_context(assessment, *, earlier=None) -> dict:
    """Assessment (and the earlier one it is read beside) → context of documents/assessment.html."""
    case = assessment.case
    factors = list(assessment.factors.all())
    return {
        "organisation": organisation_context(case.organisation),
        "status": "",
        "family": case.family.surname,
        "case_number": case.number,
        "comparison": compare(assessment, earlier),
        "most": MOST,
        "meanings": [f"{score} – {meaning}" for score, meaning in enumerate(SCORE_MEANINGS)],
        "risks": [str(factor) for factor in factors if factor.kind == Factor.Kind.RISK],
        "strengths": [str(factor) for factor in factors if factor.kind == Factor.Kind.RESOURCE],
        "level": assessment.get_proposed_level_display(),
        "rule_level": assessment.get_rule_level_display(),
        "rules": [(Level(code).label, condition) for code, condition in levels_rule.explain()],
        "done_by": {"post": assessment.by.post, "sign": Name(assessment.by).sign},
    }


ASSESSMENT = register(
    Document(
        code="assessment",
        title="Лист диагностики",
        template="documents/assessment.html",
        context=assessment_context,
        file_name=lambda assessment: f"diagnostika-{assessment.pk}",
    )
)
