from reports.models.fact import DeclaredFact
from reports.models.packet import Packet, PacketPart
from reports.models.report import Report, ReportList
from reports.models.run import ReportRun

__all__ = ["DeclaredFact", "Packet", "PacketPart", "Report", "ReportList", "ReportRun"]
