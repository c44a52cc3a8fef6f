"""The case itself: opening, list, page, curator, suspension, the family's refusal."""

from django.urls import reverse
from django.utils import timezone

from cases import acts, composition, lacks, reading, returns, timeline
from cases.attendance import services_of_case
from cases.forms import AssignForm, OpenCaseForm, ResumeForm, SuspendForm, WithdrawForm
from cases.models import Case
from cases.nextstep import next_steps, stage_steps
from cases.views.base import CaseFormPage, CaseTrail
from cases.words import Stage
from families.keepers import keeps
from families.models import Family, Person, Referral
from families.views.access import NOT_KEEPER
from sopr import profile
from sopr.accounts.models import User
from sopr.accounts.policy import Perm, Role
from sopr.errors import Refused
from sopr.web.pages import Action, DetailPage, FormPage

# Links to pages of a module: shown where the region has it.
MODULE_OF = dict.fromkeys(("cases:survey-results", "cases:survey-enter", "cases:survey-invite"), "survey")
CONTACTS_SHOWN = 50
VISITS_SHOWN = 10


class CaseOpen(FormPage):
    """Open a case of a family: what is missing is named, each with a link that mends it."""

    permission = Perm.CASE_WORK
    model = Family
    form_class = OpenCaseForm
    template_name = "cases/case_open.html"
    title = "Открыть случай"
    submit_title = "Открыть случай"
    success_message = "Случай открыт. Следующий шаг — акт обследования и диагностика."

    def get_note(self):
        return f"{reading.family_title(self.object)}, № {self.object.number}"

    def get_breadcrumbs(self):
        family = self.object
        return [
            ("Семьи", reverse("families:family-list")),
            (f"№\u00a0{family.number}", reverse("families:family-detail", args=[family.pk])),
            (self.title, None),
        ]

    def get_form_kwargs(self):
        referrals = Referral.objects.visible_to(self.request.user).filter(
            family=self.object, state=Referral.State.SCREENING, case=None
        )
        return {"people": people_in(self.object), "referrals": referrals, "curators": self.get_curators()}

    def check_moment(self):
        if not keeps(self.request.user, self.object):
            raise Refused(NOT_KEEPER)

    def get_curators(self):
        """A head chooses a curator; a curator opens for himself."""
        if not self.request.user.may(Perm.CASE_ASSIGN):
            return None
        return curators_of(self.request.user.organisation_id)

    def act(self, form):
        data = form.cleaned_data
        case = Case.open_for(
            self.object,
            by=self.request.user,
            curator=data.get("curator") or self.request.user,
            referral=data["referral"],
            form=data["form"],
            ground=data["ground"],
            person=data["person"],
        )
        return case.get_absolute_url()

    def get_context_data(self, **context):
        lacking = lacks.for_opening(self.object, self.request.user.organisation)
        base = {"lacks": lacking, "version": None, "submit_reason": "; ".join(lacking.values())}
        return super().get_context_data(**(base | context))


def people_in(family):
    """Who is in the family today, for a choice."""
    return Person.objects.filter(pk__in=family.members_on(timezone.localdate()).values("person"))


def curators_of(organisation_id):
    """Active curators of an organisation, for a choice."""
    return User.objects.filter(organisation=organisation_id, role=Role.CURATOR, is_active=True)


def in_region(page) -> bool:
    """Whether the region's practice has the page."""
    return page not in MODULE_OF or profile.current().has(MODULE_OF[page])


