"""Forms of the administrator: a council and who sits in it."""

from django import forms
from django.utils import timezone

from councils.models import Council, CouncilMembership
from sopr import profile
from sopr.web.forms import RussianDateField, russian_formfield


class CouncilForm(forms.ModelForm):
    """The regulation. `agencies`: those that sit in the council, the only ones it can require; None for a new council.

    `districts`: which it may be made for; where the region has one kind of councils, the kind is not asked.
    """

    kind = forms.ChoiceField(label="Вид", help_text="От вида зависит, какие вопросы совет решает и о каких семьях.")

    class Meta:
        model = Council
        fields = [
            "kind",
            "code",
            "name",
            "municipality",
            "districts",
            "order_number",
            "order_on",
            "place",
            "quorum_share",
            "required_agencies",
            "substitutes",
            "absentee",
            "roll_call",
            "casting_vote",
        ]
        formfield_callback = russian_formfield
        widgets = {"required_agencies": forms.CheckboxSelectMultiple, "districts": forms.CheckboxSelectMultiple}
        labels = {
            "municipality": "Муниципальное образование",
            "quorum_share": "Кворум: больше чем, % состава",
            "order_number": "Номер распоряжения о создании",
            "order_on": "Дата распоряжения",
            "substitutes": "Члена совета может замещать другой человек",
            "absentee": "Вопросы можно решать заочным голосованием",
            "roll_call": "Голосуют поимённо",
            "casting_vote": "При равенстве голосов решает голос председательствующего",
        }
        help_texts = {
            "code": "Короткий и постоянный: по нему совет узнаёт загрузка реестра.",
            "name": "Полностью, как в протоколе.",
            "place": "Предлагается для каждого заседания.",
            "quorum_share": "50 значит «больше половины состава».",
            "districts": "Пусто — семьи всего муниципального образования.",
            "substitutes": "Замещающий считается в кворуме.",
            "absentee": "Бюллетени вместо собрания: каждый голосует сам до назначенного дня.",
            "roll_call": "В протоколе будет видно, как голосовал каждый.",
            "casting_vote": "Равенство — ровно половина участвующих «за».",
            "required_agencies": "Отметьте ведомства, без которых решения не принимают.",
        }
        error_messages = {"code": {"unique": "Совет с таким кодом уже есть. Найдите его в списке или смените код."}}

    def __init__(self, *args, districts, agencies=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["municipality"].empty_label = "выберите"
        kinds = profile.current().council_kinds
        if len(kinds) > 1:
            self.fields["kind"].choices = [(kind.code, kind.full) for kind in kinds]
        else:
            del self.fields["kind"]
        self.fields["districts"].queryset = districts
        if not self.instance.pk:
            self.fields["districts"].label_from_instance = lambda row: f"{row.municipality}: {row.name}"
        if not districts:
            del self.fields["districts"]
        if agencies:
            self.fields["required_agencies"].queryset = agencies
        else:
            del self.fields["required_agencies"]

    def clean_quorum_share(self):
        share = self.cleaned_data["quorum_share"]
        if share > 99:
            raise forms.ValidationError("Укажите от 0 до 99: присутствовать должно больше этой доли состава.")
        return share


class SeatForm(forms.Form):
    """Who sits and for whom. `users`: who may be seated with a login; `agencies`: whom a member may speak for."""

    user = forms.ModelChoiceField(
        None,
        label="Пользователь системы",
        required=False,
        empty_label="без входа в систему",
        help_text="Материалы в системе видят только пользователи с ролью «Член совета» или «Секретарь совета».",
    )
    last_name = forms.CharField(
        label="Фамилия", max_length=100, required=False, help_text="Если пользователь не выбран. Имя — тоже."
    )
    first_name = forms.CharField(label="Имя", max_length=100, required=False)
    patronymic = forms.CharField(label="Отчество", max_length=100, required=False)
    organisation = forms.ModelChoiceField(
        None, label="Ведомство", required=False, empty_label="организация пользователя"
    )
    role = forms.ChoiceField(
        label="Роль в совете", choices=CouncilMembership.Role, initial=CouncilMembership.Role.MEMBER
    )
    no_vote = forms.BooleanField(
        label="Без права голоса", required=False, help_text="Не считается в кворуме. Приглашённые — всегда без голоса."
    )
    post = forms.CharField(
        label="Должность", max_length=300, required=False, help_text="Пусто — должность пользователя."
    )
    substitute = forms.CharField(
        label="Кто замещает", max_length=120, required=False, help_text="Фамилия и инициалы, если назначен заранее."
    )

    def __init__(self, *args, users, agencies, substitutes, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = users
        self.fields["user"].label_from_instance = lambda user: f"{user.full_name}, {user.get_role_display()}"
        self.fields["organisation"].queryset = agencies
        if not substitutes:
            del self.fields["substitute"]

    def clean(self):
        data = super().clean()
        if data.get("DELETE"):
            self._errors.clear()
            return data
        user = data.get("user")
        if user is None and "user" not in self.errors:
            for name, what in (("last_name", "фамилию"), ("first_name", "имя")):
                if not data.get(name):
                    self.add_error(name, f"Выберите пользователя или впишите {what}.")
        if user is not None and data.get("last_name"):
            self.add_error("last_name", "Выбран пользователь: фамилия возьмётся из его записи. Очистите это поле.")
        if not data.get("organisation") and "organisation" not in self.errors:
            data["organisation"] = user.organisation if user else None
            if data["organisation"] is None:
                self.add_error("organisation", "Выберите ведомство, от которого человек входит в совет.")
        if user is not None and not data.get("post"):
            data["post"] = user.post
        return data

    @property
    def seat(self) -> dict:
        """The arguments of `Council.seat` that the form asks for."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "DELETE"}
        data["votes"] = not data.pop("no_vote")
        return data


class OrderForm(forms.Form):
    """The order that appoints, and its first day."""

    since = RussianDateField(label="В составе с")
    order_number = forms.CharField(label="Номер распоряжения", max_length=60, required=False)
    order_on = RussianDateField(label="Дата распоряжения", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["since"].initial = timezone.localdate()


class MemberForm(SeatForm, OrderForm):
    """One member enters the council."""


class ReplaceForm(OrderForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["since"].label = "Новый состав действует с"


class SeatRow(SeatForm):
    """A line of the new membership: short, without explanations."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.help_text = ""


class SeatRows(forms.BaseFormSet):
    title = "Новый состав"
    note = "Сначала здесь нынешний состав: исправьте, уберите выбывших, добавьте новых."
    add_title = "Добавить человека"

    def seats(self) -> list[dict]:
        """Arguments of `Council.seat` for every line that stays."""
        lines = [form for form in self.forms if form.has_changed() or form.initial]
        return [form.seat for form in lines if form.cleaned_data and not form.cleaned_data.get("DELETE")]


def seat_rows(data=None, *, initial, **kwargs):
    """The lines of a whole membership; `kwargs` as SeatForm takes them."""
    factory = forms.formset_factory(SeatRow, formset=SeatRows, extra=1, can_delete=True, max_num=100)
    return factory(data, prefix="seats", initial=initial, form_kwargs=kwargs)


class SubstituteForm(forms.Form):
    substitute = forms.CharField(
        label="Кто замещает",
        max_length=120,
        required=False,
        help_text="Фамилия и инициалы. Пусто — замещающего больше нет.",
    )


class MemberEndForm(forms.Form):
    until = RussianDateField(label="Последний день в составе")
