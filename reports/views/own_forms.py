"""Свои формы: the ministry makes a form from the catalogue, publishes it from a day on, retires it."""

from functools import cached_property

from django.contrib import messages
from django.db import transaction
from django.forms.utils import ErrorDict
from django.urls import reverse
from django.utils import timezone

from reports import tasks
from reports.models import OwnForm, Report
from reports.own_forms import COLUMNS, PERIODS, catalogue, make_form
from reports.own_inputs import OwnFormHead, OwnFormNew, OwnFormPublish, OwnRowSet, RowSheet
from reports.preview import preview
from reports.views.making import crumbs
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.pages import Action, ActionPage, DetailPage, Empty, FormPage, ListPage
from sopr.web.tables import Column

TONES = {"черновик": "plan", "опубликована": "inbox", "действует": "done", "снята": "off"}


def own_crumbs(*more):
    return crumbs(("Свои формы", reverse("reports:own-form-list")), *more)


def on_day(version) -> str:
    return f"с {version.effective_from:%d.%m.%Y}" if version and version.is_published else ""


class OwnFormList(ListPage):
    """Свои формы: each with its state, the edition published last and who gives it."""

    permission = Perm.FORM_MAKE
    model = OwnForm
    title = "Свои формы"
    note = "Формы, которые министерство составило само из каталога показателей"
    default_sort = "-made_at"
    empty = Empty(
        "Своих форм пока нет",
        "Выберите показатели из каталога, посмотрите на числа текущего периода и опубликуйте форму с нужного дня.",
        "/reports/own/new/",
        "Составить форму",
    )
    columns = [
        Column("name", "Форма", lambda form: form.name, width=40),
        Column("code", "Код", lambda form: form.code, sort="pk", width=12),
        Column("state", "Состояние", lambda form: form.state_title, kind="state", tone=lambda f: TONES[f.state_title]),
        Column("number", "Редакция", lambda form: form.newest.number, kind="number", width=10),
        Column("since", "Действует", lambda form: on_day(form.published), width=18),
        Column("draft", "Черновик", lambda f: f"редакция {f.draft.number}" if f.draft else "", width=16),
        Column("owed", "Кто представляет", lambda form: form.newest.owed_title, width=36),
        Column("made", "Заведена", lambda form: form.made_at, kind="datetime", sort="made_at"),
    ]

    def get_queryset(self):
        return super().get_queryset().prefetch_related("versions")

    def get_breadcrumbs(self):
        return crumbs()

    def get_row_url(self, row):
        return row.get_absolute_url()

    def get_main_action(self):
        return Action("Составить форму", reverse("reports:own-form-new"), "plus-lg")


class OwnFormAdd(FormPage):
    """Новая форма: its name and period; then its editor."""

    permission = Perm.FORM_MAKE
    form_class = OwnFormNew
    title = "Новая форма"
    submit_title = "Перейти к строкам"

    def get_breadcrumbs(self):
        return own_crumbs()

    def get_form_kwargs(self):
        return {"initial": {"kind": "quarter"}}

    def act(self, form):
        made = OwnForm.begin(by=self.request.user, **form.cleaned_data)
        return reverse("reports:own-form-edit", args=[made.pk])


class OwnFormPage:
    """What the pages of one form share."""

    permission = Perm.FORM_MAKE
    model = OwnForm

    def get_queryset(self):
        return super().get_queryset().prefetch_related("versions__published_by", "versions__made_by")

    def get_breadcrumbs(self):
        return own_crumbs((f"«{self.object.name}»", self.object.get_absolute_url()))

    def go(self, name) -> str:
        return reverse(f"reports:own-form-{name}", args=[self.object.pk])


class OwnFormDetail(OwnFormPage, DetailPage):
    """Форма: its editions, each with its rows and columns in words."""

    template_name = "reports/own_form_detail.html"

    def get_title(self):
        return f"Форма «{self.object.name}»"

    def get_note(self):
        return f"Код {self.object.code}, {self.object.state_title}"

    def get_breadcrumbs(self):
        return own_crumbs()

    def get_main_action(self):
        form = self.object
        if form.draft:
            return Action("Изменить черновик", self.go("edit"), "pencil")
        return Action("Новая редакция", self.go("revise"), "plus-lg", form.why_not_revise())

    def get_actions(self):
        form, actions = self.object, []
        if form.draft:
            actions += [
                Action("Опубликовать", self.go("publish"), "check-circle", form.draft.why_not_publish()),
                Action("Удалить черновик", self.go("delete"), "trash", tone="danger"),
            ]
        if form.published and not form.retired_at:
            build = f"{reverse('reports:report-build')}?form={form.code}"
            actions.insert(0, Action("Составить отчёт", build, "clipboard-data"))
            actions.append(Action("Снять с учёта", self.go("retire"), "slash-circle"))
        if form.retired_at:
            actions.append(Action("Вернуть", self.go("restore"), "arrow-counterclockwise"))
        return actions

    def get_context_data(self, **context):
        today = timezone.localdate()
        editions = [self.describe(version, today) for version in self.object.editions]
        return super().get_context_data(**({"editions": editions} | context))

    def describe(self, version, today) -> dict:
        form = version.as_form
        return {
            "version": version,
            "in_force": version == self.object.in_force(today) and not self.object.retired_at,
            "rows": form.rows,
            "columns": [COLUMNS[code][0] for code in version.columns],
            "period": PERIODS[version.kind],
            "notes": form.notes(version.period_of(today)),
        }


