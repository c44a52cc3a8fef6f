"""Forms of the journal of signals."""

from django import forms
from django.utils import timezone

from families.forms.family import not_future
from families.models import Referral
from sopr import profile
from sopr.web.forms import RussianDateField, RussianDateTimeField, russian_formfield, with_blank

NEW_FAMILY = "new"
NO_FAMILY = "none"


def _is_used(channel) -> bool:
    """Whether signals come this way in the region: those of maternity hospitals, where the practice is switched on."""
    return channel != Referral.Channel.MATERNITY or profile.current().has("newborn")


class ReferralForm(forms.ModelForm):
    """A journal entry. A threat must name who was told, how and when (domain.md §4)."""

    HOW = [("phone", "по телефону"), ("visit", "лично"), ("letter", "письмом")]

    notified_whom = forms.CharField(
        label="Кого известили", max_length=200, required=False, help_text="Орган, должность и фамилия."
    )
    notified_how = forms.ChoiceField(label="Как", choices=with_blank(HOW), required=False)
    notified_at = RussianDateTimeField(label="Когда", required=False)

    class Meta:
        model = Referral
        fields = [
            "received_at",
            "channel",
            "source_agency",
            "informant",
            "about",
            "municipality",
            "address",
            "substance",
            "threat_to_life",
        ]
        formfield_callback = russian_formfield
        help_texts = {
            "informant": "Видит только тот, кто проверяет сигнал, и руководитель.",
            "about": "Фамилия семьи или ребёнка.",
            "threat_to_life": "Сначала позвоните в опеку, затем запишите, кого известили.",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        channels = [pair for pair in Referral.Channel.choices if _is_used(pair[0])]
        self.fields["channel"].choices = with_blank(channels)
        self.fields["source_agency"].empty_label = "не ведомство"
        self.fields["municipality"].empty_label = "выберите"

    def clean_received_at(self):
        moment = self.cleaned_data["received_at"]
        if moment > timezone.now():
            raise forms.ValidationError("Это время ещё не наступило. Проверьте дату и время.")
        return moment

    def clean(self):
        cleaned = super().clean()
        told_by_agency = (Referral.Channel.AGENCY, Referral.Channel.MATERNITY)
        if cleaned.get("channel") in told_by_agency and not cleaned.get("source_agency"):
            self.add_error("source_agency", "Сигнал поступил от ведомства: укажите, от какого.")
        if cleaned.get("threat_to_life"):
            for name, text in (
                ("notified_whom", "Укажите, кого известили: без этого сигнал об угрозе не сохраняется."),
                ("notified_how", "Укажите, как известили."),
                ("notified_at", "Укажите, когда известили."),
            ):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, text)
        return cleaned

    def entry(self) -> dict:
        """Cleaned values of the journal entry; `notified` is one line of when, how and whom."""
        values = {name: self.cleaned_data[name] for name in self.Meta.fields}
        return values | {"notified": self._notified()}

    def _notified(self) -> str:
        whom, at = self.cleaned_data["notified_whom"], self.cleaned_data["notified_at"]
        if not whom or not at:
            return whom
        how = dict(self.HOW).get(self.cleaned_data["notified_how"], "")
        return f"{timezone.localtime(at):%d.%m.%Y %H:%M}, {how}: {whom}"


class AssignForm(forms.Form):
    curator = forms.TypedChoiceField(
        label="Кому поручить", coerce=int, widget=forms.RadioSelect, error_messages={"required": "Выберите куратора."}
    )

    def __init__(self, *args, curators=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["curator"].choices = curators


class VisitForm(forms.Form):
    visited_on = RussianDateField(label="Дата посещения", initial=timezone.localdate, validators=[not_future])
    result = forms.CharField(
        label="Что установлено",
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Кого застали, что увидели, подтвердился ли сигнал.",
    )
    family = forms.ChoiceField(label="О какой семье сигнал", widget=forms.RadioSelect)
    number = forms.CharField(
        label="Или номер карточки", max_length=40, required=False, help_text="Если семьи нет в списке выше."
    )

    def __init__(self, *args, families=(), linked=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["family"].choices = [
            *(
                (str(family.pk), f"{family.surname}, № {family.number}, {family.municipality.name}")
                for family in families
            ),
            (NEW_FAMILY, "Новая семья: завести карточку сразу после записи посещения"),
            (NO_FAMILY, "Пока не связывать с карточкой"),
        ]
        self.fields["family"].initial = str(linked) if linked else NO_FAMILY


class CloseForm(forms.Form):
    WAYS = [("refer_on", "передать другому ведомству по принадлежности"), ("reject", "сигнал не подтвердился")]

    way = forms.ChoiceField(label="Чем закончилась проверка", choices=WAYS, widget=forms.RadioSelect)
    result = forms.CharField(
        label="Основание",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Что проверено и почему сигнал закрывается; при передаче — кому и каким письмом.",
        error_messages={"required": "Напишите основание: без него сигнал не закрывается."},
    )
