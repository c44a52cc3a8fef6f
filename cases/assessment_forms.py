"""Forms of assessments and of the region's list of factors."""

from django import forms
from django.utils import timezone

from cases.models import Factor
from cases.words import SCORE_MEANINGS, Domain, Level
from sopr.web.forms import RussianDateField

ROWS_3 = {"rows": 3}
SCORES = [(score, str(score)) for score in range(len(SCORE_MEANINGS))]


class AssessmentForm(forms.Form):
    """Ten domains with a score 0–4 and its evidence; the level is proposed by rule, chosen by the curator."""

    done_on = RussianDateField(label="Дата диагностики", initial=timezone.localdate)
    risk_factors = forms.ModelMultipleChoiceField(
        label="Факторы риска", queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    reasons = forms.CharField(
        label="Причины трудностей, другие риски", required=False, widget=forms.Textarea(attrs=ROWS_3)
    )
    resource_factors = forms.ModelMultipleChoiceField(
        label="Ресурсы семьи", queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    resources = forms.CharField(
        label="На что ещё семья может опереться", required=False, widget=forms.Textarea(attrs=ROWS_3)
    )
    proposed_level = forms.ChoiceField(
        label="Предлагаемый уровень",
        widget=forms.RadioSelect,
        required=False,
        choices=(),
    )
    level_reason = forms.CharField(
        label="Почему уровень не тот, что по правилу",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Нужно, только если Вы предлагаете другой уровень. Совет увидит Ваше объяснение.",
    )

    def __init__(self, *args, first=None, levels, propose, factors, **kwargs):
        """`propose` gives the rule's proposal for {domain: score}; `factors` are those that may be chosen."""
        super().__init__(*args, **kwargs)
        self.first, self.propose = first or {}, propose
        self.fields["proposed_level"].choices = levels
        for name, kind in (("risk_factors", Factor.Kind.RISK), ("resource_factors", Factor.Kind.RESOURCE)):
            self.fields[name].queryset = factors.filter(kind=kind)
        self.suggestion = ""  # the question to the curator when he named no level
        for code, title in Domain.choices:
            self.fields[f"score_{code}"] = forms.TypedChoiceField(
                label=title.capitalize(),
                choices=SCORES,
                coerce=int,
                widget=forms.RadioSelect,
                error_messages={"required": "Поставьте оценку от 0 до 4. Если трудностей нет, поставьте 0."},
            )
            self.fields[f"evidence_{code}"] = forms.CharField(
                label="На чём основана оценка", required=False, widget=forms.Textarea(attrs={"rows": 1})
            )

    def domains(self):
        """(title, score field, evidence field, score of the first assessment) for the page."""
        return [
            (title, self[f"score_{code}"], self[f"evidence_{code}"], self.first.get(code))
            for code, title in Domain.choices
        ]

    def clean(self):
        cleaned = super().clean()
        self.scores = {code: cleaned.get(f"score_{code}") for code in Domain.values}
        self.evidence = {code: cleaned.get(f"evidence_{code}", "") for code in Domain.values}
        if None not in self.scores.values() and "proposed_level" not in self.errors:
            self._compare_with_rule(cleaned)
        return cleaned

    def _compare_with_rule(self, cleaned):
        """No level named: mark that of the rule and ask. Another level than the rule's: ask why."""
        proposal = self.propose(self.scores)
        by_rule = f"по правилу предлагается уровень «{Level(proposal.level).label}»: {proposal.reason}"
        if not cleaned.get("proposed_level"):
            self.data = self.data.copy()
            self.data[self.add_prefix("proposed_level")] = proposal.level
            self.fields["proposed_level"].required = True
            self.suggestion = (
                f"Вы не выбрали уровень, {by_rule}. Он отмечен. Согласитесь и сохраните ещё раз или выберите другой и "
                "напишите почему: решаете Вы."
            )
        elif cleaned["proposed_level"] != proposal.level and not cleaned.get("level_reason", "").strip():
            self.add_error("level_reason", f"Вы предлагаете другой уровень, а {by_rule}. Напишите почему.")


class FactorForm(forms.ModelForm):
    class Meta:
        model = Factor
        fields = ["kind", "title"]
        help_texts = {"title": "Коротко, с маленькой буквы: так фактор встанет в список диагностики."}
        error_messages = {"__all__": {"unique_together": "Такой фактор уже есть в списке."}}
