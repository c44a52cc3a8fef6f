"""The Celery application; its settings are the CELERY_ names of sopr/settings.py."""

import os
import signal

from celery import Celery
from celery.signals import worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sopr.settings")

app = Celery("sopr")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def finish_the_task(**kwargs):
    """Leave the end of a pool process to its worker, which lets the task finish first.

    Supervisors (honcho, systemd) send SIGTERM to the whole group; a pool process that obeyed would lose its task.
    """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
