"""Forms of передача случая: the offer and the two answers."""

from django import forms
from django.utils import timezone

from families.forms.family import not_future
from sopr.web.forms import RussianDateField

ROWS_3 = {"rows": 3}


class OfferForm(forms.Form):
    to_organisation = forms.ModelChoiceField(
        label="Кому передаётся",
        queryset=None,
        empty_label="выберите организацию",
        error_messages={"required": "Выберите организацию, которая продолжит сопровождение."},
    )
    consented_on = RussianDateField(
        label="Семья согласилась на передачу сведений",
        initial=timezone.localdate,
        validators=[not_future],
        help_text="Дата письменного согласия. Без него случай не передаётся.",
    )
    reason = forms.CharField(
        label="Почему передаётся",
        max_length=2000,
        widget=forms.Textarea(attrs=ROWS_3),
        help_text="Например: семья переехала. Новый руководитель прочитает это до ответа.",
        error_messages={"required": "Напишите, почему случай передаётся."},
    )

    def __init__(self, *args, receivers, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to_organisation"].queryset = receivers


class DeclineForm(forms.Form):
    remark = forms.CharField(
        label="Почему не принимаете",
        max_length=1000,
        widget=forms.Textarea(attrs=ROWS_3),
        error_messages={"required": "Напишите причину: её прочитает руководитель, который предложил случай."},
    )
