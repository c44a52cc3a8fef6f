import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0004_report_life"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="declaredfact",
            name="at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="внесено"),
        ),
        migrations.AlterField(  # values declared before have no moment: they are not given today's
            model_name="declaredfact",
            name="at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, null=True, verbose_name="внесено"
            ),
        ),
        migrations.AddField(
            model_name="declaredfact",
            name="confirms",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reports.declaredfact",
            ),
        ),
        migrations.AddField(
            model_name="declaredfact",
            name="copies",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="тираж"),
        ),
        migrations.AddField(
            model_name="declaredfact",
            name="withdrawn_because",
            field=models.CharField(blank=True, editable=False, max_length=300, verbose_name="причина отзыва"),
        ),
        migrations.AddField(
            model_name="declaredfact",
            name="withdrawn_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="declaredfact",
            name="indicator",
            field=models.CharField(max_length=40, verbose_name="показатель"),
        ),
    ]
