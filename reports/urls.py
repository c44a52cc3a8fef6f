"""Addresses of reports."""

from django.urls import path

from reports.views import cells, facts, life, lists, making, packets, plans, region, selections

app_name = "reports"
urlpatterns = [
    path("", making.ReportList.as_view(), name="report-list"),
    path("region/", region.Region.as_view(), name="region"),
    path("new/", making.ReportBuild.as_view(), name="report-build"),
    path("runs/<int:reportrun>/", making.ReportProgress.as_view(), name="report-progress"),
    path("runs/<int:reportrun>/cancel/", making.ReportCancel.as_view(), name="report-cancel"),
    path("packets/", packets.PacketList.as_view(), name="packet-list"),
    path("packets/new/", packets.PacketNew.as_view(), name="packet-new"),
    path("packets/<int:packet>/", packets.PacketDetail.as_view(), name="packet-detail"),
    path("packets/<int:packet>/cancel/", packets.PacketCancel.as_view(), name="packet-cancel"),
    path("packets/<int:packet>/again/", packets.PacketAgain.as_view(), name="packet-again"),
    path("packets/<int:packet>/file/", packets.PacketFile.as_view(), name="packet-file"),
    path("facts/", facts.FactList.as_view(), name="fact-list"),
    path("facts/new/", facts.FactNew.as_view(), name="fact-new"),
    path("facts/period/", facts.FactSheet.as_view(), name="fact-sheet"),
    path("facts/coverage/", facts.FactCoverage.as_view(), name="fact-coverage"),
    path("facts/<int:declaredfact>/", facts.FactHistory.as_view(), name="fact-history"),
    path("facts/<int:declaredfact>/withdraw/", facts.FactWithdraw.as_view(), name="fact-withdraw"),
    path("selection/", selections.SelectionPage.as_view(), name="selection"),
    path("plans/", plans.PlanFactPage.as_view(), name="plan-fact"),
    path("plans/list/", plans.PlanList.as_view(), name="plan-list"),
    path("plans/entry/", plans.PlanEntry.as_view(), name="plan-entry"),
    path("plans/template/", plans.PlanTemplate.as_view(), name="plan-template"),
    path("plans/import/", plans.PlanImport.as_view(), name="plan-import"),
    path("<int:report>/", life.ReportDetail.as_view(), name="report-detail"),
    path("<int:report>/recompute/", making.ReportRecompute.as_view(), name="report-recompute"),
    path("<int:report>/sign/", life.ReportSign.as_view(), name="report-sign"),
    path("<int:report>/return/", life.ReportReturn.as_view(), name="report-return"),
    path("<int:report>/published/", life.ReportPublished.as_view(), name="report-published"),
    path("<int:report>/explain/", life.ReportExplain.as_view(), name="report-explain"),
    path("<int:report>/answer/", life.ReportAnswer.as_view(), name="report-answer"),
    path("<int:report>/nothing/", life.ReportNothing.as_view(), name="report-nothing"),
    path("<int:report>/reopen/", life.ReportReopen.as_view(), name="report-reopen"),
    path("<int:report>/approve/", life.ReportApprove.as_view(), name="report-approve"),
    path("<int:report>/correct/", life.ReportCorrect.as_view(), name="report-correct"),
    path("<int:report>/file/<slug:kind>/", cells.ReportFile.as_view(), name="report-file"),
    path("<int:report>/cell/<str:row>/<str:column>/", cells.ReportCell.as_view(), name="report-cell"),
    path("<int:report>/check/<slug:code>/", lists.ReportCheck.as_view(), name="report-check"),
    path("<int:report>/names/<path:key>/", lists.NamesOpen.as_view(), name="names-open"),
    path("names/<int:namedreading>/", lists.NamesList.as_view(), name="names-list"),
]
