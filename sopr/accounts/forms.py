"""Forms of the administrator: people who sign in, organisations, their units."""

from django import forms
from django.utils import timezone

from sopr.accounts.models import District, Municipality, Organisation, OrganisationKind, Unit, User
from sopr.accounts.policy import Role
from sopr.web.forms import PERIOD_ORDER, RussianDateField, russian_formfield, with_blank


class UserForm(forms.ModelForm):
    """An account as the administrator sees it. `own`: one's own, whose role and access another one changes."""

    since = RussianDateField(label="Работает в этой роли с")

    class Meta:
        model = User
        fields = [
            "last_name",
            "first_name",
            "patronymic",
            "username",
            "role",
            "organisation",
            "post",
            "phone",
            "email",
            "is_active",
        ]
        labels = {"username": "Логин", "is_active": "Доступ открыт", "email": "Эл. почта"}
        help_texts = {
            "username": "Латинские буквы, цифры и знаки @ . + - _",
            "is_active": "Снимите отметку, когда человек уволился: войти он не сможет, а его записи останутся.",
        }
        error_messages = {"username": {"unique": "Такой логин уже занят. Придумайте другой."}}

    def __init__(self, *args, own=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = with_blank(Role.choices)
        self.fields["organisation"].required = True
        self.fields["organisation"].empty_label = "выберите"
        self.fields["since"].initial = timezone.localdate()
        if self.instance.pk:
            self.fields["since"].label = "Роль, организация или доступ меняются с"
            self.fields["since"].help_text = "Нужно, только если Вы их меняете: по этому дню считают специалистов."
        if own:
            self.fields["role"].disabled = self.fields["is_active"].disabled = True
            self.fields["is_active"].help_text = "Свою роль и свой доступ меняет другой администратор."

    def clean_since(self):
        day = self.cleaned_data["since"]
        if self.instance.pk and day > timezone.localdate():
            raise forms.ValidationError("Изменение действует сразу: укажите сегодняшний день или прошедший.")
        return day

    @property
    def changes_post(self) -> bool:
        """Whether what the specialists are counted by was changed."""
        return bool({"role", "organisation", "is_active"} & set(self.changed_data))


class OrganisationForm(forms.ModelForm):
    """Реквизиты организации, as they stand in contracts, minutes and reports."""

    class Meta:
        model = Organisation
        fields = [
            "code",
            "name",
            "short_name",
            "kind",
            "municipality",
            "founder",
            "address",
            "phone",
            "email",
            "inn",
            "ogrn",
            "director_name",
            "director_post",
        ]
        help_texts = {
            "code": "Короткий и постоянный: по нему организацию узнают загрузка реестра и отчёты.",
            "short_name": "Так она названа в списках. Пусто — полное наименование.",
            "municipality": "Пусто — организация работает на весь регион.",
            "inn": "10 цифр",
            "ogrn": "13 цифр",
            "director_name": "Фамилия, имя, отчество полностью: так они войдут в договор.",
        }
        error_messages = {
            "code": {"unique": "Организация с таким кодом уже есть. Смените код или найдите её в списке."}
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = with_blank(OrganisationKind.choices)
        self.fields["municipality"].empty_label = "весь регион"

    def clean_inn(self):
        return _digits(self.cleaned_data["inn"], (10, 12), "В ИНН организации 10 цифр, у предпринимателя 12.")

    def clean_ogrn(self):
        return _digits(self.cleaned_data["ogrn"], (13, 15), "В ОГРН 13 цифр, в ОГРНИП 15.")


def _digits(text, lengths, message):
    if text and not (text.isascii() and text.isdigit() and len(text) in lengths):
        raise forms.ValidationError(f"{message} Проверьте по документу.")
    return text


class UnitForm(forms.ModelForm):
    """A unit of an organisation; a support service is counted in the region's table from `since` to `until`."""

    class Meta:
        model = Unit
        fields = ["name", "supports_families", "since", "until"]
        formfield_callback = russian_formfield
        labels = {"supports_families": "Это служба сопровождения семей"}
        help_texts = {
            "supports_families": "Организации с такой службой считаются в отчётах о сети служб.",
            "until": "Последний день работы. Пусто — действует.",
        }

    def clean(self):
        data = super().clean()
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", PERIOD_ORDER)
        return data


class MunicipalityForm(forms.ModelForm):
    """A municipality: its code is what the register's workbook and the reports know it by."""

    class Meta:
        model = Municipality
        fields = ["name", "code"]
        help_texts = {"code": "Короткий и постоянный: по нему его узнаёт загрузка реестра."}
        error_messages = {
            "code": {"unique": "Такой код уже есть. Смените код или найдите муниципальное образование в списке."}
        }


class DistrictForm(forms.ModelForm):
    """A district and, from a day, the organisation that walks it."""

    organisation = forms.ModelChoiceField(
        label="Кто обходит участок",
        queryset=Organisation.objects.exclude(kind=OrganisationKind.MINISTRY),
        required=False,
        empty_label="пока никто",
        help_text="Специалиста назначает руководитель этой организации на странице участка.",
    )
    since = RussianDateField(label="С какого дня", required=False, help_text="Нужно, если Вы меняете организацию.")

    class Meta:
        model = District
        fields = ["municipality", "name", "boundaries"]
        formfield_callback = russian_formfield
        help_texts = {
            "name": "Номер и главный населённый пункт: Участок № 2, с. Берёзовка.",
            "boundaries": "Населённые пункты, улицы, номера домов.",
        }

    def __init__(self, *args, walked_by=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.walked_by = walked_by
        self.fields["organisation"].initial = walked_by
        self.fields["since"].initial = timezone.localdate()
        if self.instance.pk:
            self.fields["municipality"].disabled = True
            self.fields["municipality"].help_text = "Не меняется: по нему к участку отнесены семьи."

    def clean_since(self):
        day = self.cleaned_data["since"]
        if day and day > timezone.localdate():
            raise forms.ValidationError("Этот день ещё не наступил. Укажите сегодняшний или прошедший.")
        return day

    def clean(self):
        data = super().clean()
        if self.changes_walk and not data.get("since") and "since" not in self.errors:
            self.add_error("since", "Укажите, с какого дня участок обходит эта организация.")
        if self.walked_by and not data.get("organisation") and "organisation" not in self.errors:
            self.add_error("organisation", "Участок уже обходят. Выберите другую организацию или закройте участок.")
        return data

    @property
    def changes_walk(self) -> bool:
        """Whether another organisation than today's was chosen."""
        chosen = self.cleaned_data.get("organisation")
        return chosen is not None and chosen != self.walked_by
