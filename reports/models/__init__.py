from reports.models.fact import DeclaredFact
from reports.models.plan import PlanTarget
from reports.models.report import Report, ReportList
from reports.models.run import ReportRun

__all__ = ["DeclaredFact", "PlanTarget", "Report", "ReportList", "ReportRun"]
