"""Forms of convening: when and where, who will come, what an agency is asked. They ask and check words."""

import datetime

from django import forms
from django.utils import timezone

from councils import planning
from councils.models import Invitation
from councils.models.convening import DURATION
from sopr.documents.attachments import AttachmentField
from sopr.web.forms import RussianDateField

SHORT = forms.Textarea(attrs={"rows": 2})
EVERY_WEEKS, BY_MONTH = "weeks", "month"


def _time_field():
    return forms.TimeField(
        label="Время начала",
        initial=datetime.time(10, 0),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Введите время в виде 10:00."},
    )


class WhereForm(forms.Form):
    """How long, and where: a hall, a link, or both."""

    duration = forms.IntegerField(
        label="Продолжительность, минут", min_value=15, max_value=600, initial=DURATION, required=False
    )
    place = forms.CharField(label="Место", max_length=300, required=False, help_text="Пусто — обычное место заседаний.")
    video_link = forms.URLField(
        label="Ссылка на видеосвязь",
        max_length=300,
        required=False,
        assume_scheme="https",
        help_text="Если заседание по видеосвязи или члены совета могут подключиться.",
        error_messages={"invalid": "Вставьте адрес целиком, например https://telemost.example.ru/j/123."},
    )

    def clean_duration(self):
        return self.cleaned_data["duration"] or DURATION


class WhenForm(forms.Form):
    held_on = RussianDateField(label="Дата")
    starts_at = _time_field()

    def clean_held_on(self):
        day = self.cleaned_data["held_on"]
        if day < timezone.localdate():
            raise forms.ValidationError("Дата заседания уже прошла. Запланируйте его на сегодня или позже.")
        return day


class DespiteForm(forms.Form):
    despite = forms.BooleanField(
        label="Назначить, даже если зал или члены совета заняты",
        required=False,
        help_text="Отметьте, если система предупредила и Вы всё равно назначаете на это время.",
    )


