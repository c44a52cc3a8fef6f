"""Forms of pages: what people type, cleaned into periods and facts; no query beyond the choices given."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from reports import periods
from reports.declared import facts_of_region
from reports.indicators.facts import BY_CODE
from reports.models import DeclaredFact
from sopr.errors import Refused
from sopr.web.forms import RussianDateField, with_blank

QUARTERS_SHOWN, YEARS_SHOWN, MONTHS_SHOWN = 8, 3, 6


class PeriodField(forms.CharField):
    """A period as text, cleaned into a Period that has begun already."""

    def clean(self, value):
        value = super().clean(value)
        if not value:
            return None
        try:
            period = periods.parse(value)
        except periods.PeriodError as error:
            raise ValidationError(error.message) from None
        if period.since > timezone.localdate():
            raise ValidationError(f"Период «{period.text}» ещё не начался.")
        return period


class BuildForm(forms.Form):
    """Which form, for which period: a usual one from the list, or any other typed in."""

    form = forms.ChoiceField(label="Форма отчёта", widget=forms.RadioSelect)
    period = PeriodField(label="Период", widget=forms.Select, required=False)
    other = PeriodField(
        label="Другой период",
        required=False,
        max_length=40,
        help_text="Заполните, если нужного периода нет в списке: 2016..2017 — годы рядом, 2021-12 — месяц, "
        "2021-12-20..2021-12-26 — неделя.",
    )

    def __init__(self, *args, report_forms, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["form"].choices = [(form.code, f"{form.name}: {form.act}") for form in report_forms]
        self.fields["form"].initial = report_forms[0].code
        months = any("month" in form.periodicity for form in report_forms)
        self.fields["period"].widget.choices = with_blank(usual_periods(timezone.localdate(), months=months))

    def clean(self):
        cleaned = super().clean()
        period, other = cleaned.get("period"), cleaned.get("other")
        if not self.errors and not period and not other:
            self.add_error("period", "Выберите период или напишите его ниже.")
        cleaned["chosen"] = other or period
        return cleaned


class PacketForm(BuildForm):
    """One form or all of the region's, for a period."""

    def __init__(self, *args, report_forms, **kwargs):
        super().__init__(*args, report_forms=report_forms, **kwargs)
        self.fields["form"].required = False
        if len(report_forms) > 1:
            self.fields["form"].choices = [("", "Все формы региона"), *self.fields["form"].choices]
            self.fields["form"].initial = ""


def usual_periods(today, *, months=False) -> list[tuple[str, str]]:
    """The last quarters, years and, if asked for, months, newest first, as choices."""
    quarter, year = periods.containing(today, "quarter"), periods.containing(today, "year")
    choices = []
    for _number in range(QUARTERS_SHOWN):
        choices.append((quarter.text, quarter.title))
        quarter = quarter.previous()
    for _number in range(YEARS_SHOWN):
        choices.append((year.text, year.title))
        year = year.previous()
    month = periods.containing(today, "month")
    for _number in range(MONTHS_SHOWN if months else 0):
        choices.append((month.text, month.title))
        month = month.previous()
    return choices


class WithdrawForm(forms.Form):
    """Why a declared value is taken back."""

    reason = forms.CharField(
        label="Почему отзываете",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Причина останется в истории значения. Не пишите фамилий.",
    )


class FactForm(forms.Form):
    """One declared value; the ministry names the organisation, a head declares for his own."""

    organisation = forms.ModelChoiceField(label="Организация", queryset=None, empty_label="выберите")
    indicator = forms.ChoiceField(label="Показатель")
    period = PeriodField(
        label="Период", max_length=40, help_text="2021 — год, 2021Q4 — квартал, 2016..2017 — весь срок реализации."
    )
    value = forms.CharField(label="Значение", max_length=20, help_text="Число или «да» / «нет».")
    basis = forms.CharField(
        label="Основание", max_length=300, help_text="Документ, которым подтверждается значение: вид, дата, номер."
    )
    declared_on = RussianDateField(label="Дата", initial=timezone.localdate)

    def __init__(self, *args, organisations=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["indicator"].choices = with_blank(
            [(row.fact.code, f"{row.code}. {row.title}") for _form, rows in facts_of_region() for row in rows]
        )
        if organisations is None:
            del self.fields["organisation"]
        else:
            self.fields["organisation"].queryset = organisations

    def clean_declared_on(self):
        day = self.cleaned_data["declared_on"]
        if day > timezone.localdate():
            raise ValidationError("Эта дата ещё не наступила.")
        return day

    def clean(self):
        cleaned = super().clean()
        if "indicator" in cleaned and "value" in cleaned:
            try:
                BY_CODE[cleaned["indicator"]].read(cleaned["value"])
            except Refused as refused:
                self.add_error("value", refused.message)
        return cleaned

    def declare(self, organisation, *, by) -> DeclaredFact:
        """Keep what was typed as a declaration of `organisation`."""
        data = self.cleaned_data
        return DeclaredFact.declare(
            data.get("organisation") or organisation,
            data["indicator"],
            data["period"],
            data["value"],
            by=by,
            basis=data["basis"],
            declared_on=data["declared_on"],
        )
