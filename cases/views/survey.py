"""Анкета: the family answers by a one-time code without signing in; the service prints, enters and reads answers.

The code is never part of an address: the QR code carries it behind «#», which browsers send to nobody, and the page
posts it. So no log of ours or of a server in front ever holds one.
"""

from functools import cached_property

from django.contrib import messages
from django.db.models import Avg, Count, Q
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

from cases import acts
from cases.documents import SURVEY
from cases.models import Case, Survey, SurveyInvitation
from cases.models.survey import SurveyGuess, WrongCode
from cases.survey_forms import CodeForm, FamilyAnswersForm, PaperAnswersForm
from cases.views.base import CaseActionPage
from sopr.accounts.policy import Perm
from sopr.calendar import add_months
from sopr.documents.pdf import pdf_response
from sopr.errors import Refused
from sopr.web.address import client_address
from sopr.web.pages import Action, DetailPage, FormPage, Page

KEPT = "survey_invitation"
QUARTERS = 4
COMMENTS_SHOWN = 50
TOO_MANY = (
    "С этого адреса слишком много неверных кодов. Подождите 15 минут и проверьте код по листу "
    "или отдайте бумажную анкету."
)


class SurveyModule:
    """Pages of a region that asks families; elsewhere they do not exist."""

    module = "survey"


class SurveyStart(SurveyModule, Page):
    """The code from the sheet, typed or scanned."""

    public = True
    title = "Анкета"
    template_name = "cases/survey_start.html"

    def get(self, request, *args, **kwargs):
        return self.show(form=CodeForm())

    def post(self, request, *args, **kwargs):
        form, address = CodeForm(request.POST), client_address(request)
        if SurveyGuess.is_shut(address):
            form.add_error("code", TOO_MANY)
            return self.show(form=form, status=429)
        if form.is_valid():
            try:
                request.session[KEPT] = SurveyInvitation.by_code(form.cleaned_data["code"]).pk
                return HttpResponseRedirect(reverse("survey-answer"))
            except WrongCode as wrong:
                SurveyGuess.note(address)
                form.add_error("code", str(wrong))
            except Refused as refused:
                form.add_error("code", str(refused))
        return self.show(form=form, status=422)


class SurveyAnswer(SurveyModule, Page):
    """The form, for whoever has shown a code in this session; the code is spent with the answers."""

    public = True
    title = "Как мы Вам помогали"
    template_name = "cases/survey_answer.html"

    @cached_property
    def invitation(self):
        return SurveyInvitation.objects.select_related("case__organisation").get(pk=self.request.session[KEPT])

    def dispatch(self, request, *args, **kwargs):
        if KEPT not in request.session:
            return HttpResponseRedirect(reverse("survey"))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, *args, **kwargs):
        """The form, unless the code was spent or grew old since it was shown: then nobody fills it in for nothing."""
        try:
            self.invitation.check_usable()
        except Refused as refused:
            del request.session[KEPT]
            form = CodeForm({"code": ""})
            form.errors["code"] = form.error_class([str(refused)])
            return render(request, SurveyStart.template_name, self.get_context_data(form=form), status=409)
        return self.show(form=FamilyAnswersForm())

    def post(self, request, *args, **kwargs):
        form = FamilyAnswersForm(request.POST)
        if form.is_valid():
            try:
                self.invitation.use(**form.cleaned_data)
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                del request.session[KEPT]
                return render(request, "cases/survey_thanks.html", self.get_context_data())
        return self.show(form=form, status=422)

    def get_context_data(self, **context):
        return super().get_context_data(organisation=self.invitation.case.organisation, **context)


class SurveyInvite(SurveyModule, CaseActionPage):
    title = "Анкета для семьи"
    question = "Выдать семье анкету с одноразовым кодом?"
    submit_title = "Выдать анкету"
    why_not = staticmethod(acts.why_not_invite_to_survey)

    def get_consequences(self):
        return [
            "Напечатается лист с вопросами, QR-кодом и кодом для ответа с телефона. Вход в систему семье не нужен.",
            "Код действует 30 дней и принимает один ответ.",
            "По умолчанию ответ без имени: Вы не увидите, что именно ответила эта семья.",
        ]

    def act(self, form):
        invitation = SurveyInvitation.issue(self.object, by=self.request.user)
        return reverse("cases:survey-print", args=[invitation.pk])


