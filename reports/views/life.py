"""A report and its life: read, explain, sign, send back, approve, reopen, correct."""

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from reports.life_forms import ManyWordsForm, ReasonForm, RemarkForm, cell_remarks
from reports.models import CheckWord, Remark, Report, ReportRun
from reports.views.making import crumbs
from reports.views.shown import Life, checks_of, table_of
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.pages import Action, ActionPage, DetailPage, FormPage

State = Report.State


def on(moment) -> str:
    """«08.10.2026» of a moment, in the region's time; empty when there is none."""
    return date_format(timezone.localtime(moment), "d.m.Y") if moment else ""


class ReportDetail(DetailPage):
    """Отчёт: the table as printed, every number a link to its list; checks, steps of life, files."""

    permission = Perm.REPORT_VIEW
    model = Report
    template_name = "reports/report_detail.html"

    def get_queryset(self):
        return (
            super()
            .get_queryset()
            .select_related(
                "organisation", "signed_by", "reviewed_by", "reopened_by", "opened_by", "previous__reviewed_by"
            )
        )

    def get_title(self):
        return f"Отчёт за {self.object.span.title}"

    def get_note(self):
        owner = self.object.organisation or "Сводный по региону, без повторов"
        return f"{self.object.definition.name} · {owner}"

    def get_breadcrumbs(self):
        return crumbs()

    def get_main_action(self):
        report, user = self.object, self.request.user
        if user.may(Perm.REPORT_SIGN) and report.is_frozen and not report.why_not_correct():
            return Action("Новая редакция", reverse("reports:report-correct", args=[report.pk]), "file-earmark-plus")
        if user.may(Perm.REPORT_SIGN):
            url = reverse("reports:report-sign", args=[report.pk])
            return Action("Подписать и представить", url, "pen", disabled_reason=report.why_not_sign())
        if user.may(Perm.REPORT_REVIEW):
            url = reverse("reports:report-approve", args=[report.pk])
            return Action("Утвердить", url, "check-lg", disabled_reason=report.why_not_approve())
        return None

    def get_actions(self):
        report, user = self.object, self.request.user
        actions = [*self._head_actions(), *self._ministry_actions(), *self._files()]
        if user.may(Perm.REPORT_BUILD):
            reason = report.why_not_own(user) or report.why_not_recompute()
            url = reverse("reports:report-recompute", args=[report.pk])
            actions.insert(0, Action("Пересчитать", url, "arrow-repeat", disabled_reason=reason))
        reason = report.why_not_own(user) or report.why_not_correct()
        if report.is_frozen and user.may(Perm.REPORT_BUILD) and (reason or not user.may(Perm.REPORT_SIGN)):
            url = reverse("reports:report-correct", args=[report.pk])
            actions.append(Action("Новая редакция", url, "file-earmark-plus", disabled_reason=reason))
        return sorted(actions, key=lambda action: bool(action.disabled_reason))  # what can be done stands first

    def _files(self):
        no_file = "" if self.object.snapshot else "Отчёт ещё не рассчитан."
        return [
            Action(title, reverse("reports:report-file", args=[self.object.pk, kind]), icon, disabled_reason=no_file)
            for kind, title, icon in (
                ("xlsx", "Excel", "file-earmark-excel"),
                ("pdf", "PDF", "file-earmark-pdf"),
                ("csv", "CSV", "download"),
                ("json", "JSON", "download"),
            )
        ]

    def _head_actions(self):
        report = self.object
        if not self.request.user.may(Perm.REPORT_SIGN) or report.is_frozen:
            return []
        url = reverse("reports:report-nothing", args=[report.pk])
        return [Action("Сведений нет", url, "slash-circle", disabled_reason=report.why_not_nothing(), rare=True)]

    def _ministry_actions(self):
        report = self.object
        if not self.request.user.may(Perm.REPORT_REVIEW):
            return []
        if report.is_regional:
            url = reverse("reports:report-published", args=[report.pk])
            no_table = "" if report.checksum else "Отчёт ещё не рассчитан."
            return [Action("Публикуемая версия", url, "eye-slash", disabled_reason=no_table, rare=True)]
        back, reopen = (reverse(f"reports:report-{name}", args=[report.pk]) for name in ("return", "reopen"))
        actions = [Action("Вернуть", back, "arrow-return-left", disabled_reason=report.why_not_return())]
        if report.state == State.APPROVED:
            actions.append(Action("Открыть для исправления", reopen, "unlock", disabled_reason=report.why_not_reopen()))
        return actions

    def get_steps(self) -> list[dict]:
        """The report's life so far and what is ahead."""
        report = self.object
        done = {"state": "done"}
        draft = {"title": "Черновик", "note": f"с {on(report.created_at)}"}
        if report.is_regional:
            approved = {"title": "Утверждён", "note": self._who(report.reviewed_at, report.reviewed_by)}
            if report.state == State.APPROVED:
                return [draft | done, approved | {"state": "current"}]
            return [
                draft | {"state": "current"},
                approved | {"note": f"срок {report.due_on:%d.%m.%Y}", "state": "todo"},
            ]
        title = "Представлен: сведений нет" if report.nothing else "Представлен"
        signed = {"title": title, "note": self._who(report.signed_at, report.signed_by)}
        reviewed = self._who(report.reviewed_at, report.reviewed_by)
        match report.state:
            case State.DRAFT:
                due = f"срок {report.due_on:%d.%m.%Y}"
                return [
                    draft | {"state": "current"},
                    signed | {"note": due, "state": "todo"},
                    {"title": "Утверждён", "state": "todo"},
                ]
            case State.SUBMITTED:
                return [draft | done, signed | {"state": "current"}, {"title": "Утверждён", "state": "todo"}]
            case State.RETURNED:
                note = f"{reviewed}, исправить до {report.fix_by:%d.%m.%Y}"
                back = {"title": "Возвращён", "note": note, "state": "current", "tone": "warn"}
                return [draft | done, signed | done, back, {"title": "Новая редакция", "state": "todo"}]
        approved = {"title": "Утверждён", "note": reviewed}
        if report.reopened_at:
            note = f"{self._who(report.reopened_at, report.reopened_by)}, исправить до {report.fix_by:%d.%m.%Y}"
            opened = {"title": "Открыт для исправления", "note": note, "state": "current", "tone": "warn"}
            return [draft | done, signed | done, approved | done, opened]
        return [draft | done, signed | done, approved | {"state": "current"}]

    @staticmethod
    def _who(moment, user) -> str:
        return ", ".join(filter(None, [on(moment), user.short_name if user else ""]))

    def get_context_data(self, **context):
        report, user = self.object, self.request.user
        life = Life(report, against=self.request.GET.get("against", ""))
        shown = {
            "steps": self.get_steps(),
            "run": ReportRun.objects.filter(report=report).order_by("-pk").first(),
            "next_revision": Report.objects.filter(previous=report).without_contents().first(),
            "why": self.get_main_action().disabled_reason if self.get_main_action() else "",
            "life": life,
        }
        if report.snapshot:
            remarks_at = reverse("reports:report-return", args=[report.pk]) if self._may_remark() else ""
            shown |= {
                "table": table_of(report, life.remarks, remarks_at),
                "checks": checks_of(report, user),
                "trend": [line for line in report.snapshot["trend"] if line["labels"]],
                "notes": report.snapshot["notes"],
                "coverage": report.snapshot["coverage"],
            }
        return super().get_context_data(**(shown | context))

    def _may_remark(self) -> bool:
        return self.request.user.may(Perm.REPORT_REVIEW) and not self.object.why_not_return()


