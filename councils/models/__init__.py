from councils.models.agenda import AgendaItem, Postponement, Recusal
from councils.models.assignment import Assignment
from councils.models.attendance import Attendance, Quorum
from councils.models.council import Council, CouncilMembership
from councils.models.decision import Decision
from councils.models.meeting import Meeting, Minutes

__all__ = [
    "AgendaItem",
    "Assignment",
    "Attendance",
    "Council",
    "CouncilMembership",
    "Decision",
    "Meeting",
    "Minutes",
    "Postponement",
    "Quorum",
    "Recusal",
]
