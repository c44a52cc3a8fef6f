from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Printed documents: registry, PDF, numbering. Knows nothing of families or cases."""

    name = "sopr.documents"
    label = "documents"
    verbose_name = "Печатные документы"
    default_auto_field = "django.db.models.BigAutoField"
