"""Who is in the family: who joins, who leaves, what was entered wrong, who represents the children."""

from functools import cached_property

from django.utils import timezone

from families.forms import NewMemberForm
from families.likeness import Typed, find_people_like
from families.models import FamilyMembership, Person, Representation
from families.people_forms import (
    CorrectMembershipForm,
    EndMembershipForm,
    EndRepresentationForm,
    RepresentationForm,
)
from families.registration import find_or_enter, include
from families.views.base import FamilyPartPage
from families.views.family import KeptFamilyPage
from sopr.errors import Refused


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


class MembershipPage(FamilyPartPage):
    model = FamilyMembership

    def get_queryset(self):
        return super().get_queryset().select_related("person")

    def get_note(self):
        return f"{self.object.person.full_name}, {self.object.get_relation_display()}"


class MemberEnd(MembershipPage):
    title = "Человек выбыл из семьи"
    form_class = EndMembershipForm
    submit_title = "Отметить выбытие"
    success_message = "Выбытие отмечено."

    def check_moment(self):
        super().check_moment()
        if self.object.until and self.object.until < timezone.localdate():
            raise Refused(f"Выбытие уже отмечено: {self.object.until:%d.%m.%Y}.")

    def act(self, form):
        self.family.end_membership(self.object, by=self.request.user, until=form.cleaned_data["until"])
        return self.goes_to()


class MemberEdit(MembershipPage):
    """A wrong relation, date or mark is put right with a reason; the former one stays in the history."""

    title = "Исправить запись о составе"
    form_class = CorrectMembershipForm
    success_message = "Запись исправлена."
    submit_title = "Исправить"
    CORRECTED = ("relation", "is_representative", "since", "until", "ground")

    def get_form_kwargs(self):
        return {"initial": {name: getattr(self.object, name) for name in self.CORRECTED}}

    def act(self, form):
        values = dict(form.cleaned_data)
        self.object.correct(by=self.request.user, reason=values.pop("reason"), **values)
        return self.goes_to()


class RepresentationAdd(MembershipPage):
    title = "Законный представитель"
    success_message = "Полномочия представителя записаны."

    def check_moment(self):
        super().check_moment()
        if self.object.relation == FamilyMembership.Relation.CHILD:
            raise Refused("Ребёнок не может быть законным представителем. Исправьте, кем он приходится семье.")
        if self.object.until and self.object.until < timezone.localdate():
            raise Refused("Этот человек уже не в составе семьи: представителем его не записать.")

    @cached_property
    def children(self) -> list[Person]:
        rows = self.family.members_on(timezone.localdate()).filter(relation=FamilyMembership.Relation.CHILD)
        return [row.person for row in rows]

    def get_form(self, data=None, files=None):
        return RepresentationForm(data, children=self.children)

    def act(self, form):
        values = dict(form.cleaned_data)
        chosen = set(values.pop("children", ()))
        children = [child for child in self.children if child.pk in chosen]
        self.object.represent(by=self.request.user, children=children, **values)
        return self.goes_to()


class RepresentationEnd(FamilyPartPage):
    model = Representation
    road = "membership__family"
    title = "Полномочия представителя закончены"
    form_class = EndRepresentationForm
    submit_title = "Закончить полномочия"
    success_message = "Записано."

    def get_queryset(self):
        return super().get_queryset().select_related("membership__person", "child")

    def get_note(self):
        whom = self.object.child.full_name if self.object.child else "все дети семьи"
        return f"{self.object.membership.person.full_name}: {self.object.document}; за кого: {whom}"

    def check_moment(self):
        super().check_moment()
        if self.object.until and self.object.until < timezone.localdate():
            raise Refused(f"Полномочия уже закончены {self.object.until:%d.%m.%Y}.")

    def act(self, form):
        self.object.end(by=self.request.user, until=form.cleaned_data["until"])
        return self.goes_to()
