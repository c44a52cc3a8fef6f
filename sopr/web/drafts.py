"""Text that is typed is not lost: drafts on the server, and forms sent after the sign-in has lapsed.

A form carries `draft_key`: who opened it and what it is called, signed. By it a text that arrives after the session
is gone finds its author again: it waits in the anonymous session, and becomes his draft when the same person signs
in; anybody else never gets it. Rows are named by their number only (no personal data outside the typed fields).
"""

import re
from urllib.parse import urlencode

from django.contrib import messages
from django.core import signing
from django.forms import Textarea
from django.forms.utils import ErrorDict
from django.http import HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from sopr.web.models import Draft
from sopr.web.submissions import digest_of, find_submission, read_token, typed_fields

SALT = "sopr.draft"
KEY_AGE = 7 * 24 * 3600  # seconds: a form left open over a long weekend still finds its author
STASH = "rescued_forms"
STASH_SIZE = 5  # forms of one browser
LARGEST = 400_000  # signs of one form; more is no typing
SHORT = 5  # fields: a form with no more, and without a long text, is typed again in a moment


def is_long(form, formsets) -> bool:
    """Whether a form is kept while it is typed: it has rows, a long text or more than five fields."""
    visible = form.visible_fields()
    return bool(formsets) or len(visible) > SHORT or any(isinstance(field.field.widget, Textarea) for field in visible)


def address_of(request) -> str:
    """The form's own address: its path, and what its query says in a fixed order."""
    asked = urlencode(sorted((key, value) for key, value in request.GET.items() if value))
    whole = f"{request.path}?{asked}" if asked else request.path
    return whole if len(whole) <= 300 else request.path[:300]


def name_by_number(row) -> str:
    """«Семья № 214»: the row without a name of anybody."""
    if row is None or row.pk is None:
        return ""
    kind = str(row._meta.verbose_name)
    return f"{kind[:1].upper()}{kind[1:]} № {getattr(row, 'number', None) or row.pk}"


def read_key(post) -> dict | None:
    """Who opened the form and what it is called; None when the signature is not ours or too old."""
    try:
        return signing.loads(post.get("draft_key", ""), salt=SALT, max_age=KEY_AGE)
    except signing.BadSignature:
        return None


def save_draft(user_id, entry) -> Draft | None:
    """Keep what was typed, in place of what was kept of this form before; None when it is too large to be typing."""
    if sum(len(value) for values in entry["data"].values() for value in values) > LARGEST:
        return None
    values = {key: entry[key] for key in ("page", "title", "about", "data", "version", "token")}
    draft, _made = Draft.objects.update_or_create(
        user_id=user_id, address=entry["address"], defaults=values | {"saved_at": timezone.now()}
    )
    return draft


def entry_from(request, key) -> dict:
    """The posted form as it is kept, in the database or in a session."""
    token = read_token(request.POST)
    return {
        "page": request.resolver_match.view_name,
        "address": address_of(request),
        "title": key["title"],
        "about": key["about"],
        "data": typed_fields(request.POST),
        "version": request.POST.get("version", "")[:20],
        "token": str(token) if token else None,
    }


# --- The sign-in has lapsed -------------------------------------------------------------------------------------------


def stash(request) -> bool:
    """Keep a form sent by nobody in his session until its author signs in; says whether there was one to keep."""
    key = read_key(request.POST)
    if key is None:
        return False
    entry = entry_from(request, key) | {"owner": key["user"]}
    if sum(len(value) for values in entry["data"].values() for value in values) > LARGEST:
        return False
    kept = [old for old in request.session.get(STASH, []) if old["address"] != entry["address"]]
    request.session[STASH] = [*kept, entry][-STASH_SIZE:]
    return True


def take_stash(sender, request, user, **kwargs):
    """On signing in: the author's forms become his drafts, anybody else's are dropped."""
    for entry in request.session.pop(STASH, []):
        if entry["owner"] == user.pk:
            save_draft(user.pk, entry)


