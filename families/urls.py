"""Addresses of families."""

app_name = "families"
urlpatterns = []
