from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "sopr.audit"
    label = "audit"
    verbose_name = "Журнал действий"

    def ready(self):
        from sopr.audit import sign_in  # noqa: F401  connects Django's own sign-in signals
