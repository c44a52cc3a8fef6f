from django.apps import AppConfig


class SoprConfig(AppConfig):
    name = "sopr"
    label = "sopr"
    verbose_name = "СОПР"

    def ready(self):
        from sopr import checks  # noqa: F401  registers the system checks
