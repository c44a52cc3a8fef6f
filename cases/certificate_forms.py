"""Forms of «Семейный сертификат»: what the family agreed to show, handing over, a month's mark, withdrawing."""

from django import forms
from django.utils import timezone

from cases.models import Certificate
from cases.models.certificate import LONGEST_HELPER, LONGEST_WORDING, MOST_GOALS, MOST_HELPERS
from families.forms.family import not_future
from sopr.web.forms import RussianDateField, with_blank


class CertificateForm(forms.Form):
    """For each goal whether it is shown and how the family says it; then to whom, and that the family agreed."""

    surname = forms.CharField(
        label="Вручён семье",
        max_length=100,
        help_text="Чьей? Например: Ковалёвых, Вишневских, Шевчук. Поправьте, если склонение неверное.",
        error_messages={"required": "Впишите фамилию семьи: она стоит в середине сертификата."},
    )
    names = forms.CharField(
        label="Кому",
        max_length=250,
        help_text="Имена в дательном падеже, как их назвать приятно семье.",
        error_messages={"required": "Впишите, кому сертификат: Наталье Сергеевне, Артёму и Полине."},
    )
    issued_on = RussianDateField(label="Дата сертификата", initial=timezone.localdate, validators=[not_future])
    agreed_by = forms.ModelChoiceField(
        label="Кто согласился от семьи",
        queryset=None,
        empty_label="выберите",
        error_messages={"required": "Выберите взрослого, с которым согласован текст."},
    )
    agreed_on = RussianDateField(label="Когда согласовали текст", initial=timezone.localdate, validators=[not_future])
    agreed = forms.BooleanField(
        label="Семья прочитала текст и согласна, чтобы эти цели стояли в сертификате",
        error_messages={"required": "Без согласия семьи сертификат не выписывают: покажите ей цели и спросите."},
    )

    def __init__(self, *args, goals, adults, **kwargs):
        super().__init__(*args, **kwargs)
        self.goals = goals
        self.fields["agreed_by"].queryset = adults
        for goal, shown, wording in goals:
            self.fields[f"show_{goal.pk}"] = forms.BooleanField(
                label="Показать в сертификате", required=False, initial=shown
            )
            self.fields[f"wording_{goal.pk}"] = forms.CharField(
                label="Словами семьи",
                max_length=LONGEST_WORDING,
                required=False,
                initial=wording,
                widget=forms.TextInput(attrs={"placeholder": "например: «Мама работает, дохода хватает»"}),
                error_messages={"max_length": f"Не длиннее {LONGEST_WORDING} букв: иначе цель не поместится на листе."},
            )

    def rows(self):
        """(goal, its box, its wording) for the page."""
        return [(goal, self[f"show_{goal.pk}"], self[f"wording_{goal.pk}"]) for goal, _shown, _wording in self.goals]

    def clean(self):
        cleaned = super().clean()
        shown = [goal for goal, _shown, _wording in self.goals if cleaned.get(f"show_{goal.pk}")]
        if not shown:
            self.add_error(None, "Отметьте хотя бы одну цель, которую семья согласна показать.")
        if len(shown) > MOST_GOALS:
            self.add_error(None, f"На листе помещается {MOST_GOALS} целей. Спросите семью, какие для неё главные.")
        for goal in shown:
            name = f"wording_{goal.pk}"
            if name in cleaned and not cleaned[name].strip():
                self.add_error(name, "Спросите семью, как она сама назовёт эту цель, и запишите её словами.")
        cleaned["goals"] = [(goal, cleaned.get(f"wording_{goal.pk}", "")) for goal in shown]
        return cleaned


class HelperRow(forms.Form):
    who = forms.CharField(
        label="Кто",
        max_length=LONGEST_HELPER,
        widget=forms.TextInput(attrs={"placeholder": "Психолог Юлия Викторовна Бондарь"}),
        error_messages={
            "required": "Напишите, кто это, или уберите строку.",
            "max_length": f"Короче, до {LONGEST_HELPER} букв: «Психолог Ю.В. Бондарь», «Школа № 3».",
        },
    )
    phone = forms.RegexField(
        r"^[\d+() -]{3,24}$",
        label="Телефон",
        strip=True,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        error_messages={
            "required": "Впишите телефон: без него помощника не найти.",
            "invalid": "Введите телефон цифрами, например 8 (843) 221-40-16.",
        },
    )


def helpers_formset(data=None, initial=None):
    """Rows «кто рядом»: at most six fit on the sheet."""
    factory = forms.formset_factory(HelperRow, extra=0 if initial else 1, max_num=MOST_HELPERS, can_delete=True)
    formset = factory(data, prefix="helpers", initial=initial)
    formset.title = "Кто рядом"
    formset.note = "Люди и телефоны, которые семья увидит на сертификате."
    formset.add_title = "Добавить помощника"
    return formset


class HandOverForm(forms.Form):
    handed_on = RussianDateField(label="Когда вручён", initial=timezone.localdate, validators=[not_future])
    handed_to = forms.ModelChoiceField(
        label="Кому вручён",
        queryset=None,
        empty_label="выберите",
        error_messages={"required": "Выберите, кому вручён сертификат."},
    )

    def __init__(self, *args, adults, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["handed_to"].queryset = adults


class MarkForm(forms.Form):
    met_on = RussianDateField(
        label="Когда встретились",
        initial=timezone.localdate,
        validators=[not_future],
        help_text="Отметка встанет в кружок этого месяца.",
    )
    step = forms.CharField(
        label="Какой шаг сделан",
        max_length=200,
        required=False,
        help_text="Коротко, словами семьи. На сертификате эта строка не печатается.",
    )


class WithdrawCertificateForm(forms.Form):
    reason = forms.ChoiceField(
        label="Почему отзывается",
        choices=with_blank([(code, code.label) for code in Certificate.BY_HAND]),
        error_messages={"required": "Выберите причину."},
    )
