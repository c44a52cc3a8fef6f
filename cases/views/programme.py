"""ИПСС: drafting, goals, activities of a draft, the readable page, the printed programme."""

from django.db.models import Case as Choose
from django.db.models import IntegerField, Q, Value, When
from django.urls import reverse
from django.utils import timezone

from cases import acts, plan_forming, reading
from cases.documents import PROGRAMME
from cases.forms import ActivityForm, GoalForm, ProgrammeForm, RevisionForm
from cases.models import Activity, Goal, Programme, ProgrammeRevision
from cases.views.assessment import level_choices
from cases.views.base import CaseFormPage, CaseTrail, NewRowPage
from cases.words import Domain
from families.models import Person
from sopr import profile
from sopr.accounts.models import Organisation, OrganisationKind
from sopr.accounts.policy import Perm
from sopr.calendar import add_months
from sopr.documents.pdf import pdf_response
from sopr.errors import Refused
from sopr.web.pages import ActionPage, DetailPage


def people_of(case):
    """The persons the case covers now, for a choice."""
    return Person.objects.filter(case_memberships__case=case, case_memberships__until=None).order_by("birth_on", "pk")


def agencies_for(case):
    """Organisations that carry out activities: those of the family's municipality first."""
    near = Q(municipality=case.family.municipality_id) | Q(pk=case.organisation_id)
    order = Choose(When(near, then=Value(0)), default=Value(1), output_field=IntegerField())
    return Organisation.objects.exclude(kind=OrganisationKind.MINISTRY).order_by(order, "name")


class ProgrammeNew(NewRowPage):
    """The first draft of a programme; goals follow on the next page."""

    form_class = ProgrammeForm
    title = "Новая ИПСС"
    submit_title = "Создать и перейти к целям"
    success_message = "Проект ИПСС создан. Теперь добавьте цели и мероприятия."
    why_not = staticmethod(acts.why_not_start_programme)
    tab = "programme"

    def check_moment(self):
        super().check_moment()
        if not reading.programme_per_member() and self.object.programmes.exists():
            raise Refused("ИПСС уже составлена. Чтобы изменить утверждённую, создайте новую редакцию.")

    def get_form_kwargs(self):
        case = self.object
        assessment = case.assessments.order_by("done_on", "pk").last()
        level = case.level or (assessment.proposed_level if assessment else "")
        today = timezone.localdate()
        months = profile.current().levels[level].months if level else 6
        return {
            "people": self.get_people(),
            "initial": {
                "level": level,
                "since": today,
                "until": add_months(today, months),
                "resources": assessment.resources if assessment else "",
            },
        }

    def get_people(self):
        """Members without a programme, where each has his own; None where one is made for the family."""
        if not reading.programme_per_member():
            return None
        return people_of(self.object).exclude(programmes__case=self.object)

    def get_form(self, data=None, files=None):
        form = super().get_form(data, files)
        form.fields["level"].choices = [("", "выберите"), *level_choices(self.object)]
        return form

    def act(self, form):
        revision = Programme.start(self.object, by=self.request.user, **form.cleaned_data)
        return reverse("cases:programme-edit", args=[revision.pk])


class RevisionTrail(CaseTrail):
    """A page about one revision."""

    def get_revision(self):
        return self.object

    def get_case(self):
        return self.get_revision().programme.case

    def get_revision_url(self):
        return reverse("cases:programme-edit", args=[self.get_revision().pk])


class ProgrammeEdit(RevisionTrail, CaseFormPage):
    """The draft: its term and level, problem domains with what answers them, goals and activities."""

    model = ProgrammeRevision
    form_class = RevisionForm
    template_name = "cases/programme_edit.html"
    title = "Проект ИПСС"
    submit_title = "Сохранить срок и уровень"
    success_message = "Проект ИПСС сохранён."

    def get_queryset(self):
        return ProgrammeRevision.objects.visible_to(self.request.user).for_reading()

    def get_title(self):
        return f"Проект ИПСС № {self.object.programme.number}, редакция {self.object.number}"

    def check_moment(self):
        self.object.require_draft()

    def get_form_kwargs(self):
        names = RevisionForm.base_fields
        return {"initial": {name: getattr(self.object, name) for name in names}}

    def get_form(self, data=None, files=None):
        form = super().get_form(data, files)
        form.fields["level"].choices = level_choices(self.get_case())
        return form

    def act(self, form):
        self.object.change(by=self.request.user, **form.cleaned_data)
        return self.get_revision_url()

    def get_context_data(self, **context):
        case = self.get_case()
        rows = reading.assessment_rows(case, [self.object])
        described = reading.describe_revision(self.object, {row.code: row for row in rows}, timezone.localdate())
        problems = [row for row in rows if row.last]
        base = described | {
            "problems": problems,
            "uncovered": [row for row in problems if not row.covered],
            "assessed": bool(rows),
            "forms_plan": profile.current().has("activity_plan"),
            "why_not_plan": plan_forming.why_not_form(self.object),
        }
        return super().get_context_data(**(base | context))


class ProgrammeDetail(RevisionTrail, DetailPage):
    """Any revision, also a superseded one, as it was."""

    permission = Perm.CASE_VIEW
    model = ProgrammeRevision
    template_name = "cases/programme_detail.html"
    title = "ИПСС"

    def get_queryset(self):
        return ProgrammeRevision.objects.visible_to(self.request.user).for_reading()

    def get_title(self):
        return f"ИПСС № {self.object.programme.number}, редакция {self.object.number}"

    def get_context_data(self, **context):
        rows = {row.code: row for row in reading.assessment_rows(self.get_case(), [self.object])}
        described = reading.describe_revision(self.object, rows, timezone.localdate())
        return super().get_context_data(**({"programme": described, "case": self.get_case()} | context))


