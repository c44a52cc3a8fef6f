"""Fields that every form shares: dates, moments, telephones, СНИЛС; nothing of the domain.

A model form says `formfield_callback = russian_formfield` in its Meta, a plain form names the fields.
"""

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.fields import BLANK_CHOICE_DASH

DATE_FORMATS = ["%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y"]
MOMENT_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M"]
PERIOD_ORDER = "Конец периода раньше его начала. Проверьте даты."


class RussianDateInput(forms.DateInput):
    """The browser's own calendar; ISO in the markup, Russian on the screen."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class RussianDateTimeInput(forms.DateTimeInput):
    """The browser's own calendar with hours and minutes, local time of the region."""

    input_type = "datetime-local"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class RussianDateField(forms.DateField):
    """A date: from the browser's calendar, or typed as 21.11.2026 where there is none."""

    widget = RussianDateInput
    default_error_messages = {"invalid": "Введите дату в виде 21.11.2026."}

    def __init__(self, **kwargs):
        kwargs.setdefault("input_formats", DATE_FORMATS)
        super().__init__(**kwargs)


class RussianDateTimeField(forms.DateTimeField):
    """A moment: from the browser's calendar, or typed as 21.11.2026 14:30."""

    widget = RussianDateTimeInput
    default_error_messages = {"invalid": "Введите дату и время в виде 21.11.2026 14:30."}

    def __init__(self, **kwargs):
        kwargs.setdefault("input_formats", MOMENT_FORMATS)
        super().__init__(**kwargs)


class PhoneField(forms.CharField):
    """A telephone as people write it, stored as «+7 912 345-67-89»; ten digits without a code are Russian."""

    def __init__(self, **kwargs):
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def clean(self, value):
        value = super().clean(value)
        return format_phone(value) if value else ""


def format_phone(text: str) -> str:
    """«8 912 3456789» → «+7 912 345-67-89»; raises ValidationError when it cannot be a telephone."""
    try:
        number = phonenumbers.parse(text, "RU")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise ValidationError("Введите телефон с кодом города или оператора, например +7 912 345-67-89.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


class SnilsField(forms.CharField):
    """СНИЛС typed with or without dashes; eleven digits are stored. The checksum is checked by `validators`."""

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def prepare_value(self, value):
        return format_snils(value) if isinstance(value, str) else value

    def to_python(self, value):
        text = super().to_python(value)
        digits = "".join(sign for sign in text if sign in "0123456789")
        if any(sign.isalnum() and sign not in digits for sign in text) or (text and len(digits) != 11):
            raise ValidationError("В СНИЛС должно быть 11 цифр, например 112-233-445 95. Проверьте по документу.")
        return digits


def format_snils(digits: str) -> str:
    """«11223344595» → «112-233-445 95»; anything else is returned as it is."""
    if len(digits) != 11 or not digits.isdigit():
        return digits
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}"


def with_blank(choices, blank="выберите"):
    """Choices that begin with an empty line, so that nothing is chosen by oversight."""
    return [("", blank), *choices]


def russian_formfield(field, **kwargs):
    """Dates and decimals as Russians write them, long texts of three lines: `Meta.formfield_callback`."""
    if isinstance(field, models.DateTimeField):
        kwargs["form_class"] = RussianDateTimeField
    elif isinstance(field, models.DateField):
        kwargs["form_class"] = RussianDateField
    elif isinstance(field, models.DecimalField):
        kwargs["localize"] = True  # a comma is as good as a point
    elif isinstance(field, models.TextField) and "widget" not in kwargs:
        kwargs["widget"] = forms.Textarea(attrs={"rows": 3})
    form_field = field.formfield(**kwargs)
    _name_blank(form_field)
    return form_field


def _name_blank(field):
    """The empty line of a choice says what it means, in place of Django's «---------»."""
    words = "выберите" if getattr(field, "required", False) else "не указано"
    if isinstance(field, forms.ModelChoiceField):
        field.empty_label = field.empty_label and words
    elif isinstance(field, forms.ChoiceField) and not callable(field.choices):
        choices = list(field.choices)
        if choices and choices[0] == BLANK_CHOICE_DASH[0]:
            field.choices = with_blank(choices[1:], words)
