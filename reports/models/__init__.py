from reports.models.fact import DeclaredFact
from reports.models.kept import QuarterFigures
from reports.models.own_form import OwnForm, OwnFormVersion
from reports.models.packet import Packet, PacketPart
from reports.models.plan import PlanTarget
from reports.models.published import PublishedVersion
from reports.models.report import Report, ReportList
from reports.models.run import ReportRun
from reports.models.words import CheckWord, NamedReading, Remark

__all__ = [
    "CheckWord",
    "DeclaredFact",
    "NamedReading",
    "OwnForm",
    "OwnFormVersion",
    "Packet",
    "PacketPart",
    "PlanTarget",
    "PublishedVersion",
    "QuarterFigures",
    "Remark",
    "Report",
    "ReportList",
    "ReportRun",
]
