"""Forms of the activity plan: choosing what the dictionary offers, and the dictionary itself."""

from django import forms

from cases.models import Activity, PlanTemplate
from cases.words import Level
from families.categories import Category
from sopr import profile
from sopr.web.forms import russian_formfield


class PlanForm(forms.Form):
    """A tick and an agency for each line offered; `offers` come from cases.plan_forming."""

    def __init__(self, *args, offers, **kwargs):
        super().__init__(*args, **kwargs)
        self.offers = offers
        for line in self._lines():
            template = line.template
            self.fields[self._take(line)] = forms.BooleanField(
                label=template.title, required=False, initial=not line.elsewhere
            )
            self.fields[self._agency(line)] = forms.ChoiceField(
                label=f"Исполнитель: {template.title}", choices=[(row.pk, str(row)) for row in line.agencies]
            )

    def _lines(self):
        return [line for offer in self.offers for line in offer.lines]

    @staticmethod
    def _take(line) -> str:
        return f"take_{line.template.pk}"

    @staticmethod
    def _agency(line) -> str:
        return f"agency_{line.template.pk}"

    def rows(self):
        """[(offer, [(line, tick, agency)])] for the page."""
        return [
            (offer, [(line, self[self._take(line)], self[self._agency(line)]) for line in offer.lines])
            for offer in self.offers
        ]

    def chosen(self):
        """Pairs (line, agency) of the valid form, in the order of the page."""
        return [
            (line, next(row for row in line.agencies if str(row.pk) == self.cleaned_data[self._agency(line)]))
            for line in self._lines()
            if self.cleaned_data[self._take(line)]
        ]


class PlanTemplateForm(forms.ModelForm):
    levels = forms.MultipleChoiceField(
        label="Для каких уровней",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=Level,
        help_text="Ничего не отмечено – для любого уровня.",
    )
    categories = forms.MultipleChoiceField(
        label="Для каких категорий семей",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Ничего не отмечено – для любой семьи.",
    )

    class Meta:
        model = PlanTemplate
        fields = [
            "domain", "problem", "goal", "criterion", "title", "kind", "agency_kind", "within_days", "repeats", "times",
            "score_from", "levels", "categories",
        ]  # fmt: skip
        formfield_callback = russian_formfield
        labels = {
            "title": "Мероприятие",
            "within_days": "Срок, рабочих дней от начала программы",
            "repeats": "Повторяется",
            "times": "Сколько раз",
            "score_from": "Предлагать от оценки",
        }
        help_texts = {
            "goal": "Мероприятия с одной и той же целью встанут под одну цель.",
            "title": "Это название увидит исполнитель: без диагнозов и сведений о семье.",
            "times": "Нужно, только если мероприятие повторяется.",
            "score_from": "От 1 до 4: чем тяжелее трудность, тем больше оценка.",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["categories"].choices = [(code, Category(code).label) for code in profile.current().categories]
        self.fields["repeats"].choices = [("", "нет, делается один раз"), *Activity.Repeat.choices]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("repeats") and not cleaned.get("times") and "times" not in self.errors:
            self.add_error("times", "Укажите, сколько раз повторяется: от 2 до 100.")
        if not cleaned.get("repeats"):
            cleaned["times"] = None
        return cleaned
