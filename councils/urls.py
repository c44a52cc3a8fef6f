"""Addresses of councils."""

app_name = "councils"
urlpatterns = []
