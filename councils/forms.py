"""Forms of councils. They ask and check words; the rules are in the models."""

from django import forms

from cases.words import Level
from councils import wording
from councils.models import Attendance
from councils.words import Question, Verdict
from sopr import profile
from sopr.documents.attachments import AttachmentField
from sopr.web.forms import RussianDateField, with_blank

LONG = forms.Textarea(attrs={"rows": 5})


class ProposeForm(forms.Form):
    """`councils`: that may decide about the family; `questions`: [(code, title)] that make sense for the case now;
    `receivers`: organisations to which the case may be handed over.
    """

    council = forms.ModelChoiceField(None, label="Совет", empty_label=None)
    question = forms.ChoiceField(label="Вопрос")
    level = forms.ChoiceField(
        label="Предлагаемый уровень",
        required=False,
        choices=(),
        help_text="Нужен для вопросов «признать нуждающейся» и «изменить уровень».",
    )
    to_organisation = forms.ModelChoiceField(
        None,
        label="Кому передать сопровождение",
        required=False,
        empty_label="не передаётся",
        help_text="Нужно для вопроса «передать в другую организацию».",
    )
    summary = forms.CharField(
        label="Коротко о семье для совета",
        widget=LONG,
        help_text="Что произошло, что уже сделано, о чём Вы просите совет. Не пишите, кто сообщил о семье, "
        "скрытый адрес и записи психолога: материалы увидят все члены совета.",
    )

    def __init__(self, *args, councils, questions, receivers, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["council"].queryset = councils
        self.fields["council"].label_from_instance = _with_scope
        self.fields["question"].choices = questions
        if Question.TRANSFER in dict(questions):
            self.fields["to_organisation"].queryset = receivers
        else:
            del self.fields["to_organisation"]
        levels = [(level.code, level.title) for level in profile.current().levels.values()]
        self.fields["level"].choices = with_blank(levels, "уровень не меняется")

    def clean(self):
        data = super().clean()
        if data.get("question") in (Question.RECOGNISE, Question.LEVEL):
            if not data.get("level"):
                self.add_error("level", "Выберите уровень, который предлагаете совету.")
        else:
            data["level"] = ""
        if data.get("question") == Question.TRANSFER and not data.get("to_organisation"):
            self.add_error("to_organisation", "Выберите организацию, которой предлагаете передать сопровождение.")
        return data


class AnnulForm(forms.Form):
    reason = forms.CharField(
        label="Почему решение нужно отменить",
        widget=LONG,
        help_text="Прочтут все члены совета. Что нельзя вернуть само, система подскажет после решения.",
    )


def _with_scope(council) -> str:
    """The council's name; of one that may not decide everything, with what it decides and about whom."""
    rules = council.rules
    said = []
    if len(rules.questions) < len(Question.values) - 2:  # «отказать» is an answer; «отменить» is asked of who decided
        said.append("решает: " + ", ".join(Question(code).label for code in rules.questions))
    if rules.families == "sop":
        said.append("о семьях в СОП")
    return f"{council} ({'; '.join(said)})" if said else str(council)


class ScheduleForm(forms.Form):
    meeting = forms.ModelChoiceField(None, label="Заседание", empty_label=None)

    def __init__(self, *args, meetings, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["meeting"].queryset = meetings


class PutOffForm(forms.Form):
    until = RussianDateField(label="До какого дня", help_text="С этого дня вопрос снова среди готовых.")
    reason = forms.CharField(
        label="Почему",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Куратор увидит это в случае.",
    )


class MergeForm(forms.Form):
    """`others`: questions about the same family, with which this one may be heard."""

    other = forms.ModelChoiceField(None, label="Рассмотреть вместе с вопросом", empty_label=None)

    def __init__(self, *args, others, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["other"].queryset = others
        self.fields["other"].label_from_instance = lambda item: (
            f"{wording.about(item)} (случай № {item.case.number}, вынес: {item.proposer})"
        )


class MoveForm(forms.Form):
    way = forms.ChoiceField(choices=[("up", "Выше"), ("down", "Ниже")])


class TakeForm(forms.Form):
    """`items`: of the council's queue, to be taken onto the agenda together."""

    items = forms.ModelMultipleChoiceField(None, label="Вопросы")

    def __init__(self, *args, items, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["items"].queryset = items
        self.fields["items"].error_messages["required"] = "Отметьте вопросы, которые берёте в повестку."


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


NO_MAJORITY = "no_majority"  # the button for a draft that found none


class DecideForm(NotesForm):
    """The decision on `item`; `curators`: of the organisation that keeps the case; `roll_call`: votes come by name."""

    verdict = forms.ChoiceField(choices=[*Verdict.choices, (NO_MAJORITY, "решение не принято")])
    reason = forms.CharField(label="Причина отказа или возврата", required=False)
    level = forms.ChoiceField(label="Уровень", required=False, choices=Level)
    curator = forms.ModelChoiceField(None, label="Куратор", required=False)
    votes_for = forms.IntegerField(label="За", min_value=0)
    votes_against = forms.IntegerField(label="Против", min_value=0)
    abstained = forms.IntegerField(label="Воздержались", min_value=0)
    chair_for = forms.BooleanField(label="Председательствующий за", required=False)

    def __init__(self, *args, item, curators, roll_call=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.item, self.roll_call = item, roll_call
        self.fields["curator"].queryset = curators
        if roll_call:
            for name in ("votes_for", "votes_against", "abstained", "chair_for"):
                del self.fields[name]

    def clean(self):
        data = super().clean()
        verdict, reason, level = data.get("verdict"), data.get("reason", ""), data.get("level", "")
        if verdict in (Verdict.GRANTED, NO_MAJORITY):
            if not data.get("draft", "").strip():
                self.add_error("draft", "Запишите текст решения.")
            elif verdict == Verdict.GRANTED and level and not wording.names_level(data["draft"], level):
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

    @property
    def votes(self) -> dict:
        """How it was voted, as AgendaItem.decide takes it."""
        if self.roll_call:
            return {"roll": read_roll(self.data)}
        return {name: self.cleaned_data[name] for name in ("votes_for", "votes_against", "abstained", "chair_for")}


def read_roll(posted) -> dict:
    """{membership id: vote} out of fields «vote_12=for»."""
    names = (name.removeprefix("vote_") for name in posted if name.startswith("vote_"))
    return {int(pk): posted[f"vote_{pk}"] for pk in names if pk.isdecimal()}


class ChairForm(forms.Form):
    chosen = forms.ModelChoiceField(None, label="Кто ведёт заседание")

    def __init__(self, *args, members, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["chosen"].queryset = members


class RearrangeForm(forms.Form):
    way = forms.ChoiceField(choices=[("up", "раньше"), ("down", "позже"), ("first", "следующим")])


class DissentForm(forms.Form):
    """`members`: of the meeting; an empty text takes the opinion back."""

    dissenting = forms.ModelChoiceField(None, label="Кто оставляет особое мнение")
    dissent = forms.CharField(label="Особое мнение", required=False)

    def __init__(self, *args, members, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["dissenting"].queryset = members


class UrgentForm(forms.Form):
    """`items`: the council's queue."""

    item = forms.ModelChoiceField(None, label="Вопрос из очереди", empty_label="выберите")
    reason = forms.CharField(
        label="Почему не может ждать", widget=forms.Textarea(attrs={"rows": 2}), help_text="Попадёт в протокол."
    )
    votes_for = forms.IntegerField(label="За то, чтобы рассмотреть сегодня", min_value=0)
    votes_against = forms.IntegerField(label="Против", min_value=0, initial=0)
    abstained = forms.IntegerField(label="Воздержались", min_value=0, initial=0)

    def __init__(self, *args, items, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["item"].queryset = items
        self.fields["item"].label_from_instance = lambda item: f"{wording.about(item)}, случай № {item.case.number}"


class RecessForm(forms.Form):
    until = forms.TimeField(
        label="До", required=False, error_messages={"invalid": "Введите время в виде 11:30 или оставьте пустым."}
    )


class AdjournForm(forms.Form):
    held_on = RussianDateField(label="Дата продолжения")
    starts_at = forms.TimeField(
        label="Время начала",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Введите время в виде 10:00."},
    )


class AssignmentForm(forms.Form):
    """`agencies`: who can be given a task."""

    text = forms.CharField(label="Что сделать", widget=forms.Textarea(attrs={"rows": 3}))
    executor = forms.ModelChoiceField(None, label="Кому", empty_label="выберите")
    due_on = RussianDateField(label="Срок")

    def __init__(self, *args, agencies, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["executor"].queryset = agencies


class TaskForm(forms.Form):
    """A task given beside the question, without leaving it; `agencies`: who can be given one."""

    task = forms.CharField(label="Что сделать", error_messages={"required": "Напишите, что сделать."})
    executor = forms.ModelChoiceField(None, label="Кому", error_messages={"required": "Выберите исполнителя."})
    due_on = RussianDateField(label="Срок", error_messages={"required": "Укажите срок поручения."})

    def __init__(self, *args, agencies, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["executor"].queryset = agencies


class AssignmentReportForm(forms.Form):
    done_on = RussianDateField(label="Дата исполнения")
    result = forms.CharField(label="Что сделано", widget=forms.Textarea(attrs={"rows": 4}))
    file = AttachmentField(label="Файл к отчёту")


class AssignmentReturnForm(forms.Form):
    remark = forms.CharField(label="Чего не хватает", widget=forms.Textarea(attrs={"rows": 3}))


class AssignmentProlongForm(forms.Form):
    """`tasks`: assignments of the same council about the same family that are not done."""

    assignment = forms.ModelChoiceField(None, label="Поручение", empty_label="выберите")
    due_on = RussianDateField(label="Новый срок")

    def __init__(self, *args, tasks, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["assignment"]
        field.queryset = tasks
        field.label_from_instance = lambda task: f"№ {task.pk}, срок {task.due_on:%d.%m.%Y}: {task.text[:80]}"
