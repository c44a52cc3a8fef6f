"""What was handed out as the published version of a report."""

from django.conf import settings
from django.db import models

from reports.models.report import Report


class PublishedVersion(models.Model):
    """Kept as it was handed out, so that its files and its printed checksum are known whatever becomes of the report
    and of the rule that hides. Never changed."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="published_versions")
    # «Проверить файл»: by the whole checksum, or by its first signs (the index has the pattern operators too)
    checksum = models.CharField(max_length=64, db_index=True)
    snapshot = models.JSONField()
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "checksum"], name="published_version_is_kept_once"),
        ]

    def __str__(self):
        return f"Публикуемая версия отчёта {self.report_id}"
