"""Addresses of families and of the journal of signals. No personal data is ever part of an address."""

from django.urls import path

from families.views import family, match, members, papers, referrals, registration, search

app_name = "families"
urlpatterns = [
    path("", family.FamilyList.as_view(), name="family-list"),
    path("search/", search.FamilySearch.as_view(), name="family-search"),
    path("search/suggest/", search.FamilySuggest.as_view(), name="family-suggest"),
    path("new/", registration.FamilyNew.as_view(), name="family-new"),
    path("new/alike/", registration.FamilyDuplicates.as_view(), name="family-duplicates"),
    path("<int:family>/", family.FamilyDetail.as_view(), name="family-detail"),
    path("<int:family>/edit/", family.FamilyEdit.as_view(), name="family-edit"),
    path("<int:family>/members/add/", members.MemberAdd.as_view(), name="member-add"),
    path("<int:family>/category/", members.CategorySet.as_view(), name="category-set"),
    path("<int:family>/register/", members.RegisterEntryPage.as_view(), name="register-entry"),
    path("<int:family>/application/", papers.ApplicationNew.as_view(), name="application-new"),
    path("<int:family>/consents/", papers.ConsentNew.as_view(), name="consent-new"),
    path("<int:family>/survey/", papers.HomeSurveyNew.as_view(), name="home-survey-new"),
    path("members/<int:familymembership>/end/", members.MemberEnd.as_view(), name="member-end"),
    path("people/<int:person>/edit/", members.PersonEdit.as_view(), name="person-edit"),
    path("categories/<int:categoryperiod>/end/", members.CategoryEnd.as_view(), name="category-end"),
    path("matches/", match.MatchList.as_view(), name="match-list"),
    path("matches/new/", match.MatchNew.as_view(), name="match-new"),
    path("matches/<int:matchrequest>/", match.MatchDetail.as_view(), name="match-detail"),
    path("matches/<int:matchrequest>/answer/", match.MatchAnswer.as_view(), name="match-answer"),
    path("referrals/", referrals.ReferralList.as_view(), name="referral-list"),
    path("referrals/new/", referrals.ReferralNew.as_view(), name="referral-new"),
    path("referrals/<int:referral>/", referrals.ReferralDetail.as_view(), name="referral-detail"),
    path("referrals/<int:referral>/assign/", referrals.ReferralAssign.as_view(), name="referral-assign"),
    path("referrals/<int:referral>/visit/", referrals.ReferralVisit.as_view(), name="referral-visit"),
    path("referrals/<int:referral>/close/", referrals.ReferralClose.as_view(), name="referral-close"),
]
