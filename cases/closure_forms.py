"""Forms of the end of support and of aftercare."""

from django import forms
from django.utils import timezone

from cases.models import AftercareCheck, Closure
from cases.words import CaseForm
from sopr.web.forms import RussianDateField, russian_formfield


class ClosureForm(forms.ModelForm):
    class Meta:
        model = Closure
        fields = ["outcome", "reason", "conclusion", "recommendations", "aftercare"]
        formfield_callback = russian_formfield
        help_texts = {
            "outcome": "Что изменилось для семьи. Причина снятия — отдельное поле.",
            "aftercare": "Проверки раз в месяц после снятия.",
        }


class AftercareCheckForm(forms.Form):
    done_on = RussianDateField(label="Дата проверки", initial=timezone.localdate)
    outcome = forms.ChoiceField(
        label="Вывод",
        choices=AftercareCheck.Outcome,
        widget=forms.RadioSelect,
        error_messages={"required": "Выберите вывод проверки."},
    )
    result = forms.CharField(
        label="Что установлено",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Запишите, как живёт семья и нужна ли ей помощь."},
    )


class ReturnForm(forms.Form):
    """`curators`: for a head to choose from; a curator keeps the new case himself."""

    form = forms.ChoiceField(label="Форма сопровождения", choices=CaseForm)
    person = forms.ModelChoiceField(
        label="Кого охватывает случай",
        queryset=None,
        required=False,
        empty_label="детей и законных представителей",
        help_text="Для индивидуальной формы: выберите одного человека.",
    )
    curator = forms.ModelChoiceField(label="Куратор", queryset=None, empty_label="выберите")

    def __init__(self, *args, people, curators, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people
        self.fields["person"].label_from_instance = lambda person: person.full_name
        if curators is None:
            del self.fields["curator"]
        else:
            self.fields["curator"].queryset = curators

    def clean(self):
        cleaned = super().clean()
        individual = cleaned.get("form") == CaseForm.INDIVIDUAL
        if individual and "person" not in self.errors and not cleaned.get("person"):
            self.add_error("person", "Индивидуальная форма: выберите, кого охватывает случай.")
        return cleaned
