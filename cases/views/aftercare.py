"""Aftercare: its checks and their plan on paper, its end, and the way back to support (domain.md §2)."""

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from cases import acts, lacks
from cases.closure_forms import AftercareCheckForm
from cases.documents import AFTERCARE
from cases.forms import CoverForm
from cases.models import AftercareCheck, Case
from cases.views.base import CaseActionPage, CaseFormPage, CaseTrail
from cases.views.case import curators_of, people_in
from cases.words import CaseForm, Stage
from families.keepers import keeps
from families.views.access import NOT_KEEPER
from sopr.accounts.policy import Perm
from sopr.documents.pdf import pdf_response
from sopr.errors import Refused
from sopr.web.pages import DetailPage, FormPage


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
        if self.object.outcome == AftercareCheck.Outcome.RELAPSE:
            self.success_message = format_html(
                'Проверка записана: рецидив. <a href="{}">Верните семью на сопровождение</a>, если она согласна.',
                reverse("cases:case-return", args=[self.object.case_id]),
            )
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


class AftercarePrint(DetailPage):
    """The plan of checks with what they found, for the family and the file."""

    permission = Perm.CASE_VIEW
    model = Case
    audit_read = ""

    def get_queryset(self):
        return super().get_queryset().with_people().select_related("closure")

    def show(self, status=200, **context):
        if not self.object.aftercare_checks.exists():
            raise Refused("Постсопровождение по этому случаю не назначалось: печатать нечего.")
        return pdf_response(AFTERCARE, self.object, by=self.request.user)


class CaseReturn(CaseFormPage):
    """One button after a relapse: a new case linked to this one, with the application and consents still in force."""

    form_class = CoverForm
    template_name = "cases/case_return.html"
    title = "Вернуть на сопровождение"
    submit_title = "Открыть новый случай"
    why_not = staticmethod(acts.why_not_return)
    adds_row = True

    def check_moment(self):
        super().check_moment()
        if not keeps(self.request.user, self.object.family):
            raise Refused(NOT_KEEPER)

    def get_form_kwargs(self):
        case = self.object
        own = self.request.user.may(Perm.CASE_ASSIGN)
        curators = curators_of(case.organisation_id) if own else None
        one = case.members.now().first() if case.form == CaseForm.INDIVIDUAL else None
        initial = {"form": case.form, "curator": case.curator_id, "person": one and one.person_id}
        return {"people": people_in(case.family), "curators": curators, "initial": initial}

    def act(self, form):
        data = form.cleaned_data
        case = Case.open_for(
            self.object.family,
            by=self.request.user,
            curator=data.get("curator") or self.request.user,
            form=data["form"],
            ground=self.object.ground,
            previous=self.object,
            person=data["person"],
        )
        self.success_message = format_html(
            'Открыт новый случай, он связан с прежним. <a href="{}">Сообщить совету</a> можно сразу; следующий шаг — '
            "диагностика.",
            reverse("councils:item-propose", args=[case.pk]) + "?question=other",
        )
        return case.get_absolute_url()

    def get_context_data(self, **context):
        case, today = self.object, timezone.localdate()
        lacking = lacks.for_opening(case.family, case.organisation)
        base = {
            "lacks": lacking,
            "submit_reason": "; ".join(lacking.values()),
            "application": case.family.applications.filter(organisation=case.organisation_id).first(),
            "checks": [check for check in case.aftercare_checks.all() if check.done_on],
            "waiting": sum(check.done_on is None for check in case.aftercare_checks.all()),
            "today": today,
        }
        return super().get_context_data(**(base | context))
