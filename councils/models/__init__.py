from councils.models.agenda import AgendaItem, Assignment, Decision, Recusal
from councils.models.council import Council, CouncilMembership
from councils.models.meeting import Attendance, Meeting, Minutes

__all__ = [
    "AgendaItem",
    "Assignment",
    "Attendance",
    "Council",
    "CouncilMembership",
    "Decision",
    "Meeting",
    "Minutes",
    "Recusal",
]
