"""Forms of voting by correspondence."""

from django import forms

from councils.models import Ballot
from sopr.documents.attachments import AttachmentField
from sopr.web.forms import RussianDateField


class AbsenteeForm(forms.Form):
    """`councils`: whose regulation allows it."""

    council = forms.ModelChoiceField(None, label="Совет", empty_label=None)
    until = RussianDateField(label="Последний день приёма бюллетеней", help_text="Включительно, до конца дня.")

    def __init__(self, *args, councils, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["council"].queryset = councils


class DraftForm(forms.Form):
    """The decision that will be voted on."""

    draft = forms.CharField(
        label="Проект решения",
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="За этот текст голосуют. После рассылки бюллетеней он не меняется.",
    )


class BallotForm(forms.Form):
    """One choice for each of the `items`; the fields are named item_<id>."""

    def __init__(self, *args, items, **kwargs):
        super().__init__(*args, **kwargs)
        for item in items:
            self.fields[f"item_{item.pk}"] = forms.ChoiceField(
                label=f"Вопрос {item.position}",
                choices=Ballot.Choice,
                widget=forms.RadioSelect,
                error_messages={"required": f"Ответьте на вопрос {item.position}."},
            )

    @property
    def choices(self) -> dict:
        """{id of the item: choice}."""
        return {
            int(name.removeprefix("item_")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("item_")
        }


class PaperBallotForm(BallotForm):
    """A paper ballot, entered by the secretary."""

    signed_on = RussianDateField(label="Дата на бюллетене")
    scan = AttachmentField(label="Скан бюллетеня", required=True)
