"""Forms of a changed family: whom the case covers from now on, whom no longer."""

from django import forms
from django.utils import timezone

from sopr.web.forms import RussianDateField


class CoverForm(forms.Form):
    """`memberships`: those in the family whom the case does not cover."""

    people = forms.MultipleChoiceField(
        label="Кого охватить",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Отметьте хотя бы одного человека."},
    )
    since = RussianDateField(label="С какого дня", initial=timezone.localdate)

    def __init__(self, *args, memberships, **kwargs):
        super().__init__(*args, **kwargs)
        self.by_pk = {str(row.person_id): row.person for row in memberships}
        self.fields["people"].choices = [
            (str(row.person_id), f"{row.person.full_name}, {row.get_relation_display()}") for row in memberships
        ]

    def clean_people(self):
        return [self.by_pk[pk] for pk in self.cleaned_data["people"]]


class UncoverForm(forms.Form):
    until = RussianDateField(label="Последний день охвата", initial=timezone.localdate)


class CheckChangeForm(forms.Form):
    fact = forms.CharField(max_length=120, widget=forms.HiddenInput)
