from councils.models.agenda import AgendaItem, Postponement, Recusal
from councils.models.assignment import Assignment, AssignmentEvent
from councils.models.attendance import Attendance, Quorum
from councils.models.council import Council, CouncilMembership
from councils.models.decision import Decision
from councils.models.meeting import Meeting
from councils.models.minutes import ChairSignature, Correction, Extract, Minutes
from councils.models.papers import RefusalNotice, Scan

__all__ = [
    "AgendaItem",
    "Assignment",
    "AssignmentEvent",
    "Attendance",
    "ChairSignature",
    "Correction",
    "Council",
    "CouncilMembership",
    "Decision",
    "Extract",
    "Meeting",
    "Minutes",
    "Postponement",
    "Quorum",
    "Recusal",
    "RefusalNotice",
    "Scan",
]