class CaseDetail(CaseTrail, DetailPage):
    """The case: what to do now, where it stands, and everything that was done, by tabs."""

    permission = Perm.CASE_VIEW
    model = Case
    template_name = "cases/case_detail.html"
    TABS = {
        "": "Сейчас",
        "programme": "Программа",
        "contacts": "Контакты",
        "reviews": "Мониторинг",
        "services": "Занятия",
        "history": "История",
    }
    MODULE_TABS = {"services": "services"}  # tab: the module without which the region has none
    # What stands in the header; all the rest is under «Ещё», so that the number of the case has its line.
    DAILY = ("cases:visit-plan", "cases:review-new", "cases:case-resume", "cases:case-return")
    BEFORE_COUNCIL = ("cases:visit-plan", "cases:assessment-new")

    def get_queryset(self):
        return super().get_queryset().with_people().select_related("previous").with_last_contact().with_next_due()

    def get_title(self):
        return f"Случай №\u00a0{self.object.number}"

    def get_note(self):
        return ""

    def get_breadcrumbs(self):
        return [("Случаи", reverse("cases:case-list")), (f"№\u00a0{self.object.number}", None)]

    @property
    def tabs(self) -> dict:
        """The tabs of this region's practice."""
        region = profile.current()
        return {
            code: title
            for code, title in self.TABS.items()
            if code not in self.MODULE_TABS or region.has(self.MODULE_TABS[code])
        }

    @property
    def tab(self) -> str:
        asked = self.request.GET.get("tab", "")
        return asked if asked in self.tabs else ""

    def get_main_action(self):
        if not self.request.user.may(Perm.CASE_WORK):
            return None
        case = self.object
        return Action(
            "Записать контакт", reverse("cases:contact-new", args=[case.pk]), disabled_reason=acts.why_not_contact(case)
        )

    def get_actions(self):
        case, user = self.object, self.request.user
        named = [
            (Perm.CASE_WORK, "Запланировать встречу", "cases:visit-plan", acts.why_not_contact),
            (Perm.CASE_WORK, "Провести мониторинг", "cases:review-new", acts.why_not_review),
            (Perm.CASE_WORK, "Провести диагностику", "cases:assessment-new", acts.why_not_assess),
            (Perm.CASE_WORK, "Записать договор", "cases:contract-new", acts.why_not_contract),
            (Perm.CASE_WORK, "Заключение о снятии", "cases:closure-new", acts.why_not_prepare_closure),
            (Perm.CASE_WORK, "Анкета для семьи", "cases:survey-invite", acts.why_not_invite_to_survey),
            (Perm.CASE_ASSIGN, "Назначить куратора", "cases:case-assign", acts.why_not_assign),
            (Perm.CASE_ASSIGN, "Передать в другую организацию", "cases:transfer-offer", acts.why_not_transfer),
            (Perm.CASE_SUSPEND, "Приостановить", "cases:case-suspend", acts.why_not_suspend),
            (Perm.CASE_SUSPEND, "Возобновить", "cases:case-resume", acts.why_not_resume),
            (Perm.CASE_WORK, "Отказ семьи", "cases:case-withdraw", acts.why_not_withdraw),
            (Perm.CASE_WORK, "Вернуть на сопровождение", "cases:case-return", acts.why_not_return),
        ]
        actions = [
            self._action(title, name, why_not(case))
            for perm, title, name, why_not in named
            if user.may(perm) and in_region(name)
        ]
        return sorted(actions, key=lambda action: (bool(action.disabled_reason), action.rare))  # what can be done first

    def _action(self, title, name, reason) -> Action:
        """What cannot be done now and what is not done daily stands under «Ещё»."""
        daily = self.BEFORE_COUNCIL if self.object.stage == Stage.ASSESSMENT else self.DAILY
        rare = bool(reason) or name not in daily
        return Action(title, reverse(name, args=[self.object.pk]), disabled_reason=reason, rare=rare)

    def get_context_data(self, **context):
        case, user = self.object, self.request.user
        today = timezone.localdate()
        url = case.get_absolute_url()
        tabs = [
            {"title": title, "url": f"{url}?tab={code}" if code else url, "active": code == self.tab}
            for code, title in self.tabs.items()
        ]
        base = {
            "tab": self.tab,
            "tab_template": f"cases/_case_{self.tab or 'now'}.html",
            "family_name": reading.family_title(case.family),
            "tabs_of_case": tabs,
            "family": case.family,
            "steps_of_case": stage_steps(case),
            "today": today,
            "left": case.days_of_level_left(today),
            "may_work": user.may(Perm.CASE_WORK),
            "standing_in": reading.standing_in(case),
        }
        return super().get_context_data(**(base | getattr(self, f"read_{self.tab or 'now'}")() | context))

    def read_now(self):
        case = self.object
        return {
            "next": next_steps(case, self.request.user),
            "changes": composition.changes_of(case),
            "rows": reading.assessment_rows(case, case.draft_revisions().for_reading()),
            "last_assessment": case.assessments.select_related("by").last(),
            "progress": reading.progress_of_case(case),
            "contracts": list(case.contracts.select_related("copy")),
            "suspension": case.suspensions.filter(until=None).first(),
            "checks": list(case.aftercare_checks.all()),
            "attempts": reading.attempts_in_a_row(case),
            "waiting": list(case.activities.filter(state="reported").select_related("agency", "person")[:20]),
        } | returns.describe(case, self.request.user)

    def read_programme(self):
        case = self.object
        reason = acts.why_not_start_programme(case)
        return reading.programme_context(case, self.request.user) | {
            "why_not_draft": acts.why_not_draft(case),
            "why_not_start": reason,
            "per_member": reading.programme_per_member(),
        }

    def read_contacts(self):
        contacts = self.object.contacts.select_related("by").prefetch_related("people")
        return {
            "contacts": list(contacts[:CONTACTS_SHOWN]),
            "contacts_total": contacts.count(),
            "planned": list(self.object.visits.planned()),
            "not_held": list(self.object.visits.exclude(state__in=("planned", "held")).order_by("-at")[:VISITS_SHOWN]),
            "attempts": reading.attempts_in_a_row(self.object),
        }

    def read_reviews(self):
        case = self.object
        return {
            "reviews": list(case.reviews.select_related("by")),
            "closure": getattr(case, "closure", None),
            "contracts": list(case.contracts.select_related("party", "revision", "copy__agency")),
            "several_kinds": profile.current().contract_count > 1,
            "why_not_closure": acts.why_not_prepare_closure(case),
        }

    def read_services(self):
        return services_of_case(self.object)

    def read_history(self):
        case = self.object
        return {
            "entries": timeline.entries_of([case]),
            "levels": list(case.level_periods.all()),
            "curators": list(case.curator_assignments.select_related("user")),
            "suspensions": list(case.suspensions.select_related("by")),
            "stand_ins": list(case.stand_in_periods.select_related("stand_in__user", "stand_in__curator")),
            "covered": list(case.members.select_related("person")),
            "why_not_cover": acts.why_not_change_cover(case),
            "to_cover": composition.people_to_cover(case, timezone.localdate()).exists(),
        }


