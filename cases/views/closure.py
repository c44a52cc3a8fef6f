"""The end of support: the conclusion on removal and its print, the family's own refusal on paper."""

from django.urls import reverse

from cases import acts, reading
from cases.closure_forms import ClosureForm
from cases.documents import CLOSURE, FAMILY_REFUSAL
from cases.models import Activity, Case, Closure
from cases.views.base import NewRowPage
from sopr.accounts.policy import Perm
from sopr.documents.pdf import pdf_response
from sopr.web.pages import DetailPage


class ClosureNew(NewRowPage):
    """The conclusion the council will hear, with numbers counted, not typed."""

    form_class = ClosureForm
    template_name = "cases/closure_new.html"
    title = "Заключение о снятии"
    submit_title = "Сохранить заключение"
    success_message = "Заключение сохранено. Теперь вынесите вопрос о снятии на совет."
    why_not = staticmethod(acts.why_not_prepare_closure)
    adds_row = False

    def get_edited(self):
        """The conclusion, which is written anew until the council has it."""
        return getattr(self.object, "closure", None)

    def get_version(self):
        return super().get_version() or "new"

    def get_form_kwargs(self):
        closure = self.get_edited()
        names = ClosureForm.base_fields
        return {"initial": {name: getattr(closure, name) for name in names} if closure else {}}

    def act(self, form):
        Closure.prepare(self.object, by=self.request.user, **form.cleaned_data)
        if self.object.agenda_items.filter(state__in=("queued", "scheduled")).exists():
            self.success_message = "Заключение сохранено. Вопрос уже вынесен на совет."
            return self.get_case_url("reviews")
        return reverse("councils:item-propose", args=[self.object.pk]) + "?question=remove"

    def get_context_data(self, **context):
        case = self.object
        done, total = reading.progress_of_case(case)
        rows = reading.assessment_rows(case)
        counted = case.activities.counted().order_by("due_on", "pk")
        base = {
            "done": done,
            "total": total,
            "rows": [row for row in rows if row.first or row.last],
            "first_sum": sum(row.first or 0 for row in rows),
            "last_sum": sum(row.last or 0 for row in rows),
            "assessments": list(case.assessments.order_by("done_on", "pk")),
            "not_ended": list(counted.filter(state__in=Activity.OPEN_STATES)),
            "last_review": case.reviews.first(),
        }
        return super().get_context_data(**(base | context))


class ClosurePrint(DetailPage):
    """«Заключение о снятии с сопровождения» as a PDF."""

    permission = Perm.CASE_VIEW
    model = Closure
    audit_read = ""

    def get_queryset(self):
        return super().get_queryset().select_related("case__family", "case__organisation", "case__curator", "by")

    def show(self, status=200, **context):
        return pdf_response(CLOSURE, self.object, by=self.request.user)


class RefusalPrint(DetailPage):
    """The statement by which the family refuses support: printed to be signed, at any moment of the case."""

    permission = Perm.CASE_VIEW
    model = Case
    audit_read = ""

    def get_queryset(self):
        return super().get_queryset().with_people()

    def show(self, status=200, **context):
        return pdf_response(FAMILY_REFUSAL, self.object, by=self.request.user)
