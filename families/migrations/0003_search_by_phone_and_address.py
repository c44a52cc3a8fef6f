from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("families", "0002_database_rules")]

    operations = [
        migrations.AddField("family", "address_key", models.CharField(default="", editable=False, max_length=300)),
        migrations.AddIndex("family", models.Index(fields=["address_key"], name="family_address_key")),
        migrations.AddIndex("family", models.Index(fields=["phone"], name="family_phone")),
        migrations.AddIndex("person", models.Index(fields=["phone"], name="person_phone")),
    ]