class ProgrammePrint(DetailPage):
    """The programme as a PDF; an unapproved one is marked ПРОЕКТ."""

    permission = Perm.CASE_VIEW
    model = ProgrammeRevision
    audit_read = ""

    def get_queryset(self):
        return ProgrammeRevision.objects.visible_to(self.request.user).for_reading()

    def show(self, status=200, **context):
        return pdf_response(PROGRAMME, self.object, by=self.request.user)


class ProgrammeAmend(CaseTrail, ActionPage):
    """A new draft from the revision in force; it becomes valid by a council's decision only."""

    permission = Perm.CASE_WORK
    model = ProgrammeRevision
    title = "Новая редакция ИПСС"
    submit_title = "Создать новую редакцию"
    success_message = "Новая редакция создана: измените её и вынесите на совет."

    def get_case(self):
        return self.object.programme.case

    def check_moment(self):
        reason = acts.why_not_draft(self.get_case())
        if reason:
            raise Refused(reason)
        if self.object.state != ProgrammeRevision.State.APPROVED:
            raise Refused("Новая редакция создаётся из утверждённой.")
        if self.object.programme.draft is not None:
            raise Refused("Проект новой редакции уже есть: продолжите работу с ним.")

    def get_question(self):
        return f"Создать редакцию {self.object.number + 1} программы № {self.object.programme.number}?"

    def get_consequences(self):
        return [
            "Цели и неисполненные мероприятия перейдут в проект.",
            "Действующая редакция остаётся в силе, пока совет не утвердит новую.",
        ]

    def act(self, form):
        revision = self.object.programme.amend(by=self.request.user)
        return reverse("cases:programme-edit", args=[revision.pk])


class GoalAdd(RevisionTrail, NewRowPage):
    model = ProgrammeRevision
    form_class = GoalForm
    title = "Новая цель"
    submit_title = "Добавить цель"

    def check_moment(self):
        self.object.require_draft()

    def get_back_url(self):
        return self.get_revision_url()

    def get_form_kwargs(self):
        asked = self.request.GET.get("domain", "")
        return {"initial": {"domain": asked if asked in Domain.values else ""}}

    def act(self, form):
        goal = self.object.add_goal(by=self.request.user, **form.cleaned_data)
        return f"{self.get_revision_url()}#goal-{goal.pk}"


class GoalPage(RevisionTrail, CaseFormPage):
    """An act on a goal of a draft."""

    model = Goal

    def get_queryset(self):
        return Goal.objects.visible_to(self.request.user).select_related(
            "revision__programme__case__family", "revision__programme__case__curator"
        )

    def get_revision(self):
        return self.object.revision

    def get_back_url(self):
        return self.get_revision_url()

    def check_moment(self):
        self.object.revision.require_draft()


class GoalEdit(GoalPage):
    form_class = GoalForm
    title = "Цель"

    def get_form_kwargs(self):
        return {"initial": {name: getattr(self.object, name) for name in GoalForm.base_fields}}

    def act(self, form):
        self.object.change(by=self.request.user, **form.cleaned_data)
        return f"{self.get_revision_url()}#goal-{self.object.pk}"


class GoalDelete(GoalPage, ActionPage):
    title = "Удалить цель"
    submit_title = "Удалить"
    tone = "danger"

    def get_question(self):
        return f"Удалить цель «{self.object.text}»?"

    def get_consequences(self):
        return ["Мероприятия этой цели удалятся из проекта вместе с ней."]

    def act(self, form):
        goal, self.object = self.object, self.object.revision  # the log names what is left
        goal.drop(by=self.request.user)
        return reverse("cases:programme-edit", args=[self.object.pk])


class ActivityAdd(GoalPage):
    form_class = ActivityForm
    title = "Новое мероприятие"
    submit_title = "Добавить мероприятие"

    def get_form_kwargs(self):
        case = self.get_case()
        return {
            "agencies": agencies_for(case),
            "people": people_of(case),
            "last_day": self.object.revision.until,
        }

    def act(self, form):
        self.object.add_activity(by=self.request.user, **form.cleaned_data)
        return f"{self.get_revision_url()}#goal-{self.object.pk}"

    def get_context_data(self, **context):
        return super().get_context_data(**({"version": None} | context))


class DraftActivityPage(RevisionTrail, CaseFormPage):
    """An act on an activity of a draft."""

    model = Activity

    def get_queryset(self):
        return Activity.objects.visible_to(self.request.user).select_related(
            "goal__revision__programme__case__family", "agency", "person", "case__family"
        )

    def get_case(self):
        return self.object.case

    def get_revision(self):
        return self.object.goal.revision

    def get_back_url(self):
        return self.get_revision_url() if self.object.goal_id else self.get_case_url()

    def check_moment(self):
        self.object.require_draft()


class ActivityEdit(DraftActivityPage):
    form_class = ActivityForm
    title = "Мероприятие"

    def get_form_kwargs(self):
        case = self.get_case()
        return {
            "agencies": agencies_for(case),
            "people": people_of(case),
            "last_day": self.get_revision().until,
            "initial": {name: getattr(self.object, name) for name in ActivityForm.base_fields},
        }

    def act(self, form):
        self.object.change(by=self.request.user, **form.cleaned_data)
        return f"{self.get_revision_url()}#goal-{self.object.goal_id}"


class ActivityDelete(DraftActivityPage, ActionPage):
    title = "Удалить мероприятие"
    submit_title = "Удалить"
    tone = "danger"

    def get_question(self):
        return f"Удалить мероприятие «{self.object.title}» из проекта?"

    def act(self, form):
        activity, self.object = self.object, self.object.goal.revision  # the log names what is left
        activity.drop(by=self.request.user)
        return reverse("cases:programme-edit", args=[self.object.pk])
