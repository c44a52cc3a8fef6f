from councils.models.absentee import Ballot, BallotSheet
from councils.models.agenda import AgendaItem, Postponement, Recusal
from councils.models.assignment import Assignment
from councils.models.attendance import Attendance, Quorum
from councils.models.council import Council, CouncilEvent
from councils.models.decision import Decision
from councils.models.meeting import Meeting, Minutes
from councils.models.membership import CouncilMembership

__all__ = [
    "AgendaItem",
    "Assignment",
    "Attendance",
    "Ballot",
    "BallotSheet",
    "Council",
    "CouncilEvent",
    "CouncilMembership",
    "Decision",
    "Meeting",
    "Minutes",
    "Postponement",
    "Quorum",
    "Recusal",
]
