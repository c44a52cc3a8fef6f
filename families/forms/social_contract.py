"""Forms of the social contract and of informing about it."""

from django import forms
from django.utils import timezone

from families.forms.family import not_future
from families.models import SocialContract
from families.names import number_key
from sopr.web.forms import RussianDateField

IMPROVED = [("", "судить рано"), ("yes", "да, улучшилось"), ("no", "нет")]


class SocialContractForm(forms.Form):
    signed_on = RussianDateField(label="Дата контракта", validators=[not_future], initial=timezone.localdate)
    until = RussianDateField(label="Действует до")
    number = forms.CharField(label="Номер", max_length=40, required=False)
    directions = forms.MultipleChoiceField(
        label="Направления",
        choices=SocialContract.Direction,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Выберите хотя бы одно направление контракта."},
    )
    amount = forms.DecimalField(
        label="Сумма помощи, ₽", required=False, min_value=0, max_digits=10, decimal_places=2, localize=True
    )
    plan = forms.CharField(
        label="Что семья делает по контракту",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Коротко: мероприятия программы социальной адаптации.",
    )

    def clean(self):
        cleaned = super().clean()
        signed_on, until = cleaned.get("signed_on"), cleaned.get("until")
        if signed_on and until and until <= signed_on:
            self.add_error("until", "Контракт заканчивается не позже, чем начинается. Проверьте даты.")
        return cleaned


class EndSocialContractForm(forms.Form):
    day = RussianDateField(label="Дата завершения", validators=[not_future], initial=timezone.localdate)
    ending = forms.ChoiceField(
        label="Как завершён",
        choices=SocialContract.Ending,
        widget=forms.RadioSelect,
        error_messages={"required": "Выберите, как завершён контракт."},
    )
    reason = forms.CharField(
        label="Причина расторжения", max_length=300, required=False, help_text="Если контракт расторгнут досрочно."
    )
    improved = forms.ChoiceField(
        label="Положение семьи улучшилось",
        choices=IMPROVED,
        required=False,
        help_text="По этому ответу отчёты считают семьи, которые преодолели трудности по контракту.",
    )
    result = forms.CharField(label="Результат", required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def clean_improved(self):
        return {"yes": True, "no": False}.get(self.cleaned_data["improved"])

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("ending") == SocialContract.Ending.TERMINATED and not cleaned.get("reason", "").strip():
            self.add_error("reason", "Контракт расторгнут досрочно: напишите причину.")
        return cleaned


class InformingForm(forms.Form):
    """`families`: those the reader sees; a family is named by its number, or the families are only counted."""

    informed_on = RussianDateField(label="Дата", validators=[not_future], initial=timezone.localdate)
    topic = forms.CharField(
        label="О чём рассказали",
        max_length=300,
        help_text="Например: социальный контракт на открытие своего дела.",
        error_messages={"required": "Напишите, о чём рассказали семьям."},
    )
    families_count = forms.IntegerField(
        label="Скольким семьям", min_value=1, max_value=100_000, required=False, help_text="На встрече, в рассылке."
    )
    number = forms.CharField(
        label="Или номер карточки семьи",
        max_length=40,
        required=False,
        help_text="Если рассказали одной семье, которая есть в системе.",
    )

    def __init__(self, *args, families, **kwargs):
        super().__init__(*args, **kwargs)
        self.families = families

    def clean_number(self):
        number = self.cleaned_data["number"].strip().removeprefix("№").strip()
        if not number:
            return ""
        self.cleaned_data["family"] = self.families.filter(number_key=number_key(number)).first()
        if self.cleaned_data["family"] is None:
            raise forms.ValidationError("Карточки с таким номером у Вашей организации нет. Проверьте номер.")
        return number

    def clean(self):
        cleaned = super().clean()
        if "number" in self.errors or "families_count" in self.errors:
            return cleaned
        if not cleaned.get("number") and not cleaned.get("families_count"):
            self.add_error("families_count", "Укажите, скольким семьям рассказали, или номер карточки одной семьи.")
        elif cleaned.get("number") and (cleaned.get("families_count") or 1) > 1:
            self.add_error("families_count", "Семья названа по номеру: это одна семья. Уберите число или номер.")
        return cleaned