class MeetingForm(DespiteForm, WhereForm, WhenForm):
    council = forms.ModelChoiceField(None, label="Совет", empty_label=None)
    extraordinary = forms.BooleanField(label="Внеочередное заседание", required=False)
    ground = forms.CharField(
        label="Основание внеочередного заседания",
        widget=SHORT,
        required=False,
        help_text="Например: обращение опеки об угрозе ребёнку. Без фамилий: основание увидят все члены совета.",
    )
    field_order = ["council", "held_on", "starts_at", "duration", "place", "video_link", "extraordinary", "ground"]

    def __init__(self, *args, councils, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["council"].queryset = councils

    def clean(self):
        data = super().clean()
        if data.get("extraordinary") and not data.get("ground", "").strip():
            self.add_error("ground", "Запишите, почему заседание внеочередное.")
        return data


class MoveForm(DespiteForm, WhereForm, WhenForm):
    field_order = ["held_on", "starts_at", "duration", "place", "video_link"]


class CancelForm(forms.Form):
    reason = forms.CharField(
        label="Причина отмены",
        widget=SHORT,
        help_text="Её увидят члены совета в своём календаре. Не называйте семей.",
    )


class SeriesForm(WhereForm):
    """A rule and the days it gives; `days` are those ticked in the preview, as ISO dates."""

    council = forms.ModelChoiceField(None, label="Совет", empty_label=None)
    rule = forms.ChoiceField(
        label="Как повторять",
        choices=[(BY_MONTH, "по неделям месяца"), (EVERY_WEEKS, "через равное число недель")],
        widget=forms.RadioSelect,
        initial=BY_MONTH,
    )
    weekday = forms.TypedChoiceField(
        label="День недели", coerce=int, choices=list(enumerate(planning.WEEKDAYS)), initial=3
    )
    weeks = forms.TypedMultipleChoiceField(
        label="Какие недели месяца",
        coerce=int,
        required=False,
        choices=[(1, "первая"), (2, "вторая"), (3, "третья"), (4, "четвёртая"), (planning.LAST, "последняя")],
        widget=forms.CheckboxSelectMultiple,
        initial=[2, 4],
        help_text="Вторая и четвёртая — «каждый второй и четвёртый четверг».",
    )
    step = forms.IntegerField(
        label="Раз в сколько недель",
        min_value=1,
        max_value=12,
        required=False,
        initial=2,
        help_text="2 — через неделю.",
    )
    since = RussianDateField(label="С какого дня")
    until = RussianDateField(label="По какой день")
    starts_at = _time_field()
    field_order = [
        "council", "rule", "weekday", "weeks", "step", "since", "until", "starts_at", "duration", "place", "video_link",
    ]  # fmt: skip

    def __init__(self, *args, councils, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["council"].queryset = councils

    def clean(self):
        data = super().clean()
        since, until = data.get("since"), data.get("until")
        if since and since < timezone.localdate():
            self.add_error("since", "Этот день уже прошёл. Начните с сегодняшнего или позже.")
        if since and until and until < since:
            self.add_error("until", "Последний день раньше первого. Проверьте даты.")
        if since and until and (until - since).days > 366:
            self.add_error("until", "Назначайте не больше чем на год вперёд.")
        if data.get("rule") == BY_MONTH and not data.get("weeks"):
            self.add_error("weeks", "Отметьте хотя бы одну неделю месяца.")
        if data.get("rule") == EVERY_WEEKS and not data.get("step"):
            self.add_error("step", "Укажите, раз в сколько недель собирается совет.")
        self.lines = [] if self.errors else planning.propose(self._days(data))
        if not self.errors and not self.lines:
            self.add_error("until", "За это время таких дней нет. Продлите срок.")
        ticked = set(self.data.getlist("days")) if hasattr(self.data, "getlist") else set()
        data["days"] = [line.held_on for line in self.lines if line.held_on.isoformat() in ticked]
        return data

    @staticmethod
    def _days(data):
        if data["rule"] == BY_MONTH:
            return planning.by_month(data["since"], data["until"], data["weekday"], data["weeks"])
        return planning.by_weeks(data["since"], data["until"], data["weekday"], data["step"])


class ReplyForm(forms.Form):
    answer = forms.ChoiceField(label="Ответ", choices=Invitation.Answer, widget=forms.RadioSelect)
    reason = forms.CharField(
        label="Причина",
        max_length=300,
        required=False,
        help_text="Обязательна, если Вы не придёте. Без подробностей о здоровье: «отпуск», «командировка».",
    )
    substitute = forms.CharField(
        label="Кто замещает", max_length=120, required=False, help_text="Фамилия и инициалы, должность."
    )

    def clean(self):
        data = super().clean()
        if data.get("answer") == Invitation.Answer.NO and not data.get("reason", "").strip():
            self.add_error("reason", "Напишите, почему не сможете быть.")
        if data.get("answer") == Invitation.Answer.SUBSTITUTE and not data.get("substitute", "").strip():
            self.add_error("substitute", "Напишите, кто будет замещать.")
        return data


class CallForm(forms.Form):
    """`agencies`: those that sit in the council."""

    agencies = forms.ModelMultipleChoiceField(
        None,
        label="Ведомства, которые видят материалы вопроса",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Ничего не отмечено — материалы видят все члены совета. Председатель, заместитель и секретарь видят "
        "всегда; остальные увидят в повестке вопрос без фамилии.",
    )

    def __init__(self, *args, agencies, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["agencies"].queryset = agencies


class OpinionAskForm(forms.Form):
    """`agencies`: who can be asked."""

    agency = forms.ModelChoiceField(None, label="Ведомство", empty_label="выберите")
    question = forms.CharField(
        label="О чём спрашиваем",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Ведомство увидит этот текст, имена членов семьи с первой буквой фамилии и день заседания, больше "
        "ничего. Не пишите того, что ведомству знать не нужно.",
    )
    due_on = RussianDateField(label="Ответить до")

    def __init__(self, *args, agencies, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["agency"].queryset = agencies


class OpinionGiveForm(forms.Form):
    text = forms.CharField(label="Отзыв", widget=forms.Textarea(attrs={"rows": 7}))
    attachment = AttachmentField(label="Файл к отзыву")
