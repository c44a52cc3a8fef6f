"""Forms about one person: the data, the place in the family, representation, health, how the name declines."""

from django import forms
from django.utils import timezone

from families.corrections import Reason
from families.forms.family import PersonForm, not_future
from families.models import FamilyMembership, HealthStatus, Person, Representation
from sopr.documents import names
from sopr.web.forms import PhoneField, RussianDateField, russian_formfield, with_blank


class ReasonForm(forms.Form):
    """The last question of every correction."""

    reason = forms.ChoiceField(
        label="Почему исправляете",
        choices=with_blank(Reason.choices),
        help_text="Прежняя запись, причина и Ваше имя останутся в истории карточки.",
        error_messages={"required": "Выберите, почему запись исправляется."},
    )


class EndMembershipForm(forms.Form):
    until = RussianDateField(
        label="Последний день в семье",
        validators=[not_future],
        initial=timezone.localdate,
        help_text="Человек останется в истории семьи.",
    )
    because = forms.ChoiceField(
        label="Почему",
        choices=with_blank(FamilyMembership.Left.choices, "не указано"),
        required=False,
        help_text="Если семья на сопровождении, куратор увидит подсказку на карточке случая.",
    )


class CorrectMembershipForm(ReasonForm):
    """A wrong entry about who was in the family, as what, from which day to which."""

    relation = forms.ChoiceField(label="Кем приходится", choices=FamilyMembership.Relation.choices)
    is_representative = forms.BooleanField(label="Законный представитель детей", required=False)
    since = RussianDateField(label="В семье с", required=False, validators=[not_future])
    until = RussianDateField(
        label="Последний день в семье", required=False, validators=[not_future], help_text="Пусто — человек в семье."
    )
    ground = forms.CharField(label="Основание", max_length=300, required=False)

    field_order = ["relation", "is_representative", "since", "until", "ground", "reason"]


class PersonEditForm(PersonForm):
    """A member's data; health and hidden addresses are there only for those who may see them."""

    ADDRESSES = ("registered_at", "lives_at", "address_hidden")

    phone = PhoneField(label="Телефон", required=False)

    class Meta(PersonForm.Meta):
        fields = [
            *PersonForm.Meta.fields,
            *(
                "phone",
                "education",
                "employment",
                "occupation",
                "registered_at",
                "lives_at",
                "address_hidden",
                "health",
            ),
        ]
        formfield_callback = russian_formfield
        help_texts = {
            "occupation": "Школа и класс, колледж и курс; место работы и должность.",
            "registered_at": "По паспорту или свидетельству о регистрации.",
            "lives_at": "Только если живёт не там, где семья: у бабушки, в общежитии, в организации.",
            "address_hidden": "Оба адреса увидят только куратор семьи и руководитель.",
        }

    def __init__(self, *args, person_id=None, with_health=False, with_addresses=True, **kwargs):
        super().__init__(*args, **kwargs)
        self.person_id = person_id
        if not with_health:
            del self.fields["health"]
        if not with_addresses:
            for name in self.ADDRESSES:
                del self.fields[name]

    def clean_snils(self):
        snils = self.cleaned_data["snils"]
        if snils and Person.objects.filter(snils=snils).exclude(pk=self.person_id).exists():
            raise forms.ValidationError("Этот СНИЛС уже записан у другого человека. Сверьте номер с документом.")
        return snils

    def person(self) -> dict:
        return dict(self.cleaned_data)


class RepresentationForm(forms.Form):
    """By what ground and document somebody represents the children."""

    ground = forms.ChoiceField(label="Основание", choices=with_blank(Representation.Ground.choices))
    document_name = forms.CharField(
        label="Документ", max_length=200, help_text="Свидетельство о рождении, решение суда, акт органа опеки."
    )
    document_number = forms.CharField(label="Номер", max_length=60, required=False)
    document_on = RussianDateField(label="Дата документа", required=False, validators=[not_future])
    since = RussianDateField(label="Представляет с", validators=[not_future], initial=timezone.localdate)
    until = RussianDateField(label="До", required=False, help_text="Пусто — без срока.")
    children = forms.TypedMultipleChoiceField(
        label="За кого",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Не отмечайте никого, если представляет всех детей семьи.",
    )

    def __init__(self, *args, children=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["children"].choices = [(child.pk, child.full_name) for child in children]
        if not children:
            del self.fields["children"]


class EndRepresentationForm(forms.Form):
    until = RussianDateField(label="Последний день полномочий", validators=[not_future], initial=timezone.localdate)


def _kinds_with_details():
    return [
        (HealthStatus.Kind(kind).label, [(detail.value, detail.label) for detail in details])
        for kind, details in HealthStatus.OF_KIND.items()
    ]


class HealthStatusForm(forms.Form):
    """Invalidity or ОВЗ: the chosen line says which of the two."""

    detail = forms.ChoiceField(label="Что установлено")
    document = forms.CharField(
        label="Документ", max_length=300, required=False, help_text="Справка МСЭ или заключение ПМПК: номер и дата."
    )
    since = RussianDateField(label="Установлено с", validators=[not_future])
    until = RussianDateField(label="До", required=False, help_text="Последний день срока; пусто — бессрочно.")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["detail"].choices = [("", "выберите"), *_kinds_with_details()]

    def status(self) -> dict:
        """Cleaned values with the kind to which the chosen line belongs."""
        values = {name: self.cleaned_data[name] for name in ("detail", "document", "since", "until")}
        kind = next(kind for kind, details in HealthStatus.OF_KIND.items() if values["detail"] in details)
        return values | {"kind": kind}


class CorrectHealthStatusForm(HealthStatusForm, ReasonForm):
    field_order = ["detail", "document", "since", "until", "reason"]


class EndHealthStatusForm(forms.Form):
    until = RussianDateField(label="Последний день", validators=[not_future], initial=timezone.localdate)


# Grammatical cases in the order of school, with the question each answers.
CASES = [
    (names.Case.GEN, "родительный", "кого?"),
    (names.Case.DAT, "дательный", "кому?"),
    (names.Case.ACC, "винительный", "кого?"),
    (names.Case.INS, "творительный", "кем?"),
    (names.Case.PREP, "предложный", "о ком?"),
]


class NameFormsForm(forms.Form):
    """How a name is written in each case: what the machine makes of it, and the form typed by hand where it errs.

    `made` is {case: what the machine writes}; `words` the number of words each form must have.
    """

    def __init__(self, *args, made, words, **kwargs):
        super().__init__(*args, **kwargs)
        self.made, self.words = made, words
        for case, title, _question in CASES:
            self.fields[case.value] = forms.CharField(
                label=title.capitalize(),
                max_length=310,
                required=False,
                widget=forms.TextInput(attrs={"autocomplete": "off", "class": "form-control"}),
            )

    def rows(self):
        """(title of the case, question, what the machine writes, the field) for the table."""
        return [(title, question, self.made[case.value], self[case.value]) for case, title, question in CASES]

    def clean(self):
        cleaned = super().clean()
        for case, form in list(cleaned.items()):
            if form and len(form.split()) != self.words:
                self.add_error(case, "Напишите все слова имени в том же порядке: фамилия, имя, отчество.")
        return cleaned

    def forms_by_hand(self) -> dict:
        """{case: form} of those that differ from what the machine writes."""
        typed = {case: " ".join(form.split()) for case, form in self.cleaned_data.items() if form}
        return {case: form for case, form in typed.items() if form != self.made[case]}
