"""What Django's model options cannot say: periods that never overlap, events that never change."""

from django.db import migrations

from sopr.audit.append_only import ForbidChanges
from sopr.web.overlap import NoOverlap


class Migration(migrations.Migration):
    dependencies = [("families", "0001_initial")]

    operations = [
        NoOverlap("families_familymembership", "no_overlapping_memberships", ["family_id", "person_id"]),
        NoOverlap(
            "families_categoryperiod", "no_overlapping_primary_categories", ["family_id"], where="{row}.is_primary"
        ),
        ForbidChanges("families_familyevent"),
    ]
