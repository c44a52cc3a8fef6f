"""The log of acts."""

from django.urls import path

from sopr.audit import views

app_name = "audit"
urlpatterns = [path("", views.RecordList.as_view(), name="record-list")]
