from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    label = "reports"
    verbose_name = "Отчётность"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from reports import documents  # noqa: F401  registers the printed report
