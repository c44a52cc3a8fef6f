"""Addresses of the single window, within those of casework."""

from django.urls import path

from cases.views import dispatch, dispatch_services, problem_groups

urlpatterns = [
    path("", dispatch.DispatchList.as_view(), name="dispatch-list"),
    path("trips/", dispatch_services.DispatchTrips.as_view(), name="dispatch-trips"),
    path("figures/", dispatch_services.DispatchFigures.as_view(), name="dispatch-figures"),
    path("groups/", problem_groups.ProblemGroupList.as_view(), name="problem-group-list"),
    path("groups/new/", problem_groups.ProblemGroupNew.as_view(), name="problem-group-new"),
    path("groups/<int:problemgroup>/", problem_groups.ProblemGroupEdit.as_view(), name="problem-group-edit"),
    path("new/<int:family>/", dispatch.DispatchNew.as_view(), name="dispatch-new"),
    path("<int:dispatchrequest>/", dispatch.DispatchDetail.as_view(), name="dispatch-detail"),
    path("<int:dispatchrequest>/assign/", dispatch.DispatchAssign.as_view(), name="dispatch-assign"),
    path("<int:dispatchrequest>/take/", dispatch.DispatchTake.as_view(), name="dispatch-take"),
    path("<int:dispatchrequest>/group/", dispatch.DispatchGroup.as_view(), name="dispatch-group"),
    path("<int:dispatchrequest>/pick/", dispatch_services.DispatchPick.as_view(), name="dispatch-pick"),
    path("<int:dispatchrequest>/attempt/", dispatch.DispatchAttemptPage.as_view(), name="dispatch-attempt"),
    path("<int:dispatchrequest>/close/", dispatch.DispatchClose.as_view(), name="dispatch-close"),
    path("<int:dispatchrequest>/support/", dispatch.DispatchSupport.as_view(), name="dispatch-support"),
    path("services/<int:dispatchservice>/given/", dispatch_services.DispatchGiven.as_view(), name="dispatch-given"),
    path("services/<int:dispatchservice>/cancel/", dispatch_services.DispatchCancel.as_view(), name="dispatch-cancel"),
]
