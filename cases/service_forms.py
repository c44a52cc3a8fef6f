"""Forms of services: the dictionary, groups, schedule, sessions, enrolment, consultations."""

import datetime

from django import forms
from django.utils import timezone

from cases.models import Consultation, Enrolment, GroupSession, Service, ServiceGroup
from cases.models.service import WEEKDAYS
from sopr.web.forms import RussianDateField, russian_formfield, with_blank

MONTHS_AHEAD = 3  # dates of a schedule are made at most so far ahead


class TimeInput(forms.TimeInput):
    """The browser's own clock."""

    input_type = "time"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%H:%M")


class TimeField(forms.TimeField):
    widget = TimeInput
    default_error_messages = {"invalid": "Введите время в виде 15:30."}


def formfield(field, **kwargs):
    """As everywhere, with times by the browser's clock."""
    if field.get_internal_type() == "TimeField":
        return field.formfield(form_class=TimeField, **kwargs)
    return russian_formfield(field, **kwargs)


class ServiceForm(forms.ModelForm):
    class Meta:
        model = Service
        fields = ["title", "kind", "for_whom", "places", "about"]
        formfield_callback = formfield


class GroupForm(forms.ModelForm):
    class Meta:
        model = ServiceGroup
        fields = ["title", "leader", "led_by", "places", "place", "crew", "since"]
        formfield_callback = formfield
        help_texts = {
            "places": "Когда все места заняты, следующие попадают в лист ожидания. Пусто — без предела.",
            "leader": "Сотрудник Вашей организации или исполнитель из ведомства, НКО: посещение он отметит сам.",
            "led_by": "Например: педагог дополнительного образования Н. П. Ветрова.",
        }

    def __init__(self, *args, leaders, service, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["leader"].queryset = leaders
        own = service.organisation_id
        self.fields["leader"].label_from_instance = lambda user: (
            user.full_name if user.organisation_id == own else f"{user.full_name}, {user.organisation}"
        )
        if not service.is_trip:
            del self.fields["crew"]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("leader") and cleaned.get("led_by"):
            self.add_error("led_by", "Ведущий уже выбран из списка: оставьте что-то одно.")
        return cleaned


class DayForm(forms.Form):
    day = RussianDateField(label="Последний день занятий", initial=timezone.localdate)


class ScheduleForm(forms.Form):
    since = RussianDateField(
        label="Действует с",
        initial=timezone.localdate,
        help_text="Прежнее расписание действует до этого дня. Отмеченные, перенесённые и отменённые занятия останутся.",
    )


class SlotForm(forms.Form):
    weekday = forms.TypedChoiceField(label="День недели", choices=with_blank(WEEKDAYS), coerce=int)
    starts_at = TimeField(label="Начало")
    minutes = forms.IntegerField(label="Минут", min_value=10, max_value=600, initial=60)


class SlotFormSet(forms.BaseFormSet):
    title = "Дни и часы"
    add_title = "Добавить день"

    def slots(self) -> list[dict]:
        """The rows filled in, without those struck out."""
        return [
            {name: form.cleaned_data[name] for name in ("weekday", "starts_at", "minutes")}
            for form in self.forms
            if form.cleaned_data.get("weekday") is not None and not form.cleaned_data.get("DELETE")
        ]


SlotRows = forms.formset_factory(SlotForm, formset=SlotFormSet, extra=2, can_delete=True, max_num=14)


class SessionForm(forms.ModelForm):
    """A lesson; of a mobile brigade, a trip."""

    class Meta:
        model = GroupSession
        fields = ["held_on", "starts_at", "minutes", "place", "crew", "outsiders"]
        formfield_callback = formfield

    def __init__(self, *args, group, is_new, **kwargs):
        super().__init__(*args, **kwargs)
        trip = group.service.is_trip
        if trip:
            self.fields["place"].label = "Населённые пункты"
            self.fields["place"].required = True
            self.fields["crew"].help_text = f"Пусто — как обычно: {group.crew}." if group.crew else ""
        else:
            del self.fields["crew"], self.fields["outsiders"]
            self.fields["place"].help_text = f"Пусто — как обычно: {group.place}." if group.place else ""
        if trip and is_new:
            del self.fields["outsiders"]

    def clean_outsiders(self):
        outsiders = self.cleaned_data["outsiders"]
        if outsiders and self.cleaned_data.get("held_on", timezone.localdate()) > timezone.localdate():
            raise forms.ValidationError("Выезд ещё не состоялся: число обратившихся впишите после него.")
        return outsiders


class CancelForm(forms.Form):
    reason = forms.CharField(
        label="Почему не состоится",
        max_length=200,
        help_text="Например: болезнь педагога, карантин, нет дороги.",
        error_messages={"required": "Напишите, почему занятие не состоялось."},
    )


class FindForm(forms.Form):
    words = forms.CharField(
        label="Фамилия, имя, номер семьи или случая",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class EnrolForm(forms.Form):
    """Who, from when. `choices`: [(family title, [(«p12», name), («f5», …)])]."""

    who = forms.ChoiceField(
        label="Кого записать", widget=forms.RadioSelect, error_messages={"required": "Выберите, кого записать."}
    )
    since = RussianDateField(label="Занимается с", initial=timezone.localdate)

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["who"].choices = choices


class EnrolFamilyForm(forms.Form):
    """From the case: into which group, who, from when."""

    group = forms.ChoiceField(label="Группа", error_messages={"required": "Выберите группу."})
    who = forms.ChoiceField(label="Кого записать", error_messages={"required": "Выберите, кого записать."})
    since = RussianDateField(label="Занимается с", initial=timezone.localdate)

    def __init__(self, *args, groups, choices, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["group"].choices = with_blank(groups)
        self.fields["who"].choices = with_blank(choices)


class AdmitForm(forms.Form):
    since = RussianDateField(label="Занимается с", initial=timezone.localdate)


class LeaveForm(forms.Form):
    day = RussianDateField(label="Последний день в группе", initial=timezone.localdate)
    reason = forms.ChoiceField(label="Причина", choices=())

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        by_itself = (Enrolment.LeftReason.GROUP_CLOSED, Enrolment.LeftReason.TRANSFERRED)
        self.fields["reason"].choices = with_blank(
            [pair for pair in Enrolment.LeftReason.choices if pair[0] not in by_itself]
        )


class ConsultationForm(forms.ModelForm):
    """Two fields to fill in: what about, and when if not today; the service is asked where there are several."""

    class Meta:
        model = Consultation
        fields = ["service", "summary", "done_on", "remote"]
        formfield_callback = formfield

    def __init__(self, *args, services, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["service"]
        field.queryset = services
        if len(services) == 1:
            field.initial, field.widget = services[0].pk, forms.HiddenInput()


def month_asked(request) -> datetime.date:
    """First day of the month asked for by `?month=2026-11`; this month for none or nonsense."""
    try:
        return datetime.date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return timezone.localdate().replace(day=1)
