"""Printed documents of casework, one file a paper."""

from cases.documents.assessment import ASSESSMENT
from cases.documents.benefits import BENEFITS
from cases.documents.bonus import BONUS
from cases.documents.certificate import CERTIFICATE
from cases.documents.closure import AFTERCARE, CLOSURE, FAMILY_REFUSAL
from cases.documents.contract import CONTRACT, CONTRACT_COPY, CONTRACT_NOTICE
from cases.documents.programme import PROGRAMME
from cases.documents.rental import RENTAL_ACT
from cases.documents.request import ACTIVITY_REQUEST
from cases.documents.review import REVIEW
from cases.documents.services import ATTENDANCE_SHEET, ROUTE
from cases.documents.survey import SURVEY
from cases.documents.visit_list import VISIT_LIST

__all__ = [
    "ACTIVITY_REQUEST",
    "AFTERCARE",
    "ASSESSMENT",
    "ATTENDANCE_SHEET",
    "BENEFITS",
    "BONUS",
    "CERTIFICATE",
    "CLOSURE",
    "CONTRACT",
    "CONTRACT_COPY",
    "CONTRACT_NOTICE",
    "FAMILY_REFUSAL",
    "PROGRAMME",
    "RENTAL_ACT",
    "REVIEW",
    "ROUTE",
    "SURVEY",
    "VISIT_LIST",
]
