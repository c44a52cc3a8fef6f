import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from sopr.web.frozen import Frozen


class Migration(migrations.Migration):
    """What was handed out as the published version of a report is kept, and never changes."""

    dependencies = [
        ("reports", "0008_report_checksum"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PublishedVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("checksum", models.CharField(db_index=True, max_length=64)),
                ("snapshot", models.JSONField()),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="published_versions",
                        to="reports.report",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("report", "checksum"), name="published_version_is_kept_once")
                ],
            },
        ),
        Frozen("reports_publishedversion", "published_version_never_changes", {"UPDATE": "OLD.id = OLD.id"}),
    ]
