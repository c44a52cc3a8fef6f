"""Templates from which the plan of activities is formed; approved revisions that the database itself keeps as they are."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

from cases.dictionaries import load_plan_templates
from sopr.web.frozen import Frozen

REVISION = (
    "programme_id",
    "number",
    "level",
    "since",
    "until",
    "resources",
    "duties",
    "approved_on",
    "decision",
    "by_id",
)
REVISION_CHANGES = " OR ".join(f'OLD."{column}" IS DISTINCT FROM NEW."{column}"' for column in REVISION)
MOVES = "(OLD.state <> NEW.state AND NOT (OLD.state = 'approved' AND NEW.state = 'superseded'))"
OF_DRAFT = "COALESCE((SELECT state FROM cases_programmerevision WHERE id = {row}.revision_id), 'draft') = 'draft'"
OLD, NEW = OF_DRAFT.format(row="OLD"), OF_DRAFT.format(row="NEW")


def load(apps, schema_editor):
    load_plan_templates(apps.get_model("cases", "PlanTemplate"))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_districts_are_walked"),
        ("cases", "0012_stand_ins"),
    ]

    operations = [
        migrations.AddField(
            model_name="goal",
            name="continues",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="cases.goal",
            ),
        ),
        migrations.CreateModel(
            name="PlanTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="версия")),
                ("code", models.CharField(editable=False, max_length=60, null=True, unique=True)),
                (
                    "domain",
                    models.CharField(
                        choices=[
                            ("housing", "жильё и быт"),
                            ("income", "доход и занятость"),
                            ("child_health", "здоровье детей"),
                            ("adult_health", "здоровье взрослых"),
                            ("education", "обучение и развитие детей"),
                            ("parenting", "воспитание и уход"),
                            ("relations", "отношения в семье"),
                            ("addiction", "зависимости"),
                            ("law", "документы и права"),
                            ("safety", "безопасность детей"),
                        ],
                        max_length=16,
                        verbose_name="сфера",
                    ),
                ),
                (
                    "score_from",
                    models.PositiveSmallIntegerField(
                        default=1,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(4),
                        ],
                        verbose_name="от какой оценки",
                    ),
                ),
                ("levels", models.JSONField(blank=True, default=list, verbose_name="уровни")),
                ("categories", models.JSONField(blank=True, default=list, verbose_name="категории семьи")),
                ("problem", models.CharField(max_length=300, verbose_name="в чём трудность")),
                ("goal", models.CharField(max_length=300, verbose_name="цель")),
                ("criterion", models.CharField(max_length=300, verbose_name="признак достижения")),
                ("title", models.CharField(max_length=250, verbose_name="мероприятие")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("medical", "медицинская"),
                            ("psychological", "психологическая"),
                            ("pedagogical", "педагогическая"),
                            ("legal", "юридическая"),
                            ("social", "социальная"),
                        ],
                        max_length=16,
                        verbose_name="вид помощи",
                    ),
                ),
                (
                    "agency_kind",
                    models.CharField(
                        choices=[
                            ("social", "социальное обслуживание"),
                            ("education", "образование"),
                            ("health", "здравоохранение"),
                            ("guardianship", "опека"),
                            ("juvenile_commission", "КДН"),
                            ("police", "полиция"),
                            ("employment", "занятость"),
                            ("ngo", "НКО"),
                            ("other", "иное"),
                        ],
                        max_length=24,
                        verbose_name="кто исполняет",
                    ),
                ),
                (
                    "within_days",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(250),
                        ],
                        verbose_name="рабочих дней на исполнение",
                    ),
                ),
                (
                    "repeats",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("twice_weekly", "два раза в неделю"),
                            ("weekly", "раз в неделю"),
                            ("fortnightly", "раз в две недели"),
                            ("monthly", "раз в месяц"),
                        ],
                        max_length=12,
                        verbose_name="повторяется",
                    ),
                ),
                (
                    "times",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(2),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="сколько раз",
                    ),
                ),
                (
                    "retired_on",
                    models.DateField(blank=True, editable=False, null=True, verbose_name="не предлагается с"),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                        verbose_name="чей",
                    ),
                ),
            ],
            options={
                "verbose_name": "шаблон мероприятия",
                "verbose_name_plural": "шаблоны мероприятий",
                "ordering": ["domain", "pk"],
            },
        ),
        migrations.CreateModel(
            name="TemplateUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "activity",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="template_use", to="cases.activity"
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="cases.plantemplate"
                    ),
                ),
            ],
            options={
                "verbose_name": "мероприятие по шаблону",
                "verbose_name_plural": "мероприятия по шаблонам",
            },
        ),
        migrations.AddConstraint(
            model_name="plantemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(("score_from__gte", 1), ("score_from__lte", 4)), name="template_score_from_1_to_4"
            ),
        ),
        migrations.AddConstraint(
            model_name="plantemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(("within_days__gte", 1)), name="template_term_above_zero"
            ),
        ),
        migrations.AddConstraint(
            model_name="plantemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("repeats", ""), ("times", None)),
                    models.Q(models.Q(("repeats", ""), _negated=True), ("times__gte", 2)),
                    _connector="OR",
                ),
                name="template_repeats_have_times",
            ),
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
        Frozen(
            "cases_programmerevision",
            "approved_revision_never_changes",
            {
                "UPDATE": f"OLD.state <> 'draft' AND ({REVISION_CHANGES} OR {MOVES})",
                "DELETE": "OLD.state <> 'draft'",
            },
        ),
        Frozen(
            "cases_goal",
            "goal_of_approved_revision_never_changes",
            {"INSERT": f"NOT {NEW}", "UPDATE": f"NOT ({OLD} AND {NEW})", "DELETE": f"NOT {OLD}"},
        ),
    ]
