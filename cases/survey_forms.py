"""The survey as the family fills it in, the code that opens it, and a paper form entered for the family."""

from django import forms
from django.utils import timezone
from django.utils.text import capfirst

from cases.models import Case, Survey
from cases.models.survey import MOST
from families.forms.family import not_future
from sopr.web.forms import PhoneField, RussianDateField, with_blank

SCORES = [(str(score), str(score)) for score in range(MOST + 1)]
YES_NO = [("yes", "да"), ("no", "нет")]


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Код с листа",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": "Введите код: двенадцать букв и цифр с листа анкеты."},
    )


class AnswersForm(forms.Form):
    """The eight questions of the printed form; only «довольны ли помощью» must be answered."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in Survey.QUESTIONS:
            self.fields[name] = forms.TypedChoiceField(
                label=f"{capfirst(Survey._meta.get_field(name).verbose_name)}?",
                choices=SCORES,
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
            )
        self.fields["satisfied"] = forms.ChoiceField(
            label="В целом Вы довольны помощью?",
            choices=YES_NO,
            widget=forms.RadioSelect,
            error_messages={"required": "Ответьте «да» или «нет»: это главный вопрос анкеты."},
        )
        self.fields["change"] = forms.ChoiceField(
            label="Что изменилось в жизни Вашей семьи?",
            choices=Survey.Change.choices,
            required=False,
            widget=forms.RadioSelect,
        )
        self.fields["comment"] = forms.CharField(
            label="Что помогло больше всего? Чего не хватило?",
            max_length=2000,
            required=False,
            widget=forms.Textarea(attrs={"rows": 4}),
        )
        self.fields["respondent"] = forms.ChoiceField(
            label="Кто отвечает", choices=with_blank(Survey.Respondent.choices, "не хочу указывать"), required=False
        )

    def clean_satisfied(self):
        return self.cleaned_data["satisfied"] == "yes"

    @property
    def scores(self):
        """The questions answered by a score, as bound fields in the order of the printed form."""
        return [self[name] for name in Survey.QUESTIONS]


class FamilyAnswersForm(AnswersForm):
    """What the family fills in itself: without a name unless it says so."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["named"] = forms.BooleanField(
            label="Показать мои ответы нашему специалисту",
            required=False,
            help_text="Если не отмечать, ответы останутся без имени: будет видно только, какая это служба и квартал.",
        )
        self.fields["callback_phone"] = PhoneField(
            label="Телефон, если хотите, чтобы Вам перезвонили",
            required=False,
            help_text="Сохраняется, только если отмечено «Показать мои ответы».",
        )

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("callback_phone") and not cleaned.get("named"):
            self.add_error("named", "Чтобы мы перезвонили, отметьте это поле. Или уберите телефон.")
        return cleaned


class PaperAnswersForm(AnswersForm):
    """A paper form entered by the service."""

    field_order = ["answered_on", "case_number"]

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["answered_on"] = RussianDateField(
            label="Получена", initial=timezone.localdate, validators=[not_future]
        )
        self.fields["case_number"] = forms.CharField(
            label="Номер случая",
            max_length=40,
            required=False,
            help_text="Только если семья назвала себя. Анкета без имени не связывается со случаем.",
        )
        self.order_fields(self.field_order)

    def clean_case_number(self):
        number = self.cleaned_data["case_number"].strip().lstrip("№ ")
        if not number:
            return None
        found = Case.objects.visible_to(self.user).filter(number=number).first()
        if found is None:
            raise forms.ValidationError("Случая с этим номером среди Ваших нет. Проверьте номер или оставьте пустым.")
        return found
