from councils.models.agenda import AgendaItem, Postponement, Recusal
from councils.models.assignment import Assignment
from councils.models.attendance import Attendance, Quorum
from councils.models.council import Council, CouncilMembership
from councils.models.decision import Decision
from councils.models.meeting import Meeting, Minutes
from councils.models.sitting import Recess, Urgency
from councils.models.voting import Dissent, FailedVote, Tally, Vote

__all__ = [
    "AgendaItem",
    "Assignment",
    "Attendance",
    "Council",
    "CouncilMembership",
    "Decision",
    "Dissent",
    "FailedVote",
    "Meeting",
    "Minutes",
    "Postponement",
    "Quorum",
    "Recess",
    "Recusal",
    "Tally",
    "Urgency",
    "Vote",
]
