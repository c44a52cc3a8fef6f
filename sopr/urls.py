"""Every address of the product. Names are `<app>:<model>-<act>`; pages name their permission themselves."""

from django.urls import include, path

from cases.views import offline, survey
from sopr.accounts.urls import sign_in
from sopr.home import Health, Home

urlpatterns = [
    path("", Home.as_view(), name="home"),
    path("health/", Health.as_view(), name="health"),
    path("", include(sign_in)),
    # For families, without signing in: short enough to be typed from paper, and never with the code in it.
    path("anketa/", survey.SurveyStart.as_view(), name="survey"),
    path("anketa/form/", survey.SurveyAnswer.as_view(), name="survey-answer"),
    # For browsers without a connection: nobody's data, at the root because a worker's reach is its folder.
    path("offline/", offline.Offline.as_view(), name="offline"),
    path("sw.js", offline.ServiceWorker.as_view(), name="service-worker"),
    path("families/", include("families.urls")),
    path("cases/", include("cases.urls")),
    path("councils/", include("councils.urls")),
    path("reports/", include("reports.urls")),
    path("accounts/", include("sopr.accounts.urls")),
    path("audit/", include("sopr.audit.urls")),
    path("", include("sopr.exchange.urls")),
]
