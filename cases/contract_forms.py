"""Forms of the contract on support."""

from django import forms
from django.utils import timezone

from cases.models import Contract
from sopr.web.forms import RussianDateField, russian_formfield


class ContractForm(forms.ModelForm):
    class Meta:
        model = Contract
        fields = ["signed_on", "until", "party"]
        formfield_callback = russian_formfield

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["party"].queryset = people
        self.fields["party"].empty_label = "выберите"


class TerminateForm(forms.Form):
    day = RussianDateField(label="Дата расторжения", initial=timezone.localdate)
