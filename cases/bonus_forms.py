"""Forms of the bonus programme: a step made, points spent, an entry taken back, lines of the dictionaries."""

from django import forms
from django.utils import timezone

from cases.models import BonusReward, BonusStep
from families.forms.family import not_future
from sopr.web.forms import RussianDateField, russian_formfield
from sopr.web.words import counted

POINTS = "балл,балла,баллов"


class AwardForm(forms.Form):
    step = forms.ModelChoiceField(
        label="Какой шаг сделан",
        queryset=None,
        empty_label="выберите",
        error_messages={"required": "Выберите шаг из справочника."},
    )
    happened_on = RussianDateField(label="Когда", initial=timezone.localdate, validators=[not_future])
    evidence = forms.CharField(
        label="Чем подтверждается",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Например: справка из школы, отметка психолога, видели при визите.",
        error_messages={"required": "Напишите, чем подтверждается шаг."},
    )

    def __init__(self, *args, steps, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["step"]
        field.queryset = steps
        field.label_from_instance = lambda step: f"{step.title}: {counted(step.points, POINTS)}, {step.how_often}"


class SpendForm(forms.Form):
    reward = forms.ModelChoiceField(
        label="На что",
        queryset=None,
        empty_label="выберите",
        error_messages={"required": "Выберите поощрение из справочника."},
    )
    happened_on = RussianDateField(label="Когда", initial=timezone.localdate, validators=[not_future])
    note = forms.CharField(label="Примечание", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, rewards, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["reward"]
        field.queryset = rewards
        field.label_from_instance = lambda reward: f"{reward.title}: {counted(reward.points, POINTS)}"


class CancelEntryForm(forms.Form):
    reason = forms.CharField(
        label="Почему отменяется",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Напишите, почему запись отменяется: причину увидят в выписке."},
    )


class BonusStepForm(forms.ModelForm):
    class Meta:
        model = BonusStep
        fields = ["title", "points", "once", "monthly_limit"]
        formfield_callback = russian_formfield
        labels = {"title": "Шаг семьи", "points": "Сколько баллов", "monthly_limit": "Не чаще, раз в месяц"}
        help_texts = {
            "title": "Что делает сама семья: «Сходили к врачу», «Ребёнок месяц без пропусков».",
            "monthly_limit": "Пусто: каждый раз, без ограничения.",
        }

    def clean_points(self):
        return _at_least_one(self.cleaned_data["points"])

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("once") and cleaned.get("monthly_limit"):
            self.add_error("monthly_limit", "Шаг считается один раз: число раз в месяц оставьте пустым.")
        if cleaned.get("monthly_limit") == 0:
            self.add_error("monthly_limit", "Впишите 1 или больше, либо оставьте пустым.")
        return cleaned

    def clean_title(self):
        return " ".join(self.cleaned_data["title"].split())


class BonusRewardForm(forms.ModelForm):
    class Meta:
        model = BonusReward
        fields = ["title", "points"]
        formfield_callback = russian_formfield
        labels = {"title": "На что тратятся баллы", "points": "Сколько баллов стоит"}
        help_texts = {"title": "Например: «Билеты в кукольный театр», «Набор для рисования»."}

    def clean_points(self):
        return _at_least_one(self.cleaned_data["points"])

    def clean_title(self):
        return " ".join(self.cleaned_data["title"].split())


def _at_least_one(points):
    if points < 1:
        raise forms.ValidationError("Впишите хотя бы один балл.")
    return points
