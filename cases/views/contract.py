"""The contract on support: written down, printed, terminated."""

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from cases import acts, reading
from cases.contract_forms import ContractForm, TerminateForm
from cases.documents import CONTRACT
from cases.models import Contract
from cases.views.base import CaseFormPage, NewRowPage
from families.models import FamilyMembership, Person
from sopr.accounts.policy import Perm
from sopr.documents.pdf import pdf_response
from sopr.errors import Refused
from sopr.web.pages import DetailPage


class ContractNew(NewRowPage):
    form_class = ContractForm
    template_name = "cases/contract_new.html"
    title = "Договор о сопровождении"
    submit_title = "Записать договор"
    why_not = staticmethod(acts.why_not_contract)

    def get_form_kwargs(self):
        case = self.object
        revision = reading.revision_in_force(case)
        adults = Person.objects.filter(
            memberships__family=case.family_id, memberships__relation__in=FamilyMembership.REPRESENTATIVES
        ).distinct()
        return {
            "people": adults,
            "initial": {
                "signed_on": timezone.localdate(),
                "until": revision.until if revision else None,
                "party": adults.first() if adults.count() == 1 else None,
            },
        }

    def perform(self, form):
        contract = Contract.sign(self.object, by=self.request.user, **form.cleaned_data)
        self.success_message = format_html(
            'Договор записан. <a href="{}">Распечатайте его</a> и подпишите с семьёй.',
            reverse("cases:contract-print", args=[contract.pk]),
        )

    def get_context_data(self, **context):
        return super().get_context_data(**({"revision": reading.revision_in_force(self.object)} | context))


class ContractPrint(DetailPage):
    """The contract as a PDF to be signed on paper."""

    permission = Perm.CASE_VIEW
    model = Contract
    audit_read = ""

    def get_queryset(self):
        return (
            super()
            .get_queryset()
            .select_related("case__family", "case__organisation", "case__curator", "party", "revision__programme")
        )

    def show(self, status=200, **context):
        return pdf_response(CONTRACT, self.object, by=self.request.user)


class ContractTerminate(CaseFormPage):
    model = Contract
    form_class = TerminateForm
    title = "Расторжение договора"
    submit_title = "Записать расторжение"
    success_message = "Расторжение записано."
    tab = "reviews"

    def get_case(self):
        return self.object.case

    def check_moment(self):
        if self.object.terminated_on is not None:
            raise Refused("Расторжение этого договора уже записано.")

    def perform(self, form):
        self.object.terminate(by=self.request.user, day=form.cleaned_data["day"])
