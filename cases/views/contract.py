"""The contract on support: written down, printed, copied to guardianship, ended."""

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from cases import acts, lacks, reading
from cases.contract_forms import ContractCopyForm, ContractForm, TerminateForm
from cases.documents import CONTRACT, CONTRACT_COPY, CONTRACT_NOTICE
from cases.models import Contract, ContractCopy
from cases.views.base import CaseFormPage, NewRowPage
from families.models import FamilyMembership, Person
from sopr.accounts.models import Organisation, OrganisationKind
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
            "kinds": lacks.contracts_to_sign(case),
            "initial": {
                "signed_on": timezone.localdate(),
                "until": revision.until if revision else None,
                "party": adults.first() if adults.count() == 1 else None,
            },
        }

    def perform(self, form):
        contract = Contract.sign(self.object, by=self.request.user, **form.cleaned_data)
        printed = reverse("cases:contract-print", args=[contract.pk])
        if contract.copy_waits:
            self.success_message = format_html(
                'Договор записан. <a href="{}">Распечатайте его</a> и подпишите с семьёй. Семья замещающая: '
                '<a href="{}">копию передайте в опеку</a> до {}.',
                printed,
                reverse("cases:contract-copy", args=[contract.pk]),
                f"{contract.copy_due_on:%d.%m.%Y}",
            )
            return
        self.success_message = format_html(
            'Договор записан. <a href="{}">Распечатайте его</a> и подпишите с семьёй.', printed
        )

    def get_context_data(self, **context):
        case = self.object
        base = {
            "revision": reading.revision_in_force(case),
            "gives_way": list(
                case.contracts.filter(
                    terminated_on=None, kind__in=[kind.code for kind in lacks.contracts_to_sign(case)]
                )
            ),
        }
        return super().get_context_data(**(base | context))


class ContractPart:
    """A page about one contract: found with everything its papers say."""

    model = Contract

    def get_queryset(self):
        return (
            super()
            .get_queryset()
            .select_related(
                "case__family__municipality",
                "case__organisation__municipality",
                "case__curator",
                "party",
                "revision__programme",
                "copy__agency",
            )
        )


class ContractPrint(ContractPart, DetailPage):
    """The contract as a PDF to be signed on paper."""

    permission = Perm.CASE_VIEW
    audit_read = ""

    def show(self, status=200, **context):
        return pdf_response(CONTRACT, self.object, by=self.request.user)


class ContractTerminate(ContractPart, CaseFormPage):
    form_class = TerminateForm
    title = "Расторжение договора"
    submit_title = "Записать расторжение"
    tab = "reviews"

    def get_case(self):
        return self.object.case

    def check_moment(self):
        if self.object.terminated_on is not None:
            raise Refused("Расторжение этого договора уже записано.")

    def perform(self, form):
        self.object.terminate(by=self.request.user, **form.cleaned_data)
        self.success_message = format_html(
            'Расторжение записано. <a href="{}">Распечатайте уведомление для семьи.</a>',
            reverse("cases:contract-notice", args=[self.object.pk]),
        )


class ContractNotice(ContractPart, DetailPage):
    """The family is told in writing that the contract has ended, and why."""

    permission = Perm.CASE_VIEW
    audit_read = ""

    def show(self, status=200, **context):
        if self.object.terminated_on is None:
            raise Refused("Договор действует: уведомлять о прекращении не о чем.")
        return pdf_response(CONTRACT_NOTICE, self.object, by=self.request.user)


class ContractCopyPage(ContractPart, CaseFormPage):
    """When, how and to whom the copy of a substitute family's contract went (three working days)."""

    form_class = ContractCopyForm
    template_name = "cases/contract_copy.html"
    title = "Копия договора в опеку"
    submit_title = "Записать передачу"
    success_message = "Передача копии записана."
    adds_row = True
    tab = "reviews"

    def get_case(self):
        return self.object.case

    def check_moment(self):
        reason = acts.why_not_copy(self.object)
        if reason:
            raise Refused(reason)

    def get_form_kwargs(self):
        agencies = guardianship_of(self.object.case.family)
        return {"agencies": agencies, "initial": {"sent_on": timezone.localdate(), "agency": agencies.first()}}

    def perform(self, form):
        ContractCopy.record(self.object, by=self.request.user, **form.cleaned_data)


class ContractCopyPrint(ContractPart, DetailPage):
    """The letter that goes with the copy: without number and date until the copy has been handed over."""

    permission = Perm.CASE_VIEW
    audit_read = ""

    def show(self, status=200, **context):
        contract = self.object
        if contract.copy_due_on is None:
            raise Refused(acts.why_not_copy(contract))
        agency = guardianship_of(contract.case.family).first() if contract.copy_waits else contract.copy.agency
        return pdf_response(CONTRACT_COPY, contract, by=self.request.user, agency=agency)


def guardianship_of(family):
    """Guardianship offices, the one of the family's municipality first."""
    near = models.Case(models.When(municipality=family.municipality_id, then=0), default=1)
    return Organisation.objects.filter(kind=OrganisationKind.GUARDIANSHIP).order_by(near, "name", "pk")
