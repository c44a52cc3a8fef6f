"""The dictionary of rights and benefits: in force, to come, ended; a new version from a day; the lawyer's check."""

import django_filters
from django.contrib import messages
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from cases.benefit_forms import BenefitVersionForm, EndBenefitForm
from cases.benefits import load_federal
from cases.models import Benefit, BenefitVersion
from cases.models.benefit import WHOM
from cases.views.dictionaries import DictionaryTrail
from sopr.accounts.policy import Perm, Role
from sopr.calendar import DAY
from sopr.errors import Refused
from sopr.web.pages import Action, ActionPage, DetailPage, Empty, FormPage, ListPage
from sopr.web.tables import Column


class BenefitFilter(django_filters.FilterSet):
    STATES = [
        ("unconfirmed", "действуют, не проверены"),
        ("future", "начнут действовать"),
        ("ended", "прежние редакции"),
    ]

    state = django_filters.ChoiceFilter(label="Отбор", choices=STATES, method="filter_state", empty_label="действуют")
    level = django_filters.ChoiceFilter(label="Уровень", choices=BenefitVersion.Level, empty_label="любой")
    whom = django_filters.ChoiceFilter(
        label="Кому", choices=list(WHOM.items()), method="filter_whom", empty_label="всем"
    )

    class Meta:
        model = BenefitVersion
        fields = ["state", "level", "whom"]

    def filter_queryset(self, queryset):
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("state") else rows.valid_on(timezone.localdate())

    def filter_state(self, rows, _name, value):
        today = timezone.localdate()
        if value == "future":
            return rows.filter(since__gt=today)
        if value == "ended":
            return rows.filter(until__lt=today)
        return rows.valid_on(today).filter(confirmed=False)

    def filter_whom(self, rows, _name, value):
        # as text, because lookups in JSON differ between the databases; a quoted code is no part of another
        rows = rows.annotate(whom_as_text=Cast("whom", TextField()))
        return rows.filter(Q(whom_as_text__contains=f'"{value}"') | Q(whom_as_text="[]"))


class BenefitList(DictionaryTrail, ListPage):
    permission = Perm.DICTIONARY_VIEW
    module = "legal_navigator"
    model = BenefitVersion
    filterset_class = BenefitFilter
    title = "Меры поддержки и права семей"
    export_name = "mery-podderzhki"
    default_sort = "title"
    columns = [
        Column("title", "Мера", sort="title", url=lambda row: row.benefit.get_absolute_url(), width=46),
        Column("norm", "Норма", width=50, css="hide-s"),
        Column("level", "Уровень", "get_level_display", sort="level", width=16),
        Column("since", "Действует с", kind="date", sort="since", width=14),
        Column("until", "По", kind="date", sort="until", width=12),
        Column("owner", "Чья строка", "benefit.owner", width=24, optional=True),
        Column("state", "Состояние", lambda row: row.state[0], kind="state", tone=lambda row: row.state[1], width=24),
    ]

    empty = Empty(
        "Мер пока нет",
        "Администратор начинает с набора: «Внести федеральные меры». Региональные и местные добавьте сами.",
    )

    def get_queryset(self):
        return super().get_queryset().select_related("benefit__organisation")

    def get_main_action(self):
        if not self.request.user.may(Perm.DICTIONARY_EDIT):
            return None
        return Action("Добавить меру", reverse("cases:benefit-new"), "plus-lg")

    def get_actions(self):
        if self.request.user.role != Role.ADMINISTRATOR:
            return []
        return [Action("Внести федеральные меры", reverse("cases:benefit-load"))]

    def get_context_data(self, **context):
        return super().get_context_data(**({"found": "мера,меры,мер"} | context))


class OfBenefit(DictionaryTrail):
    model = Benefit
    module = "legal_navigator"
    list_page, list_title = "cases:benefit-list", "Меры поддержки и права семей"

    @cached_property
    def version(self):
        """The version in force today, else the last one."""
        return self.object.version_on(timezone.localdate()) or self.object.last


