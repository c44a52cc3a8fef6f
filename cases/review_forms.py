"""Forms of reviews."""

from django import forms

from cases.models import Review
from sopr.web.forms import russian_formfield, with_blank


class ReviewForm(forms.ModelForm):
    class Meta:
        model = Review
        fields = ["done_on", "progress", "changes", "conclusion", "proposed_level"]
        formfield_callback = russian_formfield
        widgets = {"conclusion": forms.RadioSelect}
        labels = {"proposed_level": "Новый уровень"}
        help_texts = {"proposed_level": "Только если вывод — изменить уровень. Решение принимает совет."}

    def __init__(self, *args, levels, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["conclusion"].choices = Review.Conclusion.choices
        self.fields["proposed_level"].choices = with_blank(levels, "не меняется")

    def clean(self):
        cleaned = super().clean()
        changes = cleaned.get("conclusion") == Review.Conclusion.CHANGE_LEVEL
        if changes and not cleaned.get("proposed_level"):
            self.add_error("proposed_level", "Вывод — изменить уровень: выберите новый уровень.")
        if not changes:
            cleaned["proposed_level"] = ""
        return cleaned
