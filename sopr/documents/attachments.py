"""Files that people attach: kept below MEDIA_ROOT under random names, given out by pages that ask for a permission.

The name a person gave the file may name a family, so it is not kept. An app above links `Attachment` to its row and
answers who may read it; the page then gives `attachment_response` back.
"""

import hashlib
import secrets

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404

from sopr.audit.log import record
from sopr.audit.models import Action
from sopr.documents.content import ACCEPTED, read_content
from sopr.documents.models import FOLDER, Attachment
from sopr.errors import Refused


class AttachmentField(forms.FileField):
    """One file, told by its content; the cleaned value is (kind, bytes) ready for `attach`, or None."""

    def __init__(self, **kwargs):
        kwargs.setdefault("label", "Файл")
        kwargs.setdefault("required", False)
        kwargs.setdefault("widget", forms.FileInput(attrs={"accept": ACCEPTED}))
        kwargs.setdefault("help_text", f"PDF, фото, Word или Excel до {settings.SOPR_ATTACHMENT_MB} МБ.")
        super().__init__(**kwargs)

    def clean(self, data, initial=None):
        file = super().clean(data, initial)
        if not file:
            return None
        if file.size > settings.SOPR_ATTACHMENT_MB * 1024**2:
            raise ValidationError(
                f"Файл больше {settings.SOPR_ATTACHMENT_MB} МБ. Уменьшите его или разделите на части."
            )
        try:
            return read_content(file.read())
        except Refused as refused:
            raise ValidationError(str(refused)) from None


def attach(read, *, by) -> Attachment:
    """Keep a file read by `AttachmentField` (or `content.read_content`); call it in the transaction of its owner.

    The file is written before its row: a spare file is swept away later, a row without its file would be a loss.
    """
    kind, content = read
    name = default_storage.save(f"{FOLDER}/{secrets.token_hex(16)}.{kind.code}", ContentFile(content))
    return Attachment.objects.create(
        path=name, kind=kind.code, size=len(content), digest=hashlib.sha256(content).hexdigest(), by=by
    )


def attachment_response(attachment, owner, *, by) -> FileResponse:
    """The file as a download, recorded in the audit log as taken out by `by` about `owner`; 404 when it is gone.

    Never shown inside a page of ours: what people send is not ours to run.
    """
    if not default_storage.exists(attachment.path):
        raise Http404
    record(by, Action.READ, owner, detail={"file": attachment.pk, "bytes": attachment.size})
    response = FileResponse(
        default_storage.open(attachment.path),
        as_attachment=True,
        filename=f"file-{attachment.pk}.{attachment.kind}",
        content_type=attachment.file_kind.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
