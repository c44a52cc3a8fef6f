from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "cases"
    label = "cases"
    verbose_name = "Случаи"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from cases import duties  # noqa: F401 — declares what falls due
