"""Forms of the end of support and of aftercare."""

from django import forms
from django.utils import timezone

from cases.models import AftercareCheck, Closure
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
