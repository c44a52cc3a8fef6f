from cases.models.activity import Activity
from cases.models.activity_session import ActivityAttendance, ActivitySession
from cases.models.assessment import Assessment, DomainScore
from cases.models.benefit import Benefit, BenefitNote, BenefitVersion
from cases.models.bonus import BonusAccount, BonusEntry, BonusReward, BonusStep
from cases.models.case import Case
from cases.models.certificate import Certificate, CertificateGoal, CertificateMark
from cases.models.clarification import Clarification
from cases.models.closure import AftercareCheck, Closure
from cases.models.contact import Contact
from cases.models.contract import Contract, ContractCopy
from cases.models.dispatch import DispatchRequest
from cases.models.dispatch_parts import DispatchAttempt, DispatchEvent, DispatchService
from cases.models.enrolment import Consultation, Enrolment
from cases.models.factor import Factor
from cases.models.history import CaseEvent, CaseMember, CuratorAssignment, LevelPeriod, Suspension
from cases.models.newborn import NewbornEvent, NewbornRisk
from cases.models.newborn_parts import NearPerson, NewbornHelp, NewbornQuestionnaire
from cases.models.problem_group import ProblemGroup
from cases.models.programme import Goal, Programme, ProgrammeRevision
from cases.models.rental import RentalItem, RentalLoan, RentalRepair
from cases.models.request import ActivityFile, ActivityRequest
from cases.models.review import Review
from cases.models.route import IndividualRoute, RouteStep
from cases.models.service import ScheduleSlot, Service, ServiceGroup
from cases.models.session import AttendanceMark, GroupSession
from cases.models.standin import StandIn, StandInPeriod
from cases.models.survey import Survey, SurveyGuess, SurveyInvitation
from cases.models.template import PlanTemplate, TemplateUse
from cases.models.transfer import CaseTransfer
from cases.models.visit import Visit
from cases.models.word import QuarterlyWord

__all__ = [
    "Activity",
    "ActivityAttendance",
    "ActivityFile",
    "ActivityRequest",
    "ActivitySession",
    "AftercareCheck",
    "Assessment",
    "AttendanceMark",
    "Benefit",
    "BenefitNote",
    "BenefitVersion",
    "BonusAccount",
    "BonusEntry",
    "BonusReward",
    "BonusStep",
    "Case",
    "CaseEvent",
    "CaseMember",
    "CaseTransfer",
    "Certificate",
    "CertificateGoal",
    "CertificateMark",
    "Clarification",
    "Closure",
    "Consultation",
    "Contact",
    "Contract",
    "ContractCopy",
    "CuratorAssignment",
    "DispatchAttempt",
    "DispatchEvent",
    "DispatchRequest",
    "DispatchService",
    "DomainScore",
    "Enrolment",
    "Factor",
    "Goal",
    "GroupSession",
    "IndividualRoute",
    "LevelPeriod",
    "NearPerson",
    "NewbornEvent",
    "NewbornHelp",
    "NewbornQuestionnaire",
    "NewbornRisk",
    "PlanTemplate",
    "ProblemGroup",
    "Programme",
    "ProgrammeRevision",
    "QuarterlyWord",
    "RentalItem",
    "RentalLoan",
    "RentalRepair",
    "Review",
    "RouteStep",
    "ScheduleSlot",
    "Service",
    "ServiceGroup",
    "StandIn",
    "StandInPeriod",
    "Survey",
    "SurveyGuess",
    "SurveyInvitation",
    "Suspension",
    "TemplateUse",
    "Visit",
]
