"""Forms about districts. They clean what was typed; the rules are in the verbs."""

from django import forms
from django.utils import timezone

from families.forms.family import not_future
from families.models import DistrictPlace, Family, Settlement
from sopr.accounts.models import District, User
from sopr.accounts.policy import Role
from sopr.web.forms import PhoneField, RussianDateField, russian_formfield, with_blank


class BoundariesForm(forms.ModelForm):
    """What of the district its own organisation writes; the name is the administrator's."""

    class Meta:
        model = District
        fields = ["boundaries"]
        formfield_callback = russian_formfield
        help_texts = {"boundaries": "Населённые пункты, улицы и номера домов, по которым участок узнают на месте."}


class WalkForm(forms.Form):
    """Which specialist of the organisation walks the district, since when."""

    specialist = forms.ModelChoiceField(label="Специалист", queryset=User.objects.none(), empty_label="выберите")
    since = RussianDateField(label="С какого дня", validators=[not_future])

    def __init__(self, *args, organisation, specialist=None, **kwargs):
        super().__init__(*args, **kwargs)
        working = User.objects.filter(organisation=organisation, is_active=True, role__in=(Role.CURATOR, Role.HEAD))
        self.fields["specialist"].queryset = working
        self.fields["specialist"].initial = specialist
        self.fields["specialist"].label_from_instance = lambda user: f"{user.full_name}, {user.get_role_display()}"
        self.fields["since"].initial = timezone.localdate()


class SettlementForm(forms.ModelForm):
    class Meta:
        model = Settlement
        fields = ["name", "households", "population"]
        help_texts = {
            "name": "С видом: с. Берёзовка, мкр. Южный.",
            "households": "По данным администрации; пусто — не известно.",
        }

    def clean_name(self):
        name = self.cleaned_data["name"].strip()
        others = Settlement.objects.filter(district=self.instance.district_id, name__iexact=name)
        if others.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("Этот населённый пункт на участке уже есть. Откройте его и исправьте.")
        return name


class PlaceForm(forms.ModelForm):
    class Meta:
        model = DistrictPlace
        fields = ["kind", "name", "address", "phone", "note"]
        field_classes = {"phone": PhoneField}
        help_texts = {
            "address": "У кризисной квартиры адрес не указывают: паспорт участка печатают и передают.",
            "note": "Что здесь получит семья, к кому обратиться.",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        kinds = DistrictPlace.Kind
        resources = [(kind.value, kind.label) for kind in DistrictPlace.RESOURCES]
        institutions = [(kind.value, kind.label) for kind in kinds if kind not in DistrictPlace.RESOURCES]
        self.fields["kind"].choices = with_blank([("Учреждения", institutions), ("Ресурсы", resources)])

    def clean(self):
        data = super().clean()
        if data.get("kind") == DistrictPlace.Kind.CRISIS_FLAT and data.get("address"):
            self.add_error(
                "address", "Уберите адрес: где находится кризисная квартира, знают только те, кто туда ведёт."
            )
        return data


class PassportForm(forms.Form):
    """The day of a passport and what follows from its figures."""

    on = RussianDateField(label="На какую дату", validators=[not_future])
    conclusions = forms.CharField(
        label="Выводы",
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Что изменилось и почему, чего на участке не хватает, что сделать до следующего паспорта. "
        "Не называйте семьи: паспорт печатают и передают.",
    )


class AssignForm(forms.Form):
    """Which families of the list go to the district."""

    families = forms.ModelMultipleChoiceField(
        label="Семьи",
        queryset=Family.objects.none(),
        error_messages={
            "required": "Отметьте хотя бы одну семью.",
            "invalid_choice": "Список изменился, пока Вы отмечали: часть семей уже отнесена. Отметьте снова.",
        },
    )

    def __init__(self, *args, waiting, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["families"].queryset = waiting
