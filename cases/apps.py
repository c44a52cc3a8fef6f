from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "cases"
    label = "cases"
    verbose_name = "Случаи"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from cases import documents, duties, reading  # noqa: F401 — declare what is printed and what falls due
        from families import keepers

        keepers.add_road(reading.keepers_by_case)
