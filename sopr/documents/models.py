from django.conf import settings
from django.db import models
from django.db.models import Q

from sopr.documents.content import KINDS

FOLDER = "attachments"  # below MEDIA_ROOT


class Counter(models.Model):
    """The last number given out in a scope and a year (year 0: numbering that never starts anew).

    Written only by `sopr.documents.numbering.next_number`.
    """

    scope = models.CharField("область нумерации", max_length=100)
    year = models.PositiveSmallIntegerField("год")
    value = models.PositiveIntegerField("последний номер", default=0)

    class Meta:
        verbose_name = "счётчик номеров"
        verbose_name_plural = "счётчики номеров"
        constraints = [
            # Also serves the one query on this table: the row of a scope and a year.
            models.UniqueConstraint(fields=["scope", "year"], name="documents_one_counter_per_scope_and_year"),
        ]

    def __str__(self):
        return f"{self.scope}, {self.year}: {self.value}"


class Attachment(models.Model):
    """A file somebody attached; written only by `sopr.documents.attachments.attach`, owned by a row of an app above."""

    path = models.CharField("файл", max_length=100, unique=True)  # below MEDIA_ROOT, a random name
    kind = models.CharField("вид", max_length=4, choices=[(kind.code, kind.title) for kind in KINDS.values()])
    size = models.PositiveIntegerField("размер, байт")
    digest = models.CharField("SHA-256", max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто приложил")
    at = models.DateTimeField("когда", auto_now_add=True)

    class Meta:
        verbose_name = "приложенный файл"
        verbose_name_plural = "приложенные файлы"
        constraints = [models.CheckConstraint(condition=Q(size__gt=0), name="attachment_is_not_empty")]

    def __str__(self):
        return f"Файл № {self.pk}"

    @property
    def file_kind(self):
        return KINDS[self.kind]

    @property
    def said(self) -> str:
        """«PDF, 240 КБ»: what stands on its link."""
        return f"{self.file_kind.title}, {max(1, round(self.size / 1024))}\u00a0КБ"
