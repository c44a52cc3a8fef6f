"""Books of several forms, and the page that says whether a file still shows a report's figures."""

from functools import cached_property
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.urls import reverse

from reports import files, periods, verifying
from reports import forms as report_forms
from reports.models import Report
from reports.views.making import crumbs
from sopr.accounts.models import Organisation
from sopr.accounts.policy import Perm, Role
from sopr.audit.log import record
from sopr.errors import Refused
from sopr.web.pages import Action, Page


class BookForm(forms.Form):
    """Which period's reports, and whose: the region's or one organisation's."""

    period = forms.ChoiceField(label="Период")
    scope = forms.ChoiceField(label="Чьи отчёты", required=False)

    def __init__(self, *args, computed, user, **kwargs):
        super().__init__(*args, **kwargs)
        texts = dict.fromkeys(computed.order_by("-until", "period").values_list("period", flat=True))
        self.fields["period"].choices = [(text, periods.parse(text).title) for text in texts]
        if user.role == Role.MINISTRY:
            owners = Organisation.objects.filter(pk__in=computed.order_by().values("organisation")).order_by("name")
            self.fields["scope"].choices = [("0", "Регион, сводные"), *((str(each.pk), str(each)) for each in owners)]
        else:
            del self.fields["scope"]


class ReportBook(Page):
    """Книга отчётов: every computed report of one period and one owner in one Excel book."""

    permission = Perm.REPORT_VIEW
    title = "Книга отчётов"
    note = "Все формы одного периода в одном файле Excel, с содержанием"
    template_name = "reports/report_book.html"

    def get_breadcrumbs(self):
        return crumbs()

    @cached_property
    def computed(self):
        return Report.objects.visible_to(self.request.user).latest().exclude(checksum="")

    @cached_property
    def form(self) -> BookForm:
        """Bound to what was asked for; to the newest period of the region or the own organisation otherwise."""
        user = self.request.user
        unbound = BookForm(computed=self.computed, user=user)
        first = {name: field.choices[0][0] for name, field in unbound.fields.items() if field.choices}
        return BookForm({**first, **self.request.GET.dict()}, computed=self.computed, user=user)

    @cached_property
    def asked(self) -> list[Report]:
        """The reports of the book without their contents, in the order of the catalogue."""
        if not self.form.is_valid():
            return []
        found = self.computed.filter(period=self.form.cleaned_data["period"])
        if "scope" in self.form.fields:
            found = found.filter(scope=int(self.form.cleaned_data["scope"] or 0))
        order = [code for code, _name in report_forms.choices()]
        rows = found.without_contents().select_related("organisation", "own_version", "signed_by", "reviewed_by")
        return sorted(rows, key=lambda report: order.index(report.form) if report.form in order else len(order))

    def get_main_action(self):
        query = urlencode(self.form.cleaned_data if self.form.is_valid() else {})
        reason = "" if self.asked else "За этот период рассчитанных отчётов нет."
        return Action("Скачать Excel", f"{reverse('reports:report-book-file')}?{query}", "file-earmark-excel", reason)

    def get_context_data(self, **context):
        return super().get_context_data(**({"form": self.form, "reports": self.asked} | context))


class ReportBookFile(ReportBook):
    def get(self, request, *args, **kwargs):
        if not self.asked:
            raise Refused("За этот период рассчитанных отчётов нет. Выберите другой на странице «Книга отчётов».")
        for report in self.asked:
            record(request.user, "export", report, organisation=report.organisation, detail={"kind": "book"})
        first = self.asked[0]
        name = files.stem(first).replace(f"-{first.form}-", "-kniga-").rpartition("-r")[0]
        response = HttpResponse(files.render_book(self.asked), content_type=files.CONTENT_TYPES["xlsx"])
        response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
        return response


class VerifyForm(forms.Form):
    """A file of a report, or its checksum typed from paper."""

    file = forms.FileField(
        label="Файл отчёта",
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.pdf,.csv,.json"}),
        help_text="Excel, PDF, CSV или JSON до 10 МБ. Файл не сохраняется.",
    )
    checksum = forms.CharField(
        label="или контрольная сумма",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="Напечатана на титульном листе и внизу страниц. Хватит первых восьми знаков.",
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file and file.size > verifying.MOST_BYTES:
            raise ValidationError("Файл больше 10 МБ: отчёты такими не бывают.")
        return file

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not cleaned.get("file") and not cleaned.get("checksum"):
            self.add_error("file", "Загрузите файл или напишите контрольную сумму.")
        return cleaned

    def verdicts(self, user) -> list[verifying.Verdict]:
        """What the file or the checksum turns out to be; raises Refused."""
        if self.cleaned_data["file"]:
            return verifying.verify_file(self.cleaned_data["file"].read(), user)
        return [verifying.verify_checksum(self.cleaned_data["checksum"], user)]


class ReportVerify(Page):
    """Проверить файл: which report it is, in what state, and whether its figures are still the report's."""

    permission = Perm.REPORT_VIEW
    title = "Проверить файл"
    note = "Какой это отчёт и те ли в нём числа"
    template_name = "reports/report_verify.html"

    def get_breadcrumbs(self):
        return crumbs()

    def get(self, request, *args, **kwargs):
        record(request.user, self.audit_read, detail={"page": self.page_name})
        return self.show(form=VerifyForm())

    def post(self, request, *args, **kwargs):
        form, verdicts = VerifyForm(request.POST, request.FILES), []
        if form.is_valid():
            try:
                verdicts = form.verdicts(request.user)
            except Refused as refused:
                form.add_error("file" if form.cleaned_data["file"] else "checksum", refused.message)
        for verdict in verdicts:
            record(request.user, self.audit_read, verdict.report, detail={"page": self.page_name})
        return self.show(form=form, verdicts=verdicts)
