from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Counter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scope", models.CharField(max_length=100, verbose_name="область нумерации")),
                ("year", models.PositiveSmallIntegerField(verbose_name="год")),
                ("value", models.PositiveIntegerField(default=0, verbose_name="последний номер")),
            ],
            options={
                "verbose_name": "счётчик номеров",
                "verbose_name_plural": "счётчики номеров",
                "constraints": [
                    models.UniqueConstraint(fields=("scope", "year"), name="documents_one_counter_per_scope_and_year"),
                ],
            },
        ),
    ]
