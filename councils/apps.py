from django.apps import AppConfig


class CouncilsConfig(AppConfig):
    name = "councils"
    label = "councils"
    verbose_name = "Советы"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from cases import band, terms
        from councils import documents, duties, level_terms  # noqa: F401 — declare what is printed and what falls due

        terms.add_follower(level_terms.follow)
        band.add_marks(level_terms.marks_of)
