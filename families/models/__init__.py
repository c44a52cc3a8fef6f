from families.models.district import DistrictPassport, DistrictPlace, Settlement
from families.models.facts import ChildEvent
from families.models.family import Family, FamilyEvent
from families.models.health import HealthStatus
from families.models.match import MatchRequest
from families.models.membership import FamilyMembership, Representation
from families.models.merge import Merge
from families.models.papers import Application, Consent, HomeSurvey
from families.models.person import Person
from families.models.problem import CardCheck, CardProblem, UncheckedCard
from families.models.referral import Referral
from families.models.social_contract import InformingEvent, SocialContract
from families.models.statuses import CategoryPeriod, RegisterEntry

__all__ = [
    "Application",
    "CardCheck",
    "CardProblem",
    "CategoryPeriod",
    "ChildEvent",
    "Consent",
    "DistrictPassport",
    "DistrictPlace",
    "Family",
    "FamilyEvent",
    "FamilyMembership",
    "HealthStatus",
    "HomeSurvey",
    "InformingEvent",
    "MatchRequest",
    "Merge",
    "Person",
    "Referral",
    "RegisterEntry",
    "Representation",
    "Settlement",
    "SocialContract",
    "UncheckedCard",
]
