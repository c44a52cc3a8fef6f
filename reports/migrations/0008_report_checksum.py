from django.db import migrations, models


class Migration(migrations.Migration):
    """«Проверить файл» finds a report by its checksum, or by the first signs of it."""

    dependencies = [("reports", "0007_forms_of_the_ministry")]

    operations = [
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                fields=["checksum"],
                name="report_checksum",
                condition=~models.Q(checksum=""),
                opclasses=["varchar_pattern_ops"],
            ),
        )
    ]
