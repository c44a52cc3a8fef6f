"""The administrator's organisations, agencies and NGOs, and the support services in them."""

from copy import copy

from django.urls import reverse

from sopr.accounts.filters import OrganisationFilter
from sopr.accounts.forms import OrganisationForm, UnitForm
from sopr.accounts.models import Organisation, Unit
from sopr.accounts.policy import Perm
from sopr.web.pages import Action, Empty, FormPage, ListPage
from sopr.web.tables import Column


class OrganisationList(ListPage):
    """Organisations, agencies and NGOs of the region."""

    permission = Perm.ACCOUNT_MANAGE
    title = "Организации"
    model = Organisation
    filterset_class = OrganisationFilter
    default_sort = "name"
    columns = [
        Column("name", "Наименование", sort="name", width=60),
        Column("code", "Код", sort="code", width=12, css="nowrap"),
        Column("kind", "Вид", "get_kind_display", sort="kind", width=26),
        Column("municipality", "Муниципальное образование", sort="municipality__name", width=30),
        Column("phone", "Телефон", css="nowrap"),
    ]
    empty = Empty("Ничего не найдено", "Измените условия отбора.")
    export_name = "organisations"

    def get_queryset(self):
        return Organisation.objects.select_related("municipality")

    def get_main_action(self):
        return Action("Добавить организацию", reverse("accounts:organisation-new"), "plus-lg")

    def get_row_url(self, row):
        return reverse("accounts:organisation-edit", args=[row.pk])


class _OrganisationPage(FormPage):
    permission = Perm.ACCOUNT_MANAGE
    model = Organisation
    form_class = OrganisationForm

    def get_queryset(self):
        return Organisation.objects.all()

    def get_breadcrumbs(self):
        return [("Организации", reverse("accounts:organisation-list"))]


class OrganisationNew(_OrganisationPage):
    """Open an organisation; its services are added next."""

    title = "Новая организация"
    submit_title = "Добавить"
    success_message = "Организация добавлена. Если в ней есть служба сопровождения, добавьте подразделение."

    def act(self, form):
        self.object = form.save()
        return _url(self.object)


class OrganisationEdit(_OrganisationPage):
    """Requisites of an organisation, its units beside them."""

    template_name = "accounts/organisation_edit.html"
    success_message = "Сохранено."

    def get_title(self):
        return self.object.name

    def get_actions(self):
        return [Action("Добавить подразделение", reverse("accounts:unit-new", args=[self.object.pk]), "plus-lg")]

    def get_form_kwargs(self):
        return {"instance": copy(self.object)}

    def get_context_data(self, **context):
        units = self.object.units.order_by("name", "pk")
        return super().get_context_data(**({"units": units} | context))

    def act(self, form):
        form.save()
        return reverse("accounts:organisation-list")


class UnitNew(_OrganisationPage):
    """A unit of the organisation, since a day."""

    title = "Новое подразделение"
    adds_row = True
    form_class = UnitForm
    submit_title = "Добавить"
    success_message = "Подразделение добавлено."

    def get_note(self):
        return self.object.name

    def get_breadcrumbs(self):
        return [*super().get_breadcrumbs(), (str(self.object), _url(self.object))]

    def get_form_kwargs(self):
        return {"instance": Unit(organisation=self.object)}

    def act(self, form):
        form.save()
        return _url(self.object)


class UnitEdit(FormPage):
    """Change a unit, or end it by a date."""

    permission = Perm.ACCOUNT_MANAGE
    model = Unit
    form_class = UnitForm
    success_message = "Сохранено."

    def get_queryset(self):
        return Unit.objects.select_related("organisation")

    def get_title(self):
        return self.object.name

    def get_note(self):
        return self.object.organisation.name

    def get_breadcrumbs(self):
        organisation = self.object.organisation
        return [
            ("Организации", reverse("accounts:organisation-list")),
            (str(organisation), _url(organisation)),
        ]

    def get_form_kwargs(self):
        return {"instance": copy(self.object)}

    def act(self, form):
        form.save()
        return _url(self.object.organisation)


def _url(organisation):
    return reverse("accounts:organisation-edit", args=[organisation.pk])