def refuse_forged(request, reason=""):
    """The page for a form whose token is not the browser's: mostly one opened before a new sign-in. Its text is kept.

    The signature says whose text it is, so a form of another site has nothing to be kept.
    """
    page = getattr(request.resolver_match.func, "view_class", None) if request.resolver_match else None
    key = read_key(request.POST) if getattr(page, "keeps_draft", False) else None
    kept = False
    if key is not None and not request.user.is_authenticated:
        kept = stash(request)
    elif key is not None and request.user.pk == key["user"]:
        kept = save_draft(request.user.pk, entry_from(request, key)) is not None
    context = {"kept": kept, "address": address_of(request) if kept else ""}
    return render(request, "403_csrf.html", context, status=403)


# --- The pages' part --------------------------------------------------------------------------------------------------


class KeepsDraft:
    """The part of a FormPage that keeps what is typed into it."""

    keeps_draft = True
    draft_title = ""  # in «Мои черновики»; the page's own title when it names nobody

    def meet_stranger(self):
        """A form sent after the sign-in has lapsed is kept until its author is back."""
        if self.request.method == "POST" and self.keeps_draft:
            stash(self.request)
        return super().meet_stranger()

    def get_draft_title(self) -> str:
        """What the form is called in the list of drafts: never a name."""
        if self.draft_title or self.title:
            return self.draft_title or self.title
        kind = str(self.model._meta.verbose_name) if self.model else ""
        return f"{kind[:1].upper()}{kind[1:]}: {self.submit_title.lower()}" if kind else self.submit_title

    def get_draft_key(self) -> str:
        about = {"user": self.request.user.pk, "title": self.get_draft_title(), "about": name_by_number(self.object)}
        return signing.dumps(about, salt=SALT, compress=True)

    def find_draft(self) -> Draft | None:
        """The user's own draft of this form, if its form has not been sent since."""
        if not self.keeps_draft:
            return None
        return Draft.objects.of(self.request.user).filter(address=address_of(self.request)).first()

    def keep_draft(self):
        """Keep what is posted; `keep_draft=auto` comes from the page while it is typed, `yes` from the button."""
        draft = self.store_draft()
        now = timezone.localtime(draft.saved_at) if draft else None
        if self.request.POST["keep_draft"] == "auto":
            return JsonResponse({"saved": f"{now:%H:%M}" if now else ""})
        if now:
            messages.success(self.request, f"Черновик сохранён в {now:%H:%M}. Он есть и в «Моих черновиках».")
        return HttpResponseRedirect(address_of(self.request))

    def store_draft(self) -> Draft | None:
        """The posted form as a draft; None when it need not be kept: it has been sent already, word for word."""
        key = read_key(self.request.POST)
        if not self.keeps_draft or key is None or key["user"] != self.request.user.pk:
            return None
        entry = entry_from(self.request, key)
        sent = find_submission(read_token(self.request.POST), self.request.user)
        if sent is not None and sent.digest == digest_of(self.request):
            return None
        if sent is not None:
            entry["token"] = None  # typed after going back to a form already sent: it is a text of its own
        return save_draft(self.request.user.pk, entry)

    def drop_draft(self):
        """The form has acted: there is nothing left to keep."""
        if self.keeps_draft:
            Draft.objects.filter(user_id=self.request.user.pk, address=address_of(self.request)).delete()

    def fill_from(self, draft):
        """The form and the formsets as they were typed, without a word about errors: nobody has sent them yet."""
        data = draft.as_post()
        form = self.get_form(data)
        sets = {
            name: formset for name, formset in self.get_formsets(data).items() if formset.management_form.is_valid()
        }
        self.formsets = self.get_formsets() | sets
        for one in [form, *(row for formset in sets.values() for row in formset.forms)]:
            one._errors = ErrorDict()
        for formset in sets.values():
            formset._errors, formset._non_form_errors = [], formset.error_class()
        return form

    def describe_kept(self) -> list[tuple[str, str]]:
        """(label, text) of what was typed into a form that cannot be sent any more: to be copied from the page."""
        if self.request.method == "POST":
            typed = typed_fields(self.request.POST)
        else:
            draft = self.find_draft()
            typed = draft.data if draft else {}
        labels = getattr(self.form_class, "base_fields", {})
        texts = []
        for name, values in typed.items():
            text = ", ".join(value for value in values if value)
            field = labels.get(name)
            if field is None and not re.search(r"[^\W\d]{3}", text):
                continue  # counters of rows, ids
            if text and not hasattr(field, "choices"):
                texts.append((str(field.label) if field is not None and field.label else "", text))
        return texts
