"""The form of splitting a family: who leaves, when, to which card."""

from django import forms
from django.utils import timezone

from families.forms.family import NewFamilyForm, not_future
from families.merging.splitting import Leaver
from families.models import FamilyMembership
from sopr.web.forms import RussianDateField

NEW, EXISTING = "new", "existing"


class SplitForm(NewFamilyForm):
    """The day, where to, and the card of the new family; its fields are required only when it is a new one."""

    on = RussianDateField(label="С какого дня живут отдельно", validators=[not_future], initial=timezone.localdate)
    to = forms.ChoiceField(
        label="Куда они уходят",
        choices=[(NEW, "новая карточка"), (EXISTING, "карточка, которая уже есть")],
        widget=forms.RadioSelect,
        initial=NEW,
    )
    number = forms.CharField(
        label="Номер карточки", max_length=40, required=False, help_text="Карточка Вашей организации, например 0318."
    )

    def __init__(self, data=None, *, memberships, **kwargs):
        super().__init__(data, **kwargs)
        self.rows = [LeaverForm(data, membership=row) for row in memberships]
        for name in ("surname", "municipality", "category"):
            self.fields[name].required = False

    @property
    def is_new(self) -> bool:
        return self.cleaned_data.get("to") != EXISTING

    def leavers(self) -> list[Leaver]:
        """Those marked as leaving, as the verb takes them."""
        return [row.leaver() for row in self.rows if row.cleaned_data["leaves"]]

    def clean(self):
        cleaned = super().clean()
        for row in self.rows:
            for field, errors in row.errors.items():
                self.add_error(None, f"{row.membership.person.full_name}, {row.fields[field].label}: {errors[0]}")
        if self.is_new:
            for name in ("surname", "municipality", "category"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, self.fields[name].error_messages["required"])
        elif not cleaned.get("number"):
            self.add_error("number", "Укажите номер карточки, в которую они переходят.")
        return cleaned


class LeaverForm(forms.Form):
    """One present member: whether he leaves, and his place in the other family."""

    leaves = forms.BooleanField(label="Уходит", required=False)
    relation = forms.ChoiceField(label="Кем приходится там", choices=FamilyMembership.Relation.choices)
    is_representative = forms.BooleanField(label="Законный представитель", required=False)
    stays = forms.BooleanField(label="Остаётся и в этой семье", required=False)
    ground = forms.CharField(label="Основание", max_length=300, required=False)

    def __init__(self, data=None, *, membership):
        super().__init__(
            data,
            prefix=f"member{membership.pk}",
            initial={"relation": membership.relation, "is_representative": membership.is_representative},
        )
        self.membership = membership
        for name, field in self.fields.items():
            if name in ("leaves", "is_representative", "stays"):
                field.widget.attrs["class"] = "form-check-input"
            else:
                kind = "form-select form-select-sm" if name == "relation" else "form-control form-control-sm"
                field.widget.attrs["class"] = kind

    def leaver(self) -> Leaver:
        values = self.cleaned_data
        return Leaver(
            self.membership,
            values["relation"],
            is_representative=values["is_representative"],
            ground=values["ground"],
            stays=values["stays"],
        )
