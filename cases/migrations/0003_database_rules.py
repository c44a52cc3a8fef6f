"""What Django's model options cannot say: levels and curators that never overlap, events that never change."""

from django.db import migrations

from sopr.audit.append_only import ForbidChanges
from sopr.web.overlap import NoOverlap


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_links")]

    operations = [
        NoOverlap("cases_levelperiod", "no_overlapping_levels", ["case_id"]),
        NoOverlap("cases_curatorassignment", "no_overlapping_curators", ["case_id"]),
        ForbidChanges("cases_caseevent"),
    ]
