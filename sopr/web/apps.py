from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "sopr.web"
    label = "web"
    verbose_name = "Страницы"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from sopr.web import trigram  # noqa: F401 — the lookups `has_words` and `like_words`