class SurveyPrint(SurveyModule, DetailPage):
    """The sheet for the family, as a PDF; only who issued it, and the head, may print it again."""

    permission = Perm.CASE_WORK
    model = SurveyInvitation
    audit_read = ""

    def get_queryset(self):
        cases = Case.objects.visible_to(self.request.user)
        return SurveyInvitation.objects.filter(case__in=cases).select_related("case__organisation")

    def show(self, status=200, **context):
        try:
            self.object.check_usable()
        except Refused as refused:
            return self.refuse(refused)
        address = self.request.build_absolute_uri(reverse("survey"))
        return pdf_response(SURVEY, self.object, by=self.request.user, address=address)

    def get_breadcrumbs(self):
        return [(f"№\u00a0{self.object.case.number}", self.object.case.get_absolute_url())]


class SurveyEnter(SurveyModule, FormPage):
    """A paper form that the family gave back."""

    permission = Perm.SURVEY_ENTER
    title = "Бумажная анкета"
    menu = "cases"
    template_name = "cases/survey_enter.html"
    submit_title = "Внести анкету"

    def get_form(self, data=None, files=None):
        return PaperAnswersForm(data, user=self.request.user)

    def get_breadcrumbs(self):
        return [("Случаи", reverse("cases:case-list")), (self.title, None)]

    def act(self, form):
        answers = dict(form.cleaned_data)
        case = answers.pop("case_number")
        Survey.answer(organisation=self.request.user.organisation, case=case, by=self.request.user, **answers)
        messages.success(self.request, "Анкета внесена. Можно внести следующую.")
        return reverse("cases:survey-enter")


class SurveyResults(SurveyModule, Page):
    """What families answered, the last four quarters side by side."""

    permission = Perm.SURVEY_VIEW
    title = "Что ответили семьи"
    menu = "cases"
    template_name = "cases/survey_results.html"

    def get_breadcrumbs(self):
        return [("Случаи", reverse("cases:case-list")), (self.title, None)]

    def get_main_action(self):
        return Action("Внести бумажную анкету", reverse("cases:survey-enter"), "plus-lg")

    @cached_property
    def quarters(self):
        """(title, first day, first day of the next) of the last four quarters, oldest first."""
        today = timezone.localdate()
        first = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
        starts = [add_months(first, -3 * back) for back in range(QUARTERS - 1, -1, -1)]
        return [(f"{'I II III IV'.split()[day.month // 3]} кв. {day.year}", day, add_months(day, 3)) for day in starts]

    def count(self):
        """One statement for all quarters and questions."""
        rows = Survey.objects.visible_to(self.request.user)
        wanted = {}
        for place, (_title, since, until) in enumerate(self.quarters):
            inside = Q(answered_on__gte=since, answered_on__lt=until)
            wanted[f"answers_{place}"] = Count("pk", filter=inside)
            wanted[f"satisfied_{place}"] = Count("pk", filter=inside & Q(satisfied=True))
            for name in Survey.QUESTIONS:
                wanted[f"{name}_{place}"] = Avg(name, filter=inside)
            for change in Survey.Change.values:
                wanted[f"{change}_{place}"] = Count("pk", filter=inside & Q(change=change))
        return rows.aggregate(**wanted)

    def get_context_data(self, **context):
        found, places = self.count(), range(QUARTERS)
        titles = {name: capfirst(Survey._meta.get_field(name).verbose_name) for name in Survey.QUESTIONS}
        answered = Survey.objects.visible_to(self.request.user).filter(answered_on__gte=self.quarters[0][1])
        return super().get_context_data(
            quarters=[title for title, _since, _until in self.quarters],
            total=sum(found[f"answers_{place}"] for place in places),
            answers=[found[f"answers_{place}"] for place in places],
            satisfied=[(found[f"satisfied_{place}"], found[f"answers_{place}"]) for place in places],
            scores=[(titles[name], [found[f"{name}_{place}"] for place in places]) for name in Survey.QUESTIONS],
            changes=[
                (capfirst(label), [found[f"{code}_{place}"] for place in places])
                for code, label in Survey.Change.choices
            ],
            comments=answered.exclude(comment="").select_related("case")[:COMMENTS_SHOWN],
            callbacks=answered.exclude(callback_phone="").select_related("case")[:COMMENTS_SHOWN],
            **context,
        )
