"""Every address of the product. Names are `<app>:<model>-<act>`; pages name their permission themselves."""

from django.urls import include, path

urlpatterns = [
    path("families/", include("families.urls")),
    path("cases/", include("cases.urls")),
    path("councils/", include("councils.urls")),
    path("reports/", include("reports.urls")),
    path("", include("sopr.accounts.urls")),
]
