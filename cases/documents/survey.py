"""The survey of satisfaction on paper, with the code of its invitation."""

import qrcode
from django.utils.safestring import mark_safe
from django.utils.text import capfirst
from qrcode.image.svg import SvgPathImage

from cases.models import Survey
from cases.models.survey import MOST
from families.documents import organisation_context
from sopr.documents.registry import Document, register


def survey_context(invitation, *, address) -> dict:
    """SurveyInvitation → context of documents/survey.html; `address` is where the code is typed, without the code."""
    code = qrcode.make(f"{address}#{invitation.code}", image_factory=SvgPathImage, border=0)
    return {
        "organisation": organisation_context(invitation.case.organisation),
        "status": "",
        "qr": mark_safe(code.to_string(encoding="unicode")),
        "address": address.split("://", 1)[1],
        "code": invitation.printed_code,
        "valid_until": invitation.valid_until,
        "scores": range(MOST + 1),
        "questions": [capfirst(Survey._meta.get_field(name).verbose_name) for name in Survey.QUESTIONS],
        "changes": Survey.Change.labels,
        "respondents": Survey.Respondent.labels,
    }


SURVEY = register(
    Document(
        code="survey",
        title="Анкета удовлетворённости",
        template="documents/survey.html",
        context=survey_context,
        file_name=lambda invitation: f"anketa-{invitation.pk}",
    )
)
