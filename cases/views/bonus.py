"""«Бонусная программа семьи»: the account of a case, points given and spent, entries taken back, the statement."""

from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.functional import cached_property

from cases import acts
from cases.bonus_forms import AwardForm, CancelEntryForm, SpendForm
from cases.documents import BONUS
from cases.models import BonusAccount, BonusEntry, BonusReward, BonusStep, Case
from cases.views.base import CaseFormPage, CaseTrail, NewRowPage
from sopr.accounts.policy import Perm
from sopr.documents.pdf import pdf_response
from sopr.errors import Refused
from sopr.web.pages import Action, DetailPage

SHOWN = 50


def balance_of(case) -> int:
    """Points on the account of the case; 0 before the first entry."""
    return BonusAccount.objects.filter(case=case).values_list("balance", flat=True).first() or 0


class BonusDetail(CaseTrail, DetailPage):
    """The family's points: nobody else's are beside them, families are not compared."""

    permission = Perm.CASE_VIEW
    module = "bonus"
    model = Case
    menu = "cases"
    title = "Бонусная программа семьи"
    template_name = "cases/bonus_detail.html"

    def get_queryset(self):
        return super().get_queryset().with_people()

    def get_main_action(self):
        if not self.request.user.may(Perm.CASE_WORK):
            return None
        case = self.object
        return Action(
            "Начислить баллы", reverse("cases:bonus-award", args=[case.pk]), disabled_reason=acts.why_not_award(case)
        )

    def get_actions(self):
        case = self.object
        found = [Action("Выписка (PDF)", reverse("cases:bonus-print", args=[case.pk]), "printer")]
        if self.request.user.may(Perm.CASE_WORK):
            reason = acts.why_not_spend(case)
            found.insert(
                0, Action("Потратить баллы", reverse("cases:bonus-spend", args=[case.pk]), disabled_reason=reason)
            )
        return found

    def get_context_data(self, **context):
        case = self.object
        rows = case.bonus_entries.select_related("step", "reward", "reverses__step", "reverses__reward", "by")
        page = Paginator(rows.select_related("reversal"), SHOWN).get_page(self.request.GET.get("page"))
        base = {
            "case": case,
            "balance": balance_of(case),
            "page_obj": page,
            "may_cancel": self.request.user.may(Perm.CASE_WORK) and not acts.why_not_spend(case),
        }
        return super().get_context_data(**(base | context))


class BonusAct(NewRowPage):
    module = "bonus"

    def get_queryset(self):
        return super().get_queryset().with_people()

    def get_case_url(self, tab=""):
        return reverse("cases:bonus-detail", args=[self.get_case().pk])

    @cached_property
    def balance(self) -> int:
        return balance_of(self.get_case())

    def get_context_data(self, **context):
        return super().get_context_data(**({"balance": self.balance} | context))


class BonusAward(BonusAct):
    form_class = AwardForm
    template_name = "cases/bonus_act.html"
    title = "Начислить баллы"
    submit_title = "Начислить"
    success_message = "Баллы начислены."
    why_not = staticmethod(acts.why_not_award)

    def get_form_kwargs(self):
        return {"steps": BonusStep.objects.visible_to(self.request.user).in_use()}

    def perform(self, form):
        data = form.cleaned_data
        BonusEntry.award(
            self.object, data["step"], by=self.request.user, happened_on=data["happened_on"], evidence=data["evidence"]
        )


class BonusSpend(BonusAct):
    form_class = SpendForm
    template_name = "cases/bonus_act.html"
    title = "Потратить баллы"
    submit_title = "Записать трату"
    success_message = "Трата записана."
    why_not = staticmethod(acts.why_not_spend)

    def get_form_kwargs(self):
        return {"rewards": BonusReward.objects.visible_to(self.request.user).in_use()}

    def perform(self, form):
        data = form.cleaned_data
        BonusEntry.spend(
            self.object, data["reward"], by=self.request.user, happened_on=data["happened_on"], note=data["note"]
        )


class BonusCancel(CaseFormPage):
    """A wrong entry is taken back by a counter entry; both stay."""

    permission = Perm.CASE_WORK
    module = "bonus"
    model = BonusEntry
    form_class = CancelEntryForm
    title = "Отменить запись"
    submit_title = "Отменить запись"
    success_message = "Запись отменена встречной записью."
    adds_row = True

    def get_queryset(self):
        rows = super().get_queryset()
        return rows.select_related("case__family", "step", "reward", "reverses__step", "reverses__reward")

    def get_case(self):
        return self.object.case

    def get_case_url(self, tab=""):
        return reverse("cases:bonus-detail", args=[self.object.case_id])

    def check_moment(self):
        reason = self.object.why_not_cancel() or acts.why_not_spend(self.object.case)
        if reason:
            raise Refused(reason)

    def get_note(self):
        entry = self.object
        return f"{entry.happened_on:%d.%m.%Y}, {entry.what}: {entry.points:+d}"

    def perform(self, form):
        self.object.cancel(by=self.request.user, reason=form.cleaned_data["reason"])


class BonusPrint(DetailPage):
    """The family's statement as a PDF."""

    permission = Perm.CASE_VIEW
    module = "bonus"
    model = Case
    audit_read = ""

    def get_queryset(self):
        return super().get_queryset().with_people()

    def show(self, status=200, **context):
        return pdf_response(BONUS, self.object, by=self.request.user)
