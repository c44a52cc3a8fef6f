from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "sopr.accounts"
    label = "accounts"
    verbose_name = "Учётные записи и организации"
    default_auto_field = "django.db.models.BigAutoField"
