"""Minutes bear one number per council and year, and no signed row ever changes."""

import django.db.models.deletion
from django.db import migrations, models

from sopr.audit.append_only import ForbidChanges


class Migration(migrations.Migration):
    dependencies = [("councils", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="minutes",
            name="council",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="minutes",
                to="councils.council",
            ),
        ),
        migrations.AddConstraint(
            model_name="minutes",
            constraint=models.UniqueConstraint(
                fields=("council", "year", "number"), name="one_minutes_number_per_council_year"
            ),
        ),
        ForbidChanges("councils_minutes"),
    ]