class OwnFormEdit(OwnFormPage, FormPage):
    """Составление: rows from the catalogue, columns, preview by the engine; every button keeps what is typed."""

    form_class = OwnFormHead
    template_name = "reports/own_form_edit.html"
    submit_title = "Сохранить черновик формы"
    draft_title = "Своя форма отчёта"
    success_message = "Черновик формы сохранён."

    @cached_property
    def edition(self):
        return self.object.draft

    def check_moment(self):
        if self.edition is None:
            raise Refused("Все редакции этой формы опубликованы и не меняются. Составьте новую редакцию.")

    def get_title(self):
        return f"Форма «{self.object.name}», редакция {self.edition.number}" if self.edition else self.object.name

    def get_note(self):
        return "Черновик: его видит только министерство, отчётов по нему нет, пока он не опубликован"

    def get_edited(self):
        return self.edition

    def get_cancel_url(self):
        return self.object.get_absolute_url()

    def get_form_kwargs(self):
        edition = self.edition
        if edition is None:
            return {}
        shown = {name: getattr(edition, name) for name in ("name", "title", "kind", "columns", "decimals", "notes")}
        return {"initial": shown}

    def get_formsets(self, data=None, files=None):
        rows = [] if self.edition is None or data is not None else self.edition.rows
        initial = [row | {"key": key} for key, row in enumerate(rows, start=1)]
        return {RowSheet.PREFIX: OwnRowSet(data, prefix=RowSheet.PREFIX, initial=initial)}

    def post(self, request, *args, **kwargs):
        if "op" in request.POST and "keep_draft" not in request.POST:
            return self.operate(request.POST["op"])
        return super().post(request, *args, **kwargs)

    def operate(self, op):
        """A button of the editor: the rows change on the page and in the typist's own draft, not in the form yet."""
        self.check_moment()
        sheet = RowSheet(self.request.POST)
        sheet.act(op)
        self.request.POST = sheet.post
        form, self.formsets = self.get_form(sheet.post), self.get_formsets(sheet.post)
        shown = self.look(form) if op == "preview" else {}
        for one in [form, *self.formsets[RowSheet.PREFIX].forms]:
            one._errors = ErrorDict()  # nobody has sent it yet
        if op != "preview":
            self.store_draft()
        return self.show(form=form, **shown)

    def look(self, form) -> dict:
        """The preview of what is typed, with the period that runs now; or what stands in its way."""
        rows = self.formsets[RowSheet.PREFIX]
        if not rows.forms:
            return {"preview_lacks": "Строк пока нет. Добавьте показатель из каталога, и здесь появятся его числа."}
        form.is_valid(), rows.is_valid()
        good = [row.as_row() for row in rows.forms if row.is_valid()]
        wrong = [str(number) for number, row in enumerate(rows.forms, start=1) if not row.is_valid()]
        lacks = f"Не показаны строки, где не всё выбрано: {', '.join(wrong)}." if wrong else ""
        if not good:
            return {"preview_lacks": lacks}
        definition = {
            "columns": form.cleaned_data.get("columns") or ["period"],
            "rows": good,
            "notes": "",
            "decimals": form.cleaned_data.get("decimals", 0),
        }
        made = make_form(self.object.code, "", definition, name="", title="", act="")
        kind = form.cleaned_data.get("kind") or self.edition.kind
        shown = preview(made, self.edition.period_of(timezone.localdate(), kind))
        return {"preview": shown, "preview_lacks": lacks}

    def act(self, form):
        chosen = form.cleaned_data
        definition = {name: chosen[name] for name in ("columns", "decimals", "notes")}
        definition["rows"] = self.formsets[RowSheet.PREFIX].as_rows()
        head = {name: chosen[name] for name in ("name", "title", "kind")}
        self.edition.rewrite(**head, definition=definition)
        return self.go("publish") if "publish" in self.request.POST else self.object.get_absolute_url()

    def get_context_data(self, **context):
        shown = {"catalogue": catalogue(), "rows": self.formsets.get(RowSheet.PREFIX)} if "form" in context else {}
        return super().get_context_data(**(shown | context))