class LifeMixin:
    """What the pages that move a report share."""

    model = Report

    def get_queryset(self):
        return super().get_queryset().without_contents().select_related("organisation")

    def get_breadcrumbs(self):
        return crumbs((f"Отчёт за {self.object.span.title}", self.object.get_absolute_url()))

    def get_note(self):
        return str(self.object.organisation or "Сводный по региону, без повторов")

    def check_moment(self):
        reason = self.why_not()
        if reason:
            raise Refused(reason)


class ReportSign(LifeMixin, ActionPage):
    permission = Perm.REPORT_SIGN
    title = "Подписать и представить отчёт"
    question = "Подписать отчёт и представить его в министерство?"
    submit_title = "Подписать и представить"
    success_message = "Отчёт подписан и представлен. Его числа больше не изменятся."

    def get_consequences(self):
        return [
            "Числа отчёта и списки за ними замораживаются.",
            "Министерство увидит отчёт и утвердит его или вернёт с замечанием.",
            "Исправить подписанное можно только новой редакцией.",
        ]

    def why_not(self):
        return self.object.why_not_sign()

    def act(self, form):
        self.object.sign(by=self.request.user)
        return self.object.get_absolute_url()


class ReportApprove(LifeMixin, ActionPage):
    permission = Perm.REPORT_REVIEW
    title = "Утвердить отчёт"
    question = "Утвердить отчёт?"
    submit_title = "Утвердить"
    success_message = "Отчёт утверждён."

    def get_consequences(self):
        return ["Числа отчёта больше не изменятся.", "Исправить утверждённое можно только новой редакцией."]

    def why_not(self):
        return self.object.why_not_approve()

    def act(self, form):
        self.object.approve(by=self.request.user)
        return self.object.get_absolute_url()


