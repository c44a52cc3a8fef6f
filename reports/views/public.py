"""The published version of a consolidated report: the page and its files, both from reports.published.publish."""

from functools import cached_property

from django.http import Http404, HttpResponse
from django.urls import reverse

from reports import files
from reports.hiding import LEAST
from reports.models import Report
from reports.published import KIND, hand_out, publish
from reports.views.making import crumbs
from reports.views.shown import table_of
from sopr.accounts.policy import Perm
from sopr.audit.log import record
from sopr.web.pages import Action, DetailPage

FILES = (
    ("xlsx", "Excel", "file-earmark-excel"),
    ("pdf", "PDF", "file-earmark-pdf"),
    ("csv", "CSV", "download"),
    ("json", "JSON", "download"),
)


class ReportPublished(DetailPage):
    """Публикуемая версия: the consolidated table without numbers that could name a family; without lists."""

    permission = Perm.REPORT_REVIEW
    model = Report
    template_name = "reports/report_published.html"

    def get_queryset(self):
        found = super().get_queryset().filter(organisation=None, snapshot__isnull=False)
        return found.select_related("signed_by", "reviewed_by")

    @cached_property
    def version(self) -> Report:
        """Kept from the first look on: the page shows its checksum too."""
        version = publish(self.object)
        hand_out(version, by=self.request.user)
        return version

    def get_title(self):
        return f"Отчёт за {self.object.span.title}: публикуемая версия"

    def get_note(self):
        return f"{self.object.definition.name} · {self.object.snapshot['title']}"

    def get_breadcrumbs(self):
        return crumbs((f"Отчёт за {self.object.span.title}", self.object.get_absolute_url()))

    def get_actions(self):
        return [
            Action(title, reverse("reports:report-published-file", args=[self.object.pk, kind]), icon)
            for kind, title, icon in FILES
        ]

    def get_context_data(self, **context):
        snapshot = self.version.snapshot
        hidden = sum(cell["kind"] == KIND for cell in snapshot["cells"])
        shown = {"table": table_of(self.version), "hidden": hidden, "least": LEAST, "checksum": self.version.checksum}
        shown |= {"notes": self.object.snapshot["notes"], "coverage": snapshot["coverage"]}
        return super().get_context_data(**(shown | context))


class ReportPublishedFile(ReportPublished):
    """Файл публикуемой версии: made when it is asked for, the same each time from the same figures and state."""

    def get(self, request, *args, **kwargs):
        kind = self.kwargs["kind"]
        if kind not in files.CONTENT_TYPES:
            raise Http404
        record(request.user, "export", self.object, detail={"kind": f"published {kind}"})
        content = files.render(self.version, kind, by=request.user)
        response = HttpResponse(content, content_type=files.CONTENT_TYPES[kind])
        response["Content-Disposition"] = f'attachment; filename="{files.stem(self.object)}-public.{kind}"'
        response["Cache-Control"] = "private, no-store"
        return response
