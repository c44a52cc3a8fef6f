from django.apps import AppConfig


class FamiliesConfig(AppConfig):
    name = "families"
    label = "families"
    verbose_name = "Семьи"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        # Declare what is printed and what falls due.
        from django.db.models.signals import post_migrate

        from families import documents, duties  # noqa: F401
        from families.districts import documents as district_documents  # noqa: F401
        from families.quality.watch import put_triggers

        post_migrate.connect(put_triggers, sender=self)
