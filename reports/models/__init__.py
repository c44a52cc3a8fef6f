from reports.models.fact import DeclaredFact
from reports.models.kept import QuarterFigures
from reports.models.packet import Packet, PacketPart
from reports.models.report import Report, ReportList
from reports.models.run import ReportRun

__all__ = ["DeclaredFact", "Packet", "PacketPart", "QuarterFigures", "Report", "ReportList", "ReportRun"]
