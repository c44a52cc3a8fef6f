"""Forms of «Под крылом аиста»."""

import datetime

from django import forms
from django.utils import timezone

from cases.models import NearPerson, NewbornHelp, NewbornQuestionnaire, NewbornRisk
from cases.models.newborn_parts import MOST
from sopr.web.forms import PhoneField, RussianDateField, russian_formfield, with_blank

ROWS_3 = {"rows": 3}


class RiskForm(forms.ModelForm):
    """What is known about the woman and the birth."""

    class Meta:
        model = NewbornRisk
        fields = ["group", "expected_on", "born_on", "circumstances"]
        formfield_callback = russian_formfield
        help_texts = {
            "born_on": "Если ребёнок уже родился.",
            "circumstances": "Со слов медицинской организации и самой женщины. Видите только Вы и руководитель службы.",
        }

    def clean(self):
        cleaned = super().clean()
        if "expected_on" not in self.errors and "born_on" not in self.errors:
            if not cleaned.get("expected_on") and not cleaned.get("born_on"):
                self.add_error("expected_on", "Укажите предполагаемую дату родов или дату рождения ребёнка.")
        return cleaned


class StartForm(RiskForm):
    """The beginning: of whose signal, about which woman; a head names who keeps the path."""

    woman = forms.ModelChoiceField(label="Женщина", queryset=None, empty_label="выберите")
    referral = forms.ModelChoiceField(
        label="По какому сигналу", queryset=None, required=False, empty_label="без сигнала: женщина обратилась сама"
    )
    signalled_on = RussianDateField(label="Дата сигнала", initial=timezone.localdate)
    keeper = forms.ModelChoiceField(label="Кто ведёт", queryset=None, empty_label="выберите")

    field_order = ["woman", "referral", "signalled_on", "keeper", "group", "expected_on", "born_on", "circumstances"]

    def __init__(self, *args, women, referrals, keepers, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["woman"].queryset = women
        self.fields["referral"].queryset = referrals
        if keepers is None:
            del self.fields["keeper"]
        else:
            self.fields["keeper"].queryset = keepers


class KeeperForm(forms.Form):
    keeper = forms.ModelChoiceField(label="Кто ведёт", queryset=None, empty_label="выберите")

    def __init__(self, *args, keepers, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["keeper"].queryset = keepers


class NearForm(forms.ModelForm):
    phone = PhoneField(label="Телефон", required=False)

    class Meta:
        model = NearPerson
        fields = ["full_name", "relation", "phone", "attitude", "agreed", "help"]
        formfield_callback = russian_formfield

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("agreed") and not cleaned.get("help", "").strip():
            self.add_error("help", "Напишите, чем этот человек поможет: посидит с ребёнком, примет жить.")
        return cleaned


class QuestionnaireForm(forms.ModelForm):
    SCORES = [(score, str(score)) for score in range(MOST + 1)]

    reasons = forms.MultipleChoiceField(
        label="Причины сомнений",
        choices=NewbornQuestionnaire.Reason.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = NewbornQuestionnaire
        fields = ["filled_on", "intention", *NewbornQuestionnaire.SCORES, "reasons", "comment"]
        formfield_callback = russian_formfield
        widgets = {"intention": forms.RadioSelect}
        labels = {"intention": "Что женщина намерена делать"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["intention"].choices = NewbornQuestionnaire.Intention.choices
        for name in NewbornQuestionnaire.SCORES:
            title = self.fields[name].label
            self.fields[name] = forms.TypedChoiceField(
                label=f"{title[:1].upper()}{title[1:]}",
                choices=self.SCORES,
                coerce=int,
                widget=forms.RadioSelect,
                error_messages={"required": "Отметьте от 0 (совсем нет) до 4 (вполне)."},
            )


class HelpForm(forms.Form):
    kind = forms.ChoiceField(label="Вид помощи", choices=with_blank(NewbornHelp.Kind.choices))
    held_on = RussianDateField(label="Дата", initial=timezone.localdate)
    near = forms.ModelChoiceField(label="Кому", queryset=None, required=False, empty_label="женщине")
    note = forms.CharField(label="Результат", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, near, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["near"].queryset = near


class OutcomeForm(forms.Form):
    outcome = forms.ChoiceField(label="Исход", choices=(), widget=forms.RadioSelect)
    day = RussianDateField(label="Дата исхода", initial=timezone.localdate)
    child = forms.ModelChoiceField(
        label="Ребёнок",
        queryset=None,
        required=False,
        empty_label="не записан в карточке семьи",
        help_text="Только при отказе: событие с ребёнком войдёт в учёт отказов по территории.",
    )
    note = forms.CharField(label="Чем объясняется исход", required=False, widget=forms.Textarea(attrs=ROWS_3))

    def __init__(self, *args, outcomes, children, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = outcomes
        self.fields["child"].queryset = children


class PeriodForm(forms.Form):
    """The days of a summary; by default the quarter that goes on."""

    since = RussianDateField(label="С")
    until = RussianDateField(label="По")

    def clean(self):
        cleaned = super().clean()
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and not datetime.timedelta(0) <= until - since <= datetime.timedelta(days=366):
            self.add_error("until", "Период — от одного дня до года. Проверьте даты.")
        return cleaned
