"""План мероприятий из трудностей: forming it on a draft, and the dictionary it is formed from."""

from copy import copy

import django_filters
from django.urls import reverse

from cases import plan_forming
from cases.models import PlanTemplate, ProgrammeRevision
from cases.models.template import EXECUTORS
from cases.plan_forms import PlanForm, PlanTemplateForm
from cases.views.base import NewRowPage
from cases.views.programme import RevisionTrail
from cases.words import Domain
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.pages import Action, ActionPage, Empty, FormPage, ListPage
from sopr.web.tables import Column


class ProgrammePlan(RevisionTrail, NewRowPage):
    """What the dictionary offers for the difficulties of the assessment: tick, choose the agency, add in one act."""

    module = "activity_plan"
    model = ProgrammeRevision
    form_class = PlanForm
    template_name = "cases/programme_plan.html"
    title = "План мероприятий по трудностям"
    submit_title = "Добавить отмеченное в проект"

    def get_queryset(self):
        return ProgrammeRevision.objects.visible_to(self.request.user).select_related(
            "programme__case__family", "programme__case__curator", "programme__case__organisation", "programme__person"
        )

    def check_moment(self):
        self.object.require_draft()
        reason = plan_forming.why_not_form(self.object)
        if reason:
            raise Refused(reason)

    def get_back_url(self):
        return self.get_revision_url()

    def get_breadcrumbs(self):
        *before, own = super().get_breadcrumbs()
        return [*before, ("Проект ИПСС", self.get_revision_url()), own]

    def get_form_kwargs(self):
        return {"offers": plan_forming.offer(self.object)}

    def act(self, form):
        added = plan_forming.form_plan(self.object, by=self.request.user, chosen=form.chosen())
        self.success_message = f"Добавлено мероприятий: {added}. Измените их под семью, если нужно."
        return self.get_revision_url()

    def get_context_data(self, **context):
        form = context.get("form")  # none on the page that says why not
        nothing = form is not None and not any(offer.lines for offer in form.offers)
        reason = "Предложить нечего: всё, что есть в справочнике по этим трудностям, уже в проекте" if nothing else ""
        return super().get_context_data(**({"submit_reason": reason} | context))


class PlanTemplateFilter(django_filters.FilterSet):
    domain = django_filters.ChoiceFilter(label="Сфера", choices=Domain, empty_label="все")
    agency_kind = django_filters.ChoiceFilter(label="Кто исполняет", choices=EXECUTORS, empty_label="все")
    state = django_filters.ChoiceFilter(
        label="Состояние",
        choices=[("used", "предлагаются"), ("retired", "сняты")],
        method="filter_state",
        empty_label="все",
    )

    class Meta:
        model = PlanTemplate
        fields = ["domain", "agency_kind", "state"]

    def filter_state(self, rows, _name, value):
        return rows.filter(retired_on__isnull=value == "used")


class PlanTemplateList(ListPage):
    permission = Perm.DICTIONARY_EDIT
    module = "activity_plan"
    model = PlanTemplate
    filterset_class = PlanTemplateFilter
    title = "Шаблоны мероприятий"
    export_name = "shablony-meropriyatij"
    default_sort = "domain"
    empty = Empty("Шаблонов пока нет", "Добавьте первый: из шаблонов формируется план мероприятий.")
    columns = [
        Column("title", "Мероприятие", sort="title", note=lambda row: row.repetition, width=60),
        Column("domain", "Сфера", "get_domain_display", sort="domain", width=26),
        Column("condition", "Когда предлагается", width=34),
        Column("kind", "Вид помощи", "get_kind_display", sort="kind", width=18),
        Column("agency_kind", "Кто исполняет", "get_agency_kind_display", sort="agency_kind", width=24),
        Column("within_days", "Срок, раб. дней", kind="number", sort="within_days", width=14),
        Column("owner", "Чей", lambda row: "нашей организации" if row.organisation_id else "региона", width=18),
        Column("goal", "Цель", width=50, optional=True),
        Column(
            "retired_on",
            "Предлагается",
            lambda row: f"снят {row.retired_on:%d.%m.%Y}" if row.retired_on else "да",
            tone=lambda row: "muted" if row.retired_on else "",
            sort="retired_on",
            width=16,
        ),
    ]

    def get_queryset(self):
        return PlanTemplate.objects.read_by(self.request.user)

    def get_note(self):
        if self.request.user.may(Perm.ACCOUNT_MANAGE):
            return "Из них куратор формирует план по трудностям семьи. Шаблоны региона видят все организации."
        return "Шаблоны региона меняет администратор. Свои Вы добавляете для кураторов Вашей организации."

    def get_main_action(self):
        return Action("Добавить шаблон", reverse("cases:plantemplate-new"), "plus-lg")

    def get_actions(self):
        if not self.request.user.may(Perm.ACCOUNT_MANAGE):
            return []
        return [Action("Факторы диагностики", reverse("cases:factor-list"))]

    def get_row_url(self, row):
        """A head reads the region's templates here and changes those of his organisation."""
        own = row.organisation_id is not None
        if own == self.request.user.may(Perm.ACCOUNT_MANAGE):
            return ""
        return reverse("cases:plantemplate-edit", args=[row.pk])


class _PlanTemplatePage(FormPage):
    permission = Perm.DICTIONARY_EDIT
    module = "activity_plan"
    model = PlanTemplate
    form_class = PlanTemplateForm

    def get_breadcrumbs(self):
        return [("Шаблоны мероприятий", reverse("cases:plantemplate-list")), (self.get_title(), None)]

    def act(self, form):
        form.save()
        return reverse("cases:plantemplate-list")


class PlanTemplateNew(_PlanTemplatePage):
    """The administrator adds for the region, a head for his organisation."""

    title = "Новый шаблон мероприятия"
    submit_title = "Добавить"
    success_message = "Шаблон добавлен: он предлагается в новых планах."

    def get_form_kwargs(self):
        user = self.request.user
        region = user.may(Perm.ACCOUNT_MANAGE)
        return {"instance": PlanTemplate(organisation_id=None if region else user.organisation_id)}


class PlanTemplateEdit(_PlanTemplatePage):
    title = "Шаблон мероприятия"
    success_message = "Сохранено. Уже сформированные планы не изменились."

    def get_form_kwargs(self):
        return {"instance": copy(self.object)}

    def get_actions(self):
        title = "Вернуть в справочник" if self.object.retired_on else "Больше не предлагать"
        return [Action(title, reverse("cases:plantemplate-retire", args=[self.object.pk]))]


class PlanTemplateRetire(_PlanTemplatePage, ActionPage):
    """Offer the template no more, or offer it again."""

    title = "Снять шаблон"
    form_class = ActionPage.form_class

    def get_title(self):
        return "Вернуть шаблон" if self.object.retired_on else self.title

    def get_question(self):
        again = self.object.retired_on
        return f"{'Снова' if again else 'Больше не'} предлагать «{self.object}» в планах мероприятий?"

    def get_consequences(self):
        return [] if self.object.retired_on else ["В уже составленных программах мероприятие останется."]

    def act(self, form):
        if self.object.retired_on:
            self.object.bring_back(by=self.request.user)
        else:
            self.object.retire(by=self.request.user)
        return reverse("cases:plantemplate-list")
