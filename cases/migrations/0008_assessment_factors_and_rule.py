"""Factors to choose from in an assessment; the level that the rule proposed, and why the curator departed from it."""

from django.db import migrations, models

from cases.dictionaries import load_factors


def load(apps, schema_editor):
    load_factors(apps.get_model("cases", "Factor"))


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0007_rental_point"),
    ]

    operations = [
        migrations.AddField(
            model_name="assessment",
            name="level_reason",
            field=models.TextField(blank=True, verbose_name="почему куратор предлагает иной уровень"),
        ),
        migrations.AddField(
            model_name="assessment",
            name="rule",
            field=models.CharField(blank=True, editable=False, max_length=500, verbose_name="правило"),
        ),
        migrations.AddField(
            model_name="assessment",
            name="rule_level",
            field=models.CharField(
                blank=True,
                choices=[
                    ("adaptation", "адаптационный"),
                    ("basic", "базовый"),
                    ("crisis", "кризисный"),
                    ("emergency", "экстренный"),
                ],
                editable=False,
                max_length=12,
                verbose_name="уровень по правилу",
            ),
        ),
        migrations.CreateModel(
            name="Factor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("risk", "фактор риска"), ("resource", "ресурс семьи")],
                        max_length=8,
                        verbose_name="вид",
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="название")),
                ("code", models.CharField(editable=False, max_length=40, null=True, unique=True)),
                (
                    "retired_on",
                    models.DateField(blank=True, editable=False, null=True, verbose_name="не предлагается с"),
                ),
            ],
            options={
                "verbose_name": "фактор диагностики",
                "verbose_name_plural": "факторы диагностики",
                "ordering": ["kind", "title", "pk"],
                "constraints": [models.UniqueConstraint(fields=("kind", "title"), name="one_factor_per_title")],
            },
        ),
        migrations.AddField(
            model_name="assessment",
            name="factors",
            field=models.ManyToManyField(blank=True, related_name="+", to="cases.factor", verbose_name="факторы"),
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
