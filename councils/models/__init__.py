from councils.models.agenda import AgendaItem, Postponement, Recusal
from councils.models.assignment import Assignment
from councils.models.attendance import Attendance, Quorum
from councils.models.council import Council, CouncilMembership
from councils.models.decision import Decision
from councils.models.invitation import Invitation
from councils.models.meeting import Meeting, Minutes
from councils.models.opinion import Opinion, OpinionAnswer

__all__ = [
    "AgendaItem",
    "Assignment",
    "Attendance",
    "Council",
    "CouncilMembership",
    "Decision",
    "Invitation",
    "Meeting",
    "Minutes",
    "Opinion",
    "OpinionAnswer",
    "Postponement",
    "Quorum",
    "Recusal",
]
