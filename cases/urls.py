"""Addresses of casework: `<app>:<model>-<act>`, kwarg named after the model."""

from django.urls import path

from cases.views import activity, assessment, case, home, programme, survey, work

app_name = "cases"
urlpatterns = [
    path("day/", home.MyDay.as_view(), name="my-day"),
    path("service/", home.Service.as_view(), name="service"),
    path("", case.CaseList.as_view(), name="case-list"),
    path("open/<int:family>/", case.CaseOpen.as_view(), name="case-open"),
    path("<int:case>/", case.CaseDetail.as_view(), name="case-detail"),
    path("<int:case>/assign/", case.CaseAssign.as_view(), name="case-assign"),
    path("<int:case>/suspend/", case.CaseSuspend.as_view(), name="case-suspend"),
    path("<int:case>/resume/", case.CaseResume.as_view(), name="case-resume"),
    path("<int:case>/withdraw/", case.CaseWithdraw.as_view(), name="case-withdraw"),
    path("<int:case>/assessments/new/", assessment.AssessmentNew.as_view(), name="assessment-new"),
    path("<int:case>/programmes/new/", programme.ProgrammeNew.as_view(), name="programme-new"),
    path("programmes/<int:programmerevision>/", programme.ProgrammeDetail.as_view(), name="programme-detail"),
    path("programmes/<int:programmerevision>/edit/", programme.ProgrammeEdit.as_view(), name="programme-edit"),
    path("programmes/<int:programmerevision>/amend/", programme.ProgrammeAmend.as_view(), name="programme-amend"),
    path("programmes/<int:programmerevision>/print/", programme.ProgrammePrint.as_view(), name="programme-print"),
    path("programmes/<int:programmerevision>/goals/add/", programme.GoalAdd.as_view(), name="goal-add"),
    path("goals/<int:goal>/edit/", programme.GoalEdit.as_view(), name="goal-edit"),
    path("goals/<int:goal>/delete/", programme.GoalDelete.as_view(), name="goal-delete"),
    path("goals/<int:goal>/activities/add/", programme.ActivityAdd.as_view(), name="activity-add"),
    path("activities/", activity.ActivityList.as_view(), name="activity-list"),
    path("activities/<int:activity>/edit/", programme.ActivityEdit.as_view(), name="activity-edit"),
    path("activities/<int:activity>/delete/", programme.ActivityDelete.as_view(), name="activity-delete"),
    path("activities/<int:activity>/report/", activity.ActivityReport.as_view(), name="activity-report"),
    path("activities/<int:activity>/accept/", activity.ActivityAccept.as_view(), name="activity-accept"),
    path("activities/<int:activity>/return/", activity.ActivityReturn.as_view(), name="activity-return"),
    path("activities/<int:activity>/record/", activity.ActivityRecord.as_view(), name="activity-record"),
    path("<int:case>/contracts/new/", work.ContractNew.as_view(), name="contract-new"),
    path("contracts/<int:contract>/print/", work.ContractPrint.as_view(), name="contract-print"),
    path("contracts/<int:contract>/terminate/", work.ContractTerminate.as_view(), name="contract-terminate"),
    path("contacts/new/", work.ContactLog.as_view(), name="contact-log"),
    path("<int:case>/contacts/new/", work.ContactNew.as_view(), name="contact-new"),
    path("<int:case>/reviews/new/", work.ReviewNew.as_view(), name="review-new"),
    path("<int:case>/surveys/invite/", survey.SurveyInvite.as_view(), name="survey-invite"),
    path("surveys/", survey.SurveyResults.as_view(), name="survey-results"),
    path("surveys/enter/", survey.SurveyEnter.as_view(), name="survey-enter"),
    path("surveys/<int:surveyinvitation>/print/", survey.SurveyPrint.as_view(), name="survey-print"),
    path("<int:case>/closure/", work.ClosureNew.as_view(), name="closure-new"),
    path("aftercare/<int:aftercarecheck>/", work.AftercareCheckPage.as_view(), name="aftercare-check"),
    path("<int:case>/aftercare/finish/", work.AftercareFinish.as_view(), name="aftercare-finish"),
]
