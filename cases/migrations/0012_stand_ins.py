"""Stand-ins of curators; one stand-in and one pause of a case at a time."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from sopr.web.overlap import NoOverlap


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_districts_are_walked"),
        ("cases", "0011_activities_life"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StandIn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="версия")),
                ("since", models.DateField(verbose_name="с")),
                ("until", models.DateField(verbose_name="по")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("illness", "болезнь"),
                            ("leave", "отпуск"),
                            ("trip", "командировка или учёба"),
                            ("other", "другое"),
                        ],
                        max_length=12,
                        verbose_name="причина",
                    ),
                ),
                ("named_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "curator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="absences",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="кого замещают",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stand_ins",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="кто замещает",
                    ),
                ),
            ],
            options={
                "verbose_name": "замещение",
                "verbose_name_plural": "замещения",
                "ordering": ["-since", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="StandInPeriod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateField(verbose_name="с")),
                ("until", models.DateField(verbose_name="по")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="stand_in_periods", to="cases.case"
                    ),
                ),
                (
                    "stand_in",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="periods", to="cases.standin"
                    ),
                ),
            ],
            options={
                "ordering": ["since", "pk"],
            },
        ),
        migrations.AddIndex(
            model_name="standin",
            index=models.Index(fields=["user", "until"], name="stand_in_user_until"),
        ),
        migrations.AddIndex(
            model_name="standin",
            index=models.Index(fields=["organisation", "-since", "-id"], name="stand_in_organisation"),
        ),
        migrations.AddConstraint(
            model_name="standin",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__gte", models.F("since"))), name="stand_in_since_before_until"
            ),
        ),
        migrations.AddConstraint(
            model_name="standin",
            constraint=models.CheckConstraint(
                condition=models.Q(("user", models.F("curator")), _negated=True), name="nobody_stands_in_for_himself"
            ),
        ),
        migrations.AddConstraint(
            model_name="standinperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__gte", models.F("since"))), name="stand_in_period_since_before_until"
            ),
        ),
        NoOverlap("cases_standinperiod", "no_overlapping_stand_ins", ["case_id"]),
        NoOverlap("cases_suspension", "no_overlapping_suspensions", ["case_id"], "", True),
    ]