class CaseAssign(CaseFormPage):
    """The head gives the case to a curator and sees what each carries."""

    permission = Perm.CASE_ASSIGN
    form_class = AssignForm
    title = "Назначить куратора"
    submit_title = "Назначить"
    success_message = "Куратор назначен. Сроки случая теперь у него."
    why_not = staticmethod(acts.why_not_assign)

    def get_form_kwargs(self):
        organisation = self.request.user.organisation_id
        loads = {load.curator.pk: reading.say_load(load) for load in reading.load_of_curators(organisation)}
        return {"curators": curators_of(organisation), "loads": loads, "initial": {"curator": self.object.curator_id}}

    def perform(self, form):
        self.object.assign_curator(form.cleaned_data["curator"], by=self.request.user, since=form.cleaned_data["since"])


class CaseSuspend(CaseFormPage):
    permission = Perm.CASE_SUSPEND
    form_class = SuspendForm
    title = "Приостановить сопровождение"
    submit_title = "Приостановить"
    success_message = "Сопровождение приостановлено."
    why_not = staticmethod(acts.why_not_suspend)

    def perform(self, form):
        self.object.suspend(by=self.request.user, **form.cleaned_data)


class CaseResume(CaseFormPage):
    permission = Perm.CASE_SUSPEND
    form_class = ResumeForm
    title = "Возобновить сопровождение"
    submit_title = "Возобновить"
    success_message = "Сопровождение возобновлено."
    why_not = staticmethod(acts.why_not_resume)

    def perform(self, form):
        self.object.resume(by=self.request.user, **form.cleaned_data)


class CaseWithdraw(CaseFormPage):
    """The family's own refusal of support: possible at any moment, without the council."""

    form_class = WithdrawForm
    template_name = "cases/case_withdraw.html"
    title = "Отказ семьи от сопровождения"
    submit_title = "Записать отказ и завершить случай"
    success_message = "Отказ семьи записан, случай завершён."
    why_not = staticmethod(acts.why_not_withdraw)

    def perform(self, form):
        self.object.close_at_familys_wish(by=self.request.user, **form.cleaned_data)

    def get_context_data(self, **context):
        return super().get_context_data(**({"tone": "danger"} | context))
