from django.apps import AppConfig


class ObligationsConfig(AppConfig):
    name = "sopr.obligations"
    label = "obligations"
    verbose_name = "Сроки и обязательства"
