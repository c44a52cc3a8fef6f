"""The page bases: a page names its permission, takes its object through `visible_to`, and leaves a trace.

A request's way (architecture.md §2): anonymous → login; no permission → 403; someone else's row → 404;
wrong moment → 409 with the reason; the form cleans and its page calls a verb; `Refused` becomes a form error.
"""

import logging
import uuid
from dataclasses import dataclass
from functools import cached_property

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views import View

from sopr import profile
from sopr.errors import Refused
from sopr.web import xlsx
from sopr.web.drafts import KeepsDraft, is_long
from sopr.web.listing import Listing
from sopr.web.stale import differences, lock_unchanged, take_stored, version_of
from sopr.web.submissions import digest_of, find_repeated, find_submission, read_token, remember
from sopr.web.tables import export_columns

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Action:
    """A button of a page. `disabled_reason` says in Russian why it cannot be pressed now.

    `rare` keeps a secondary one under «Ещё».
    """

    title: str
    url: str
    icon: str = ""
    disabled_reason: str = ""
    tone: str = ""
    rare: bool = False


@dataclass(frozen=True)
class Empty:
    """What an empty list says: what is missing and what to do next."""

    title: str
    text: str = ""
    url: str = ""
    action: str = ""


def record(actor, act, subject=None, **kwargs):
    """Write to the audit log; the recorder is named in settings because web stands below audit."""
    return import_string(settings.SOPR_AUDIT_RECORDER)(actor, act, subject, **kwargs)


class Page(View):
    """Any page. A subclass names `permission`, or says `public = True`; there is no default."""

    permission = None
    public = False
    module = ""  # of the regional profile: where the region has it switched off, the page does not exist
    title = ""
    note = ""
    menu = ""
    template_name = "base_page.html"
    audit_read = "read"
    kept_by_browser = False  # a page read on a shared computer must not be there after signing out

    def dispatch(self, request, *args, **kwargs):
        if not self.public:
            if not request.user.is_authenticated:
                return self.meet_stranger()
            if not request.user.may(self.permission):
                record(request.user, "refuse", detail={"page": self.page_name})
                raise PermissionDenied
        if self.module and not profile.current().has(self.module):
            raise Http404
        try:
            response = super().dispatch(request, *args, **kwargs)
        except Refused as refused:
            record(request.user, "refuse", self.subject, detail={"page": self.page_name})
            response = self.refuse(refused)
        if not self.kept_by_browser:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def meet_stranger(self):
        """Nobody is signed in: to the login page, and back here after it."""
        return redirect_to_login(self.request.get_full_path())

    @property
    def page_name(self) -> str:
        """«cases:case-close»: the name that finds the URL, the template and the test."""
        return self.request.resolver_match.view_name

    @property
    def subject(self):
        """The row this page is about, for the audit log."""
        return self.__dict__.get("object")

    def refuse(self, refused):
        """The 409 page with the reason; nothing was changed."""
        return render(self.request, "409.html", self.get_refusal_context(refused), status=409)

    def get_refusal_context(self, refused) -> dict:
        return self.get_context_data(reason=str(refused), back_url=self.get_back_url())

    def get_back_url(self) -> str:
        crumbs = [url for _title, url in self.get_breadcrumbs() if url]
        return crumbs[-1] if crumbs else "/"

    def get_title(self) -> str:
        return self.title

    def get_note(self) -> str:
        return self.note

    def get_breadcrumbs(self) -> list[tuple[str, str | None]]:
        return []

    def get_main_action(self) -> Action | None:
        return None

    def get_actions(self) -> list[Action]:
        return []

    def get_context_data(self, **context):
        return {
            "view": self,
            "page_title": self.get_title(),
            "page_note": self.get_note(),
            "breadcrumbs": self.get_breadcrumbs(),
            "main_action": self.get_main_action(),
            "actions": self.get_actions(),
        } | context

    def get(self, request, *args, **kwargs):
        if self.audit_read:
            record(request.user, self.audit_read, self.subject, detail={"page": self.page_name})
        return self.show()

    def show(self, status=200, **context):
        return render(self.request, self.template_name, self.get_context_data(**context), status=status)


