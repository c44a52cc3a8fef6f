"""No signed row ever changes."""

from django.db import migrations

from sopr.audit.append_only import ForbidChanges


class Migration(migrations.Migration):
    dependencies = [("councils", "0001_initial")]

    operations = [ForbidChanges("councils_minutes")]
