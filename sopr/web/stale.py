"""A row changed while its form was open: what is typed and what is stored, side by side, in the words of the form."""

import datetime
import json
from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.crypto import salted_hmac

from sopr.errors import Refused

NOTHING = "пусто"


def version_of(row) -> str:
    """What tells a row from the same row changed: its `version`, or a keyed fingerprint of all that it holds.

    A model names in `unversioned` the fields that change by themselves, such as the last sign-in.
    """
    if row is None or row.pk is None:
        return ""
    if hasattr(row, "version"):
        return str(row.version)
    left_out = {*row.get_deferred_fields(), *getattr(row, "unversioned", ())}
    names = [field.attname for field in row._meta.concrete_fields if field.attname not in left_out]
    return salted_hmac("sopr.version", json.dumps([str(getattr(row, name)) for name in names])).hexdigest()[:16]


def lock_unchanged(row):
    """Lock the row until the transaction ends; raises Refused when it is not as it was read.

    A form compares versions before it calls the verb; this closes the moment between the two.
    """
    stored = type(row)._base_manager.select_for_update().filter(pk=row.pk)
    stored = stored.defer(*row.get_deferred_fields()).first()
    if version_of(stored) != version_of(row):
        raise Refused(
            "Пока Вы заполняли форму, запись изменил другой сотрудник. Нажмите кнопку ещё раз: рядом с Вашим "
            "текстом будет видно, что изменилось."
        )


@dataclass(frozen=True)
class Difference:
    """One field that differs; `name` goes into the box «взять записанное», empty when it cannot be taken so."""

    name: str
    label: str
    typed: str
    stored: str


def differences(form, fresh, row) -> list[Difference]:
    """Fields of `form` (as typed) that differ from `fresh`, the same form unbound on the row as it is stored now.

    Only fields that show what is stored count: a reason asked for once has nothing to be compared with.
    """
    found = []
    for name in form.fields:
        if name not in fresh.fields or fresh[name].is_hidden or not hasattr(row, name) or name not in fresh.initial:
            continue
        if _read(form[name]) == _read(fresh[name]):
            continue
        typed, stored = in_words(form[name]), in_words(fresh[name])
        if typed != stored:
            takeable = post_values(fresh[name]) is not None
            found.append(Difference(name if takeable else "", str(fresh[name].label), typed, stored))
    return found


def in_words(bound) -> str:
    """The value of a field as a person reads it: words of the choice, «да», 21.11.2026; never a code."""
    value, field = _read(bound), bound.field
    if isinstance(value, list | tuple | set):
        return ", ".join(_one(item, field) for item in value) or NOTHING
    return _one(value, field)


def _read(bound):
    """The value of a field as it would be stored; as it was typed when it cannot be."""
    field, value = bound.field, bound.value()
    try:
        return field.to_python(value)
    except (ValidationError, AttributeError, TypeError):
        return value


def _one(value, field) -> str:
    if value is None or value == "":
        return NOTHING
    if value is True or value is False:
        return "да" if value else "нет"
    if isinstance(value, datetime.datetime):
        moment = timezone.localtime(value) if timezone.is_aware(value) else value
        return f"{moment:%d.%m.%Y %H:%M}"
    if isinstance(value, datetime.date):
        return f"{value:%d.%m.%Y}"
    if isinstance(field, forms.ModelChoiceField):
        return str(field.label_from_instance(value))
    return _flat_choices(field).get(str(value), str(value)).replace("\r\n", "\n")


def _flat_choices(field) -> dict[str, str]:
    """{value: words} of a choice with its groups undone."""
    flat = {}
    for value, words in getattr(field, "choices", ()):
        group = words if isinstance(words, list | tuple) else [(value, words)]
        flat |= {str(code): str(text) for code, text in group}
    return flat


def post_values(bound) -> list[str] | None:
    """The field's stored value as the browser would send it; None when the widget sends it in several parts."""
    widget, value = bound.field.widget, bound.value()
    if isinstance(widget, forms.MultiWidget | forms.FileInput):
        return None
    if isinstance(widget, forms.CheckboxInput):
        return ["on"] if value else []
    shown = widget.format_value(value)
    return [str(one) for one in shown] if isinstance(shown, list | tuple) else ["" if shown is None else str(shown)]


def take_stored(post, fresh):
    """The posted fields, with those ticked «взять записанное» replaced by what is stored now."""
    asked = [name for name in post.getlist("take") if name in fresh.fields]
    if not asked:
        return post
    post = post.copy()
    for name in asked:
        values = post_values(fresh[name])
        if values is not None:
            post.setlist(fresh[name].html_name, values)
    return post
