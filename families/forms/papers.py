"""Forms of the papers without which support does not begin: application, consents, survey of the home."""

from django import forms
from django.core.validators import MinValueValidator
from django.utils import timezone

from families.forms.family import not_future
from families.models import Application, HomeSurvey
from sopr import profile
from sopr.web.forms import RussianDateField, russian_formfield, with_blank

ADULT = 18  # years


def is_adult(person) -> bool:
    """Whether the person gives consent for himself; somebody without a birth date counts as an adult."""
    return person.age is None or person.age >= ADULT


def default_recipients() -> str:
    """To whom a family's data go under the region's order: the text of the consent, to be corrected by hand."""
    current = profile.current()
    councils = [kind.full for kind in current.council_kinds]
    inside = "них" if len(councils) > 1 else "него"
    return (
        f"{current.ministry.title}; {'; '.join(councils)} и входящие в {inside} органы и организации "
        "(образование, здравоохранение, опека и попечительство, занятость, КДНиЗП, органы внутренних дел) — в объёме, "
        "нужном для помощи семье"
    )


class ApplicationForm(forms.ModelForm):
    class Meta:
        model = Application
        fields = ["received_on", "applicant", "capacity", "document", "help_asked", "circumstances"]
        formfield_callback = russian_formfield
        help_texts = {"document": "Вид, серия, номер, кем и когда выдан.", "help_asked": "Словами семьи."}

    def __init__(self, *args, members=(), **kwargs):
        super().__init__(*args, **kwargs)
        applicant = self.fields["applicant"]
        applicant.queryset = applicant.queryset.filter(pk__in=[row.person_id for row in members])
        applicant.empty_label = "выберите"
        self.fields["capacity"].choices = with_blank(Application.Capacity.choices)
        self.fields["received_on"].validators.append(not_future)


class ConsentForm(forms.Form):
    """One form, a consent for each: adults for themselves, the representative for the children."""

    adults = forms.TypedMultipleChoiceField(
        label="Взрослые, каждый за себя", coerce=int, widget=forms.CheckboxSelectMultiple, required=False
    )
    children = forms.TypedMultipleChoiceField(
        label="Дети", coerce=int, widget=forms.CheckboxSelectMultiple, required=False
    )
    representative = forms.TypedChoiceField(
        label="Кто дал согласие за детей",
        coerce=int,
        empty_value=None,
        required=False,
        help_text="Законный представитель: родитель, опекун, приёмный родитель.",
    )
    given_on = RussianDateField(label="Дата согласия", initial=timezone.localdate, validators=[not_future])
    until = RussianDateField(
        label="Действует до", required=False, help_text="Пусто — до отзыва или до конца сопровождения."
    )
    recipients = forms.CharField(
        label="Кому передаются данные", widget=forms.Textarea(attrs={"rows": 4}), initial=default_recipients
    )
    paper = forms.BooleanField(
        label="Подписанные листы согласия получены и подшиты",
        error_messages={"required": "Согласие действует на бумаге: получите подписи, затем отметьте."},
    )

    def __init__(self, *args, members=(), consented=frozenset(), **kwargs):
        super().__init__(*args, **kwargs)
        people = [row.person for row in members]
        grown = [person for person in people if is_adult(person)]
        young = [person for person in people if not is_adult(person)]
        for name, group in (("adults", grown), ("children", young)):
            if not group:
                del self.fields[name]
                continue
            self.fields[name].choices = [(person.pk, _with_mark(person, consented)) for person in group]
            self.fields[name].initial = [person.pk for person in group if person.pk not in consented]
        if young:
            self.fields["representative"].choices = with_blank([(person.pk, person.full_name) for person in grown])
            likely = [row.person_id for row in members if row.is_representative and row.person in grown]
            self.fields["representative"].initial = likely[0] if len(likely) == 1 else None
        else:
            del self.fields["representative"]


def _with_mark(person, consented) -> str:
    return f"{person.full_name} — согласие уже есть" if person.pk in consented else person.full_name


class HomeSurveyForm(forms.ModelForm):
    class Meta:
        model = HomeSurvey
        fields = [
            "done_on",
            "commission",
            "present",
            "housing",
            "income_per_head",
            "children_conditions",
            "safety",
            "threat_found",
            "conclusion",
            "acquainted",
        ]
        formfield_callback = russian_formfield
        help_texts = {
            "commission": "Фамилии, инициалы и должности через запятую.",
            "housing": "Вид и право собственности, комнаты, удобства, порядок.",
            "threat_found": "Об угрозе сообщите в опеку немедленно, по телефону.",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["done_on"].validators.append(not_future)
        self.fields["income_per_head"].validators.append(MinValueValidator(0, "Доход не может быть меньше нуля."))
