"""Forms of the legal navigator: a version of a measure, its end, what became of it for a family."""

from django import forms
from django.utils import timezone

from cases.models import BenefitNote, BenefitVersion
from cases.models.benefit import OLDEST_CHILD, WHOM
from families.forms.family import not_future
from sopr.web.forms import RussianDateField, russian_formfield


class BenefitVersionForm(forms.ModelForm):
    """What the measure gives and to whom; `since` is the day from which this version holds."""

    whom = forms.MultipleChoiceField(
        label="Каким семьям",
        choices=list(WHOM.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Подойдёт семья с любой из отмеченных категорий. Не отмечено ничего: всем.",
    )

    class Meta:
        model = BenefitVersion
        fields = [
            "since", "title", "level", "norm", "gives", "terms", "papers", "apply_at", "phone",
            "whom", "child_from", "child_under", "children_min",
        ]  # fmt: skip
        formfield_callback = russian_formfield
        help_texts = {
            "since": "С этого дня навигатор показывает эту редакцию.",
            "norm": "Закон, дата, номер и статья: по ним семья сможет сослаться на своё право.",
            "gives": "Простыми словами: этот текст напечатают семье.",
            "child_from": "Полных лет. Пусто: любой возраст.",
            "child_under": f"Полных лет. Пусто: до {OLDEST_CHILD}.",
            "children_min": "Сколько детей подходящего возраста нужно. Пусто: один, если указан возраст.",
        }

    def clean(self):
        cleaned = super().clean()
        since, until = cleaned.get("child_from"), cleaned.get("child_under")
        if since is not None and until is not None and since >= until:
            self.add_error("child_under", "«Младше» должно быть больше, чем «исполнилось».")
        for name in ("child_from", "child_under"):
            if (cleaned.get(name) or 0) > OLDEST_CHILD:
                self.add_error(name, f"Возраст ребёнка — до {OLDEST_CHILD} лет.")
        return cleaned


class EndBenefitForm(forms.Form):
    until = RussianDateField(label="Последний день", initial=timezone.localdate)


class BenefitNoteForm(forms.Form):
    state = forms.ChoiceField(
        label="Что с этой мерой",
        choices=BenefitNote.State.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Выберите, что с этой мерой у семьи."},
    )
    happened_on = RussianDateField(label="Когда", initial=timezone.localdate, validators=[not_future])
    result = forms.CharField(
        label="Чем закончилось",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Номер заявления, до какого дня назначено. Если отказали – почему.",
    )

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("state") == BenefitNote.State.REFUSED and not cleaned.get("result", "").strip():
            self.add_error("result", "Напишите, почему отказали: от этого зависит, что делать дальше.")
        return cleaned


class OnDayForm(forms.Form):
    on = RussianDateField(label="На какой день", required=False)
