"""A sheet: one form over many values at once, whose version is a fingerprint of them all."""

import hashlib
from types import SimpleNamespace

from django.http import HttpResponseRedirect

from sopr.web.pages import FormPage
from sopr.web.stale import differences


def fingerprint(stored: list) -> str:
    """What tells a list of stored values from the same list changed."""
    return hashlib.sha256(repr(stored).encode()).hexdigest()[:16]


class SheetPage(FormPage):
    """A page that enters many values. `get_stored` returns what is stored: any list that a change alters."""

    def get_stored(self) -> list:
        raise NotImplementedError

    def get_address(self) -> str:
        """The one address of this very sheet: a draft is found by it, from wherever one comes."""
        raise NotImplementedError

    def get(self, request, *args, **kwargs):
        if request.get_full_path() != self.get_address():
            return HttpResponseRedirect(self.get_address())
        return super().get(request, *args, **kwargs)

    def get_version(self):
        return fingerprint(self.get_stored())

    def show(self, status=200, **context):
        form, draft = context.get("form"), getattr(self, "draft", None)
        if form is not None and draft is not None and draft.version not in ("", self.get_version()):
            self.is_stale = bool(self.get_differences(form))
        return super().show(status, **context)

    def get_differences(self, form) -> list:
        """Fields as typed against what is stored now, whoever stored it."""
        return differences(form, self.get_form(), SimpleNamespace(**dict.fromkeys(form.fields)))

    def get_context_data(self, **context):
        form = context.get("form")
        if form is not None and getattr(self, "is_stale", False):
            context = {"stale": self.get_differences(form)} | context
        return super().get_context_data(**context)
