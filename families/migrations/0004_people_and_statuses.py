"""People in more detail, representatives, statuses of health, grounds of registers, when a paper was entered."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from sopr.web.overlap import NoOverlap


class Migration(migrations.Migration):
    dependencies = [
        ("families", "0003_merged_into"),
    ]

    operations = [
        migrations.AddField(
            model_name="application",
            name="entered_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="consent",
            name="entered_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="family",
            name="benefits",
            field=models.TextField(blank=True, verbose_name="меры поддержки и льготы"),
        ),
        migrations.AddField(
            model_name="family",
            name="surname_forms",
            field=models.JSONField(blank=True, default=dict, verbose_name="формы фамилии, вписанные вручную"),
        ),
        migrations.AddField(
            model_name="homesurvey",
            name="entered_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="person",
            name="address_hidden",
            field=models.BooleanField(default=False, verbose_name="адреса скрыты для безопасности"),
        ),
        migrations.AddField(
            model_name="person",
            name="education",
            field=models.CharField(
                blank=True,
                choices=[
                    ("none", "нет"),
                    ("preschool", "дошкольное"),
                    ("primary", "начальное общее"),
                    ("basic", "основное общее"),
                    ("secondary", "среднее общее"),
                    ("vocational", "среднее профессиональное"),
                    ("higher", "высшее"),
                ],
                max_length=12,
                verbose_name="образование",
            ),
        ),
        migrations.AddField(
            model_name="person",
            name="employment",
            field=models.CharField(
                blank=True,
                choices=[
                    ("at_home", "ребёнок дома, не посещает детский сад"),
                    ("kindergarten", "посещает детский сад"),
                    ("studies", "учится"),
                    ("works", "работает"),
                    ("parental_leave", "в отпуске по уходу за ребёнком"),
                    ("cares", "ухаживает за инвалидом или ребёнком"),
                    ("unemployed", "не работает"),
                    ("pension", "на пенсии"),
                ],
                max_length=16,
                verbose_name="занятость",
            ),
        ),
        migrations.AddField(
            model_name="person",
            name="lives_at",
            field=models.CharField(
                blank=True, max_length=300, verbose_name="фактический адрес, если живёт отдельно от семьи"
            ),
        ),
        migrations.AddField(
            model_name="person",
            name="name_forms",
            field=models.JSONField(blank=True, default=dict, verbose_name="формы имени, вписанные вручную"),
        ),
        migrations.AddField(
            model_name="person",
            name="registered_at",
            field=models.CharField(blank=True, max_length=300, verbose_name="адрес регистрации"),
        ),
        migrations.AddField(
            model_name="registerentry",
            name="placed_by",
            field=models.CharField(blank=True, max_length=300, verbose_name="основание постановки"),
        ),
        migrations.AddField(
            model_name="registerentry",
            name="removed_by",
            field=models.CharField(blank=True, max_length=300, verbose_name="основание снятия"),
        ),
        migrations.AlterField(
            model_name="person",
            name="occupation",
            field=models.CharField(blank=True, max_length=300, verbose_name="место учёбы или работы"),
        ),
        migrations.CreateModel(
            name="HealthStatus",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="версия")),
                (
                    "kind",
                    models.CharField(
                        choices=[("disability", "инвалидность"), ("ovz", "ОВЗ")], max_length=12, verbose_name="вид"
                    ),
                ),
                (
                    "detail",
                    models.CharField(
                        choices=[
                            ("child", "ребёнок-инвалид"),
                            ("group_1", "I группа"),
                            ("group_2", "II группа"),
                            ("group_3", "III группа"),
                            ("hearing", "нарушения слуха"),
                            ("sight", "нарушения зрения"),
                            ("speech", "тяжёлые нарушения речи"),
                            ("movement", "нарушения опорно-двигательного аппарата"),
                            ("delay", "задержка психического развития"),
                            ("autism", "расстройство аутистического спектра"),
                            ("intellect", "нарушения интеллекта"),
                            ("several", "множественные нарушения"),
                        ],
                        max_length=12,
                        verbose_name="группа или категория",
                    ),
                ),
                ("document", models.CharField(blank=True, max_length=300, verbose_name="документ")),
                ("since", models.DateField(verbose_name="установлен с")),
                ("until", models.DateField(blank=True, null=True, verbose_name="по")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="health_statuses",
                        to="families.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "инвалидность или ОВЗ",
                "verbose_name_plural": "инвалидность и ОВЗ",
                "ordering": ["-since", "pk"],
                "indexes": [models.Index(fields=["until"], name="health_status_until")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until", None), ("until__gte", models.F("since")), _connector="OR"),
                        name="health_status_since_before_until",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Representation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            ("parents", "родитель"),
                            ("adoption", "усыновление"),
                            ("guardianship", "опека"),
                            ("trusteeship", "попечительство"),
                            ("foster_family", "приёмная семья"),
                            ("other", "иное"),
                        ],
                        max_length=16,
                        verbose_name="основание",
                    ),
                ),
                ("document_name", models.CharField(max_length=200, verbose_name="документ")),
                ("document_number", models.CharField(blank=True, max_length=60, verbose_name="номер документа")),
                ("document_on", models.DateField(blank=True, null=True, verbose_name="дата документа")),
                ("since", models.DateField(default=django.utils.timezone.localdate, verbose_name="с")),
                ("until", models.DateField(blank=True, null=True, verbose_name="по")),
                (
                    "child",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="represented_by",
                        to="families.person",
                        verbose_name="за кого",
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="representations",
                        to="families.familymembership",
                    ),
                ),
            ],
            options={
                "verbose_name": "законное представительство",
                "verbose_name_plural": "законное представительство",
                "ordering": ["-since", "pk"],
                "indexes": [models.Index(fields=["until"], name="representation_until")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until", None), ("until__gte", models.F("since")), _connector="OR"),
                        name="representation_since_before_until",
                    )
                ],
            },
        ),
        migrations.AlterField(  # rows entered before this migration keep no moment: nobody knows it
            model_name="application",
            name="entered_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, null=True),
        ),
        migrations.AlterField(  # rows entered before this migration keep no moment: nobody knows it
            model_name="consent",
            name="entered_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, null=True),
        ),
        migrations.AlterField(  # rows entered before this migration keep no moment: nobody knows it
            model_name="homesurvey",
            name="entered_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, null=True),
        ),
        NoOverlap("families_healthstatus", "no_overlapping_health_statuses", ["person_id", "kind"]),
    ]