class ReportReturn(LifeMixin, FormPage):
    """Вернуть: a remark in general and remarks at cells; `?row=&column=` is the cell one came from."""

    permission = Perm.REPORT_REVIEW
    form_class = RemarkForm
    title = "Вернуть отчёт с замечаниями"
    submit_title = "Вернуть"
    success_message = "Отчёт возвращён организации с замечаниями."

    def get_queryset(self):
        return Report.objects.visible_to(self.request.user).select_related("organisation")

    def why_not(self):
        return self.object.why_not_return()

    def get_formsets(self, data=None, files=None):
        if not self.object.snapshot:  # a draft: refused before anything is shown
            return {}
        asked = self.request.GET
        return {"cells": cell_remarks(self.object.snapshot, data, asked.get("row", ""), asked.get("column", ""))}

    def act(self, form):
        rows = [row.cleaned_data for row in self.formsets["cells"] if row.cleaned_data.get("text")]
        cells = [(row["row"], row["column"], row["text"]) for row in rows if not row.get("DELETE")]
        self.object.send_back(by=self.request.user, remark=form.cleaned_data["remark"], cells=cells)
        return self.object.get_absolute_url()


class ReasonPage(LifeMixin, FormPage):
    """An act on a report that asks why."""

    form_class = ReasonForm
    label = "Причина"
    help_text = ""

    def get_form_kwargs(self):
        return {"label": self.label, "help_text": self.help_text}


class ReportNothing(ReasonPage):
    permission = Perm.REPORT_SIGN
    title = "Представить «сведений нет»"
    note = "Отчёт будет подписан и представлен: за период сообщать не о чем."
    submit_title = "Подписать и представить"
    label = "Почему сведений нет"
    help_text = "Например: в квартале семьи не принимались, советы не проводились. Причину увидит министерство."
    success_message = "Отчёт «сведений нет» подписан и представлен."

    def why_not(self):
        return self.object.why_not_nothing()

    def act(self, form):
        self.object.declare_nothing(by=self.request.user, reason=form.cleaned_data["reason"])
        return self.object.get_absolute_url()


