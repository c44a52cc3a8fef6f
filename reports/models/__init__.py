from reports.models.fact import DeclaredFact
from reports.models.report import Report, ReportList
from reports.models.run import ReportRun
from reports.models.words import CheckWord, NamedReading, Remark

__all__ = ["CheckWord", "DeclaredFact", "NamedReading", "Remark", "Report", "ReportList", "ReportRun"]
