from django.apps import AppConfig


class CouncilsConfig(AppConfig):
    name = "councils"
    label = "councils"
    verbose_name = "Советы"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from councils import documents, duties  # noqa: F401 — declare what is printed and what falls due