class ReportReopen(ReasonPage):
    permission = Perm.REPORT_REVIEW
    title = "Открыть отчёт для исправления"
    submit_title = "Открыть для исправления"
    label = "Почему отчёт открывается"
    help_text = "Квартал закрыт утверждением. Организация сможет составить одну новую редакцию; причину увидят все."
    success_message = "Отчёт открыт: организация может составить новую редакцию."

    def why_not(self):
        return self.object.why_not_reopen()

    def act(self, form):
        self.object.reopen(by=self.request.user, reason=form.cleaned_data["reason"])
        return self.object.get_absolute_url()


class ReportCorrect(ReasonPage):
    permission = Perm.REPORT_BUILD
    title = "Новая редакция отчёта"
    submit_title = "Создать редакцию"
    label = "Что исправляется и почему"
    help_text = "Прежняя редакция останется как есть; в новой будет список отличий, а рядом с ними — эти слова."
    success_message = "Создана новая редакция. Рассчитайте её: отличия от прежней покажутся списком."

    def get_form_kwargs(self):
        asked_by_ministry = bool(self.object.remark or self.object.reopen_reason or self.object.state == State.RETURNED)
        return super().get_form_kwargs() | {"required": not asked_by_ministry}

    def why_not(self):
        return self.object.why_not_own(self.request.user) or self.object.why_not_correct()

    def act(self, form):
        return self.object.correct(by=self.request.user, reason=form.cleaned_data["reason"]).get_absolute_url()


class ReportExplain(LifeMixin, FormPage):
    """Пояснить: a word on each warning of the checks, so that the report can be signed."""

    permission = Perm.REPORT_SIGN
    form_class = ManyWordsForm
    title = "Пояснить предупреждения"
    submit_title = "Сохранить пояснения"
    success_message = "Пояснения сохранены. Министерство увидит их вместе с отчётом."

    def get_queryset(self):
        return Report.objects.visible_to(self.request.user).select_related("organisation")

    def why_not(self):
        if self.object.is_frozen:
            return "Отчёт подписан: пояснения больше не меняются."
        return "" if self.object.checked("warn") else "Предупреждений нет, пояснять нечего."

    def get_form_kwargs(self):
        """Each field begins with the word given before, also in the revision before."""
        kept = CheckWord.objects.filter(report__in=[self.object.previous_id, self.object.pk]).order_by("report", "pk")
        before = {word.check_code: word.text for word in kept}
        return {
            "asked": [
                (check["code"], check["title"], self._help(check), before.get(check["code"], ""))
                for check in self.object.checked("warn")
            ]
        }

    def _help(self, check) -> str:
        if not check["count"]:
            return check["text"]
        url = reverse("reports:report-check", args=[self.object.pk, check["code"]])
        return format_html('{} <a href="{}" target="_blank">Показать список</a>', check["text"], url)

    def act(self, form):
        CheckWord.explain(self.object, form.cleaned_data, by=self.request.user)
        return self.object.get_absolute_url()


class ReportAnswer(LifeMixin, FormPage):
    """Ответить: what was done about each remark of the ministry, in the revision that corrects them."""

    permission = Perm.REPORT_SIGN
    form_class = ManyWordsForm
    title = "Ответить на замечания"
    submit_title = "Сохранить ответы"
    success_message = "Ответы сохранены. Министерство увидит их рядом с замечаниями."

    def why_not(self):
        if self.object.is_frozen:
            return "Редакция подписана: ответы больше не меняются."
        return "" if self.get_remarks() else "Замечаний к ячейкам нет, отвечать не на что."

    def get_remarks(self):
        return list(Remark.objects.filter(report=self.object.previous_id)) if self.object.previous_id else []

    def get_form_kwargs(self):
        columns = {column.code: column.title for column in self.object.definition.columns(self.object.span)}
        return {
            "asked": [
                (f"remark-{each.pk}", f"Строка {each.row}, {columns.get(each.column, '')}", each.text, each.answer)
                for each in self.get_remarks()
            ]
        }

    def act(self, form):
        answers = {int(name.rpartition("-")[2]): text for name, text in form.cleaned_data.items()}
        Remark.reply(self.object, answers, by=self.request.user)
        return self.object.get_absolute_url()
