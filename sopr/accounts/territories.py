"""The administrator's dictionary of territories: municipalities and the districts in them."""

from copy import copy

from django import forms
from django.contrib import messages
from django.db.models import Count, Prefetch, Q
from django.urls import reverse
from django.utils import timezone

from sopr.accounts.filters import DistrictFilter
from sopr.accounts.forms import DistrictForm, MunicipalityForm
from sopr.accounts.models import District, DistrictWalk, Municipality
from sopr.accounts.policy import Perm
from sopr.web.forms import RussianDateField
from sopr.web.pages import Action, ActionPage, Empty, FormPage, ListPage
from sopr.web.tables import Column


def tabs(active: str) -> list[tuple]:
    """The two lists of the dictionary."""
    return [
        ("Муниципальные образования", reverse("accounts:municipality-list"), None, active == "municipality"),
        ("Участки", reverse("accounts:district-list"), None, active == "district"),
    ]


def with_walk(districts):
    """Districts with who walks them today, in one more statement."""
    walks = DistrictWalk.objects.valid_on(timezone.localdate()).select_related("organisation", "specialist")
    return districts.select_related("municipality").prefetch_related(Prefetch("walks", walks, to_attr="walk_now"))


class MunicipalityList(ListPage):
    """Municipalities of the region."""

    permission = Perm.ACCOUNT_MANAGE
    title = "Территории"
    model = Municipality
    default_sort = "name"
    columns = [
        Column("name", "Муниципальное образование", sort="name", width=44),
        Column("code", "Код", sort="code", width=12),
        Column("open_districts", "Участков", kind="number", sort="open_districts", width=12),
        Column("organisations", "Организаций", kind="number", sort="organisations", width=12),
    ]
    empty = Empty(
        "Муниципальных образований пока нет",
        "Их приносит книга реестра; можно добавить и здесь.",
        "/accounts/municipalities/new/",
        "Добавить",
    )
    export_name = "municipalities"

    def get_queryset(self):
        return Municipality.objects.annotate(
            open_districts=Count("districts", filter=Q(districts__closed_on=None), distinct=True),
            organisations=Count("organisation", distinct=True),
        )

    def get_main_action(self):
        return Action("Добавить муниципальное образование", reverse("accounts:municipality-new"), "plus-lg")

    def get_row_url(self, row):
        return reverse("accounts:municipality-edit", args=[row.pk])

    def get_context_data(self, **context):
        return super().get_context_data(saved=tabs("municipality"), **context)


class _MunicipalityPage(FormPage):
    permission = Perm.ACCOUNT_MANAGE
    model = Municipality
    form_class = MunicipalityForm

    def get_queryset(self):
        return Municipality.objects.all()

    def get_breadcrumbs(self):
        return [("Территории", reverse("accounts:municipality-list"))]


class MunicipalityNew(_MunicipalityPage):
    title = "Новое муниципальное образование"
    submit_title = "Добавить"
    success_message = "Муниципальное образование добавлено."

    def act(self, form):
        self.object = form.save()
        return _url(self.object)


class MunicipalityEdit(_MunicipalityPage):
    """Name and code, its districts beside them."""

    template_name = "accounts/municipality_edit.html"
    success_message = "Сохранено."

    def get_title(self):
        return self.object.name

    def get_actions(self):
        return [
            Action("Добавить участок", f"{reverse('accounts:district-new')}?in={self.object.pk}", "plus-lg"),
            Action("Удалить", reverse("accounts:municipality-delete", args=[self.object.pk]), "trash", tone="danger"),
        ]

    def get_form_kwargs(self):
        return {"instance": copy(self.object)}

    def get_context_data(self, **context):
        districts = with_walk(self.object.districts.order_by("closed_on", "name", "pk"))
        return super().get_context_data(**({"districts": districts} | context))

    def act(self, form):
        form.save()
        return reverse("accounts:municipality-list")


class MunicipalityDelete(_MunicipalityPage, ActionPage):
    """Only what was entered by mistake: nothing refers to it."""

    form_class = ActionPage.form_class
    template_name = ActionPage.template_name
    title = "Удалить муниципальное образование"
    submit_title = "Удалить"
    tone = "danger"

    def get_breadcrumbs(self):
        return [*super().get_breadcrumbs(), (self.object.name, _url(self.object))]

    def get_question(self):
        return f"Удалить «{self.object.name}»?"

    def get_consequences(self):
        return ["Оно исчезнет из справочника. Если с ним связана хоть одна запись, система откажет и назовёт какая."]

    def act(self, form):
        copy(self.object).remove()  # the log keeps the id of what was deleted
        messages.success(self.request, f"«{self.object.name}» удалено.")
        return reverse("accounts:municipality-list")


