"""The import as the administrator does it: choose a workbook, see what it would change, confirm."""

import uuid
from functools import cached_property
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.urls import reverse

from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.exchange.forms import WorkbookForm
from sopr.exchange.importer import import_register
from sopr.web.pages import ActionPage, FormPage

SESSION_KEY = "register_uploads"


def path_of(upload) -> Path:
    """Where an uploaded workbook waits for its confirmation; the name is ours, not the file's."""
    return settings.SOPR_VAR / "imports" / f"{upload}.xlsx"


class RegisterImport(FormPage):
    """Upload a workbook; it is checked whole before anything else is asked."""

    permission = Perm.REGISTER_IMPORT
    title = "Загрузка реестра"
    form_class = WorkbookForm
    submit_title = "Проверить"

    def act(self, form):
        upload = uuid.uuid4()
        path = path_of(upload)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as target:
            for chunk in form.cleaned_data["file"].chunks():
                target.write(chunk)
        self.request.session[SESSION_KEY] = [*self.request.session.get(SESSION_KEY, []), str(upload)]
        return reverse("exchange:register-import-confirm", args=[upload])


class RegisterImportConfirm(ActionPage):
    """What the workbook would create and change; the confirmation saves it, all or nothing."""

    permission = Perm.REGISTER_IMPORT
    title = "Загрузка реестра"
    question = "Сохранить в реестр?"
    submit_title = "Загрузить"

    @cached_property
    def path(self) -> Path:
        """The waiting workbook, if this person uploaded it in this session."""
        upload = str(self.kwargs["upload"])
        path = path_of(upload)
        if upload not in self.request.session.get(SESSION_KEY, []) or not path.exists():
            raise Http404
        return path

    def check_moment(self):
        self.path  # noqa: B018 — 404 for a stranger's or a finished upload

    def get_breadcrumbs(self):
        return [("Загрузка реестра", reverse("exchange:register-import"))]

    def get_consequences(self):
        summary = import_register(self.path, rehearse=True)
        return [f"Лист «{title}»: {_describe(counts)}" for title, counts in summary.saved.items()]

    def act(self, form):
        summary = import_register(self.path, by=self.request.user)
        if summary.errors:
            raise Refused("Реестр изменился, пока Вы смотрели: " + "; ".join(summary.errors.lines[:5]))
        self.path.unlink()
        messages.success(self.request, f"Загружено. Строк в книге: {sum(summary.rows.values())}.")
        return reverse("exchange:register-import")


def _describe(counts) -> str:
    return ", ".join(f"{word} {number}" for word, number in counts.items() if number) or "пусто"
