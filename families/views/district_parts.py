"""Settlements, institutions and resources of a district: add, change, delete."""

from copy import copy

from django.urls import reverse

from families.forms.districts import PlaceForm, SettlementForm
from families.models import DistrictPlace, Settlement
from families.views.districts import DistrictModule, DistrictPage, district_url
from sopr.accounts.policy import Perm
from sopr.web.pages import Action, ActionPage, FormPage


class _PartNew(DistrictPage, FormPage):
    """A further row of the district."""

    submit_title = "Добавить"
    part = None

    def get_form_kwargs(self):
        return {"instance": self.part(district=self.object)}

    def act(self, form):
        form.save()
        return district_url(self.object)


class _PartPage(DistrictModule, FormPage):
    """One row of a district."""

    permission = Perm.DISTRICT_EDIT

    def get_queryset(self):
        return super().get_queryset().select_related("district__municipality")

    def get_title(self):
        return self.object.name

    def get_note(self):
        return f"{self.object.district.name}, {self.object.district.municipality.name}"

    def get_breadcrumbs(self):
        district = self.object.district
        return [
            ("Семьи", reverse("families:family-list")),
            ("Участки", reverse("families:district-list")),
            (district.name, district_url(district)),
        ]

    def get_form_kwargs(self):
        return {"instance": copy(self.object)}

    def act(self, form):
        form.save()
        return district_url(self.object.district)


class _PartDelete(ActionPage):
    submit_title = "Удалить"
    tone = "danger"
    success_message = "Удалено."

    def get_form_kwargs(self):
        return {}

    def get_question(self):
        return f"Удалить «{self.object.name}»?"

    def get_consequences(self):
        return ["В составленных паспортах запись останется, в новые не войдёт."]

    def act(self, form):
        part, self.object = self.object, self.object.district  # the log names what is left
        part.delete()
        return district_url(self.object)


class SettlementNew(_PartNew):
    title = "Новый населённый пункт"
    form_class = SettlementForm
    part = Settlement
    success_message = "Населённый пункт добавлен."


class SettlementEdit(_PartPage):
    model = Settlement
    form_class = SettlementForm
    success_message = "Сохранено."

    def get_actions(self):
        return [_delete("settlement-delete", self.object)]


class SettlementDelete(_PartDelete, _PartPage):
    model = Settlement


class PlaceNew(_PartNew):
    title = "Новое учреждение или ресурс"
    form_class = PlaceForm
    part = DistrictPlace
    success_message = "Добавлено."


class PlaceEdit(_PartPage):
    model = DistrictPlace
    form_class = PlaceForm
    success_message = "Сохранено."

    def get_actions(self):
        return [_delete("place-delete", self.object)]


class PlaceDelete(_PartDelete, _PartPage):
    model = DistrictPlace


def _delete(name, part) -> Action:
    return Action("Удалить", reverse(f"families:{name}", args=[part.pk]), "trash", tone="danger")