class DistrictList(ListPage):
    """Districts of every municipality and who walks them."""

    permission = Perm.ACCOUNT_MANAGE
    title = "Территории"
    model = District
    filterset_class = DistrictFilter
    default_sort = "municipality__name"
    columns = [
        Column("name", "Участок", sort="name", width=44),
        Column("municipality", "Муниципальное образование", "municipality.name", sort="municipality__name", width=34),
        Column("walk", "Кто обходит", lambda row: row.walk and row.walk.organisation, width=44),
        Column("closed_on", "Закрыт", kind="date", sort="closed_on", width=12),
    ]
    empty = Empty(
        "Участков пока нет",
        "Участок — часть муниципального образования, которую обходит один специалист.",
        "/accounts/districts/new/",
        "Добавить участок",
    )
    export_name = "districts"

    def get_queryset(self):
        return with_walk(District.objects.all())

    def get_ordering(self):
        return [*super().get_ordering()[:-1], "name", "pk"] if not self.sort else super().get_ordering()

    def get_main_action(self):
        return Action("Добавить участок", reverse("accounts:district-new"), "plus-lg")

    def get_row_url(self, row):
        return reverse("accounts:district-edit", args=[row.pk])

    def get_context_data(self, **context):
        return super().get_context_data(saved=tabs("district"), **context)


class _DistrictPage(FormPage):
    permission = Perm.ACCOUNT_MANAGE
    model = District
    form_class = DistrictForm

    def get_queryset(self):
        return with_walk(District.objects.all())

    def get_breadcrumbs(self):
        return [
            ("Территории", reverse("accounts:municipality-list")),
            ("Участки", reverse("accounts:district-list")),
        ]

    def hand_over(self, form):
        """Write down who walks the district, when another organisation was chosen."""
        if form.changes_walk:
            self.object.hand_to(form.cleaned_data["organisation"], since=form.cleaned_data["since"])


class DistrictNew(_DistrictPage):
    title = "Новый участок"
    submit_title = "Добавить"
    success_message = "Участок добавлен. Населённые пункты и учреждения вносит организация, которая его обходит."

    def get_form_kwargs(self):
        asked = self.request.GET.get("in", "")
        known = asked.isdecimal() and Municipality.objects.filter(pk=asked[:18]).first()
        return {"initial": {"municipality": known}} if known else {}

    def act(self, form):
        self.object = form.save()
        self.hand_over(form)
        return _url(self.object.municipality)


class DistrictEdit(_DistrictPage):
    template_name = "accounts/district_edit.html"
    success_message = "Сохранено."

    def get_title(self):
        return self.object.name

    def get_note(self):
        return self.object.municipality.name

    def get_actions(self):
        if self.object.closed_on:
            return [Action("Открыть снова", reverse("accounts:district-reopen", args=[self.object.pk]))]
        return [Action("Закрыть участок", reverse("accounts:district-close", args=[self.object.pk]))]

    def get_form_kwargs(self):
        walk = self.object.walk
        return {"instance": copy(self.object), "walked_by": walk.organisation if walk else None}

    def get_context_data(self, **context):
        walks = self.object.walks.select_related("organisation", "specialist")
        return super().get_context_data(**({"walks": walks} | context))

    def act(self, form):
        form.save()
        self.hand_over(form)
        return reverse("accounts:district-list")


class CloseForm(forms.Form):
    on = RussianDateField(label="Последний день")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = timezone.localdate()

    def clean_on(self):
        day = self.cleaned_data["on"]
        if day > timezone.localdate():
            raise forms.ValidationError("Этот день ещё не наступил. Укажите сегодняшний или прошедший.")
        return day


class DistrictClose(_DistrictPage, ActionPage):
    form_class = CloseForm
    template_name = ActionPage.template_name
    title = "Закрыть участок"
    submit_title = "Закрыть участок"
    success_message = "Участок закрыт."

    def get_breadcrumbs(self):
        return [*super().get_breadcrumbs(), (self.object.name, _district_url(self.object))]

    def get_question(self):
        return f"Закрыть «{self.object.name}»?"

    def get_consequences(self):
        return [
            "Новых семей к нему не отнести. Его семьи появятся в списке «Семьи без участка»: их относят к другому.",
            "Паспорта участка и записи об обходах остаются.",
        ]

    def act(self, form):
        self.object.close(on=form.cleaned_data["on"])
        return reverse("accounts:district-list")


class DistrictReopen(_DistrictPage, ActionPage):
    form_class = ActionPage.form_class
    template_name = ActionPage.template_name
    title = "Открыть участок снова"
    submit_title = "Открыть снова"
    success_message = "Участок снова действует."

    def get_breadcrumbs(self):
        return [*super().get_breadcrumbs(), (self.object.name, _district_url(self.object))]

    def get_question(self):
        return f"Открыть снова «{self.object.name}»?"

    def act(self, form):
        self.object.reopen()
        return _district_url(self.object)


def _url(municipality):
    return reverse("accounts:municipality-edit", args=[municipality.pk])


def _district_url(district):
    return reverse("accounts:district-edit", args=[district.pk])
