"""Addresses of services, groups, attendance and individual routes, within those of casework."""

from django.urls import path

from cases.views import attendance, enrolment, group, route, service

urlpatterns = [
    path("services/", service.ServiceList.as_view(), name="service-list"),
    path("services/new/", service.ServiceNew.as_view(), name="service-new"),
    path("services/<int:service>/", service.ServiceDetail.as_view(), name="service-detail"),
    path("services/<int:service>/edit/", service.ServiceEdit.as_view(), name="service-edit"),
    path("services/<int:service>/retire/", service.ServiceRetire.as_view(), name="service-retire"),
    path("services/<int:service>/restore/", service.ServiceRestore.as_view(), name="service-restore"),
    path("services/<int:service>/groups/new/", group.GroupNew.as_view(), name="group-new"),
    path("groups/<int:servicegroup>/", group.GroupDetail.as_view(), name="group-detail"),
    path("groups/<int:servicegroup>/edit/", group.GroupEdit.as_view(), name="group-edit"),
    path("groups/<int:servicegroup>/close/", group.GroupClose.as_view(), name="group-close"),
    path("groups/<int:servicegroup>/schedule/", group.GroupSchedule.as_view(), name="group-schedule"),
    path("groups/<int:servicegroup>/generate/", group.SessionGenerate.as_view(), name="session-generate"),
    path("groups/<int:servicegroup>/sessions/new/", group.SessionNew.as_view(), name="session-new"),
    path("groups/<int:servicegroup>/enrol/", enrolment.EnrolmentNew.as_view(), name="enrolment-new"),
    path("groups/<int:servicegroup>/attendance/", attendance.AttendanceMonth.as_view(), name="attendance-month"),
    path("groups/<int:servicegroup>/sheet/", attendance.AttendancePrint.as_view(), name="attendance-print"),
    path("sessions/", group.SessionList.as_view(), name="session-list"),
    path("sessions/<int:groupsession>/edit/", group.SessionEdit.as_view(), name="session-edit"),
    path("sessions/<int:groupsession>/cancel/", group.SessionCancel.as_view(), name="session-cancel"),
    path("sessions/<int:groupsession>/restore/", group.SessionRestore.as_view(), name="session-restore"),
    path("sessions/<int:groupsession>/attendance/", attendance.AttendanceDay.as_view(), name="attendance-day"),
    path("enrolments/<int:enrolment>/admit/", enrolment.EnrolmentAdmit.as_view(), name="enrolment-admit"),
    path("enrolments/<int:enrolment>/leave/", enrolment.EnrolmentLeave.as_view(), name="enrolment-leave"),
    path("<int:case>/enrol/", enrolment.CaseEnrol.as_view(), name="case-enrol"),
    path("<int:case>/consultations/new/", enrolment.ConsultationNew.as_view(), name="consultation-new"),
    path("consultations/", enrolment.ConsultationList.as_view(), name="consultation-list"),
    path("<int:case>/routes/new/", route.RouteNew.as_view(), name="route-new"),
    path("routes/", route.RouteList.as_view(), name="route-list"),
    path("routes/<int:individualroute>/", route.RouteDetail.as_view(), name="route-detail"),
    path("routes/<int:individualroute>/edit/", route.RouteEdit.as_view(), name="route-edit"),
    path("routes/<int:individualroute>/print/", route.RoutePrint.as_view(), name="route-print"),
    path("routes/<int:individualroute>/finish/", route.RouteFinish.as_view(), name="route-finish"),
    path("routes/<int:individualroute>/break/", route.RouteBreak.as_view(), name="route-break"),
    path("routes/<int:individualroute>/study/", route.RouteStudy.as_view(), name="route-study"),
    path("routes/<int:individualroute>/steps/add/", route.StepAdd.as_view(), name="step-add"),
    path("steps/<int:routestep>/settle/", route.StepSettle.as_view(), name="step-settle"),
]
