import datetime
from pathlib import Path

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from sopr.documents.models import FOLDER, Attachment

SPARE_HOURS = 24  # a file without a row is in the making for no longer


@shared_task
def sweep_attachments():
    """Daily: delete files whose row was never committed. Safe to run at any time and any number of times."""
    folder = Path(settings.MEDIA_ROOT, FOLDER)
    old = (timezone.now() - datetime.timedelta(hours=SPARE_HOURS)).timestamp()
    known = set(Attachment.objects.values_list("path", flat=True))
    spare = [file for file in folder.glob("*.*") if f"{FOLDER}/{file.name}" not in known and file.stat().st_mtime < old]
    for file in spare:
        file.unlink(missing_ok=True)
    return len(spare)
