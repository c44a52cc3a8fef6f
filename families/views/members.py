"""Who is in the family: who joins, who leaves, what was entered wrong, who represents the children."""

from functools import cached_property

from django.utils import timezone

from families.finding.likeness import find_like, find_people_like
from families.finding.sameness import Typed
from families.forms.family import NewMemberForm
from families.forms.people import (
    CorrectMembershipForm,
    EndMembershipForm,
    EndRepresentationForm,
    RepresentationForm,
)
from families.models import FamilyMembership, Person, Representation
from families.registration import enter_member, include
from families.views.base import FamilyPartPage
from families.views.family import KeptFamilyPage
from sopr.errors import Refused


class MemberAdd(KeptFamilyPage):
    adds_row = True
    title = "Добавить человека в состав семьи"
    template_name = "families/member_add.html"
    success_message = "Состав семьи изменён."
    submit_title = "Добавить"

    @cached_property
    def typed(self) -> Typed | None:
        """Who was typed, as far as it can be read."""
        if self.request.method != "POST":
            return None
        form = NewMemberForm(self.request.POST)
        form.is_valid()
        names = ("last_name", "first_name", "patronymic", "snils")
        return Typed(
            **{name: form.cleaned_data.get(name) or "" for name in names}, birth_on=form.cleaned_data.get("birth_on")
        )

    @cached_property
    def known(self):
        """People of own families like the one typed: asked about before a new record is made."""
        return find_people_like(self.typed, by=self.request.user) if self.typed else []

    @cached_property
    def elsewhere(self):
        """Families of other organisations with somebody like the one typed: only who serves them is told."""
        likes = find_like(by=self.request.user, people=[self.typed], besides=self.object) if self.typed else []
        return [like for like in likes if not like.own]

    def get_form(self, data=None, files=None):
        return NewMemberForm(data, known=self.known, elsewhere=self.elsewhere)

    def act(self, form):
        values = form.cleaned_data
        membership = {
            "relation": values["relation"],
            "since": values["since"],
            "is_representative": values["is_representative"],
            "ground": values["ground"],
        }
        chosen = values.get("known", "new")
        if chosen not in ("new", ""):
            person = next(like.person for like in self.known if str(like.person.pk) == chosen)
            include(self.object, person, by=self.request.user, **membership)
        else:
            enter_member(
                self.object,
                form.person(),
                by=self.request.user,
                people=[like.person for like in self.known if like.must_answer],
                families=[like.family for like in self.elsewhere],
                difference=values.get("difference", ""),
                **membership,
            )
        return self.goes_to("members")

    def get_context_data(self, **context):
        return super().get_context_data(**({"elsewhere": self.elsewhere} | context))


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
        data = form.cleaned_data
        self.family.end_membership(
            self.object, by=self.request.user, until=data["until"], because=data["because"] or None
        )
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
    adds_row = True
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
