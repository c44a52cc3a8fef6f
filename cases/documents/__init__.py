"""Printed documents of casework, one file a paper."""

from cases.documents.assessment import ASSESSMENT
from cases.documents.benefits import BENEFITS
from cases.documents.bonus import BONUS
from cases.documents.certificate import CERTIFICATE
from cases.documents.contract import CONTRACT
from cases.documents.programme import PROGRAMME
from cases.documents.rental import RENTAL_ACT
from cases.documents.request import ACTIVITY_REQUEST
from cases.documents.services import ATTENDANCE_SHEET, ROUTE
from cases.documents.survey import SURVEY

__all__ = [
    "ACTIVITY_REQUEST",
    "ASSESSMENT",
    "ATTENDANCE_SHEET",
    "BENEFITS",
    "BONUS",
    "CERTIFICATE",
    "CONTRACT",
    "PROGRAMME",
    "RENTAL_ACT",
    "ROUTE",
    "SURVEY",
]
