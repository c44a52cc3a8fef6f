"""Forms of categories and registers."""

from django import forms
from django.utils import timezone

from families.forms.family import category_choices, not_future
from families.forms.people import ReasonForm
from families.models import RegisterEntry
from sopr.web.forms import RussianDateField, with_blank

REHABILITATED = [("", "не указано"), ("yes", "да, положение исправлено"), ("no", "нет, по другой причине")]
BY_COMMISSION = "Постановление КДНиЗП или решение совета: номер и дата."


class CategoryForm(forms.Form):
    KINDS = (("primary", "основная (одна на семью, по ней считают отчёты)"), ("further", "ещё одна, дополнительная"))

    category = forms.ChoiceField(label="Категория")
    kind = forms.ChoiceField(label="Какая", choices=KINDS, widget=forms.RadioSelect, initial="primary")
    since = RussianDateField(label="Действует с", validators=[not_future], initial=timezone.localdate)
    ground = forms.CharField(
        label="Основание", max_length=300, required=False, help_text="Документ, который её подтверждает."
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = with_blank(category_choices())


class EndCategoryForm(forms.Form):
    until = RussianDateField(label="Последний день", validators=[not_future], initial=timezone.localdate)


class CorrectCategoryForm(ReasonForm):
    """Wrong dates or ground of a category; another category is set, not corrected."""

    since = RussianDateField(label="Действует с", validators=[not_future])
    until = RussianDateField(
        label="Последний день", required=False, validators=[not_future], help_text="Пусто — действует."
    )
    ground = forms.CharField(label="Основание", max_length=300, required=False)

    field_order = ["since", "until", "ground", "reason"]

    def __init__(self, *args, ends=True, **kwargs):
        super().__init__(*args, **kwargs)
        if not ends:  # the primary category in force is only replaced
            del self.fields["until"]


class PlaceOnRegisterForm(forms.Form):
    kind = forms.ChoiceField(label="Учёт", widget=forms.RadioSelect)
    day = RussianDateField(label="Дата постановки на учёт", validators=[not_future])
    ground = forms.CharField(label="Основание", max_length=300, required=False, help_text=BY_COMMISSION)

    TITLES = {
        RegisterEntry.Kind.SOP: "СОП — семья в социально опасном положении (КДНиЗП)",
        RegisterEntry.Kind.PATRONAGE: "межведомственный патронат",
    }

    def __init__(self, *args, kinds=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind, self.TITLES[kind]) for kind in kinds]
        if len(kinds) == 1:
            self.fields["kind"].initial = kinds[0]


class RemoveFromRegisterForm(forms.Form):
    """Снятие с учёта, as the decision says."""

    day = RussianDateField(label="Дата снятия с учёта", validators=[not_future])
    ground = forms.CharField(label="Основание", max_length=300, required=False, help_text=BY_COMMISSION)
    rehabilitated = forms.ChoiceField(label="Положительная реабилитация", choices=REHABILITATED, required=False)

    def clean_rehabilitated(self):
        return {"yes": True, "no": False}.get(self.cleaned_data["rehabilitated"])


class CorrectRegisterForm(ReasonForm):
    """Wrong dates or grounds of an entry; the removal is asked about only where there is one."""

    placed_on = RussianDateField(label="Дата постановки", validators=[not_future])
    placed_by = forms.CharField(label="Основание постановки", max_length=300, required=False)
    removed_on = RussianDateField(label="Дата снятия", validators=[not_future])
    removed_by = forms.CharField(label="Основание снятия", max_length=300, required=False)
    positive_rehabilitation = forms.ChoiceField(
        label="Положительная реабилитация", choices=REHABILITATED, required=False
    )

    field_order = ["placed_on", "placed_by", "removed_on", "removed_by", "positive_rehabilitation", "reason"]

    def __init__(self, *args, removed=True, **kwargs):
        super().__init__(*args, **kwargs)
        if not removed:
            for name in ("removed_on", "removed_by", "positive_rehabilitation"):
                del self.fields[name]

    def clean_positive_rehabilitation(self):
        return {"yes": True, "no": False}.get(self.cleaned_data["positive_rehabilitation"])
