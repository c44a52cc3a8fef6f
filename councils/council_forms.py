"""Forms of the administrator: a council and who sits in it."""

from django import forms
from django.utils import timezone

from councils.models import Council, CouncilMembership
from sopr.web.forms import RussianDateField


class CouncilForm(forms.ModelForm):
    """`agencies`: those that sit in the council, the only ones it can require; None for a new council."""

    class Meta:
        model = Council
        fields = [
            "code",
            "name",
            "municipality",
            "place",
            "quorum_share",
            "required_agencies",
            "roll_call",
            "casting_vote",
        ]
        widgets = {"required_agencies": forms.CheckboxSelectMultiple}
        labels = {
            "municipality": "Муниципальное образование",
            "quorum_share": "Кворум: больше чем, % состава",
            "roll_call": "Голосуют поимённо",
            "casting_vote": "При равенстве голосов решает голос председательствующего",
        }
        help_texts = {
            "code": "Короткий и постоянный: по нему совет узнаёт загрузка реестра.",
            "name": "Полностью, как в протоколе.",
            "place": "Предлагается для каждого заседания.",
            "quorum_share": "50 значит «больше половины состава».",
            "roll_call": "В протоколе будет видно, как голосовал каждый.",
            "casting_vote": "Равенство — ровно половина участвующих «за».",
            "required_agencies": "Отметьте ведомства, без которых решения не принимают.",
        }
        error_messages = {"code": {"unique": "Совет с таким кодом уже есть. Найдите его в списке или смените код."}}

    def __init__(self, *args, agencies=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["municipality"].empty_label = "выберите"
        if agencies:
            self.fields["required_agencies"].queryset = agencies
        else:
            del self.fields["required_agencies"]

    def clean_quorum_share(self):
        share = self.cleaned_data["quorum_share"]
        if share > 99:
            raise forms.ValidationError("Укажите от 0 до 99: присутствовать должно больше этой доли состава.")
        return share


class MemberForm(forms.Form):
    """`users`: who may be seated with a login; `agencies`: whom a member may speak for."""

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
    post = forms.CharField(
        label="Должность", max_length=300, required=False, help_text="Пусто — должность пользователя."
    )
    since = RussianDateField(label="В составе с")

    def __init__(self, *args, users, agencies, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = users
        self.fields["user"].label_from_instance = lambda user: f"{user.full_name}, {user.get_role_display()}"
        self.fields["organisation"].queryset = agencies
        self.fields["since"].initial = timezone.localdate()

    def clean(self):
        data = super().clean()
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


class MemberEndForm(forms.Form):
    until = RussianDateField(label="Последний день в составе")
