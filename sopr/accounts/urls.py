"""Sign-in, sign-out, password; users and organisations for the administrator."""

from django.contrib.auth import views as auth
from django.urls import path

from sopr.accounts import organisations, views

sign_in = [
    path("login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("password/", views.PasswordChange.as_view(), name="password_change"),
]

app_name = "accounts"
urlpatterns = [
    path("users/", views.UserList.as_view(), name="user-list"),
    path("users/new/", views.UserNew.as_view(), name="user-new"),
    path("users/<int:user>/", views.UserEdit.as_view(), name="user-edit"),
    path("users/<int:user>/password/", views.UserPassword.as_view(), name="user-password"),
    path("organisations/", organisations.OrganisationList.as_view(), name="organisation-list"),
    path("organisations/new/", organisations.OrganisationNew.as_view(), name="organisation-new"),
    path("organisations/<int:organisation>/", organisations.OrganisationEdit.as_view(), name="organisation-edit"),
    path("organisations/<int:organisation>/units/new/", organisations.UnitNew.as_view(), name="unit-new"),
    path("units/<int:unit>/", organisations.UnitEdit.as_view(), name="unit-edit"),
]
