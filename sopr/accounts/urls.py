"""Sign-in, sign-out, password."""

from django.contrib.auth import views
from django.urls import path

from sopr.accounts.views import PasswordChange

urlpatterns = [
    path("login/", views.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", views.LogoutView.as_view(), name="logout"),
    path("password/", PasswordChange.as_view(), name="password_change"),
]
