"""Forms of reviews."""

from django import forms

from cases.models import Review
from sopr.web.forms import russian_formfield, with_blank


class ReviewForm(forms.ModelForm):
    class Meta:
        model = Review
        fields = ["done_on", "progress", "changes", "conclusion", "proposed_level", "next_on"]
        formfield_callback = russian_formfield
        widgets = {"conclusion": forms.RadioSelect}
        labels = {"proposed_level": "Новый уровень"}
        help_texts = {
            "progress": "Составлено по мероприятиям программы: проверьте и дополните.",
            "changes": "Что стало с трудностями и рисками. После повторной диагностики подставляется сравнение оценок.",
            "next_on": "Раньше срока по уровню можно, позже нельзя.",
            "proposed_level": "Только если вывод — изменить уровень. Решение принимает совет.",
        }

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
        done_on, next_on = cleaned.get("done_on"), cleaned.get("next_on")
        if done_on and next_on and next_on <= done_on:
            self.add_error("next_on", "Следующий мониторинг назначьте на день после этого.")
        return cleaned
