"""The end of support: the conclusion on removal, then aftercare with its checks."""

from cases import acts, reading
from cases.closure_forms import AftercareCheckForm, ClosureForm
from cases.models import Activity, AftercareCheck, Closure
from cases.views.base import CaseActionPage, CaseTrail, NewRowPage
from cases.words import Stage
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.pages import FormPage


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
