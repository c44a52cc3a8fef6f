"""Bringing a register in and taking it out."""

from django.urls import path

from sopr.exchange.views import exports, imports

app_name = "exchange"
urlpatterns = [
    path("import/", imports.ImportList.as_view(), name="import-list"),
    path("import/new/", imports.ImportNew.as_view(), name="import-new"),
    path("import/<int:exchangejob>/", imports.ImportDetail.as_view(), name="import-detail"),
    path("import/<int:exchangejob>/confirm/", imports.ImportConfirm.as_view(), name="import-confirm"),
    path("import/<int:exchangejob>/abandon/", imports.ImportAbandon.as_view(), name="import-abandon"),
    path("export/", exports.ExportList.as_view(), name="export-list"),
    path("export/new/", exports.ExportNew.as_view(), name="export-new"),
    path("export/<int:exchangejob>/", exports.ExportDetail.as_view(), name="export-detail"),
    path("export/<int:exchangejob>/abandon/", exports.ExportAbandon.as_view(), name="export-abandon"),
    path("export/<int:exchangejob>/file/", exports.ExportFile.as_view(), name="export-file"),
]
