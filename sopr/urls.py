"""Every address of the product. Names are `<app>:<model>-<act>`; pages name their permission themselves."""

from django.urls import include, path

from sopr.accounts.urls import sign_in
from sopr.home import Health, Home

urlpatterns = [
    path("", Home.as_view(), name="home"),
    path("health/", Health.as_view(), name="health"),
    path("", include(sign_in)),
    path("families/", include("families.urls")),
    path("cases/", include("cases.urls")),
    path("councils/", include("councils.urls")),
    path("reports/", include("reports.urls")),
    path("accounts/", include("sopr.accounts.urls")),
    path("audit/", include("sopr.audit.urls")),
    path("", include("sopr.exchange.urls")),
]
