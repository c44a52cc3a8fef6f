"""Printed documents of casework, one file a paper."""

from cases.documents.assessment import ASSESSMENT
from cases.documents.contract import CONTRACT
from cases.documents.programme import PROGRAMME
from cases.documents.rental import RENTAL_ACT
from cases.documents.survey import SURVEY

__all__ = ["ASSESSMENT", "CONTRACT", "PROGRAMME", "RENTAL_ACT", "SURVEY"]
