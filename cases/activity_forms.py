"""Forms about an activity in work: the executor's word and report, the curator's answer, sessions, questions."""

from django import forms
from django.utils import timezone

from cases.models import Activity
from cases.models.activity_session import LONGEST
from sopr.documents.attachments import AttachmentField
from sopr.web.forms import RussianDateField, with_blank

ROWS_3 = {"rows": 3}


class TakeForm(forms.Form):
    """The executor accepts; of a repeated activity he names the day of the first session."""

    first_on = RussianDateField(
        label="Первое занятие",
        initial=timezone.localdate,
        help_text="Остальные даты система расставит сама, их можно перенести.",
    )

    def __init__(self, *args, repeats, **kwargs):
        super().__init__(*args, **kwargs)
        if not repeats:
            del self.fields["first_on"]


class ScheduleForm(forms.Form):
    first_on = RussianDateField(
        label="Первое занятие", help_text="Занятия, которые ещё не отмечены, получат новые даты начиная с этого дня."
    )


class ActivityDeclineForm(forms.Form):
    decline_reason = forms.ChoiceField(
        label="Почему не можете исполнить", choices=Activity.DeclineReason.choices, widget=forms.RadioSelect
    )
    decline_note = forms.CharField(
        label="Пояснение",
        required=False,
        widget=forms.Textarea(attrs=ROWS_3),
        help_text="Что поможет куратору: к кому обратиться, когда место появится. Без сведений о здоровье.",
    )

    def clean(self):
        cleaned = super().clean()
        if (
            cleaned.get("decline_reason") == Activity.DeclineReason.OTHER
            and not cleaned.get("decline_note", "").strip()
        ):
            self.add_error("decline_note", "Выбрано «иное»: напишите, почему не можете исполнить мероприятие.")
        return cleaned


class ActivityReportForm(forms.Form):
    """The executor's word: done on a day with a result, or not done for a reason."""

    done = forms.ChoiceField(
        label="Мероприятие", choices=[("yes", "исполнено"), ("no", "не исполнено")], widget=forms.RadioSelect
    )
    done_on = RussianDateField(label="Дата исполнения", required=False)
    not_done_reason = forms.ChoiceField(
        label="Причина, если не исполнено", required=False, choices=with_blank(Activity.NotDoneReason.choices)
    )
    result = forms.CharField(
        label="Результат или пояснение",
        widget=forms.Textarea(attrs=ROWS_3),
        error_messages={"required": "Напишите коротко, что сделано или почему не получилось."},
    )

    file = AttachmentField(label="Файл к отчёту")

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("done") == "yes":
            if "done_on" not in self.errors and not cleaned.get("done_on"):
                self.add_error("done_on", "Укажите, когда мероприятие исполнено.")
            cleaned["not_done_reason"] = ""
        elif cleaned.get("done") == "no":
            if not cleaned.get("not_done_reason"):
                self.add_error("not_done_reason", "Выберите причину неисполнения.")
            cleaned["done_on"] = None
        return cleaned


