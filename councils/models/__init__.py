from councils.models.absentee import Ballot, BallotSheet
from councils.models.agenda import AgendaItem, Postponement, Recusal
from councils.models.assignment import Assignment, AssignmentEvent
from councils.models.attendance import Attendance, Quorum
from councils.models.council import Council, CouncilEvent
from councils.models.decision import Decision
from councils.models.invitation import Invitation
from councils.models.meeting import Meeting
from councils.models.membership import CouncilMembership
from councils.models.minutes import ChairSignature, Correction, Extract, Minutes
from councils.models.opinion import Opinion, OpinionAnswer
from councils.models.papers import RefusalNotice, Scan
from councils.models.sitting import Recess, Urgency
from councils.models.voting import Dissent, FailedVote, Tally, Vote

__all__ = [
    "AgendaItem",
    "Assignment",
    "AssignmentEvent",
    "Attendance",
    "Ballot",
    "BallotSheet",
    "ChairSignature",
    "Correction",
    "Council",
    "CouncilEvent",
    "CouncilMembership",
    "Decision",
    "Dissent",
    "Extract",
    "FailedVote",
    "Invitation",
    "Meeting",
    "Minutes",
    "Opinion",
    "OpinionAnswer",
    "Postponement",
    "Quorum",
    "Recess",
    "Recusal",
    "RefusalNotice",
    "Scan",
    "Tally",
    "Urgency",
    "Vote",
]
