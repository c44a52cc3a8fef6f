"""Forms of families, their people and categories. They clean what was typed; the rules are in the verbs."""

from django import forms
from django.db.models import Q
from django.utils import timezone

from families.categories import Category
from families.models import Family, FamilyMembership, Person
from families.names import check_snils
from families.registration import Difference, PersonDifference
from sopr import profile
from sopr.accounts.models import District
from sopr.web.forms import PhoneField, RussianDateField, SnilsField, russian_formfield, with_blank


def category_choices():
    """Categories of the region's profile, in its order."""
    return [(code, Category(code).label) for code in profile.current().categories]


def not_future(day):
    """Form validator: a fact cannot be dated tomorrow."""
    if day > timezone.localdate():
        raise forms.ValidationError("Эта дата ещё не наступила. Укажите сегодняшнюю или прошедшую.")


class MoveForm(forms.ModelForm):
    """Where the family lives from a day on."""

    moved_on = RussianDateField(label="С какого дня", validators=[not_future], initial=timezone.localdate)

    class Meta:
        model = Family
        fields = ["municipality", "address"]
        labels = {"address": "Новый адрес"}
        help_texts = {"address": "Населённый пункт, улица, дом, квартира."}

    field_order = ["moved_on", "municipality", "address"]


class FamilyForm(forms.ModelForm):
    """The card's own fields."""

    class Meta:
        model = Family
        fields = [
            "surname",
            "municipality",
            "district",
            "address",
            "address_hidden",
            "phone",
            "circumstances",
            "benefits",
        ]
        formfield_callback = russian_formfield
        field_classes = {"phone": PhoneField}
        help_texts = {
            "surname": "Во множественном числе: Ковалёвы, Шевчук.",
            "address": "Населённый пункт, улица, дом, квартира.",
            "address_hidden": "Есть угроза безопасности: адрес увидят только куратор семьи и руководитель.",
            "circumstances": "На кого семья может опереться, что её тревожит.",
            "benefits": "Пособия, льготы, социальный контракт: что получает и до какого срока.",
        }
        error_messages = {
            "surname": {"required": "Укажите фамилию семьи."},
            "municipality": {"required": "Выберите муниципальное образование."},
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["municipality"].empty_label = "выберите"
        self.fields["district"].empty_label = "не указан"
        present = self.initial.get("district")  # a family may stand in a closed one until it is moved
        open_ones = Q(closed_on=None) | Q(pk=getattr(present, "pk", present))
        self.fields["district"].queryset = District.objects.filter(open_ones).select_related("municipality")
        self.fields["district"].label_from_instance = lambda row: f"{row.name} ({row.municipality.name})"

    def clean(self):
        cleaned = super().clean()
        district, municipality = cleaned.get("district"), cleaned.get("municipality")
        if district and municipality and district.municipality_id != municipality.pk:
            self.add_error("district", f"Участок «{district.name}» относится к другому муниципальному образованию.")
        return cleaned

    def card(self) -> dict:
        """Cleaned values of the card's own fields."""
        return {name: self.cleaned_data[name] for name in FamilyForm.Meta.fields}


class NewFamilyForm(FamilyForm):
    """The card, its primary category, and the answer about families alike."""

    category = forms.ChoiceField(label="Основная категория", error_messages={"required": "Выберите категорию."})
    category_ground = forms.CharField(
        label="Основание категории", max_length=300, required=False, help_text="Документ, который её подтверждает."
    )
    other_family = forms.BooleanField(label="Это другая семья", required=False)
    difference = forms.ChoiceField(label="Чем она отличается", choices=with_blank(Difference.choices), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = with_blank(category_choices())

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("other_family") and not cleaned.get("difference"):
            self.add_error("difference", "Укажите, чем эта семья отличается от найденных.")
        return cleaned

    @property
    def answer(self) -> str:
        """The difference named by the curator, only when it was confirmed."""
        return self.cleaned_data["difference"] if self.cleaned_data["other_family"] else ""


class PersonForm(forms.ModelForm):
    """A person's own data, without health."""

    field_order = ["last_name", "first_name", "patronymic", "birth_on", "sex", "snils"]

    birth_on = RussianDateField(label="Дата рождения", required=False)
    snils = SnilsField(label="СНИЛС", required=False, validators=[check_snils], help_text="11 цифр, если известен.")

    # СНИЛС is not among the model's fields here: a known one is no mistake, the verb finds the person who bears it.
    class Meta:
        model = Person
        fields = ["last_name", "first_name", "patronymic", "birth_on", "sex"]
        error_messages = {"last_name": {"required": "Укажите фамилию."}}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["first_name"].required = True
        self.fields["first_name"].error_messages["required"] = "Укажите имя."
        self.fields["sex"].choices = with_blank(Person.Sex.choices)

    def person(self) -> dict:
        """Cleaned values of the person's own fields."""
        return {name: self.cleaned_data[name] for name in [*self.Meta.fields, "snils"]}


class MemberRow(PersonForm):
    """A person and his place in the family being registered."""

    relation = forms.ChoiceField(
        label="Кем приходится",
        choices=with_blank(FamilyMembership.Relation.choices),
        error_messages={"required": "Укажите, кем приходится детям."},
    )
    is_representative = forms.BooleanField(label="Законный представитель", required=False)


class PeopleFormSet(forms.BaseFormSet):
    title = "Кто в семье"
    note = "Впишите взрослых и детей. Пустые строки не сохраняются."
    add_title = "Добавить человека"

    def clean(self):
        if any(form.errors for form in self.forms if not self._should_delete_form(form)):
            return
        seen = set()
        for form in self.filled():
            snils = form.cleaned_data["snils"]
            if snils and snils in seen:
                raise forms.ValidationError("Один и тот же СНИЛС указан у двух человек. Сверьте номера с документами.")
            seen.add(snils)

    def filled(self):
        """Rows in which something was typed and that were not taken out again."""
        kept = [form for form in self.forms if not self._should_delete_form(form)]
        return [form for form in kept if form.has_changed() and form.cleaned_data]


def people_formset(data=None, initial=None):
    """Rows for the people of a new family: at least one, at most twenty."""
    factory = forms.formset_factory(
        MemberRow,
        formset=PeopleFormSet,
        extra=1,
        min_num=1,
        max_num=20,
        validate_min=True,
        validate_max=True,
        can_delete=True,
    )
    messages = {"too_few_forms": "Впишите хотя бы одного человека: мать, отца или ребёнка."}
    return factory(data, prefix="people", initial=initial, error_messages=messages)


class NewMemberForm(PersonForm):
    """A person who joins a family: one already known, or a new one."""

    known = forms.ChoiceField(label="Человек", widget=forms.RadioSelect, required=False)
    relation = forms.ChoiceField(label="Кем приходится", choices=with_blank(FamilyMembership.Relation.choices))
    is_representative = forms.BooleanField(label="Законный представитель детей", required=False)
    since = RussianDateField(
        label="В семье с", required=False, validators=[not_future], help_text="Если дата неизвестна, оставьте пустой."
    )
    ground = forms.CharField(
        label="Основание", max_length=300, required=False, help_text="Например, акт об установлении опеки."
    )

    difference = forms.ChoiceField(
        label="Почему это другой человек",
        choices=with_blank(PersonDifference.choices),
        required=False,
        help_text="Нужно, если Вы заводите новую запись. Отметка останется в истории семьи.",
    )

    def __init__(self, *args, known=(), elsewhere=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.near = {str(like.person.pk) for like in known if like.must_answer}
        self.elsewhere = bool(elsewhere)
        if known:
            self.fields["known"].choices = [
                *((str(like.person.pk), _describe(like)) for like in known),
                ("new", "Это новый человек, завести запись"),
            ]
            self.fields["known"].required = True
            self.fields["known"].error_messages["required"] = "Выберите: это уже известный человек или новый."
        else:
            del self.fields["known"]
        if not self.near and not self.elsewhere:
            del self.fields["difference"]
        self.order_fields(["known", "difference"])

    def clean(self):
        cleaned = super().clean()
        asked = "difference" in self.fields and cleaned.get("known", "new") == "new"
        by_snils = cleaned.get("snils") and Person.objects.filter(snils=cleaned["snils"]).exists()
        if asked and not cleaned.get("difference") and not by_snils and "known" not in self.errors:
            self.add_error("difference", "Похожий человек уже есть в системе. Укажите, почему это другой человек.")
        return cleaned


def _describe(like) -> str:
    """«Это Ковалёва Анна Игоревна, 12.04.1991. Совпадает: имя, дата рождения»."""
    known = {like.person.full_name: "имя", _born(like.person): "дата рождения"}
    agrees = []
    for fact in like.facts:
        named = next((value for value in known if fact.startswith(value)), "")
        agrees.append(fact.replace(named, known[named], 1) if named else fact)
    return f"Это {like.person.full_name}, {_born(like.person)}. Совпадает: {', '.join(agrees)}"


def _born(person) -> str:
    return f"{person.birth_on:%d.%m.%Y}" if person.birth_on else "дата рождения не указана"
