from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "sopr.web"
    label = "web"
    verbose_name = "Страницы"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from django.contrib.auth.signals import user_logged_in

        from sopr.web import trigram  # noqa: F401 — the lookups `has_words` and `like_words`
        from sopr.web.drafts import take_stash

        user_logged_in.connect(take_stash, dispatch_uid="sopr.web.drafts")
