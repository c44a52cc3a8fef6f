"""Splitting a family: who leaves, from which day, to a new card or to one that is there."""

from functools import cached_property

from django.utils import timezone

from families.finding.likeness import find_like
from families.forms.split import SplitForm
from families.keepers import keeps
from families.merging.splitting import NewCard, split_family
from families.merging.verbs import typed_like
from families.models import Family
from families.names import number_key
from families.views.access import NOT_KEEPER
from families.views.family import KeptFamilyPage, family_url
from sopr.errors import Refused


class FamilySplit(KeptFamilyPage):
    title = "Разделить семью"
    template_name = "families/family_split.html"
    submit_title = "Разделить"
    success_message = "Семья разделена. История осталась в обеих карточках."

    @cached_property
    def memberships(self):
        return list(self.object.members_on(timezone.localdate()))

    def check_moment(self):
        super().check_moment()
        if len(self.memberships) < 2:
            raise Refused("В карточке меньше двух человек: делить нечего. Сначала добавьте людей в состав.")

    def get_form(self, data=None, files=None):
        initial = {
            "municipality": self.object.municipality_id,
            "surname": self.object.surname,
            "to": "new",
            "on": timezone.localdate(),
        }
        return SplitForm(data, initial=initial, memberships=self.memberships)

    @cached_property
    def likes(self):
        """Families like the new one, the one being split left out: asked about before a card is entered."""
        form = self.checked
        if form is None or not form.is_new:
            return []
        card = form.cleaned_data
        people = [leaver.membership.person for leaver in form.leavers() if not leaver.stays]
        return find_like(
            by=self.request.user,
            people=[typed_like(person) for person in people],
            surname=card.get("surname") or "",
            address=card.get("address") or "",
            phone=card.get("phone") or "",
            besides=self.object,
        )

    checked = None  # the posted form, once it has been cleaned

    def act(self, form):
        self.checked = form
        to = self.new_card(form) if form.is_new else self.existing(form)
        other = split_family(
            self.object, by=self.request.user, leavers=form.leavers(), on=form.cleaned_data["on"], to=to
        )
        return family_url(other, "members")

    def new_card(self, form) -> NewCard:
        return NewCard(
            family=form.card(),
            category=form.cleaned_data["category"],
            category_ground=form.cleaned_data["category_ground"],
            alike=[like.family for like in self.likes if like.must_answer],
            difference=form.answer,
        )

    def existing(self, form) -> Family:
        asked = form.cleaned_data["number"].strip().lstrip("№# ")
        found = Family.objects.visible_to(self.request.user).filter(number_key=number_key(asked)).first()
        if found is None:
            raise Refused("Карточки с таким номером в Вашей организации нет. Проверьте номер.")
        if not keeps(self.request.user, found):
            raise Refused(f"Карточка № {found.number}: {NOT_KEEPER[0].lower()}{NOT_KEEPER[1:]}")
        return found

    def get_context_data(self, **context):
        likes = self.likes
        return super().get_context_data(
            **(
                {
                    "likes": likes,
                    "must_answer": any(like.must_answer for like in likes),
                    "asked": self.checked is not None,
                }
                | context
            )
        )
