"""Forms of замещение and of handing over the cases of a curator who leaves."""

from django import forms
from django.utils import timezone

from cases.models import StandIn
from families.forms.family import not_future
from sopr.web.forms import RussianDateField, with_blank


class CasesField(forms.ModelMultipleChoiceField):
    """Cases as rows to tick: the family, the number, the level."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, case):
        level = f"{case.get_level_display()} уровень" if case.level else case.get_stage_display()
        return f"{case.family.surname}, случай № {case.number}, {level}"


class StandInForm(forms.Form):
    user = forms.ModelChoiceField(
        label="Кто замещает",
        queryset=None,
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": "Выберите, кто будет замещать."},
    )
    since = RussianDateField(label="С какого дня", initial=timezone.localdate)
    until = RussianDateField(
        label="По какой день включительно",
        help_text="Если день неизвестен, укажите ожидаемый: завершить раньше можно в любой момент.",
        error_messages={"required": "Укажите последний день замещения."},
    )
    reason = forms.ChoiceField(label="Причина", choices=with_blank(StandIn.Reason.choices))
    cases = CasesField(
        label="В каких случаях", queryset=None, error_messages={"required": "Отметьте хотя бы один случай."}
    )

    def __init__(self, *args, colleagues, loads, cases, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = colleagues
        self.fields["user"].label_from_instance = lambda user: f"{user.full_name}: {loads.get(user.pk, '')}"
        self.fields["cases"].queryset = cases
        self.fields["cases"].initial = [case.pk for case in cases]


class StandInEndForm(forms.Form):
    last_day = RussianDateField(
        label="Последний день замещения",
        initial=timezone.localdate,
        help_text="Со следующего дня случаи снова ведёт только их куратор.",
    )


class HandOverForm(forms.Form):
    """One choice for each case, and one for all the cases without a choice of their own."""

    since = RussianDateField(label="С какого дня", initial=timezone.localdate, validators=[not_future])
    rest = forms.ModelChoiceField(
        label="Остальные случаи",
        queryset=None,
        required=False,
        empty_label="остаются без изменений",
        help_text="Кому передать случаи, для которых ниже никто не выбран.",
    )

    def __init__(self, *args, colleagues, cases, loads, **kwargs):
        super().__init__(*args, **kwargs)
        self.cases = list(cases)

        def label(user):
            return f"{user.short_name} ({loads.get(user.pk, '')})"

        self.fields["rest"].queryset = colleagues
        self.fields["rest"].label_from_instance = label
        choices = with_blank([(user.pk, label(user)) for user in colleagues], "как остальные")
        self._colleagues = {user.pk: user for user in colleagues}
        for case in self.cases:
            level = f"{case.get_level_display()} уровень" if case.level else case.get_stage_display()
            self.fields[f"case_{case.pk}"] = forms.TypedChoiceField(
                label=f"{case.family.surname}, случай № {case.number}, {level}",
                choices=choices,
                coerce=int,
                empty_value=None,
                required=False,
            )

    def clean(self):
        data = super().clean()
        if not self.errors and not self.chosen():
            raise forms.ValidationError("Никто не выбран: укажите, кому передать случаи.")
        return data

    def chosen(self) -> list:
        """[(case, its new curator)] of the cases that are handed over."""
        data = self.cleaned_data
        pairs = [(case, self._colleagues.get(data.get(f"case_{case.pk}")) or data.get("rest")) for case in self.cases]
        return [(case, user) for case, user in pairs if user is not None]
