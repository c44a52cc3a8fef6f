"""Who is in the family, what category it is, whether it is on the СОП register."""

from functools import cached_property

from django.utils import timezone

from families.categories import Category
from families.forms import (
    CategoryForm,
    EndCategoryForm,
    EndMembershipForm,
    NewMemberForm,
    PersonEditForm,
    PlaceOnSopForm,
    RemoveFromSopForm,
)
from families.keepers import keeps, may_see
from families.likeness import Typed, find_people_like
from families.models import CategoryPeriod, Family, FamilyMembership, Person, RegisterEntry
from families.registration import find_or_enter, include
from families.views.access import NOT_KEEPER
from families.views.family import KeptFamilyPage, family_crumbs, family_url
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.pages import FormPage


class MemberAdd(KeptFamilyPage):
    title = "Добавить человека в состав семьи"
    success_message = "Состав семьи изменён."
    submit_title = "Добавить"

    @cached_property
    def known(self) -> list[Person]:
        """People of own families like the one typed: asked about before a new record is made."""
        if self.request.method != "POST":
            return []
        form = NewMemberForm(self.request.POST)
        form.is_valid()
        typed = Typed(
            **{name: form.cleaned_data.get(name) or "" for name in ("last_name", "first_name", "patronymic", "snils")},
            birth_on=form.cleaned_data.get("birth_on"),
        )
        return [person for _grade, person in find_people_like(typed, by=self.request.user)]

    def get_form(self, data=None, files=None):
        return NewMemberForm(data, known=self.known)

    def act(self, form):
        values = form.cleaned_data
        chosen = values.get("known", "new")
        if chosen not in ("new", ""):
            person = next(person for person in self.known if str(person.pk) == chosen)
        else:
            person = find_or_enter(form.person(), by=self.request.user)
        include(
            self.object,
            person,
            by=self.request.user,
            relation=values["relation"],
            since=values["since"],
            is_representative=values["is_representative"],
            ground=values["ground"],
        )
        return self.goes_to("members")


class MemberEnd(FormPage):
    permission = Perm.FAMILY_EDIT
    model = FamilyMembership
    menu = "families"
    title = "Человек выбыл из семьи"
    form_class = EndMembershipForm
    submit_title = "Отметить выбытие"
    success_message = "Выбытие отмечено."

    def get_queryset(self):
        return FamilyMembership.objects.filter(family__in=Family.objects.visible_to(self.request.user)).select_related(
            "family", "person"
        )

    def get_breadcrumbs(self):
        return family_crumbs(self.object.family)

    def get_note(self):
        return f"{self.object.person.full_name}, {self.object.get_relation_display()}"

    def check_moment(self):
        if not keeps(self.request.user, self.object.family):
            raise Refused(NOT_KEEPER)
        if self.object.until and self.object.until < timezone.localdate():
            raise Refused(f"Выбытие уже отмечено: {self.object.until:%d.%m.%Y}.")

    def act(self, form):
        self.object.family.end_membership(self.object, by=self.request.user, until=form.cleaned_data["until"])
        return family_url(self.object.family, "members")


class PersonEdit(FormPage):
    permission = Perm.FAMILY_EDIT
    model = Person
    menu = "families"
    title = "Данные человека"
    success_message = "Данные сохранены."

    @cached_property
    def family(self):
        """The family of this reader in which the person is: one the reader works with, if there is such."""
        families = list(Family.objects.visible_to(self.request.user).filter(memberships__person=self.object).distinct())
        return next((family for family in families if keeps(self.request.user, family)), families[0])

    def get_breadcrumbs(self):
        return family_crumbs(self.family)

    def get_note(self):
        return self.object.full_name

    def check_moment(self):
        if not keeps(self.request.user, self.family):
            raise Refused(NOT_KEEPER)

    def get_form(self, data=None, files=None):
        with_health = may_see(self.request.user, self.family, Perm.HEALTH_VIEW)
        return PersonEditForm(
            data,
            initial={name: getattr(self.object, name) for name in [*PersonEditForm.Meta.fields, "snils"]},
            person_id=self.object.pk,
            with_health=with_health,
        )

    def act(self, form):
        self.family.amend_person(self.object, by=self.request.user, **form.person())
        return family_url(self.family, "members")


class CategorySet(KeptFamilyPage):
    title = "Категория семьи"
    form_class = CategoryForm
    success_message = "Категория записана."

    def act(self, form):
        values = form.cleaned_data
        verb = self.object.set_primary_category if values["kind"] == "primary" else self.object.add_category
        verb(Category(values["category"]), by=self.request.user, since=values["since"], ground=values["ground"])
        return self.goes_to("members")


class CategoryEnd(FormPage):
    permission = Perm.FAMILY_EDIT
    model = CategoryPeriod
    menu = "families"
    title = "Категория больше не действует"
    form_class = EndCategoryForm
    success_message = "Записано."

    def get_queryset(self):
        return CategoryPeriod.objects.filter(family__in=Family.objects.visible_to(self.request.user)).select_related(
            "family"
        )

    def get_breadcrumbs(self):
        return family_crumbs(self.object.family)

    def get_note(self):
        return self.object.get_category_display()

    def check_moment(self):
        if not keeps(self.request.user, self.object.family):
            raise Refused(NOT_KEEPER)
        if self.object.is_primary:
            raise Refused("Основную категорию нельзя снять, её можно только заменить: укажите новую основную.")
        if self.object.until:
            raise Refused(f"Эта категория уже снята {self.object.until:%d.%m.%Y}.")

    def act(self, form):
        self.object.family.end_category(self.object, by=self.request.user, until=form.cleaned_data["until"])
        return family_url(self.object.family, "members")


class RegisterEntryPage(KeptFamilyPage):
    """Учёт СОП: placing when the family is not on the register, removal when it is."""

    success_message = "Записано."

    @cached_property
    def on_register(self) -> bool:
        return self.object.register_entries.filter(kind=RegisterEntry.Kind.SOP, removed_on=None).exists()

    def get_title(self):
        return "Снятие с учёта СОП" if self.on_register else "Постановка на учёт СОП"

    def get_form(self, data=None, files=None):
        return RemoveFromSopForm(data) if self.on_register else PlaceOnSopForm(data)

    def act(self, form):
        day = form.cleaned_data["day"]
        if self.on_register:
            self.object.remove_from_sop(
                by=self.request.user, removed_on=day, positive_rehabilitation=form.cleaned_data["rehabilitated"]
            )
        else:
            self.object.place_on_sop(by=self.request.user, placed_on=day)
        return self.goes_to("members")
