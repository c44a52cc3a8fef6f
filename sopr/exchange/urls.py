"""Bringing a register in from a page."""

from django.urls import path

from sopr.exchange import views

app_name = "exchange"
urlpatterns = [
    path("", views.RegisterImport.as_view(), name="register-import"),
    path("<uuid:upload>/", views.RegisterImportConfirm.as_view(), name="register-import-confirm"),
]
