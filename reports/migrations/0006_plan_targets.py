import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_districts_are_walked"),
        ("reports", "0005_facts_history"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PlanTarget",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scope", models.BigIntegerField(default=0, editable=False)),
                ("form", models.CharField(max_length=40, verbose_name="форма")),
                ("row", models.CharField(max_length=20, verbose_name="строка")),
                ("period", models.CharField(max_length=32, verbose_name="период")),
                ("since", models.DateField(editable=False)),
                ("until", models.DateField(editable=False)),
                ("value", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="план")),
                ("order_number", models.CharField(max_length=60, verbose_name="номер приказа")),
                ("order_on", models.DateField(verbose_name="дата приказа")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="внесено")),
                ("withdrawn_at", models.DateTimeField(editable=False, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plan_targets",
                        to="accounts.organisation",
                        verbose_name="организация",
                    ),
                ),
                (
                    "withdrawn_by",
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
                "verbose_name": "плановое значение",
                "verbose_name_plural": "плановые значения",
                "ordering": ["-until", "form", "row", "pk"],
                "indexes": [models.Index(fields=["organisation", "-until", "-id"], name="plan_target_organisation")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until__gte", models.F("since"))), name="plan_target_since_before_until"
                    ),
                    models.CheckConstraint(condition=models.Q(("value__gte", 0)), name="plan_target_not_negative"),
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("form", "since", "until", "row", "scope"),
                        name="one_current_target_per_row",
                    ),
                ],
            },
        ),
    ]
