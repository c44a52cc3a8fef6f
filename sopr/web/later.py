"""Forms written without a connection: kept by the browser (static/js/offline.js), sent later, each once.

The script asks for answers it can read: a form's page that `SentLater` serves tells «done», «signed out» or why not, in
JSON, when the request names the user the text is kept for. That a text sent twice acts once is the submit token's doing
(sopr/web/submissions.py): the browser sends the same token until it knows the answer.
"""

from django.http import JsonResponse

from sopr.web.drafts import name_by_number

HEADER = "X-Kept-For"  # id of the user who wrote the text


class SentLater:
    """The part of a FormPage whose text may wait in the browser; stands before the page's own bases."""

    sends_later = True

    def dispatch(self, request, *args, **kwargs):
        if not self.is_sent_later:
            return super().dispatch(request, *args, **kwargs)
        user = request.user
        if user.is_authenticated and request.headers[HEADER] != str(user.pk):
            return JsonResponse({"state": "other"}, status=403)  # a text is sent by its author or not at all
        answer = super().dispatch(request, *args, **kwargs)
        return JsonResponse({"done": answer["Location"]}) if answer.status_code == 302 else answer

    @property
    def is_sent_later(self) -> bool:
        return self.request.method == "POST" and HEADER in self.request.headers

    def meet_stranger(self):
        """The text stays in the browser until its author signs in: nothing of it is kept here."""
        if self.is_sent_later:
            return JsonResponse({"state": "signed_out"}, status=401)
        return super().meet_stranger()

    def show(self, status=200, **context):
        if not self.is_sent_later:
            return super().show(status, **context)
        form = context["form"]
        reasons = [str(error) for errors in form.errors.values() for error in errors]
        kept = {"reasons": reasons, "token": str(self._token_to_send()), "again": self.is_repeated}
        return JsonResponse(kept, status=status)

    def refuse(self, refused):
        answer = super().refuse(refused)
        return JsonResponse({"reasons": [str(refused)]}, status=409) if self.is_sent_later else answer

    def get_context_data(self, **context):
        return super().get_context_data(**({"kept_about": name_by_number(self.object)} | context))
