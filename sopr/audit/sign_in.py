"""Sign-ins, sign-outs and failed sign-ins, told by Django's own signals."""

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from sopr.audit.log import record
from sopr.audit.models import Action


@receiver(user_logged_in)
def _signed_in(sender, user, **kwargs):
    record(user, Action.SIGN_IN, user)


@receiver(user_logged_out)
def _signed_out(sender, user, **kwargs):
    if user is not None:
        record(user, Action.SIGN_OUT, user)


@receiver(user_login_failed)
def _sign_in_failed(sender, credentials, **kwargs):
    # What was typed is not kept: people type passwords into the login field.
    user_model = get_user_model()
    login = credentials.get(user_model.USERNAME_FIELD) or credentials.get("username") or ""
    user = user_model.objects.filter(username=login).first()
    record(None, Action.SIGN_IN_FAILED, user, organisation=user.organisation if user else None)
