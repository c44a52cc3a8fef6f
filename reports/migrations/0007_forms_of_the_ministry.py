import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from sopr.web.frozen import Frozen


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0006_plan_targets"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="report",
            name="form",
            field=models.CharField(max_length=40, verbose_name="форма"),
        ),
        migrations.CreateModel(
            name="OwnForm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="версия")),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="заведена"),
                ),
                ("retired_at", models.DateTimeField(editable=False, null=True, verbose_name="снята с учёта")),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="кто завёл",
                    ),
                ),
                (
                    "retired_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "своя форма",
                "verbose_name_plural": "свои формы",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="OwnFormVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="версия")),
                ("number", models.PositiveSmallIntegerField(editable=False, verbose_name="редакция")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "черновик"), ("published", "опубликована")],
                        default="draft",
                        editable=False,
                        max_length=10,
                        verbose_name="состояние",
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="название")),
                ("title", models.CharField(blank=True, max_length=200, verbose_name="заголовок")),
                (
                    "kind",
                    models.CharField(
                        choices=[("month", "месяц"), ("quarter", "квартал"), ("year", "год")],
                        max_length=10,
                        verbose_name="период",
                    ),
                ),
                ("owed", models.BooleanField(default=False, verbose_name="представляют организации")),
                ("definition", models.JSONField(default=dict)),
                ("effective_from", models.DateField(editable=False, null=True, verbose_name="действует с")),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="составлена"),
                ),
                ("published_at", models.DateTimeField(editable=False, null=True, verbose_name="опубликована")),
                (
                    "form",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="reports.ownform"
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "редакция своей формы",
                "verbose_name_plural": "редакции своих форм",
                "ordering": ["form", "number"],
            },
        ),
        migrations.AddField(
            model_name="report",
            name="own_version",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reports",
                to="reports.ownformversion",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownformversion",
            constraint=models.UniqueConstraint(fields=("form", "number"), name="one_own_form_version_per_number"),
        ),
        migrations.AddConstraint(
            model_name="ownformversion",
            constraint=models.UniqueConstraint(fields=("form", "effective_from"), name="one_own_form_version_per_day"),
        ),
        migrations.AddConstraint(
            model_name="ownformversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "draft")), fields=("form",), name="one_draft_per_own_form"
            ),
        ),
        migrations.AddConstraint(
            model_name="ownformversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("effective_from", None), ("state", "draft")),
                    models.Q(
                        ("effective_from__isnull", False), ("published_at__isnull", False), ("state", "published")
                    ),
                    _connector="OR",
                ),
                name="published_own_form_has_its_day",
            ),
        ),
        Frozen(
            "reports_ownformversion",
            "published_own_form_never_changes",
            {"UPDATE": "OLD.state = 'published'", "DELETE": "OLD.state = 'published'"},
        ),
        Frozen(
            "reports_report",
            "signed_report_keeps_its_form",
            {"UPDATE": "OLD.state <> 'draft' AND OLD.own_version_id IS DISTINCT FROM NEW.own_version_id"},
        ),
    ]
