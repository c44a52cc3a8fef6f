"""What category the family is, whether it is on a register: set, ended, put right with a reason."""

from functools import cached_property

from families.categories import Category
from families.forms.statuses import (
    CategoryForm,
    CorrectCategoryForm,
    CorrectRegisterForm,
    EndCategoryForm,
    PlaceOnRegisterForm,
    RemoveFromRegisterForm,
)
from families.models import CategoryPeriod, RegisterEntry
from families.views.base import FamilyPartPage
from families.views.family import KeptFamilyPage
from sopr.errors import Refused


class CategorySet(KeptFamilyPage):
    title = "Категория семьи"
    form_class = CategoryForm
    adds_row = True
    success_message = "Категория записана."

    def act(self, form):
        values = form.cleaned_data
        verb = self.object.set_primary_category if values["kind"] == "primary" else self.object.add_category
        verb(Category(values["category"]), by=self.request.user, since=values["since"], ground=values["ground"])
        return self.goes_to("members")


class CategoryPage(FamilyPartPage):
    model = CategoryPeriod

    def get_note(self):
        return self.object.get_category_display()


class CategoryEnd(CategoryPage):
    title = "Категория больше не действует"
    form_class = EndCategoryForm
    success_message = "Записано."

    def check_moment(self):
        super().check_moment()
        if self.object.is_primary:
            raise Refused("Основную категорию нельзя снять, её можно только заменить: укажите новую основную.")
        if self.object.until:
            raise Refused(f"Эта категория уже снята {self.object.until:%d.%m.%Y}.")

    def act(self, form):
        self.family.end_category(self.object, by=self.request.user, until=form.cleaned_data["until"])
        return self.goes_to()


class CategoryEdit(CategoryPage):
    title = "Исправить даты категории"
    submit_title = "Исправить"
    success_message = "Запись исправлена."

    def get_form(self, data=None, files=None):
        row = self.object
        initial = {"since": row.since, "until": row.until, "ground": row.ground}
        return CorrectCategoryForm(data, initial=initial, ends=not row.is_primary or row.until is not None)

    def act(self, form):
        values = dict(form.cleaned_data)
        self.object.correct(by=self.request.user, reason=values.pop("reason"), **values)
        return self.goes_to()


class RegisterPlace(KeptFamilyPage):
    """Постановка на учёт СОП или на межведомственный патронат."""

    title = "Постановка на учёт"
    adds_row = True
    success_message = "Постановка на учёт записана."

    @cached_property
    def free(self) -> list[str]:
        """Kinds of registers the family is not on."""
        on = set(self.object.register_entries.filter(removed_on=None).values_list("kind", flat=True))
        return [kind for kind in RegisterEntry.Kind.values if kind not in on]

    def check_moment(self):
        super().check_moment()
        if not self.free:
            raise Refused("Семья уже состоит и на учёте СОП, и на патронате. Сначала запишите снятие.")

    def get_form(self, data=None, files=None):
        return PlaceOnRegisterForm(data, kinds=self.free)

    def act(self, form):
        values = form.cleaned_data
        RegisterEntry.place(
            self.object, values["kind"], by=self.request.user, placed_on=values["day"], ground=values["ground"]
        )
        return self.goes_to("members")


class RegisterPage(FamilyPartPage):
    model = RegisterEntry

    def get_note(self):
        return str(self.object)


class RegisterRemove(RegisterPage):
    title = "Снятие с учёта"
    form_class = RemoveFromRegisterForm
    success_message = "Снятие с учёта записано."

    def check_moment(self):
        super().check_moment()
        if self.object.removed_on:
            raise Refused(f"Семья уже снята с этого учёта {self.object.removed_on:%d.%m.%Y}.")

    def act(self, form):
        values = form.cleaned_data
        self.object.remove(
            by=self.request.user,
            removed_on=values["day"],
            ground=values["ground"],
            positive_rehabilitation=values["rehabilitated"],
        )
        return self.goes_to()


class RegisterEdit(RegisterPage):
    title = "Исправить запись об учёте"
    submit_title = "Исправить"
    success_message = "Запись исправлена."

    def get_form(self, data=None, files=None):
        row = self.object
        names = ("placed_on", "placed_by", "removed_on", "removed_by")
        initial = {name: getattr(row, name) for name in names}
        initial["positive_rehabilitation"] = {True: "yes", False: "no"}.get(row.positive_rehabilitation, "")
        return CorrectRegisterForm(data, initial=initial, removed=row.removed_on is not None)

    def act(self, form):
        values = dict(form.cleaned_data)
        self.object.correct(by=self.request.user, reason=values.pop("reason"), **values)
        return self.goes_to()