class BenefitDetail(OfBenefit, DetailPage):
    permission = Perm.DICTIONARY_VIEW
    template_name = "cases/benefit_detail.html"
    audit_read = ""

    def get_queryset(self):
        return super().get_queryset().select_related("organisation")

    def get_title(self):
        return self.version.title

    def get_breadcrumbs(self):
        return super().get_breadcrumbs()[:-1]

    @cached_property
    def may_edit(self):
        return Benefit.objects.editable_by(self.request.user).filter(pk=self.object.pk).exists()

    def get_main_action(self):
        if not self.may_edit:
            return None
        return Action("Новая редакция", reverse("cases:benefit-revise", args=[self.object.pk]))

    def get_actions(self):
        if not self.may_edit:
            return []
        found = [Action("Прекратить", reverse("cases:benefit-end", args=[self.object.pk]), rare=True)]
        if not self.version.confirmed:
            found.insert(0, Action("Проверена юристом", reverse("cases:benefit-confirm", args=[self.object.pk])))
        return found

    def get_context_data(self, **context):
        versions = list(self.object.versions.select_related("by", "confirmed_by"))
        return super().get_context_data(**({"shown": self.version, "versions": versions} | context))


class BenefitEditPage(OfBenefit, FormPage):
    """A measure of one's own: the region's for its administrator, the organisation's for its head."""

    permission = Perm.DICTIONARY_EDIT
    form_class = BenefitVersionForm
    template_name = "cases/benefit_edit.html"

    def get_queryset(self):
        return Benefit.objects.editable_by(self.request.user)

    def get_back_url(self):
        return self.object.get_absolute_url() if self.object else reverse(self.list_page)


class BenefitNew(BenefitEditPage):
    title = "Новая мера поддержки"
    submit_title = "Добавить меру"
    success_message = "Мера добавлена."

    def get_form_kwargs(self):
        return {"initial": {"since": timezone.localdate(), "level": BenefitVersion.Level.REGIONAL}}

    def act(self, form):
        return Benefit.add(by=self.request.user, **form.cleaned_data).get_absolute_url()


class BenefitRevise(BenefitEditPage):
    title = "Новая редакция"
    submit_title = "Сохранить новую редакцию"
    success_message = "Новая редакция записана. Прежняя осталась в истории."
    adds_row = True

    def get_note(self):
        return f"{self.object.last.title}: прежняя редакция остаётся как была"

    def get_form_kwargs(self):
        last = self.object.last
        first_day = max(timezone.localdate(), last.since + DAY)
        return {"initial": {name: getattr(last, name) for name in BenefitVersion.CONTENT} | {"since": first_day}}

    def act(self, form):
        self.object.revise(by=self.request.user, **form.cleaned_data)
        return self.object.get_absolute_url()


class BenefitEnd(BenefitEditPage):
    form_class = EndBenefitForm
    template_name = "base_form.html"
    title = "Прекратить меру"
    submit_title = "Записать последний день"
    success_message = "Последний день меры записан."
    adds_row = True

    def get_note(self):
        return self.object.last.title

    def get_context_data(self, **context):
        return super().get_context_data(**({"tone": "danger"} | context))

    def act(self, form):
        self.object.end(by=self.request.user, until=form.cleaned_data["until"])
        return self.object.get_absolute_url()


class BenefitConfirm(BenefitEditPage, ActionPage):
    form_class = ActionPage.form_class
    template_name = ActionPage.template_name
    title = "Проверена юристом"
    submit_title = "Проверена"
    success_message = "Отмечено: эта редакция проверена юристом."

    def get_question(self):
        return f"Юрист региона прочитал редакцию «{self.version.title}»?"

    def get_consequences(self):
        return ["Семьям её будут печатать без оговорки «уточните перед обращением».", f"Норма: {self.version.norm}."]

    def check_moment(self):
        if self.version.confirmed:
            raise Refused("Эта редакция уже проверена.")

    def act(self, form):
        self.object.confirm(by=self.request.user)
        return self.object.get_absolute_url()


class BenefitLoad(DictionaryTrail, ActionPage):
    """The set of federal measures that comes along; only the region's administrator enters it."""

    permission = Perm.DICTIONARY_EDIT
    module = "legal_navigator"
    title = "Федеральные меры"
    submit_title = "Внести"
    list_page, list_title = OfBenefit.list_page, OfBenefit.list_title
    question = "Внести в справочник набор федеральных мер?"

    def check_moment(self):
        if self.request.user.role != Role.ADMINISTRATOR:
            raise Refused("Федеральные меры вносит администратор: они одни на весь регион.")

    def get_consequences(self):
        return [
            "Меры, внесённые раньше, останутся как есть.",
            "Все новые получат пометку «проверьте у юриста», пока их не проверят.",
        ]

    def act(self, form):
        added = load_federal(by=self.request.user)
        messages.success(self.request, f"Внесено новых мер: {added}." if added else "Все меры набора уже внесены.")
        return reverse(self.list_page)