class ObjectMixin:
    """Takes one row by the URL keyword named after the model, through `visible_to`; else 404."""

    model = None

    def get_queryset(self):
        return self.model.objects.visible_to(self.request.user)

    @cached_property
    def object(self):
        keyword = self.model._meta.model_name if self.model else ""
        if keyword not in self.kwargs:
            return None
        found = self.get_queryset().filter(pk=self.kwargs[keyword]).first()
        if found is None:
            record(
                self.request.user,
                "refuse",
                detail={"page": self.page_name, "type": self.model._meta.label_lower, "id": self.kwargs[keyword]},
            )
            raise Http404
        return found

    def get_context_data(self, **context):
        named = {"object": self.object}
        if self.model is not None and self.model._meta.model_name != "user":  # `user` is who looks, not who is shown
            named[self.model._meta.model_name] = self.object
        return super().get_context_data(**(named | context))


class DetailPage(ObjectMixin, Page):
    """One row, read; the read is logged."""

    def get(self, request, *args, **kwargs):
        self.object  # noqa: B018 — found or 404 before the read is logged
        return super().get(request, *args, **kwargs)


class ListPage(Listing, Page):
    """One queryset: filter, sort (whitelisted, pk as tie-breaker), page, columns, file (`?as=xlsx`)."""

    template_name = "base_list.html"
    audit_read = "search"
    empty = Empty("Здесь пока пусто")

    def get(self, request, *args, **kwargs):
        if request.GET.get("as") == "xlsx" and self.export_name:
            return self._export()
        record(request.user, self.audit_read, detail={"page": self.page_name, "filters": self._filter_keys()})
        return self.show()

    def _export(self):
        """Exactly what is shown: the same rows, order and columns; the log says how many rows went out."""
        user = self.request.user
        file, rows = xlsx.write_list(
            export_columns(self.shown_columns),
            self.rows_for_export(),
            title=str(self.get_title()),
            note=f"{user.short_name}, {timezone.localtime():%d.%m.%Y %H:%M}",
            filters="; ".join(label for label, _url in self.get_applied()),
        )
        record(user, "export", detail={"page": self.page_name, "filters": self._filter_keys(), "rows": rows})
        return xlsx.as_download(file, self.export_name)

    def _filter_keys(self) -> list[str]:
        """Names of the filters used, never their text: a search word is personal data."""
        return sorted(key for key, value in self.request.GET.items() if value)

    def post(self, request, *args, **kwargs):
        """What a reader sets for the list: the filter with its words, the columns, a filter kept under a name."""
        act = request.POST.get("act", "")
        if act not in self.SETTINGS:
            return HttpResponseRedirect(self.read_filter())
        try:
            changed = getattr(self, self.SETTINGS[act])()
            record(request.user, "change", detail={"page": self.page_name, "list": act} | changed)
        except Refused as refused:
            messages.error(request, str(refused))
        return HttpResponseRedirect(self.get_list_url())


