"""Forms of the individual route of a minor."""

from django import forms
from django.utils import timezone

from cases.models import IndividualRoute
from sopr.web.forms import RussianDateField, russian_formfield, with_blank

ROWS_2 = {"rows": 2}


class RouteForm(forms.ModelForm):
    class Meta:
        model = IndividualRoute
        fields = ["person", "since", "planned_until", "interests", "goal", "services", "with_parents"]
        formfield_callback = russian_formfield
        widgets = {"services": forms.CheckboxSelectMultiple}
        help_texts = {
            "interests": "Чем увлекается, что получается, кем хочет стать: по диагностике и беседе.",
            "goal": "Чего достигнет несовершеннолетний к концу маршрута.",
            "with_parents": "О чём консультации, чему научатся родители.",
            "services": "В какие услуги организации включить. На занятия записывают отдельно.",
        }

    def __init__(self, *args, people, services, **kwargs):
        super().__init__(*args, **kwargs)
        if people is None:
            del self.fields["person"]
        else:
            self.fields["person"].queryset = people
        self.fields["services"].queryset = services
        for name in ("interests", "goal", "with_parents"):
            self.fields[name].widget.attrs["rows"] = 2

    def clean(self):
        cleaned = super().clean()
        since, until = cleaned.get("since"), cleaned.get("planned_until")
        if since and until and until < since:
            self.add_error("planned_until", "Окончание раньше начала. Проверьте даты.")
        return cleaned


class StepForm(forms.Form):
    text = forms.CharField(label="Что сделать", max_length=300)
    due_on = RussianDateField(label="Срок", required=False)
    for_parents = forms.BooleanField(label="Это работа с родителями", required=False)


class SettleForm(forms.Form):
    """A step is done on a day, or dropped with the reason."""

    done = forms.ChoiceField(
        label="Шаг", choices=[("yes", "выполнен"), ("no", "снят")], widget=forms.RadioSelect, initial="yes"
    )
    done_on = RussianDateField(label="Когда выполнен", required=False, initial=timezone.localdate)
    result = forms.CharField(label="Что получилось или почему снят", max_length=500, required=False)

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("done") == "no":
            cleaned["done_on"] = None
            if not cleaned.get("result", "").strip():
                self.add_error("result", "Напишите, почему шаг снят.")
        elif not cleaned.get("done_on") and "done_on" not in self.errors:
            self.add_error("done_on", "Укажите, когда шаг выполнен.")
        return cleaned


class FinishForm(forms.Form):
    day = RussianDateField(label="Дата завершения", initial=timezone.localdate)
    result = forms.CharField(
        label="Результат",
        widget=forms.Textarea(attrs=ROWS_2),
        help_text="Что показала итоговая диагностика, чему научился, чем занят.",
        error_messages={"required": "Напишите, чего достиг несовершеннолетний."},
    )
    recommendations = forms.CharField(
        label="Рекомендации на дальше", required=False, widget=forms.Textarea(attrs=ROWS_2)
    )


class BreakForm(forms.Form):
    day = RussianDateField(label="С какого дня прерван", initial=timezone.localdate)
    reason = forms.ChoiceField(label="Причина", choices=())
    result = forms.CharField(label="Что успели", required=False, widget=forms.Textarea(attrs=ROWS_2))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        reasons = IndividualRoute.BrokenReason
        by_hand = [pair for pair in reasons.choices if pair[0] != reasons.CASE_ENDED]
        self.fields["reason"].choices = with_blank(by_hand)


class StudyForm(forms.Form):
    study = forms.ChoiceField(label="Куда поступил", choices=with_blank(IndividualRoute.Study.choices))
    study_place = forms.CharField(
        label="Учебное заведение и профессия",
        max_length=200,
        help_text="Например: колледж питания и сервиса, повар-кондитер.",
    )
    study_on = RussianDateField(label="Зачислен", initial=timezone.localdate)
