"""A report and its life: read, sign, send back, approve, correct."""

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from reports.inputs import RemarkForm
from reports.models import Report, ReportRun
from reports.views.making import crumbs
from reports.views.shown import checks_of, table_of
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
        return super().get_queryset().select_related("organisation", "signed_by", "reviewed_by", "previous")

    def get_title(self):
        return f"Отчёт за {self.object.span.title}"

    def get_note(self):
        owner = self.object.organisation or "Сводный по региону, без повторов"
        return f"{self.object.definition.name} · {owner}"

    def get_breadcrumbs(self):
        return crumbs()

    def get_main_action(self):
        report, user = self.object, self.request.user
        if user.may(Perm.REPORT_SIGN):
            url = reverse("reports:report-sign", args=[report.pk])
            return Action("Подписать и представить", url, "pen", disabled_reason=report.why_not_sign())
        if user.may(Perm.REPORT_REVIEW):
            url = reverse("reports:report-approve", args=[report.pk])
            return Action("Утвердить", url, "check-lg", disabled_reason=report.why_not_approve())
        return None

    def get_actions(self):
        report, user = self.object, self.request.user
        no_file = "" if report.snapshot else "Отчёт ещё не рассчитан."
        actions = [
            Action(title, reverse("reports:report-file", args=[report.pk, kind]), icon, disabled_reason=no_file)
            for kind, title, icon in (
                ("xlsx", "Excel", "file-earmark-excel"),
                ("pdf", "PDF", "file-earmark-pdf"),
                ("csv", "CSV", "download"),
                ("json", "JSON", "download"),
            )
        ]
        if user.may(Perm.REPORT_BUILD):
            reason = report.why_not_own(user) or report.why_not_recompute()
            url = reverse("reports:report-recompute", args=[report.pk])
            actions.insert(0, Action("Пересчитать", url, "arrow-repeat", disabled_reason=reason))
        if user.may(Perm.REPORT_REVIEW) and not report.is_regional:
            url = reverse("reports:report-return", args=[report.pk])
            actions.insert(1, Action("Вернуть", url, "arrow-return-left", disabled_reason=report.why_not_return()))
        if report.is_frozen and user.may(Perm.REPORT_BUILD):
            reason = report.why_not_own(user) or report.why_not_correct()
            url = reverse("reports:report-correct", args=[report.pk])
            actions.append(Action("Новая редакция", url, "file-earmark-plus", disabled_reason=reason))
        return sorted(actions, key=lambda action: bool(action.disabled_reason))  # what can be done stands first

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
        signed = {"title": "Представлен", "note": self._who(report.signed_at, report.signed_by)}
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
                back = {"title": "Возвращён", "note": reviewed, "state": "current", "tone": "warn"}
                return [draft | done, signed | done, back, {"title": "Новая редакция", "state": "todo"}]
        return [draft | done, signed | done, {"title": "Утверждён", "note": reviewed, "state": "current"}]

    @staticmethod
    def _who(moment, user) -> str:
        return ", ".join(filter(None, [on(moment), user.short_name if user else ""]))

    def get_context_data(self, **context):
        report = self.object
        shown = {
            "steps": self.get_steps(),
            "run": ReportRun.objects.filter(report=report).order_by("-pk").first(),
            "next_revision": Report.objects.filter(previous=report).without_contents().first(),
            "why": self.get_main_action().disabled_reason if self.get_main_action() else "",
        }
        if report.snapshot:
            shown |= {
                "table": table_of(report),
                "checks": checks_of(report, self.request.user),
                "trend": [line for line in report.snapshot["trend"] if line["labels"]],
                "notes": report.snapshot["notes"],
                "coverage": report.snapshot["coverage"],
            }
        return super().get_context_data(**(shown | context))


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
    permission = Perm.REPORT_REVIEW
    form_class = RemarkForm
    title = "Вернуть отчёт с замечанием"
    submit_title = "Вернуть"
    success_message = "Отчёт возвращён организации с замечанием."

    def why_not(self):
        return self.object.why_not_return()

    def act(self, form):
        self.object.send_back(by=self.request.user, remark=form.cleaned_data["remark"])
        return self.object.get_absolute_url()


class ReportCorrect(LifeMixin, ActionPage):
    permission = Perm.REPORT_BUILD
    title = "Новая редакция отчёта"
    question = "Создать новую редакцию отчёта?"
    submit_title = "Создать редакцию"
    success_message = "Создана новая редакция. Рассчитайте её: отличия от прежней покажутся списком."

    def get_consequences(self):
        return ["Прежняя редакция останется как есть.", "В новой будет список отличий."]

    def why_not(self):
        return self.object.why_not_own(self.request.user) or self.object.why_not_correct()

    def act(self, form):
        return self.object.correct(by=self.request.user).get_absolute_url()
