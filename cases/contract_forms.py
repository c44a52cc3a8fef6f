"""Forms of the contract on support: signed, ended, its copy handed over."""

from django import forms
from django.utils import timezone

from cases.models import Contract, ContractCopy
from sopr.web.forms import RussianDateField, russian_formfield, with_blank


class ContractForm(forms.ModelForm):
    """`kinds`: kinds of contract that may be signed now; asked about when there are several."""

    kind = forms.ChoiceField(label="Вид договора", required=False)

    class Meta:
        model = Contract
        fields = ["signed_on", "until", "party"]
        formfield_callback = russian_formfield

    field_order = ["kind", "signed_on", "until", "party"]

    def __init__(self, *args, people, kinds, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["party"].queryset = people
        self.fields["party"].empty_label = "выберите"
        self.fields["kind"].choices = [(kind.code, kind.title) for kind in kinds]
        if len(kinds) == 1:
            self.fields["kind"].widget = forms.HiddenInput()
            self.fields["kind"].initial = kinds[0].code


class TerminateForm(forms.Form):
    day = RussianDateField(label="Дата расторжения", initial=timezone.localdate)
    reason = forms.ChoiceField(
        label="Причина",
        choices=with_blank(Contract.Termination.choices),
        error_messages={"required": "Выберите причину расторжения."},
    )
    note = forms.CharField(
        label="Пояснение",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Обязательно, если причина иная. Пояснение войдёт в уведомление семье.",
    )

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("reason") == Contract.Termination.OTHER and not cleaned.get("note", "").strip():
            self.add_error("note", "Причина иная: напишите, какая.")
        return cleaned


class ContractCopyForm(forms.ModelForm):
    class Meta:
        model = ContractCopy
        fields = ["sent_on", "how", "agency", "received_by", "number"]
        formfield_callback = russian_formfield
        widgets = {"how": forms.RadioSelect}
        help_texts = {
            "received_by": "Фамилия и должность. Обязательно, если копия передана лично.",
            "number": "Под каким номером письмо ушло из Вашей организации, если его регистрировали.",
        }

    def __init__(self, *args, agencies, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["how"].choices = ContractCopy.How.choices
        self.fields["agency"].queryset = agencies
        self.fields["agency"].empty_label = "выберите"

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("how") == ContractCopy.How.HAND and not cleaned.get("received_by", "").strip():
            self.add_error("received_by", "Копия передана лично: запишите, кто её принял.")
        return cleaned