class FormPage(KeepsDraft, ObjectMixin, Page):
    """A form that calls a verb. A subclass writes `act(form)` and returns where to go next.

    The form's post is one transaction with its audit record; a `Refused` becomes an error of the form; a stale
    `version` shows what changed meanwhile beside what was typed; a double submit acts once. What is typed is kept:
    while typing, when the sign-in lapses, and when the form comes back with errors (sopr/web/drafts.py).
    """

    form_class = None
    template_name = "base_form.html"
    kept_by_browser = True  # «Назад» brings back what was typed
    submit_title = "Сохранить"
    success_message = ""
    is_repeated = False
    adds_row = False  # a page that adds something to its row: two people may add at once, no version is asked for

    def get_form_kwargs(self) -> dict:
        """Arguments of the form besides data: override to pass the object, choices, initial."""
        return {}

    def get_form(self, data=None, files=None):
        return self.form_class(data, files, **self.get_form_kwargs())

    def get_formsets(self, data=None, files=None) -> dict:
        """Formsets by name, shown and checked together with the form."""
        return {}

    def act(self, form) -> str:
        """Call the verb; returns the URL to go to. `self.formsets` holds the valid formsets by name."""
        raise NotImplementedError

    def check_moment(self):
        """Raise `Refused` when this page makes no sense now (wrong stage); asked on GET and on POST."""

    def get_version(self) -> str:
        """The version of what the form changes; empty when it changes nothing that another may have changed."""
        return "" if self.adds_row else version_of(self.get_edited())

    def get_edited(self):
        """The row whose fields the form shows: the page's own unless it says another."""
        return self.object

    def get_cancel_url(self) -> str:
        return self.get_back_url()

    def get(self, request, *args, **kwargs):
        self.object  # noqa: B018 — found or 404 before anything else
        self.check_moment()
        if self.audit_read and self.object is not None:
            record(request.user, self.audit_read, self.object, detail={"page": self.page_name})
        self.draft = self.find_draft()
        if self.draft is None:
            self.formsets = self.get_formsets()
            return self.show(form=self.get_form())
        form = self.fill_from(self.draft)
        stale = not self._is_current(self.draft.version)
        self.is_stale = stale and bool(differences(form, self.get_form(), self.get_edited()))
        return self.show(form=form)

    def post(self, request, *args, **kwargs):
        self.object  # noqa: B018 — found or 404 before anything else
        if "keep_draft" in request.POST:
            return self.keep_draft()
        token = read_token(request.POST)
        sent = find_submission(token, request.user)
        if sent is not None:
            if self._is_same(sent):
                return HttpResponseRedirect(sent.redirect_to)
            self.new_token = uuid.uuid4()
        data = take_stored(request.POST, self.get_form()) if "take" in request.POST else request.POST
        form = self.get_form(data, request.FILES)
        self.formsets = self.get_formsets(data, request.FILES)
        self.check_moment()
        valid = [form.is_valid(), *(formset.is_valid() for formset in self.formsets.values())]
        fresh = self._is_fresh(form) and (self._is_new(form) if sent is None else self._is_another(form, sent))
        if all(valid) and fresh:
            try:
                return self._perform(form, token)
            except Refused as refused:
                record(request.user, "refuse", self.object, detail={"page": self.page_name})
                form.add_error(None, str(refused))
            except ValidationError as invalid:
                form.add_error(None, invalid.messages)
        if not self.is_repeated:
            self.store_draft()
        return self.show(form=form, status=422)

    def _perform(self, form, token):
        try:
            with transaction.atomic():
                if self.request.POST.get("version") and not self.adds_row and self.get_edited() is not None:
                    lock_unchanged(self.get_edited())
                goes_to = str(self.act(form))
                if token is not None:
                    with transaction.atomic():
                        remember(token, self.request.user, goes_to, digest_of(self.request))
                self.drop_draft()
                record(self.request.user, "change", self.object, detail={"page": self.page_name})
        except (Refused, IntegrityError) as failure:
            sent = find_submission(token, self.request.user)
            if sent is not None:  # the same form sent twice at once: the first one has acted
                return HttpResponseRedirect(sent.redirect_to)
            if isinstance(failure, Refused):
                raise
            logger.exception("%s: the database refused what the verb let through", self.page_name)
            raise Refused(
                "Пока Вы заполняли форму, то же самое сделал другой сотрудник. Ваш текст сохранён в полях ниже. "
                "Откройте запись в соседнем окне, посмотрите, что изменилось, и повторите, если это ещё нужно."
            ) from failure
        if self.success_message:
            messages.success(self.request, self.success_message)
        return HttpResponseRedirect(goes_to)

    def refuse(self, refused):
        """The 409 page with the reason and with what was typed, which nowhere else is left to be seen."""
        if self.request.method == "POST":
            self.store_draft()
        context = self.get_refusal_context(refused) | {"kept": self.describe_kept()}
        return render(self.request, "409.html", context, status=409)

    def _is_current(self, posted) -> bool:
        current = self.get_version()
        return not current or not posted or posted == current

    def _is_same(self, sent) -> bool:
        return sent.digest in ("", digest_of(self.request))

    def _is_fresh(self, form) -> bool:
        """Whether the row is still the one the form was opened on; else the form says what changed."""
        self.is_stale = not self._is_current(self.request.POST.get("version", ""))
        if self.is_stale:
            form.add_error(
                None,
                "Пока Вы заполняли форму, запись изменил другой сотрудник. Ваш текст сохранён в полях ниже. "
                "Сверьте его с тем, что записано сейчас, и нажмите кнопку ещё раз.",
            )
        return not self.is_stale

    def _is_new(self, form) -> bool:
        """Not the very text that was sent from here within the hour, as when the browser goes back and loads anew.

        Asked of long forms that add something: the same text twice is an oversight, unless the person says otherwise.
        """
        if self.get_version() or "again" in self.request.POST or not is_long(form, self.formsets):
            return True
        before = find_repeated(digest_of(self.request), self.request.user)
        self.is_repeated = before is not None
        if self.is_repeated:
            form.add_error(
                None,
                f"Точно такая же форма уже отправлена {timezone.localtime(before.at):%d.%m.%Y в %H:%M}, второй раз она "
                "не записана. Если нужна именно ещё одна такая же запись, нажмите кнопку ещё раз.",
            )
        return not self.is_repeated

    def _is_another(self, form, sent) -> bool:
        """A form gone back to and sent again with another text: asked about, not lost and not done twice unasked."""
        form.add_error(
            None,
            f"Эта форма уже отправлена {timezone.localtime(sent.at):%d.%m.%Y в %H:%M}, а текст в полях ниже другой. "
            "Если это ещё одна запись, нажмите кнопку ещё раз. Если Вы исправляете отправленное, откройте его "
            "и измените там.",
        )
        return False

    def _version_to_send(self):
        """What the form on the page was opened on: an error in it does not make it a form on the row as it is now."""
        if self.request.method == "POST" and not getattr(self, "is_stale", False):
            return self.request.POST.get("version") or self.get_version()
        return self.get_version()

    def _token_to_send(self):
        """A form shown again is the same form: with its token two tabs of one draft are one act."""
        draft = getattr(self, "draft", None)
        return (
            getattr(self, "new_token", None) or (draft and draft.token) or read_token(self.request.POST) or uuid.uuid4()
        )

    def get_context_data(self, **context):
        form, formsets = context.get("form"), getattr(self, "formsets", {})
        stale = getattr(self, "is_stale", False) and form is not None
        return super().get_context_data(
            **(
                {
                    "formsets": formsets,
                    "submit_title": self.submit_title,
                    "cancel_url": self.get_cancel_url(),
                    "version": self._version_to_send(),
                    "is_stale": stale,
                    "is_repeated": self.is_repeated,
                    "stale": differences(form, self.get_form(), self.get_edited()) if stale else [],
                    "submit_token": self._token_to_send(),
                    "draft": getattr(self, "draft", None),
                    "draft_key": self.get_draft_key() if self.keeps_draft else "",
                    "autosaves": self.keeps_draft and form is not None and is_long(form, formsets),
                }
                | context
            )
        )


class EmptyForm(forms.Form):
    """A confirmation that asks nothing but «yes»."""


class ActionPage(FormPage):
    """One act on one row: GET asks for confirmation, POST calls the verb."""

    form_class = EmptyForm
    template_name = "base_confirm.html"
    keeps_draft = False  # nothing is typed
    question = ""
    submit_title = "Подтвердить"
    tone = ""

    def get_question(self) -> str:
        return self.question

    def get_consequences(self) -> list[str]:
        """What will happen, said before it does."""
        return []

    def get_context_data(self, **context):
        return super().get_context_data(
            **({"question": self.get_question(), "consequences": self.get_consequences(), "tone": self.tone} | context)
        )
