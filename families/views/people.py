"""One person: the page, the data, statuses of health, how the name declines."""

from functools import cached_property

from django.urls import reverse
from django.utils import timezone

from families.forms.people import (
    CorrectHealthStatusForm,
    EndHealthStatusForm,
    HealthStatusForm,
    NameFormsForm,
    PersonEditForm,
)
from families.keepers import keeps, may_see
from families.models import Family, FamilyMembership, HealthStatus, Person
from families.views.access import NOT_KEEPER
from families.views.family import KeptFamilyPage, family_crumbs, family_url
from sopr.accounts.policy import Perm
from sopr.audit.log import record
from sopr.audit.models import Action as Act
from sopr.documents import names
from sopr.errors import Refused
from sopr.web.pages import Action, DetailPage, FormPage

HEALTH_CLOSED = "Сведения о здоровье открыты только тем, кто работает с семьёй."


def person_url(person) -> str:
    return reverse("families:person-detail", args=[person.pk])


class OfPerson:
    """Finds the family in which the reader knows the person; needs `person` and `request`."""

    @property
    def person(self) -> Person:
        return self.object

    @cached_property
    def family(self) -> Family:
        """The family of this reader in which the person is: one the reader works with, if there is such."""
        families = list(Family.objects.visible_to(self.request.user).filter(memberships__person=self.person).distinct())
        return next((family for family in families if keeps(self.request.user, family)), families[0])

    def get_breadcrumbs(self):
        return [*family_crumbs(self.family), (self.person.short_name, person_url(self.person))]

    def sees(self, perm) -> bool:
        return may_see(self.request.user, self.family, perm)


class PersonDetail(OfPerson, DetailPage):
    permission = Perm.FAMILY_VIEW
    model = Person
    template_name = "families/person_detail.html"
    menu = "families"
    title = "Человек"

    def get(self, request, *args, **kwargs):
        record(request.user, Act.READ, self.object, detail={"page": self.page_name, "shown": self.shown})
        return self.show()

    @cached_property
    def shown(self) -> list[str]:
        """Protected parts that this reader is shown, for the access log."""
        person, parts = self.object, []
        if self.sees(Perm.HEALTH_VIEW) and (person.health or self.statuses):
            parts.append("health")
        if person.address_hidden and self.sees(Perm.HIDDEN_ADDRESS_VIEW):
            parts.append("address")
        return parts

    @cached_property
    def statuses(self) -> list[HealthStatus]:
        return list(self.object.health_statuses.all())

    def get_title(self):
        return self.object.full_name

    def get_breadcrumbs(self):
        return [*family_crumbs(self.family), (self.object.short_name, None)]

    def get_actions(self):
        reason = "" if keeps(self.request.user, self.family) else NOT_KEEPER
        pages = [("Изменить данные", "person-edit"), ("Как склоняется имя", "person-names")]
        if self.sees(Perm.HEALTH_VIEW):
            pages.append(("Инвалидность или ОВЗ", "health-add"))
        return [
            Action(title, reverse(f"families:{name}", args=[self.object.pk]), disabled_reason=reason, rare=bool(reason))
            for title, name in pages
        ]

    def get_context_data(self, **context):
        user, person = self.request.user, self.object
        memberships = FamilyMembership.objects.filter(person=person, family__in=Family.objects.visible_to(user))
        rows = memberships.select_related("family").prefetch_related("representations__child").order_by("-since", "pk")
        health_open = self.sees(Perm.HEALTH_VIEW)
        keeper = keeps(user, self.family)
        return super().get_context_data(
            **{
                "family": self.family,
                "keeps": keeper,
                "memberships": list(rows),
                "health_open": health_open,
                "statuses": self.statuses if health_open else [],
                "address_open": keeper and (not person.address_hidden or self.sees(Perm.HIDDEN_ADDRESS_VIEW)),
                "today": timezone.localdate(),
            }
            | context
        )


