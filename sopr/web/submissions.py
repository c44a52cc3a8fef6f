"""A form sent twice is one act: each form carries a token, and what it did is remembered with it."""

import datetime
import json
import uuid

from django.utils import timezone
from django.utils.crypto import salted_hmac

from sopr.web.models import Submission

# Fields of the page itself, not typed by the person.
CARRIED = frozenset({"csrfmiddlewaretoken", "submit_token", "version", "keep_draft", "draft_key", "take", "again"})
REPEATED_WITHIN = datetime.timedelta(hours=1)


def read_token(post) -> uuid.UUID | None:
    """The token the form was sent with; None when there is none or it is not ours."""
    try:
        return uuid.UUID(post.get("submit_token", ""))
    except ValueError:
        return None


def typed_fields(post) -> dict[str, list[str]]:
    """What the person typed, without the fields the page carries for itself."""
    return {name: values for name, values in post.lists() if name not in CARRIED}


def digest_of(request) -> str:
    """A keyed fingerprint of what was typed and where: tells the same form sent again from another one."""
    sent = [request.get_full_path(), sorted(typed_fields(request.POST).items())]
    sent += [[name, file.name, file.size] for name, file in sorted(request.FILES.items())]
    return salted_hmac("sopr.submission", json.dumps(sent), algorithm="sha256").hexdigest()


def find_submission(token, user) -> Submission | None:
    """What the form with this token has done already."""
    return None if token is None else Submission.objects.filter(token=token, user_id=user.pk).first()


def find_repeated(digest, user) -> Submission | None:
    """The same text sent to the same address by the same person within the hour, by a form with another token."""
    since = timezone.now() - REPEATED_WITHIN
    return Submission.objects.filter(user_id=user.pk, digest=digest, at__gte=since).order_by("at").last()


def remember(token, user, redirect_to, digest):
    """Note that the form has acted; raises IntegrityError when it has done so in another request meanwhile."""
    Submission.objects.create(token=token, user_id=user.pk, redirect_to=redirect_to, digest=digest)
