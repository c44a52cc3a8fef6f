from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    label = "reports"
    verbose_name = "Отчётность"
    default_auto_field = "django.db.models.BigAutoField"
