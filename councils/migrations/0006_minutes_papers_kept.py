"""Signed rows never change; what was signed and reported before has its extracts and its acceptance."""

from django.db import migrations
from django.db.models import F

from sopr.audit.append_only import ForbidChanges

SHARED = ("council", "organisation", "number", "held_on", "place", "chair", "secretary")


def accept_reported(apps, schema_editor):
    """A report used to be enough: what was reported then stays done."""
    tasks = apps.get_model("councils", "Assignment").objects.filter(done_on__isnull=False, accepted_on=None)
    tasks.update(accepted_on=F("done_on"))


def lay_extracts(apps, schema_editor):
    """Minutes signed before have their extracts in the cases too."""
    Minutes, Item = apps.get_model("councils", "Minutes"), apps.get_model("councils", "AgendaItem")
    Extract = apps.get_model("councils", "Extract")
    for minutes in Minutes.objects.exclude(content={}).iterator():
        content = minutes.content
        points = {point["n"]: point for point in content["items"]}
        for item in Item.objects.filter(meeting=minutes.meeting_id, decision__isnull=False, extract=None):
            if item.position in points:
                tasks = [task for task in content["assignments"] if task["decision"] == str(item.position)]
                kept = {key: content[key] for key in SHARED} | {"item": points[item.position], "assignments": tasks}
                Extract.objects.create(minutes=minutes, item=item, content=kept)


class Migration(migrations.Migration):
    dependencies = [("councils", "0005_minutes_signed_in_turn")]

    operations = [
        ForbidChanges("councils_minutes"),  # SQLite has rebuilt the table
        ForbidChanges("councils_extract"),
        ForbidChanges("councils_correction"),
        ForbidChanges("councils_chairsignature"),
        ForbidChanges("councils_assignmentevent"),
        migrations.RunPython(accept_reported, migrations.RunPython.noop),
        migrations.RunPython(lay_extracts, migrations.RunPython.noop),
    ]
