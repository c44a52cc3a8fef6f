"""Work with the family: contract, contacts, reviews, conclusion on removal, aftercare."""

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from cases import acts, reading
from cases.documents import CONTRACT
from cases.forms import (
    AftercareCheckForm,
    ClosureForm,
    ContactForm,
    ContactOfCaseForm,
    ContractForm,
    ReviewForm,
    TerminateForm,
)
from cases.models import Activity, AftercareCheck, Case, Closure, Contact, Contract, Review
from cases.views.assessment import level_choices
from cases.views.base import CaseActionPage, CaseFormPage, CaseTrail, NewRowPage
from cases.views.programme import people_of
from cases.words import OPEN_STAGES, Stage
from families.models import FamilyMembership, Person
from sopr import profile
from sopr.accounts.policy import Perm
from sopr.calendar import is_overdue
from sopr.documents.pdf import pdf_response
from sopr.errors import Refused
from sopr.web.pages import DetailPage, FormPage


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


class ContactNew(NewRowPage):
    """Three fields: how, when, what was seen; the rest only when there is something to add."""

    form_class = ContactForm
    template_name = "cases/contact_new.html"
    title = "Записать контакт"
    submit_title = "Записать контакт"
    success_message = "Контакт записан."
    why_not = staticmethod(acts.why_not_contact)
    tab = "contacts"

    def get_form_kwargs(self):
        return {"people": people_of(self.object), "initial": {"at": timezone.localtime().replace(second=0)}}

    def perform(self, form):
        data = form.cleaned_data
        Contact.record(self.object, by=self.request.user, **data)

    def get_context_data(self, **context):
        case, today = self.object, timezone.localdate()
        activities = case.activities.counted().filter(state="planned").select_related("person")[:5]
        level = profile.current().levels.get(case.level)
        base = {
            "last": case.contacts.select_related("by").first(),
            "norm": str(level.contact) if level else "",
            "next_on": level.contact.after(today) if level else None,
            "remember": [(activity, is_overdue(activity.due_on, today)) for activity in activities],
        }
        return super().get_context_data(**(base | context))


class ContactLog(FormPage):
    """«Записать контакт» from «Мой день»: the family is chosen on the form itself."""

    permission = Perm.CASE_WORK
    form_class = ContactOfCaseForm
    template_name = "cases/contact_new.html"
    title = "Записать контакт"
    submit_title = "Записать контакт"
    success_message = "Контакт записан."

    def get_breadcrumbs(self):
        return [("Случаи", reverse("cases:case-list")), (self.title, None)]

    def get_back_url(self):
        return "/"

    def get_form_kwargs(self):
        own = Case.objects.visible_to(self.request.user).filter(stage__in=(*OPEN_STAGES, Stage.AFTERCARE))
        return {
            "cases": own.select_related("family").order_by("family__surname", "pk"),
            "title_of": lambda case: f"{case.family.surname}, № {case.family.number}",
            "initial": {"at": timezone.localtime().replace(second=0)},
        }

    def act(self, form):
        data = dict(form.cleaned_data)
        case = data.pop("case")
        Contact.record(case, by=self.request.user, **data)
        return "/"

    def get_context_data(self, **context):
        return super().get_context_data(**({"version": None} | context))


class ReviewNew(NewRowPage):
    form_class = ReviewForm
    template_name = "cases/review_new.html"
    title = "Промежуточный мониторинг"
    submit_title = "Записать мониторинг"
    success_message = "Мониторинг записан."
    why_not = staticmethod(acts.why_not_review)
    tab = "reviews"

    def get_form_kwargs(self):
        case = self.object
        levels = [pair for pair in level_choices(case) if pair[0] != case.level]
        return {"levels": levels, "initial": {"done_on": timezone.localdate()}}

    def act(self, form):
        review = Review.record(self.object, by=self.request.user, **form.cleaned_data)
        if review.conclusion == Review.Conclusion.CHANGE_LEVEL:
            self.success_message = "Мониторинг записан. Теперь вынесите изменение уровня на совет."
            return reverse("councils:item-propose", args=[self.object.pk])
        if review.conclusion == Review.Conclusion.REMOVE:
            return reverse("cases:closure-new", args=[self.object.pk])
        if review.conclusion == Review.Conclusion.AMEND:
            return self.get_case_url("programme")
        return self.get_case_url(self.tab)

    def get_context_data(self, **context):
        case = self.object
        done, total = reading.progress_of_case(case)
        base = {"done": done, "total": total, "last": case.reviews.first(), "rows": reading.assessment_rows(case)}
        return super().get_context_data(**(base | context))


class ClosureNew(NewRowPage):
    """The conclusion the council will hear, with numbers counted, not typed."""

    form_class = ClosureForm
    template_name = "cases/closure_new.html"
    title = "Заключение о снятии"
    submit_title = "Сохранить заключение"
    success_message = "Заключение сохранено. Следующий шаг — вынести вопрос о снятии на совет."
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

    def perform(self, form):
        Closure.prepare(self.object, by=self.request.user, **form.cleaned_data)

    def get_context_data(self, **context):
        case = self.object
        done, total = reading.progress_of_case(case)
        rows = reading.assessment_rows(case)
        base = {
            "done": done,
            "total": total,
            "rows": [row for row in rows if row.first or row.last],
            "first_sum": sum(row.first or 0 for row in rows),
            "last_sum": sum(row.last or 0 for row in rows),
            "assessments": case.assessments.count(),
            "not_ended": case.activities.counted().filter(state__in=Activity.OPEN_STATES).count(),
        }
        return super().get_context_data(**(base | context))


class AftercareCheckPage(CaseTrail, FormPage):
    permission = Perm.CASE_WORK
    model = AftercareCheck
    form_class = AftercareCheckForm
    title = "Проверка постсопровождения"
    submit_title = "Записать проверку"
    success_message = "Проверка записана."

    def get_queryset(self):
        return super().get_queryset().select_related("case__family", "case__curator", "case__organisation")

    def get_case(self):
        return self.object.case

    def check_moment(self):
        if self.object.done_on is not None:
            raise Refused("Эта проверка уже записана.")
        if self.object.case.stage != Stage.AFTERCARE:
            raise Refused("Случай не на этапе постсопровождения.")

    def act(self, form):
        self.object.record(by=self.request.user, **form.cleaned_data)
        return self.get_case_url()


class AftercareFinish(CaseActionPage):
    title = "Завершить постсопровождение"
    submit_title = "Завершить"
    question = "Завершить постсопровождение семьи?"
    success_message = "Постсопровождение завершено, случай закрыт."
    why_not = staticmethod(acts.why_not_finish_aftercare)

    def get_consequences(self):
        return ["Случай закроется навсегда. Если помощь понадобится снова, откроют новый случай."]

    def perform(self, form):
        self.object.finish_aftercare(by=self.request.user)
