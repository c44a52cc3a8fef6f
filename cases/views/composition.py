"""A changed family: the case covers a newborn, no longer covers somebody who left, or a change is taken note of."""

from django.utils import timezone

from cases import acts, composition
from cases.composition_forms import CheckChangeForm, CoverForm, UncoverForm
from cases.models import CaseMember
from cases.views.base import CaseFormPage, NewRowPage
from families.models import FamilyMembership
from sopr.errors import Refused


class MemberCover(NewRowPage):
    form_class = CoverForm
    title = "Кого ещё охватывает случай"
    submit_title = "Охватить"
    success_message = "Записано. Проверьте согласие и диагностику, дополните ИПСС через совет."
    why_not = staticmethod(acts.why_not_change_cover)

    def check_moment(self):
        super().check_moment()
        if not self._memberships():
            raise Refused("Случай уже охватывает всех, кто в составе семьи. Новорождённого сначала внесите в состав.")

    def _memberships(self):
        return list(composition.people_to_cover(self.object, timezone.localdate()))

    def get_form_kwargs(self):
        memberships = self._memberships()
        new = [row for row in memberships if row.relation == FamilyMembership.Relation.CHILD]
        since = max((row.since for row in new if row.since), default=None)
        since = since if since and since > self.object.opened_on else timezone.localdate()
        initial = {"people": [str(row.person_id) for row in new], "since": since}
        return {"memberships": memberships, "initial": initial}

    def perform(self, form):
        CaseMember.add(self.object, form.cleaned_data["people"], by=self.request.user, since=form.cleaned_data["since"])


class MemberEnd(CaseFormPage):
    model = CaseMember
    form_class = UncoverForm
    title = "Случай больше не охватывает"
    submit_title = "Закончить охват"
    success_message = "Записано: случай больше не охватывает этого человека."
    adds_row = True

    def get_queryset(self):
        rows = super().get_queryset()
        return rows.select_related("person", "case__family", "case__curator", "case__organisation")

    def get_case(self):
        return self.object.case

    def get_note(self):
        return f"{self.object.person.full_name}; {super().get_note()}"

    def check_moment(self):
        reason = acts.why_not_change_cover(self.object.case)
        if reason or self.object.until is not None:
            raise Refused(reason or f"Охват закончен {self.object.until:%d.%m.%Y}.")

    def get_form_kwargs(self):
        left = self.object.case.family.memberships.filter(person=self.object.person).order_by("-until").first()
        return {"initial": {"until": left.until if left and left.until else timezone.localdate()}}

    def perform(self, form):
        self.object.end(by=self.request.user, until=form.cleaned_data["until"])


class ChangeCheck(NewRowPage):
    """«Учтено»: the change named by `fact` needs nothing more of the case."""

    form_class = CheckChangeForm
    title = "Изменение учтено"
    submit_title = "Учтено"
    success_message = "Отмечено: изменение учтено. История случая это помнит."
    why_not = staticmethod(acts.why_not_change_cover)

    def get_form_kwargs(self):
        return {"initial": {"fact": self.request.GET.get("fact", "")[:120]}}

    def perform(self, form):
        composition.check(self.object, form.cleaned_data["fact"], by=self.request.user)
