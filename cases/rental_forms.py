"""Forms of the rental point of children's goods."""

from django import forms
from django.utils import timezone

from cases.models.rental import Condition, RentalItem
from families.names import number_key
from sopr.web.forms import RussianDateField, russian_formfield, with_blank

ROWS_2 = {"rows": 2}


class RentalItemForm(forms.ModelForm):
    class Meta:
        model = RentalItem
        fields = ["inventory_number", "kind", "title", "acquired_on", "condition", "note"]
        formfield_callback = russian_formfield
        help_texts = {"note": "Что входит в комплект: матрас, дождевик, ремни."}

    def validate_unique(self):
        """The verb answers for the inventory number: it knows the organisation."""


class FindFamilyForm(forms.Form):
    """The family by the number of its card: who asks for the item stands at the desk."""

    number = forms.CharField(label="Номер карточки семьи", max_length=40, help_text="Например: 0012.")

    def __init__(self, *args, families, **kwargs):
        super().__init__(*args, **kwargs)
        self.families = families

    def clean_number(self):
        typed = self.cleaned_data["number"]
        self.family = self.families.filter(number_key=number_key(typed.lstrip("№# "))).first()
        if self.family is None:
            raise forms.ValidationError(
                f"Карточки № {typed} в Вашей организации нет. Проверьте номер или найдите семью."
            )
        return typed


class LendForm(forms.Form):
    item = forms.ModelChoiceField(label="Вещь", queryset=None, empty_label="выберите")
    person = forms.ModelChoiceField(label="Кому выдаётся", queryset=None, empty_label="выберите")
    since = RussianDateField(label="Дата выдачи", initial=timezone.localdate)
    due_on = RussianDateField(label="Вернуть до")
    condition = forms.ChoiceField(
        label="Исправность при выдаче", choices=[pair for pair in Condition.choices if pair[0] != Condition.BROKEN]
    )
    note = forms.CharField(
        label="Комплект и замечания", required=False, max_length=500, widget=forms.Textarea(attrs=ROWS_2)
    )

    def __init__(self, *args, items, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["item"].queryset = items
        self.fields["item"].label_from_instance = lambda item: (
            f"{item.get_kind_display()}, {item.title}, инв. № {item.inventory_number}"
        )
        self.fields["person"].queryset = people


class ProlongForm(forms.Form):
    due_on = RussianDateField(label="Новый срок возврата")


class ReturnForm(forms.Form):
    day = RussianDateField(label="Дата возврата", initial=timezone.localdate)
    condition = forms.ChoiceField(label="Исправность при возврате", choices=with_blank(Condition.choices))
    note = forms.CharField(
        label="Замечания при возврате", required=False, max_length=500, widget=forms.Textarea(attrs=ROWS_2)
    )


class RepairForm(forms.Form):
    since = RussianDateField(label="С какого дня", initial=timezone.localdate)
    fault = forms.CharField(label="Что не так", max_length=300, widget=forms.Textarea(attrs=ROWS_2))


class RepairedForm(forms.Form):
    until = RussianDateField(label="Дата возврата из ремонта", initial=timezone.localdate)
    condition = forms.ChoiceField(
        label="Исправность после ремонта", choices=[pair for pair in Condition.choices if pair[0] != Condition.BROKEN]
    )


class WriteOffForm(forms.Form):
    day = RussianDateField(label="Дата списания", initial=timezone.localdate)
    ground = forms.CharField(label="Основание", max_length=300, help_text="Вид, номер и дата документа.")
