"""Addresses of councils."""

from django.urls import path

from councils.views import assignments, councils, meetings, minutes, packs, queue, running, sitting

app_name = "councils"
urlpatterns = [
    path("", councils.CouncilList.as_view(), name="council-list"),
    path("new/", councils.CouncilNew.as_view(), name="council-new"),
    path("<int:council>/", councils.CouncilEdit.as_view(), name="council-edit"),
    path("<int:council>/members/new/", councils.MemberAdd.as_view(), name="member-add"),
    path("members/<int:councilmembership>/end/", councils.MemberEnd.as_view(), name="member-end"),
    path("meetings/", meetings.MeetingList.as_view(), name="meeting-list"),
    path("meetings/new/", meetings.MeetingNew.as_view(), name="meeting-new"),
    path("meetings/<int:meeting>/", running.MeetingDetail.as_view(), name="meeting-detail"),
    path("meetings/<int:meeting>/start/", meetings.MeetingStart.as_view(), name="meeting-start"),
    path("meetings/<int:meeting>/cancel/", meetings.MeetingCancel.as_view(), name="meeting-cancel"),
    path("meetings/<int:meeting>/pulse/", sitting.MeetingPulse.as_view(), name="meeting-pulse"),
    path("meetings/<int:meeting>/chair/", sitting.ChairChoose.as_view(), name="chair-choose"),
    path("meetings/<int:meeting>/urgent/", sitting.UrgentAdd.as_view(), name="urgent-add"),
    path("meetings/<int:meeting>/recess/", sitting.MeetingRecess.as_view(), name="meeting-recess"),
    path("meetings/<int:meeting>/resume/", sitting.MeetingResume.as_view(), name="meeting-resume"),
    path("meetings/<int:meeting>/adjourn/", sitting.MeetingAdjourn.as_view(), name="meeting-adjourn"),
    path("meetings/<int:meeting>/attendance/", running.AttendanceAll.as_view(), name="attendance-all"),
    path("meetings/<int:meeting>/minutes/sign/", minutes.MinutesSign.as_view(), name="minutes-sign"),
    path("meetings/<int:meeting>/minutes/", minutes.MinutesPrint.as_view(), name="minutes-print"),
    path("attendances/<int:attendance>/", running.AttendanceMark.as_view(), name="attendance-mark"),
    path("items/", queue.ItemQueue.as_view(), name="item-queue"),
    path("items/propose/<int:case>/", queue.ItemPropose.as_view(), name="item-propose"),
    path("items/<int:agendaitem>/schedule/", queue.ItemSchedule.as_view(), name="item-schedule"),
    path("items/<int:agendaitem>/return/", queue.ItemReturn.as_view(), name="item-return"),
    path("items/<int:agendaitem>/postpone/", queue.ItemPostpone.as_view(), name="item-postpone"),
    path("items/<int:agendaitem>/notes/", running.ItemNotes.as_view(), name="item-notes"),
    path("items/<int:agendaitem>/recuse/", running.ItemRecuse.as_view(), name="item-recuse"),
    path("items/<int:agendaitem>/move/", running.ItemMove.as_view(), name="item-move"),
    path("items/<int:agendaitem>/task/", running.ItemTask.as_view(), name="item-task"),
    path("items/<int:agendaitem>/dissent/", running.ItemDissent.as_view(), name="item-dissent"),
    path("items/<int:agendaitem>/annul/", queue.ItemAnnul.as_view(), name="item-annul"),
    path("items/<int:agendaitem>/decide/", running.ItemDecide.as_view(), name="item-decide"),
    path("items/<int:agendaitem>/assignments/new/", assignments.AssignmentNew.as_view(), name="assignment-new"),
    path("assignments/<int:assignment>/report/", assignments.AssignmentReport.as_view(), name="assignment-report"),
    path("items/<int:agendaitem>/extract/", minutes.ExtractPrint.as_view(), name="extract-print"),
    path("items/<int:agendaitem>/refusal/", minutes.RefusalPrint.as_view(), name="refusal-print"),
    path("packs/", packs.PackList.as_view(), name="pack-list"),
    path("packs/<int:meeting>/", packs.PackDetail.as_view(), name="pack-detail"),
]