class OwnFormPublishPage(OwnFormPage, FormPage):
    """Опубликовать: from a day on; who gives it."""

    form_class = OwnFormPublish
    title = "Опубликовать форму"
    submit_title = "Опубликовать"

    @cached_property
    def edition(self):
        return self.object.draft

    def check_moment(self):
        if self.edition is None:
            raise Refused("Черновика у формы нет: публиковать нечего.")
        if self.edition.why_not_publish():
            raise Refused(self.edition.why_not_publish())

    def get_edited(self):
        return self.edition

    def get_note(self):
        edition = self.edition
        if edition is None:
            return ""
        rows = len(edition.rows)
        return f"«{edition.name}», редакция {edition.number}: показателей {rows}. После публикации редакция не меняется"

    def get_form(self, data=None, files=None):
        self.check_moment()  # without a draft there is nothing to ask about
        return super().get_form(data, files)

    def get_form_kwargs(self):
        owed = "yes" if self.edition.owed else "no"
        return {"version": self.edition, "initial": {"owed": owed, "effective_from": self.usual_day()}}

    def usual_day(self):
        """The first day of the period that runs now, or of the next one when that cannot be."""
        running = self.edition.period_of(timezone.localdate())
        return running.since if not self.edition.why_not_from(running.since) else running.following().since

    def act(self, form):
        day, owed = form.cleaned_data["effective_from"], form.cleaned_data["owed"] == "yes"
        self.edition.publish(by=self.request.user, effective_from=day, owed=owed)
        transaction.on_commit(tasks.wake_signing)
        first = self.edition.period_of(day)
        first = first if first.since == day else first.following()
        messages.success(self.request, f"Редакция опубликована. Первый отчётный период по ней: {first.title}.")
        return self.object.get_absolute_url()


class OwnFormRevise(OwnFormPage, ActionPage):
    """Новая редакция: a draft, copied from the one published last."""

    title = "Новая редакция"
    question = "Составить новую редакцию формы?"
    submit_title = "Составить"

    def get_consequences(self):
        return [
            "Появится черновик, копия последней редакции.",
            "Отчёты за прежние периоды останутся по прежней редакции.",
        ]

    def check_moment(self):
        if self.object.why_not_revise():
            raise Refused(self.object.why_not_revise())

    def act(self, form):
        self.object.revise(by=self.request.user)
        return self.go("edit")


class OwnFormRetire(OwnFormPage, ActionPage):
    """Снять с учёта: nobody owes it any more; what is signed stays."""

    title = "Снять форму с учёта"
    submit_title = "Снять с учёта"

    def get_question(self):
        return f"Снять с учёта форму «{self.object.name}»?"

    def get_consequences(self):
        signed = Report.objects.filter(own_version__form=self.object).exclude(state=Report.State.DRAFT).count()
        return [
            "Новых отчётов по ней не попросят, из списков выбора она уйдёт.",
            f"Подписанные отчёты ({signed}) останутся и открываются как прежде.",
            "Форму можно вернуть.",
        ]

    def check_moment(self):
        if self.object.why_not_retire():
            raise Refused(self.object.why_not_retire())

    def act(self, form):
        self.object.retire(by=self.request.user)
        transaction.on_commit(tasks.wake_signing)
        return self.object.get_absolute_url()


class OwnFormRestore(OwnFormPage, ActionPage):
    """Вернуть: the form is asked for again."""

    title = "Вернуть форму"
    submit_title = "Вернуть"

    def get_question(self):
        return f"Вернуть форму «{self.object.name}»?"

    def get_consequences(self):
        return ["Форма снова появится в списках выбора; если её представляют организации, они её должны."]

    def check_moment(self):
        if self.object.why_not_restore():
            raise Refused(self.object.why_not_restore())

    def act(self, form):
        self.object.restore()
        transaction.on_commit(tasks.wake_signing)
        return self.object.get_absolute_url()


class OwnFormDelete(OwnFormPage, ActionPage):
    """Удалить черновик: with it the form, when nothing of it was ever published."""

    title = "Удалить черновик"
    submit_title = "Удалить"
    tone = "danger"

    def get_question(self):
        draft = self.object.draft
        return f"Удалить черновик редакции {draft.number} формы «{draft.name}»?" if draft else ""

    def get_consequences(self):
        if self.object.published:
            return ["Опубликованные редакции и отчёты по ним останутся.", "Вернуть черновик будет нельзя."]
        return ["Форма удалится совсем: опубликованных редакций у неё нет.", "Вернуть её будет нельзя."]

    def check_moment(self):
        if self.object.why_not_drop():
            raise Refused(self.object.why_not_drop())

    def act(self, form):
        self.object.drop_draft()
        if self.object.published:
            return self.object.get_absolute_url()
        return reverse("reports:own-form-list")
