from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    label = "reports"
    verbose_name = "Отчётность"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from reports import documents, duties  # noqa: F401  the printed report and what falls due register themselves
