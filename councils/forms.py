"""Forms of councils. They ask and check words; the rules are in the models."""

from django import forms

from cases.words import Level
from councils import wording
from councils.models import Attendance
from councils.words import Question, Verdict
from sopr import profile
from sopr.web.forms import RussianDateField, with_blank

LONG = forms.Textarea(attrs={"rows": 5})


class ProposeForm(forms.Form):
    """`councils`: of the municipality; `questions`: [(code, title)] that make sense for the case now."""

    council = forms.ModelChoiceField(None, label="Совет", empty_label=None)
    question = forms.ChoiceField(label="Вопрос")
    level = forms.ChoiceField(
        label="Предлагаемый уровень",
        required=False,
        choices=(),
        help_text="Нужен для вопросов «признать нуждающейся» и «изменить уровень».",
    )
    summary = forms.CharField(
        label="Коротко о семье для совета",
        widget=LONG,
        help_text="Что произошло, что уже сделано, о чём Вы просите совет. Не пишите, кто сообщил о семье, "
        "скрытый адрес и записи психолога: материалы увидят все члены совета.",
    )

    def __init__(self, *args, councils, questions, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["council"].queryset = councils
        self.fields["question"].choices = questions
        levels = [(level.code, level.title) for level in profile.current().levels.values()]
        self.fields["level"].choices = with_blank(levels, "уровень не меняется")

    def clean(self):
        data = super().clean()
        if data.get("question") in (Question.RECOGNISE, Question.LEVEL):
            if not data.get("level"):
                self.add_error("level", "Выберите уровень, который предлагаете совету.")
        else:
            data["level"] = ""
        return data


class ScheduleForm(forms.Form):
    meeting = forms.ModelChoiceField(None, label="Заседание", empty_label=None)

    def __init__(self, *args, meetings, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["meeting"].queryset = meetings


class ReturnForm(forms.Form):
    remark = forms.CharField(label="Что исправить куратору", widget=LONG)


class PostponeForm(forms.Form):
    reason = forms.CharField(
        label="Почему вопрос откладывается",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Попадёт в протокол, если заседание уже идёт.",
    )


class AttendanceForm(forms.Form):
    """Exactly who was there: for late arrivals, early leaves and substitutes."""

    state = forms.ChoiceField(label="Явка", choices=Attendance.State)
    from_item = forms.IntegerField(label="С вопроса №", min_value=1, required=False, help_text="Пусто — с начала.")
    until_item = forms.IntegerField(
        label="По вопрос № включительно", min_value=1, required=False, help_text="Пусто — до конца."
    )
    substitute = forms.CharField(
        label="Кто замещает",
        max_length=120,
        required=False,
        help_text="Фамилия и инициалы, если вместо члена совета пришёл заместитель.",
    )


class QuickAttendanceForm(forms.Form):
    """One click on the meeting's page; `at` is the position of the item under discussion."""

    mark = forms.ChoiceField(choices=[("arrive", "Пришёл"), ("leave", "Ушёл"), ("excuse", "Предупредил")])
    at = forms.IntegerField(min_value=1)


class AllPresentForm(forms.Form):
    """One click for everybody not marked yet; `at` is the position of the item under discussion."""

    at = forms.IntegerField(min_value=1, required=False)


class RecusalForm(forms.Form):
    """`members`: memberships that may recuse themselves; `cancel` takes a self-recusal back."""

    recused = forms.ModelChoiceField(None, label="Член совета", required=False)
    cancel = forms.ModelChoiceField(None, required=False)
    recusal_reason = forms.CharField(label="Причина", max_length=200, required=False)

    def __init__(self, *args, members, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["recused"].queryset = self.fields["cancel"].queryset = members

    def clean(self):
        data = super().clean()
        if not data.get("recused") and not data.get("cancel"):
            self.add_error("recused", "Выберите члена совета, который заявил самоотвод.")
        return data


class NotesForm(forms.Form):
    """What is typed while a question is discussed."""

    heard = forms.CharField(label="Слушали", required=False)
    spoke = forms.CharField(label="Выступили", required=False)
    draft = forms.CharField(label="Решение", required=False)
    item_version = forms.IntegerField(required=False)


class DecideForm(NotesForm):
    """The decision on `item`; `curators`: of the organisation that keeps the case."""

    verdict = forms.ChoiceField(choices=Verdict)
    reason = forms.CharField(label="Причина отказа или возврата", required=False)
    level = forms.ChoiceField(label="Уровень", required=False, choices=Level)
    curator = forms.ModelChoiceField(None, label="Куратор", required=False)
    votes_for = forms.IntegerField(label="За", min_value=0)
    votes_against = forms.IntegerField(label="Против", min_value=0)
    abstained = forms.IntegerField(label="Воздержались", min_value=0)

    def __init__(self, *args, item, curators, **kwargs):
        super().__init__(*args, **kwargs)
        self.item = item
        self.fields["curator"].queryset = curators

    def clean(self):
        data = super().clean()
        verdict, reason, level = data.get("verdict"), data.get("reason", ""), data.get("level", "")
        if verdict == Verdict.GRANTED:
            if not data.get("draft", "").strip():
                self.add_error("draft", "Запишите текст решения.")
            elif level and not wording.names_level(data["draft"], level):
                self.add_error(
                    "draft",
                    f"В тексте решения не назван {Level(level).label} уровень. Исправьте текст или уровень.",
                )
            data["text"] = data.get("draft", "")
        elif verdict:
            if not reason.strip():
                self.add_error("reason", "Запишите причину: она войдёт в текст решения.")
            make = wording.refusal if verdict == Verdict.REFUSED else wording.returning
            data["text"] = make(self.item, reason)
        return data


class AssignmentForm(forms.Form):
    """`agencies`: who can be given a task."""

    text = forms.CharField(label="Что сделать", widget=forms.Textarea(attrs={"rows": 3}))
    executor = forms.ModelChoiceField(None, label="Кому", empty_label="выберите")
    due_on = RussianDateField(label="Срок")

    def __init__(self, *args, agencies, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["executor"].queryset = agencies


class AssignmentReportForm(forms.Form):
    done_on = RussianDateField(label="Дата исполнения")
    result = forms.CharField(label="Что сделано", widget=forms.Textarea(attrs={"rows": 4}))
