"""Addresses of reports."""

from django.urls import path

from reports.views import cells, facts, life, making, outputs, region

app_name = "reports"
urlpatterns = [
    path("", making.ReportList.as_view(), name="report-list"),
    path("region/", region.Region.as_view(), name="region"),
    path("book/", outputs.ReportBook.as_view(), name="report-book"),
    path("book/file/", outputs.ReportBookFile.as_view(), name="report-book-file"),
    path("verify/", outputs.ReportVerify.as_view(), name="report-verify"),
    path("new/", making.ReportBuild.as_view(), name="report-build"),
    path("runs/<int:reportrun>/", making.ReportProgress.as_view(), name="report-progress"),
    path("facts/", facts.FactList.as_view(), name="fact-list"),
    path("facts/new/", facts.FactNew.as_view(), name="fact-new"),
    path("<int:report>/", life.ReportDetail.as_view(), name="report-detail"),
    path("<int:report>/recompute/", making.ReportRecompute.as_view(), name="report-recompute"),
    path("<int:report>/sign/", life.ReportSign.as_view(), name="report-sign"),
    path("<int:report>/return/", life.ReportReturn.as_view(), name="report-return"),
    path("<int:report>/approve/", life.ReportApprove.as_view(), name="report-approve"),
    path("<int:report>/correct/", life.ReportCorrect.as_view(), name="report-correct"),
    path("<int:report>/file/<slug:kind>/", cells.ReportFile.as_view(), name="report-file"),
    path("<int:report>/cell/<str:row>/<str:column>/", cells.ReportCell.as_view(), name="report-cell"),
]
