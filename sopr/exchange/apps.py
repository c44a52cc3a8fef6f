from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "sopr.exchange"
    label = "exchange"
    verbose_name = "Загрузка и выгрузка реестра"
    default_auto_field = "django.db.models.BigAutoField"