class PersonPage(OfPerson, FormPage):
    """A form about a person; open to those who work with a family of his."""

    permission = Perm.FAMILY_EDIT
    model = Person
    menu = "families"

    def get_note(self):
        return self.person.full_name

    def check_moment(self):
        if not keeps(self.request.user, self.family):
            raise Refused(NOT_KEEPER)


class PersonEdit(PersonPage):
    title = "Данные человека"
    success_message = "Данные сохранены."
    template_name = "families/person_edit.html"

    def get_form(self, data=None, files=None):
        person = self.object
        return PersonEditForm(
            data,
            initial={name: getattr(person, name) for name in [*PersonEditForm.Meta.fields, "snils"]},
            person_id=person.pk,
            with_health=self.sees(Perm.HEALTH_VIEW),
            with_addresses=not person.address_hidden or self.sees(Perm.HIDDEN_ADDRESS_VIEW),
        )

    def act(self, form):
        self.family.amend_person(self.object, by=self.request.user, **form.person())
        return family_url(self.family, "members")


class PersonNames(PersonPage):
    """How documents write the name in each case; where the machine errs, the right form is typed here."""

    title = "Как склоняется имя"
    success_message = "Формы имени сохранены: документы напишут их так."
    template_name = "families/person_names.html"

    def get_form(self, data=None, files=None):
        person = self.object
        made = {case.value: names.machine_form(person, case) for case in names.Case}
        words = len(person.full_name.split())
        return NameFormsForm(data, initial=person.name_forms, made=made, words=words)

    def act(self, form):
        self.family.decline_person(self.object, by=self.request.user, forms=form.forms_by_hand())
        return person_url(self.object)


class FamilyNames(KeptFamilyPage):
    """The same for the surname of the family."""

    title = "Как склоняется фамилия семьи"
    success_message = "Формы фамилии сохранены: документы напишут их так."
    template_name = "families/person_names.html"

    def get_form(self, data=None, files=None):
        family = self.object
        made = {case.value: names.family_surname(family.surname, case) for case in names.Case}
        return NameFormsForm(data, initial=family.surname_forms, made=made, words=len(family.surname.split()))

    def act(self, form):
        self.object.amend(by=self.request.user, surname_forms=form.forms_by_hand())
        return self.goes_to()


class HealthAdd(PersonPage):
    adds_row = True
    permission = Perm.HEALTH_VIEW
    title = "Инвалидность или ОВЗ"
    form_class = HealthStatusForm
    success_message = "Статус записан."

    def act(self, form):
        HealthStatus.establish(self.object, self.family, by=self.request.user, **form.status())
        return person_url(self.object)


class HealthStatusPage(PersonPage):
    """A form about one status."""

    permission = Perm.HEALTH_VIEW
    model = HealthStatus

    def get_queryset(self):
        people = Person.objects.visible_to(self.request.user)
        return HealthStatus.objects.filter(person__in=people.values("pk")).select_related("person")

    @property
    def person(self):
        return self.object.person

    def check_moment(self):
        if not self.sees(Perm.HEALTH_VIEW):
            raise Refused(HEALTH_CLOSED)

    def get_note(self):
        return f"{self.person.full_name}: {self.object}" if self.sees(Perm.HEALTH_VIEW) else ""


class HealthEnd(HealthStatusPage):
    title = "Статус больше не действует"
    form_class = EndHealthStatusForm
    success_message = "Записано."

    def act(self, form):
        self.object.end(self.family, by=self.request.user, until=form.cleaned_data["until"])
        return person_url(self.person)


class HealthEdit(HealthStatusPage):
    title = "Исправить запись об инвалидности или ОВЗ"
    form_class = CorrectHealthStatusForm
    submit_title = "Исправить"
    success_message = "Запись исправлена."

    def get_form_kwargs(self):
        return {"initial": {name: getattr(self.object, name) for name in ("detail", "document", "since", "until")}}

    def act(self, form):
        self.object.correct(self.family, by=self.request.user, reason=form.cleaned_data["reason"], **form.status())
        return person_url(self.person)