class ActivityRecordForm(ActivityReportForm):
    """The curator writes down what an agency told him; of its refusal too, when nobody of it signs in."""

    told_by = forms.CharField(
        label="Кто ответил",
        max_length=200,
        help_text="Должность и фамилия того, кто ответил от исполнителя.",
    )
    told_on = RussianDateField(label="Когда ответил", initial=timezone.localdate)
    told_paper = forms.CharField(
        label="Каким документом",
        required=False,
        max_length=200,
        help_text="Исходящий номер и дата письма. Пусто, если ответили по телефону.",
    )
    decline_reason = forms.ChoiceField(
        label="Причина, если исполнитель отказался",
        required=False,
        choices=with_blank(Activity.DeclineReason.choices),
    )

    field_order = [
        "done", "done_on", "not_done_reason", "decline_reason", "result", "told_by", "told_on", "told_paper", "file",
    ]  # fmt: skip

    def __init__(self, *args, ours, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["file"].label = "Скан ответа"
        if ours:
            for name in ("told_by", "told_on", "told_paper", "decline_reason"):
                del self.fields[name]
            self.fields["file"].label = "Файл"
        else:
            self.fields["done"].choices = [*self.fields["done"].choices, ("declined", "исполнитель отказался")]

    @property
    def told(self) -> dict:
        """Who told it, when and by what paper, as the verbs take it."""
        return {name: self.cleaned_data[name] for name in ("told_by", "told_on", "told_paper") if name in self.fields}

    def clean_told_on(self):
        day = self.cleaned_data["told_on"]
        if day > timezone.localdate():
            raise forms.ValidationError("Этот день ещё не наступил. Укажите, когда ответ получен.")
        return day

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("done") == "declined":
            cleaned |= {"done_on": None, "not_done_reason": ""}
            if not cleaned.get("decline_reason"):
                self.add_error("decline_reason", "Выберите, почему исполнитель отказался.")
        return cleaned


class ActivityReturnForm(forms.Form):
    remark = forms.CharField(
        label="Чего не хватает в отчёте",
        widget=forms.Textarea(attrs=ROWS_3),
        help_text="Исполнитель увидит это замечание.",
        error_messages={"required": "Напишите исполнителю, чего не хватает в отчёте."},
    )


class HandOnForm(forms.Form):
    agency = forms.ModelChoiceField(label="Кому передать", queryset=None, empty_label="выберите")

    def __init__(self, *args, agencies, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["agency"].queryset = agencies


class QuestionForm(forms.Form):
    question = forms.CharField(
        label="Вопрос",
        widget=forms.Textarea(attrs=ROWS_3),
        help_text="Одновременно открыт один вопрос. Не пишите диагнозов, доходов и адресов.",
        error_messages={"required": "Напишите вопрос."},
    )


class AnswerForm(forms.Form):
    text = forms.CharField(
        label="Ответ",
        widget=forms.Textarea(attrs=ROWS_3),
        help_text="Только то, что нужно для этого мероприятия.",
        error_messages={"required": "Напишите ответ."},
    )


class SessionMarkForm(forms.Form):
    """Who came: one choice for each participant."""

    MARKS = [("came", "пришёл"), ("missed", "не пришёл")]

    minutes = forms.IntegerField(label="Сколько минут", required=False, min_value=5, max_value=LONGEST)
    topic = forms.CharField(label="Чем занимались", required=False, max_length=200)

    def __init__(self, *args, people, label_of, **kwargs):
        super().__init__(*args, **kwargs)
        self.people = people
        marks = {
            f"person_{person.pk}": forms.ChoiceField(
                label=label_of(person),
                choices=self.MARKS,
                widget=forms.RadioSelect,
                error_messages={"required": "Отметьте, пришёл или нет."},
            )
            for person in people
        }
        self.fields = marks | self.fields

    def sort_out(self) -> tuple[list, list]:
        """(who came, who did not)."""
        came = [person for person in self.people if self.cleaned_data[f"person_{person.pk}"] == "came"]
        return came, [person for person in self.people if person not in came]


class SessionMoveForm(forms.Form):
    to = RussianDateField(label="Новая дата")


class SessionCancelForm(forms.Form):
    reason = forms.CharField(
        label="Почему занятие не состоится",
        max_length=200,
        error_messages={"required": "Укажите, почему занятие отменено."},
    )


class WordForm(forms.Form):
    """The agency's word about a quarter, short."""

    done = forms.CharField(
        label="Что сделано за квартал",
        widget=forms.Textarea(attrs=ROWS_3),
        error_messages={"required": "Напишите, что сделано. Если ничего, напишите почему."},
    )
    seen = forms.CharField(
        label="Что изменилось, что тревожит",
        required=False,
        widget=forms.Textarea(attrs=ROWS_3),
        help_text="Без диагнозов. Об угрозе ребёнку звоните куратору и в опеку сразу.",
    )
    advice = forms.CharField(label="Что советуете дальше", required=False, widget=forms.Textarea(attrs=ROWS_3))


class WordReturnForm(forms.Form):
    remark = forms.CharField(
        label="Чего не хватает",
        widget=forms.Textarea(attrs=ROWS_3),
        help_text="Исполнитель увидит это замечание.",
        error_messages={"required": "Напишите исполнителю, чего не хватает."},
    )
