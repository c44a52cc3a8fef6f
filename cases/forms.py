"""Forms of casework. They clean what was typed; choices come from the page, rules stay in the verbs."""

from django import forms
from django.utils import timezone

from cases.models import Activity, Goal, ProgrammeRevision
from cases.words import CaseForm, Ground, Outcome
from sopr.web.forms import RussianDateField, russian_formfield, with_blank

ROWS_3 = {"rows": 3}
MOST_SESSIONS = 120  # of one repeated activity: twice a week for a year and more


class CoverForm(forms.Form):
    """The form of support, and whom the individual one covers. `curators`: for a head to choose from; None hides it."""

    form = forms.ChoiceField(label="Форма сопровождения", choices=CaseForm, initial=CaseForm.GROUP)
    person = forms.ModelChoiceField(
        label="Кого охватывает случай",
        queryset=None,
        required=False,
        empty_label="детей и законных представителей",
        help_text="Для индивидуальной формы: выберите одного человека. Состав можно изменить и потом.",
    )
    curator = forms.ModelChoiceField(label="Куратор", queryset=None, empty_label="выберите")

    def __init__(self, *args, people, curators, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people
        self.fields["person"].label_from_instance = lambda person: person.full_name
        if curators is None:
            del self.fields["curator"]
        else:
            self.fields["curator"].queryset = curators

    def clean(self):
        cleaned = super().clean()
        individual = cleaned.get("form") == CaseForm.INDIVIDUAL
        if individual and "person" not in self.errors and not cleaned.get("person"):
            self.add_error("person", "Индивидуальная форма: выберите, кого охватывает случай.")
        if not individual:
            cleaned["person"] = None
        return cleaned


class OpenCaseForm(CoverForm):
    ground = forms.ChoiceField(label="Основание", choices=Ground, initial=Ground.APPEAL)
    referral = forms.ModelChoiceField(
        label="По какому сигналу", queryset=None, required=False, empty_label="без сигнала, по заявлению семьи"
    )

    field_order = ["form", "person", "ground", "referral", "curator"]

    def __init__(self, *args, referrals, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["referral"].queryset = referrals


class AssignForm(forms.Form):
    curator = forms.ModelChoiceField(label="Куратор", queryset=None, widget=forms.RadioSelect, empty_label=None)
    since = RussianDateField(label="С какого дня", initial=timezone.localdate)

    def __init__(self, *args, curators, loads, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["curator"]
        field.queryset = curators
        field.label_from_instance = lambda user: f"{user.full_name}: {loads.get(user.pk, '')}"


class RevisionForm(forms.ModelForm):
    class Meta:
        model = ProgrammeRevision
        fields = ["level", "since", "until", "resources", "duties"]
        formfield_callback = russian_formfield
        labels = {"since": "Действует с", "until": "Действует по"}
        help_texts = {"duties": "Что семья берёт на себя. Каждое обязательство с новой строки."}


class ProgrammeForm(RevisionForm):
    """A new programme; `people` is None where one programme is made for the whole family."""

    person = forms.ModelChoiceField(label="Для кого программа", queryset=None, empty_label="выберите")

    field_order = ["person", "level", "since", "until", "resources", "duties"]

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        if people is None:
            del self.fields["person"]
        else:
            self.fields["person"].queryset = people


class GoalForm(forms.ModelForm):
    class Meta:
        model = Goal
        fields = ["domain", "problem", "text", "criterion", "family_wording"]
        formfield_callback = russian_formfield
        labels = {"family_wording": "Цель словами семьи"}
        help_texts = {
            "problem": "Что сейчас не так: факты, которые можно проверить.",
            "criterion": "По чему семья и Вы увидите, что цель достигнута.",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("problem", "text", "criterion", "family_wording"):
            self.fields[name].widget.attrs["rows"] = 2


class ActivityForm(forms.ModelForm):
    class Meta:
        model = Activity
        fields = ["title", "kind", "agency", "person", "due_on", "repeats", "times"]
        formfield_callback = russian_formfield
        help_texts = {
            "title": "Это название увидит исполнитель: не пишите диагнозов и лишних сведений о семье.",
            "due_on": "Для повторяющегося – день, к которому пройдут все занятия.",
            "repeats": "Если это занятия: явку отмечает исполнитель, отчёт складывается из неё.",
        }

    def __init__(self, *args, agencies, people, last_day, **kwargs):
        super().__init__(*args, **kwargs)
        self.last_day = last_day
        self.fields["agency"].queryset = agencies
        self.fields["person"].queryset = people
        self.fields["person"].empty_label = "вся семья"
        self.fields["repeats"].choices = with_blank(Activity.Repeat.choices, "проводится один раз")
        self.fields["times"].widget.attrs |= {"min": 2, "max": MOST_SESSIONS}
        self.fields["due_on"].widget.attrs |= {"min": timezone.localdate().isoformat(), "max": last_day.isoformat()}

    def clean(self):
        cleaned = super().clean()
        repeats, times = cleaned.get("repeats"), cleaned.get("times")
        if repeats and not (times and 2 <= times <= MOST_SESSIONS):
            self.add_error("times", f"Укажите, сколько будет занятий: от 2 до {MOST_SESSIONS}.")
        elif times and not repeats:
            self.add_error("repeats", "Указано число занятий: выберите, как часто они проходят.")
        return cleaned

    def clean_due_on(self):
        due_on = self.cleaned_data["due_on"]
        if due_on < timezone.localdate() and due_on != self.initial.get("due_on"):
            raise forms.ValidationError("Срок уже прошёл. Укажите сегодняшний день или более поздний.")
        if due_on > self.last_day:
            raise forms.ValidationError(
                f"ИПСС действует до {self.last_day:%d.%m.%Y}: укажите срок не позже или продлите ИПСС."
            )
        return due_on


class SuspendForm(forms.Form):
    day = RussianDateField(label="С какого дня", initial=timezone.localdate)
    reason = forms.CharField(
        label="Причина",
        max_length=500,
        widget=forms.Textarea(attrs=ROWS_3),
        help_text="Например: стационарное лечение, отъезд. Сроки контактов и мониторинга на это время не идут.",
    )


class ResumeForm(forms.Form):
    day = RussianDateField(label="С какого дня", initial=timezone.localdate)


class WithdrawForm(forms.Form):
    day = RussianDateField(label="Дата письменного отказа семьи", initial=timezone.localdate)
    outcome = forms.ChoiceField(
        label="Положение семьи на день отказа",
        choices=with_blank(Outcome.choices),
        help_text="По сравнению с началом. Причина снятия запишется сама: «отказ семьи».",
    )
