"""Sign-in, sign-out, password; users and organisations for the administrator."""

from django.contrib.auth import views as auth
from django.urls import path

from sopr.accounts import drafts, organisations, territories, views

sign_in = [
    path("login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("password/", views.PasswordChange.as_view(), name="password_change"),
]

app_name = "accounts"
urlpatterns = [
    path("drafts/", drafts.DraftList.as_view(), name="draft-list"),
    path("drafts/token/", drafts.DraftToken.as_view(), name="draft-token"),
    path("drafts/<int:draft>/delete/", drafts.DraftDelete.as_view(), name="draft-delete"),
    path("users/", views.UserList.as_view(), name="user-list"),
    path("users/new/", views.UserNew.as_view(), name="user-new"),
    path("users/<int:user>/", views.UserEdit.as_view(), name="user-edit"),
    path("users/<int:user>/password/", views.UserPassword.as_view(), name="user-password"),
    path("organisations/", organisations.OrganisationList.as_view(), name="organisation-list"),
    path("organisations/new/", organisations.OrganisationNew.as_view(), name="organisation-new"),
    path("organisations/<int:organisation>/", organisations.OrganisationEdit.as_view(), name="organisation-edit"),
    path("organisations/<int:organisation>/units/new/", organisations.UnitNew.as_view(), name="unit-new"),
    path("units/<int:unit>/", organisations.UnitEdit.as_view(), name="unit-edit"),
    path("municipalities/", territories.MunicipalityList.as_view(), name="municipality-list"),
    path("municipalities/new/", territories.MunicipalityNew.as_view(), name="municipality-new"),
    path("municipalities/<int:municipality>/", territories.MunicipalityEdit.as_view(), name="municipality-edit"),
    path(
        "municipalities/<int:municipality>/delete/",
        territories.MunicipalityDelete.as_view(),
        name="municipality-delete",
    ),
    path("districts/", territories.DistrictList.as_view(), name="district-list"),
    path("districts/new/", territories.DistrictNew.as_view(), name="district-new"),
    path("districts/<int:district>/", territories.DistrictEdit.as_view(), name="district-edit"),
    path("districts/<int:district>/close/", territories.DistrictClose.as_view(), name="district-close"),
    path("districts/<int:district>/reopen/", territories.DistrictReopen.as_view(), name="district-reopen"),
]
