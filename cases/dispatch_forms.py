"""Forms of the single window."""

from django import forms
from django.utils import timezone

from cases.models import DispatchRequest, DispatchService, ProblemGroup
from cases.words import HelpKind
from sopr.web.forms import RussianDateField, russian_formfield, with_blank

ROWS_3 = {"rows": 3}
How, Result = DispatchRequest.How, DispatchRequest.Result


class AppealForm(forms.Form):
    """The family's appeal; by which paper, the page knows."""

    appealed_on = RussianDateField(label="Дата обращения", initial=timezone.localdate)
    asked = forms.CharField(
        label="С чем обратилась семья",
        widget=forms.Textarea(attrs=ROWS_3),
        help_text="Словами семьи. Видит диспетчер, который взял обращение, и руководитель.",
    )


class DispatcherForm(forms.Form):
    dispatcher = forms.ModelChoiceField(label="Диспетчер", queryset=None, empty_label="выберите")

    def __init__(self, *args, dispatchers, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["dispatcher"].queryset = dispatchers


class GroupForm(forms.Form):
    group = forms.ModelChoiceField(
        label="Группа проблем", queryset=ProblemGroup.objects.filter(is_active=True), empty_label="выберите"
    )
    problem = forms.CharField(
        label="Какая проблема выявлена",
        required=False,
        widget=forms.Textarea(attrs=ROWS_3),
        help_text="По итогам беседы и диагностики.",
    )


class ServiceForm(forms.ModelForm):
    class Meta:
        model = DispatchService
        fields = ["title", "kind", "agency", "planned_on", "mobile", "team"]
        formfield_callback = russian_formfield
        help_texts = {
            "title": "Обычные услуги этой группы появятся в подсказке; можно вписать свою.",
            "mobile": "Специалисты едут к семье: в село, на дом.",
            "team": "Только для мобильного выезда.",
        }

    def __init__(self, *args, agencies, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["title"].widget.attrs |= {"list": "usual-services", "autocomplete": "off"}
        self.fields["kind"].choices = with_blank(HelpKind.choices)
        self.fields["agency"].queryset = agencies
        self.fields["planned_on"].initial = timezone.localdate

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("mobile") and not cleaned.get("team", "").strip():
            self.add_error("team", "Отмечен мобильный выезд: укажите, кто выезжает.")
        return cleaned


class GivenForm(forms.Form):
    given_on = RussianDateField(label="Дата оказания", initial=timezone.localdate)
    result = forms.CharField(label="Результат", required=False, widget=forms.Textarea(attrs=ROWS_3))


class CancelForm(forms.Form):
    reason = forms.CharField(
        label="Почему услуга снята",
        widget=forms.Textarea(attrs=ROWS_3),
        error_messages={"required": "Напишите коротко, почему услуга не нужна или не состоялась."},
    )


class AttemptForm(forms.Form):
    made_on = RussianDateField(label="Дата", initial=timezone.localdate)
    how = forms.ChoiceField(label="Как пытались связаться", choices=with_blank(How.choices))
    note = forms.CharField(label="Что вышло", required=False, max_length=300)


class CloseForm(forms.Form):
    """Closing: with the client's consent, or for the family's silence once there were attempts enough."""

    GROUNDS = [("consent", "клиент согласен"), ("silence", "семья не отвечает")]

    result = forms.ChoiceField(
        label="Чем закончилась помощь",
        choices=[pair for pair in Result.choices if pair[0] != Result.SUPPORT],
        widget=forms.RadioSelect,
    )
    ground = forms.ChoiceField(label="Основание закрытия", choices=GROUNDS, initial="consent", widget=forms.RadioSelect)
    consent_by = forms.ModelChoiceField(label="Кто согласился", queryset=None, required=False, empty_label="выберите")
    consent_on = RussianDateField(label="Дата согласия", required=False, initial=timezone.localdate)
    consent_how = forms.ChoiceField(label="Как получено согласие", choices=with_blank(How.choices), required=False)

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["consent_by"].queryset = people

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("ground") == "consent":
            for name in ("consent_by", "consent_on", "consent_how"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, "Без согласия клиента обращение не закрывается: заполните поле.")
        return cleaned


class ProblemGroupForm(forms.ModelForm):
    class Meta:
        model = ProblemGroup
        fields = ["title", "usual_services", "is_active"]
        formfield_callback = russian_formfield
