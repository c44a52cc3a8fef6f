"""Forms of merging: what to look for, and the answers the preview asks for."""

from django import forms

from families.models import Merge
from sopr.web.forms import with_blank

TICK = {"class": "form-check-input"}
LONGEST = 100  # characters of a search


class FindForm(forms.Form):
    q = forms.CharField(label="Номер, фамилия или дата рождения", max_length=LONGEST)


class MergeForm(forms.Form):
    """Which value stands where the two differ, who is one human being, and the reason.

    `plan` is the plan shown; `pairs` are (kept person, absorbed person, sure).
    """

    reason = forms.ChoiceField(
        label="Почему это одно и то же",
        choices=with_blank(Merge.Reason.choices),
        error_messages={"required": "Укажите, на каком основании Вы объединяете."},
    )
    other_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data=None, *, plan, pairs=()):
        super().__init__(data)
        self.plan, self.pairs = plan, pairs
        self.fields["other_version"].initial = plan.absorbed.version
        for difference in plan.differences:
            choices = [("kept", difference.kept), ("absorbed", difference.absorbed)]
            if difference.may_join:
                choices.append(("both", "Оставить оба текста"))
            self.fields[f"value_{difference.name}"] = forms.ChoiceField(
                label=difference.title[:1].upper() + difference.title[1:],
                choices=choices,
                widget=forms.RadioSelect(attrs=TICK),
                initial="kept",
            )
        for one, other, sure in pairs:
            self.fields[_same(one, other)] = forms.BooleanField(
                label="Это один человек", initial=sure, required=False, widget=forms.CheckboxInput(attrs=TICK)
            )

    def clean_other_version(self):
        seen = self.cleaned_data["other_version"]
        if seen is not None and seen != self.plan.absorbed.version:
            raise forms.ValidationError(
                f"Пока Вы сравнивали, запись № {self.plan.absorbed.number} изменил другой сотрудник. Проверьте данные "
                "и нажмите кнопку ещё раз."
            )
        return seen

    def values(self) -> dict[str, str]:
        """{field: kept, absorbed or both} as chosen."""
        return {row.name: self.cleaned_data[f"value_{row.name}"] for row in self.plan.differences}

    def same_people(self) -> list[tuple]:
        """Pairs said to be one human being."""
        return [(one, other) for one, other, _sure in self.pairs if self.cleaned_data[_same(one, other)]]

    @property
    def choices(self):
        """Bound fields of the differing values, in the order of the plan."""
        return [self[f"value_{row.name}"] for row in self.plan.differences]

    @property
    def people(self):
        """(kept person, absorbed person, bound field) for each pair."""
        return [(one, other, self[_same(one, other)]) for one, other, _sure in self.pairs]


def _same(one, other) -> str:
    return f"same_{one.pk}_{other.pk}"
