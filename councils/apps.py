from django.apps import AppConfig


class CouncilsConfig(AppConfig):
    name = "councils"
    label = "councils"
    verbose_name = "Советы"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from cases import band, deciders, terms
        from councils import documents, duties, level_terms, system_questions  # noqa: F401 — declare documents, duties
        from councils.models import Decision

        terms.add_follower(level_terms.follow)
        terms.add_follower(system_questions.follow_relapse)
        deciders.add_teller(Decision.kind_of_council)
        band.add_marks(level_terms.marks_of)
