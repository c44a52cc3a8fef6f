"""Forms of contacts and of planned visits: short enough for a phone at the family's door."""

import datetime

from django import forms
from django.utils import timezone

from cases.models import Case, Contact, Visit
from families.models import Person
from sopr.web.forms import RussianDateTimeField

DEFAULT_PURPOSE = "Очередная встреча"
AGAIN_PURPOSE = "Повторная попытка связаться"


class ContactForm(forms.Form):
    """Three fields and the question about a threat; the rest is folded until there is something to add."""

    kind = forms.ChoiceField(
        label="Как связались", choices=Contact.Kind, widget=forms.RadioSelect, initial=Contact.Kind.VISIT
    )
    tried = forms.ChoiceField(label="Что пробовали", choices=Contact.TRIED, widget=forms.RadioSelect, required=False)
    at = RussianDateTimeField(label="Когда")
    summary = forms.CharField(
        label="Что увидели и о чём договорились",
        widget=forms.Textarea(attrs={"rows": 4, "autocapitalize": "sentences"}),
        error_messages={"required": "Запишите хотя бы одной строкой, что увидели и о чём договорились."},
    )
    threat = forms.BooleanField(label="Есть ли угроза ребёнку", required=False)
    notified = forms.CharField(
        label="Кого, когда и как известили об угрозе",
        required=False,
        max_length=300,
        help_text="Позвоните в опеку сразу. Запишите, с кем говорили, в какое время и по какому телефону.",
    )
    visit = forms.ModelChoiceField(
        label="Запланированная встреча",
        queryset=None,
        required=False,
        empty_label="эта запись не по плану",
        error_messages={"invalid_choice": "Этой встречи больше нет в плане. Выберите другую или «не по плану»."},
    )
    people = forms.ModelMultipleChoiceField(
        label="Кто участвовал", queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    next_at = RussianDateTimeField(label="Когда встретиться снова", required=False)
    next_purpose = forms.CharField(label="Зачем", required=False, max_length=200)

    FOLDED = ("people", "next_at", "next_purpose")

    def __init__(self, *args, people=None, visits=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = Person.objects.none() if people is None else people
        self.fields["people"].label_from_instance = lambda person: person.first_name or person.last_name
        self.fields["visit"].queryset = Visit.objects.none() if visits is None else visits
        self.fields["visit"].label_from_instance = lambda visit: (
            f"{timezone.localtime(visit.at):%d.%m.%Y %H:%M}, {visit.get_kind_display()}: {visit.purpose}"
        )
        self.fields["at"].widget.attrs["max"] = f"{timezone.localtime():%Y-%m-%dT23:59}"
        self.fields["next_at"].widget.attrs["min"] = f"{timezone.localtime():%Y-%m-%dT%H:%M}"

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("threat") and not cleaned.get("notified", "").strip():
            self.add_error(
                "notified", "Отмечена угроза ребёнку. Позвоните в опеку и запишите, кого, когда и как известили."
            )
        if cleaned.get("kind") == Contact.Kind.ATTEMPT and not cleaned.get("tried"):
            self.add_error("tried", "Отметьте, что пробовали: приехать, позвонить, написать.")
        if cleaned.get("next_purpose") and not cleaned.get("next_at") and "next_at" not in self.errors:
            self.add_error("next_at", "Укажите день и время следующей встречи или сотрите её цель.")
        return cleaned

    def opens_fold(self) -> bool:
        """Whether «Ещё подробности» has something to show at once: typed before, or wrong."""
        return any(self.errors.get(name) or self[name].value() for name in self.FOLDED)

    def get_next(self) -> dict | None:
        """The next meeting that was asked for, as `Visit.plan` takes it."""
        data = self.cleaned_data
        if not data.get("next_at"):
            return None
        attempt = data["kind"] == Contact.Kind.ATTEMPT
        kind = data["tried"] if attempt else data["kind"]
        return {
            "at": data["next_at"],
            "kind": kind if kind in dict(Visit.KINDS) else Contact.Kind.PHONE,
            "purpose": data.get("next_purpose") or (AGAIN_PURPOSE if attempt else DEFAULT_PURPOSE),
        }


class ContactOfCaseForm(ContactForm):
    """The same from «Мой день»: the family is chosen first."""

    case = forms.ModelChoiceField(label="Семья", queryset=None, empty_label="выберите")

    field_order = ["case", "kind", "tried", "at", "summary"]

    def __init__(self, *args, cases, title_of, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["people"], self.fields["visit"]
        self.FOLDED = ("next_at", "next_purpose")
        self.fields["case"].queryset = cases
        self.fields["case"].label_from_instance = title_of


class VisitForm(forms.Form):
    """A day and an hour, and what for."""

    kind = forms.ChoiceField(
        label="Что запланировать", choices=Visit.KINDS, widget=forms.RadioSelect, initial=Contact.Kind.VISIT
    )
    at = RussianDateTimeField(label="Когда")
    purpose = forms.CharField(
        label="Зачем",
        max_length=200,
        help_text="Например: посмотреть, как устроились дети; подписать согласие. Диагнозов не пишите.",
        error_messages={"required": "Напишите, зачем встречаетесь: цель печатается в маршрутном листе."},
    )
    caution = forms.CharField(
        label="О чём помнить у дверей",
        max_length=200,
        required=False,
        help_text="Собака, домофон, кто бывает дома. Печатается в маршрутном листе; подскажем и в следующий раз.",
    )

    def __init__(self, *args, cases=None, title_of=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["at"].widget.attrs["min"] = f"{timezone.localtime():%Y-%m-%dT%H:%M}"
        if cases is not None:
            chosen = forms.ModelChoiceField(label="Семья", queryset=cases, empty_label="выберите")
            chosen.label_from_instance = title_of
            self.fields = {"case": chosen} | self.fields


class MoveForm(forms.Form):
    at = RussianDateTimeField(label="Новые день и время")
    reason = forms.CharField(
        label="Почему переносится",
        max_length=300,
        error_messages={"required": "Напишите причину: например, семья попросила, куратор на совещании."},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["at"].widget.attrs["min"] = f"{timezone.localtime():%Y-%m-%dT%H:%M}"


class CancelForm(forms.Form):
    reason = forms.CharField(
        label="Почему отменяется",
        max_length=300,
        error_messages={"required": "Напишите причину: например, вопрос решён по телефону."},
    )


class RouteFilter(forms.Form):
    """Whose route and of which day; for a curator, always his own."""

    day = forms.DateField(
        required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), label="День"
    )
    curator = forms.ModelChoiceField(label="Куратор", queryset=None, required=False, empty_label=None)

    def __init__(self, *args, curators, **kwargs):
        super().__init__(*args, **kwargs)
        if curators is None:
            del self.fields["curator"]
        else:
            self.fields["curator"].queryset = curators
            self.fields["curator"].label_from_instance = lambda user: user.short_name


class RouteForm(forms.Form):
    """One change of the route's order: «12:up», «12:down», or «address» for the order by address."""

    move = forms.RegexField(r"^(\d+:(up|down)|address)$")


def tomorrow_at_ten() -> datetime.datetime:
    """What a plan begins with: tomorrow at ten, the first hour at which a family expects anybody."""
    tomorrow = timezone.localtime() + datetime.timedelta(days=1)
    return tomorrow.replace(hour=10, minute=0, second=0, microsecond=0)


def cases_to_choose(cases):
    """Cases of a list of choices, with the family for the words of each."""
    return cases.select_related("family").order_by("family__surname", "pk")


def title_of_case(case: Case) -> str:
    return f"{case.family.surname}, № {case.family.number}"
