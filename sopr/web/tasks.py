"""What is not kept for ever: drafts, the marks of forms sent, sessions that are over."""

import datetime
from importlib import import_module

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from sopr.web.models import Draft, Submission


@shared_task
def sweep_forms():
    """Daily; safe to run at any time. A sent form is remembered twice as long as a draft of it may live."""
    now, days = timezone.now(), datetime.timedelta(days=settings.SOPR_DRAFT_DAYS)
    Draft.objects.filter(saved_at__lt=now - days).delete()
    Submission.objects.filter(at__lt=now - 2 * days).delete()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()  # texts rescued from a lapsed sign-in lie there
